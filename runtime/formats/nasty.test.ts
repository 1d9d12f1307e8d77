/** Files as partners really send them (testdata/nasty): what is read of each, and what is said of it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inspectBytes, verdictOf } from '../../cli/edi.ts';

const folder = join(import.meta.dirname, 'testdata/nasty');
/** Exit code of `inspect`, transactions with their segments, problems in the order of the file; `!` marks Errors. */
const verdicts = JSON.parse(readFileSync(join(folder, '../nasty.json'), 'utf8')) as Record<string, string>;

const judged = (name: string): string => {
  const inspection = inspectBytes(readFileSync(join(folder, name)));
  const { interchanges, problems } = inspection;
  const read = interchanges.flatMap(({ transactions }) =>
    transactions.map(({ id, segments }) => `${id}:${segments.length}`),
  );
  const said = problems.map(({ code, severity }) => `${code.replace(/^\w+\./, '')}${severity === 'Error' ? '!' : ''}`);
  return `${verdictOf(inspection)} [${read.join(' ')}] ${said.join(' ')}`.trimEnd();
};

it.each(readdirSync(folder).sort())('%s', (name) => expect(judged(name)).toBe(verdicts[name]));

it('has a verdict for each, and no other', () =>
  expect(Object.keys(verdicts).sort()).toEqual(readdirSync(folder).sort()));

it('keeps every character of what it reads', () => {
  for (const name of readdirSync(folder).filter(
    (each) => each.startsWith('x12-latin1') || each.startsWith('edifact-latin1'),
  )) {
    const text = JSON.stringify(inspectBytes(readFileSync(join(folder, name))));
    expect(text, name).toMatch(/Müller|Größe-1/);
  }
});
