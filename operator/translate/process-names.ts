/** Whether a name that a process reads can be in a document, as far as its JSON Schema says what there is. */
import { nearest } from '../../crds/nearest.ts';
import type { Problems } from './problems.ts';

type Schema = Record<string, unknown>;
const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const COMBINED = ['$ref', 'allOf', 'anyOf', 'oneOf', 'if', 'patternProperties'];

/** What the schema knows of names in it; undefined: it leaves them open. */
function namesIn(schema: Schema): Schema | undefined {
  if (COMBINED.some((word) => schema[word] !== undefined)) return undefined;
  return isSchema(schema.properties) ? schema.properties : undefined;
}
function elementOf(schema: unknown): Schema | undefined {
  if (!isSchema(schema)) return undefined;
  return schema.items === undefined ? schema : elementOf(schema.items);
}

/** `name` in the lines at `pointer` or in what holds them. A schema that leaves a place open allows any name. */
export function expectName(schema: Schema, pointer: string, name: string, field: string, problems: Problems): void {
  const known: string[] = [];
  let at = elementOf(schema);
  for (const step of [...pointer.split('/').slice(1), undefined]) {
    const names = at && namesIn(at);
    if (!names || Object.hasOwn(names, name)) return;
    known.push(...Object.keys(names));
    if (step === undefined) break;
    const next = names[step.replaceAll('~1', '/').replaceAll('~0', '~')];
    if (next === undefined) {
      problems.invalid(field, `the schema has no "${step}" on the way of lines: ${pointer}`, 'correct lines');
      return;
    }
    at = elementOf(next);
  }
  const near = nearest(name, known);
  problems.invalid(
    field,
    `neither a line nor what holds it has "${name}"`,
    near ? `did you mean "${near}"?` : `the schema knows: ${[...new Set(known)].slice(0, 12).join(', ')}`,
  );
}

/** That the pointer leads to something; lists on the way are gone through. A schema that leaves a place open allows any. */
export function expectPlace(schema: Schema, pointer: string, field: string, problems: Problems): void {
  let at = elementOf(schema);
  for (const step of pointer.split('/').slice(1)) {
    const names = at && namesIn(at);
    if (!names) return;
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (!Object.hasOwn(names, name)) {
      problems.invalid(field, `the schema has no "${name}" at ${pointer}`, oneOfThese(name, Object.keys(names)));
      return;
    }
    at = elementOf(names[name]);
  }
}

/** What to write instead. */
export const oneOfThese = (name: string, names: readonly string[]): string => {
  const near = nearest(name, names);
  if (near) return `did you mean "${near}"?`;
  return names.length > 0 ? `it may be one of: ${names.slice(0, 5).join(', ')}` : 'add it';
};
