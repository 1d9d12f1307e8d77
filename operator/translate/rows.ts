/** What the schema of the API cannot check of declared fields and records: names that must exist, tags and places that must differ. */
import type { DocumentTerms } from '../../crds/generated/types.ts';
import type { Problems } from './problems.ts';

type Rows = NonNullable<DocumentTerms['csv']> | NonNullable<DocumentTerms['fixed']>;
type Field = { name: string; type?: string; start?: number; length?: number } & Record<string, unknown>;

export function expectRows({ csv, fixed }: DocumentTerms, field: string, problems: Problems): void {
  if (csv) expectForm(csv, `${field}.csv`, problems);
  if (fixed) expectForm(fixed, `${field}.fixed`, problems);
}

function expectForm(form: Rows, at: string, problems: Problems): void {
  const fields: readonly Field[] = form.fields ?? [];
  expectFields(fields, `${at}.fields`, 'tag' in form ? form.tag : undefined, problems);
  for (const [i, name] of (form.key ?? []).entries())
    if (!fields.some((one) => one.name === name))
      problems.invalid(`${at}.key[${i}]`, `"${name}" is none of the fields`, 'name fields that are declared');
  const records = form.records ?? [];
  const tags = new Map<string, string>();
  records.forEach((record, i) => {
    const here = `${at}.records[${i}]`;
    expectFields(record.fields, `${here}.fields`, 'tag' in form ? form.tag : undefined, problems);
    const twin = tags.get(record.tag);
    if (twin !== undefined)
      problems.invalid(`${here}.tag`, `record "${twin}" has the tag "${record.tag}" too`, 'give each a tag of its own');
    tags.set(record.tag, record.name);
    if ('tag' in form && form.tag && record.tag.length > form.tag.length)
      problems.invalid(`${here}.tag`, `"${record.tag}" is longer than tag.length`, 'correct one of them');
    if (record.within === undefined) return;
    const owner = records.slice(0, i).find(({ name }) => name === record.within);
    if (!owner || owner.scope === 'File' || record.scope === 'File')
      problems.invalid(
        `${here}.within`,
        `no record "${record.within}" of a document stands before it`,
        'name one that does',
      );
  });
  if (records.length > 0 && records.every(({ scope }) => scope === 'File'))
    problems.invalid(`${at}.records`, 'all are of scope File, so no document ever begins', 'leave out scope on one');
}

function expectFields(
  fields: readonly Field[],
  at: string,
  tag: { start: number; length: number } | undefined,
  problems: Problems,
): void {
  const taken: { name: string; from: number; to: number }[] = [];
  if (tag) taken.push({ name: 'the tag', from: tag.start, to: tag.start + tag.length });
  fields.forEach(({ name, type, start, length, ...rest }, i) => {
    for (const stray of ['decimalMark', 'impliedDecimals'])
      if (rest[stray] !== undefined && type !== 'Number')
        problems.invalid(`${at}[${i}].${stray}`, `"${name}" is no Number`, 'set type: Number, or remove it');
    if (rest.dateFormat !== undefined && type !== 'Date')
      problems.invalid(`${at}[${i}].dateFormat`, `"${name}" is no Date`, 'set type: Date, or remove it');
    if (start === undefined || length === undefined) return;
    const [from, to] = [start, start + length];
    const other = taken.find((one) => from < one.to && one.from < to);
    if (other) problems.warn(`${at}[${i}]`, `"${name}" overlaps with ${other.name}`, 'correct start or length');
    taken.push({ name: `"${name}"`, from, to });
  });
}
