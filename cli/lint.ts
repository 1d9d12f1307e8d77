/** Everything that can be said about a folder without running it, with its place. */
import type { Folder, Location, TextPosition } from '../crds/folder.ts';
import { SCHEMAS } from '../crds/generated/schemas.ts';
import type { Resource } from '../crds/generated/types.ts';
import type { Schema } from '../crds/schema.ts';
import { validate } from '../crds/validate.ts';
import { checkExpression } from '../operator/translate/expressions.ts';
import { translateNamespace } from '../operator/translate/translate.ts';
import { worldOf } from '../operator/translate/world.ts';

export interface LintFinding extends Location {
  severity: 'Error' | 'Warning';
  /** Absent where the folder itself is at fault. */
  kind?: string;
  name?: string;
  field?: string;
  message: string;
  /** Empty where the message says it. */
  remedy: string;
}

/** Sorted by place. Translation is not heard about a place that is invalid already. */
export function lintFolder(folder: Folder): LintFinding[] {
  const findings: LintFinding[] = [...folder.problems];
  const faulty = new Set<string>();
  const add = (
    severity: LintFinding['severity'],
    { kind, name }: { kind: string; name: string },
    field: string,
    message: string,
    remedy: string,
    within?: TextPosition,
  ): void => {
    const place = folder.locate(kind, name, field || 'metadata.name', within);
    if (!place) return;
    findings.push({ ...place, severity, kind, name, field, message, remedy });
    if (severity === 'Error') faulty.add(placeKey(place)).add(placeKey(folder.locate(kind, name, field)!));
  };
  for (const resource of folder.resources) {
    const { kind } = resource;
    const { name } = resource.metadata;
    for (const { field, message, remedy } of validate(resource)) add('Error', { kind, name }, field, message, remedy);
    for (const { field, text } of expressionsOf(resource)) {
      const { error } = checkExpression(text);
      if (error)
        add(
          'Error',
          { kind, name },
          field,
          `${error.message} (line ${error.line}, column ${error.column} of the expression)`,
          error.remedy,
          error,
        );
    }
  }
  const known = new Set(faulty);
  for (const { findings: translated } of translateNamespace(worldOf(folder)).translations)
    for (const finding of translated) {
      const { severity, field, message, remedy } = finding;
      const place = folder.locate(finding.kind, finding.name, field);
      if (place && !known.has(placeKey(place))) add(severity, finding, field, message, remedy);
    }
  return findings.sort(
    (a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column,
  );
}

const placeKey = ({ file, line, column }: Location): string => `${file}:${line}:${column}`;

/** Every text under `expression`, `when` or a name that ends in `Expression`, as the schema has them. */
function expressionsOf({ kind, spec }: Resource): { field: string; text: string }[] {
  const found: { field: string; text: string }[] = [];
  const walk = (schema: Schema | undefined, value: unknown, field: string, name: string): void => {
    if (!schema) return;
    if (typeof value === 'string') {
      if (/^(expression|when)$|Expression$/.test(name) && value.trim() !== '') found.push({ field, text: value });
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) walk(schema.items, item, `${field}[${index}]`, name);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value))
        if (Object.hasOwn(schema.properties ?? {}, key)) walk(schema.properties?.[key], inner, `${field}.${key}`, key);
    }
  };
  walk(SCHEMAS[kind].properties?.spec, spec, 'spec', 'spec');
  return found;
}
