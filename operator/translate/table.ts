/** ReferenceTable → rows in the plan. CSV values stay strings; keys are compared as text. */
import type { ReferenceTableSpec } from '../../crds/generated/types.ts';
import type { TablePlan } from '../../runtime/plan.ts';
import { parseCsv } from './csv.ts';
import { MAX_PART_BYTES } from './defaults.ts';
import { Problems } from './problems.ts';
import { isLive, translateLiveTable } from './table-live.ts';
import type { Built, View } from './view.ts';
import { finish } from './view.ts';
import type { ResourceOf } from './world-index.ts';
import { own } from './world-index.ts';

type Row = Record<string, unknown>;

export function translateTable(view: View, resource: ResourceOf<'ReferenceTable'>): Built<TablePlan> {
  const problems = new Problems();
  const { name } = resource.metadata;
  const { spec } = resource;
  const key = Array.isArray(spec.key) ? spec.key : [];
  if (key.length === 0)
    problems.invalid('spec.key', 'at least one column is needed', 'name the columns that identify a row');
  if (isLive(spec)) {
    const still = (['inline', 'configMap', 'file'] as const).filter((member) => spec[member] !== undefined);
    if (still.length > 0)
      problems.invalid(
        'spec',
        `${still.join(' and ')} of a live table`,
        'its rows come from events and seed: remove it',
      );
    return translateLiveTable(view, name, spec, [...key], problems);
  }
  const source = rowsOf(view, spec, problems);
  if (source) checkKeys(source.rows, key, source.field, problems, spec.validity);
  const rows = source?.rows ?? [];
  const bytes = JSON.stringify(rows).length;
  if (bytes > MAX_PART_BYTES)
    problems.warn(
      source?.field ?? 'spec',
      `the rows take ${bytes} bytes; in a cluster a table may take ${MAX_PART_BYTES}`,
      'drop columns that no mapping asks, or split the table',
    );
  return finish(problems, () => ({
    part: 'table',
    name,
    key: [...key],
    rows,
    ...(spec.validity && { validity: { ...spec.validity } }),
  }));
}

function rowsOf(view: View, spec: ReferenceTableSpec, problems: Problems): { rows: Row[]; field: string } | undefined {
  const given = (['inline', 'configMap', 'file'] as const).filter((member) => spec[member] !== undefined);
  if (given.length !== 1) {
    problems.invalid(
      'spec',
      given.length === 0 ? 'no source of rows' : `${given.join(' and ')} together`,
      'set exactly one of inline, configMap, file, or events',
    );
    return undefined;
  }
  if (spec.inline) {
    if (!Array.isArray(spec.inline.rows)) {
      problems.invalid('spec.inline.rows', 'a list of rows is expected', 'write one map per row');
      return undefined;
    }
    return asRows(spec.inline.rows, 'spec.inline.rows', problems);
  }
  if (spec.configMap) {
    const data = view.configMap(spec.configMap.name);
    const text = data && own(data, spec.configMap.key);
    if (text === undefined) {
      problems.add(
        'ResolvedRefs',
        'ConfigMapNotFound',
        data ? 'spec.configMap.key' : 'spec.configMap.name',
        data
          ? `ConfigMap "${spec.configMap.name}" has no key "${spec.configMap.key}"`
          : `there is no ConfigMap "${spec.configMap.name}"`,
        data ? `it has: ${Object.keys(data).sort().join(', ')}` : 'create it in the same namespace',
      );
      return undefined;
    }
    return parseRows(text, 'spec.configMap.key', `ConfigMap "${spec.configMap.name}"`, problems);
  }
  const path = spec.file?.path ?? '';
  const text = view.file(path);
  if (text === undefined) {
    problems.add(
      'ResolvedRefs',
      'FileNotFound',
      'spec.file.path',
      `there is no file "${path}"`,
      'paths are relative to the manifest; in a cluster use configMap',
    );
    return undefined;
  }
  return parseRows(text, 'spec.file.path', `file "${path}"`, problems);
}

function parseRows(text: string, field: string, where: string, problems: Problems) {
  const refuse = (message: string, remedy: string) => {
    problems.add('Accepted', 'InvalidRows', field, `${where}${message}`, remedy);
    return undefined;
  };
  if (/^\s*[[{]/.test(text)) {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      return refuse(` is not valid JSON: ${(error as Error).message}`, 'write a JSON array of objects, or CSV');
    }
    if (!Array.isArray(value)) return refuse(' holds no JSON array', 'write an array with one object per row');
    return asRows(value, field, problems);
  }
  const parsed = parseCsv(text);
  if ('error' in parsed)
    return refuse(
      `, line ${parsed.error.line}: ${parsed.error.message}`,
      'write CSV with a header line, commas and double quotes',
    );
  return { rows: parsed.rows as Row[], field };
}

function asRows(values: unknown[], field: string, problems: Problems): { rows: Row[]; field: string } | undefined {
  const wrong = values.findIndex((value) => typeof value !== 'object' || value === null || Array.isArray(value));
  if (wrong < 0) return { rows: values as Row[], field };
  problems.add('Accepted', 'InvalidRows', field, `row ${wrong + 1} is not an object`, 'write one object per row');
  return undefined;
}

function checkKeys(
  rows: readonly Row[],
  key: readonly string[],
  field: string,
  problems: Problems,
  validity: ReferenceTableSpec['validity'],
): void {
  const seen = new Map<string, number>();
  const periods = new Map<string, { first: string; last: string; row: number }[]>();
  for (const [i, row] of rows.entries()) {
    const lacking = key.find((column) => {
      const value = own(row, column);
      return value === undefined || value === null || typeof value === 'object';
    });
    if (lacking !== undefined) {
      const columns = Object.keys(row);
      problems.add(
        'Accepted',
        'InvalidRows',
        field,
        `row ${i + 1} has no value for the key column "${lacking}"`,
        `its columns are: ${columns.slice(0, 10).join(', ')}`,
      );
      return;
    }
    const text = JSON.stringify(key.map((column) => String(row[column])));
    if (validity) {
      const bound = (column: string | undefined, none: string) => String((column && own(row, column)) || none);
      const [from, to] = [bound(validity.from, ''), bound(validity.to, '\uffff')];
      const others = periods.get(text) ?? [];
      const clash = others.find(({ first, last }) => first <= to && from <= last);
      const odd = [from, to].find((date) => date !== '' && date !== '\uffff' && Number.isNaN(Date.parse(date)));
      if (odd !== undefined || clash || from > to) {
        problems.add(
          'Accepted',
          'InvalidRows',
          field,
          odd !== undefined
            ? `row ${i + 1}: "${odd}" is not a date`
            : clash
              ? `rows ${clash.row} and ${i + 1} have the same key ${text} at the same time`
              : `row ${i + 1} ends before it begins`,
          'write ISO 8601 (2026-03-09), and end one row on the day before the next begins',
        );
        return;
      }
      periods.set(text, [...others, { first: from, last: to, row: i + 1 }]);
      continue;
    }
    const first = seen.get(text);
    if (first !== undefined) {
      problems.add(
        'Accepted',
        'InvalidRows',
        field,
        `rows ${first + 1} and ${i + 1} have the same key ${text}`,
        'remove one, or add a column to spec.key',
      );
      return;
    }
    seen.set(text, i);
  }
}
