/** Manifests and conditions → docs/reference. */
import { CONDITIONS } from '../conditions.ts';
import type { Rule, Schema } from '../schema.ts';
import type { Manifest } from './manifest.ts';

/** File name → text. */
export function docsOf(manifests: Manifest[]): Record<string, string> {
  const pages = manifests.map((manifest) => [`${manifest.singular}.md`, pageOf(manifest)] as const);
  return { 'README.md': indexOf(manifests), 'conditions.md': conditionsPage(), ...Object.fromEntries(pages) };
}

const NOTE = '<!-- Generated from crds/ by `make generate`; edit the manifests instead. -->\n';

const indexOf = (manifests: Manifest[]): string =>
  [
    NOTE,
    '# Reference\n',
    'All kinds are namespaced, in the group `crossdock.dev`, version `v1alpha1`, category `crossdock`: `kubectl get crossdock` lists them all.\n',
    'Durations are a whole number and a unit: `250ms`, `15s`, `5m`, `48h`, `30d`. JSONata stands only under `expression`, `when` and keys that end in `Expression`.',
    'Defaults are filled in by Crossdock, not by the API server: `crossdock render` shows them.\n',
    '| kind | short name | what it is |',
    '| --- | --- | --- |',
    ...manifests.map(
      ({ kind, singular, shortNames, schema }) =>
        `| [${kind}](${singular}.md) | \`${shortNames.join('`, `')}\` | ${inline(schema.description)} |`,
    ),
    '\nWhat `status.conditions` can say: [conditions](conditions.md).\n',
  ].join('\n');

function pageOf({ kind, shortNames, plural, columns, schema }: Manifest): string {
  const { spec, status } = schema.properties as { spec: Schema; status: Schema };
  const rules = [...rulesOf(schema, ''), ...rulesOf(spec, 'spec')];
  return [
    NOTE,
    `# ${kind}\n`,
    `${schema.description}\n`,
    `\`kubectl get ${plural}\` (short: \`${shortNames.join('`, `')}\`) shows ${columns
      .filter(({ priority }) => !priority)
      .map(({ name }) => name.toUpperCase())
      .join(', ')}.\n`,
    '## spec\n',
    table(spec, 'spec'),
    ...(rules.length > 0
      ? [
          '\n## Rules\n',
          '| where | rule |',
          '| --- | --- |',
          ...rules.map(({ path, rule }) => `| \`${path || kind}\` | ${cell(rule.message)} |`),
        ]
      : []),
    '\n## status\n',
    table(status, 'status', (path) => !path.startsWith('status.conditions[]')),
    '\nThe reasons of each condition: [conditions](conditions.md).\n',
  ].join('\n');
}

function table(schema: Schema, path: string, keep: (path: string) => boolean = () => true): string {
  const rows = fieldsOf(schema, path).filter((row) => keep(row.path));
  return [
    '| field | type | |',
    '| --- | --- | --- |',
    ...rows.map(
      (row) => `| \`${row.path}\` | ${row.type}${row.required ? ', required' : ''} | ${inline(row.description)} |`,
    ),
  ].join('\n');
}

interface Field {
  path: string;
  type: string;
  required: boolean;
  description: string | undefined;
}

function fieldsOf(schema: Schema, path: string): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const own = {
      path: `${path}.${name}`,
      type: typeText(field),
      required: schema.required?.includes(name) ?? false,
      description: field.description,
    };
    const inner = field.items?.properties ? fieldsOf(field.items, `${own.path}[]`) : fieldsOf(field, own.path);
    return [own, ...inner];
  });
}

function typeText(schema: Schema): string {
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.type === 'array') {
    const bounds = schema.minItems ? `${schema.minItems} to ${schema.maxItems}` : `at most ${schema.maxItems}`;
    const keys = schema['x-kubernetes-list-map-keys'];
    return `list, ${bounds}${keys ? `, by ${keys.join(' and ')}` : ''}`;
  }
  if (schema.type === 'integer' && schema.minimum !== undefined)
    return `integer, ${schema.minimum} to ${schema.maximum}`;
  if (schema.format === 'date-time' || schema.pattern?.includes('T([01]')) return 'time';
  if (schema.pattern?.includes('(ms|s|m|h|d)')) return 'duration';
  if (schema.additionalProperties) return 'map of strings';
  return schema.type ?? 'any';
}

function rulesOf(schema: Schema, path: string): { path: string; rule: Rule }[] {
  const own = (schema['x-kubernetes-validations'] ?? []).map((rule) => ({ path, rule }));
  const inner = Object.entries(path === '' ? {} : (schema.properties ?? {})).flatMap(([name, field]) =>
    rulesOf(field, `${path}.${name}`),
  );
  return [...own, ...inner, ...(schema.items ? rulesOf(schema.items, `${path}[]`) : [])];
}

function conditionsPage(): string {
  const sections = Object.entries(CONDITIONS).map(([type, { meaning, reasons }]) =>
    [
      `## ${type}\n`,
      meaning,
      ...(Object.keys(reasons).length > 0 ? ['\n| status | reason | |', '| --- | --- | --- |'] : []),
      ...Object.entries(reasons).flatMap(([status, all]) =>
        Object.entries(all as Record<string, string>).map(
          ([reason, prose]) => `| ${status} | ${reason} | ${cell(prose)} |`,
        ),
      ),
    ].join('\n'),
  );
  return `${NOTE}\n# Conditions\n\nEach names the generation that it is about. Its time moves only when status, reason or message does.\n\n${sections.join('\n\n')}\n`;
}

const inline = (text: string | undefined): string => cell((text ?? '').trim().replace(/\s+/g, ' '));
const cell = (text: string): string =>
  text
    .replaceAll('|', '\\|')
    .replaceAll('<', '&lt;')
    .replace(/`[^`]*`/g, (code) => code.replaceAll('&lt;', '<'));
