/** The table of failure modes promises only what a test shows: each row names one, by its file and the beginning of its name. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const rows = readFileSync(join(ROOT, 'docs/guides/failure-modes.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| ---') && !line.startsWith('| what fails'))
  .map((line) => line.split(' | '));

it('has rows, each with a test', () => {
  expect(rows.length).toBeGreaterThan(20);
});

it.each(rows.map((cells) => [cells[0]!.slice(2), cells.at(-1)!] as const))('%s', (_, last) => {
  const [, file, name] = /^`([^`]+)` (.*) \|$/.exec(last) ?? [];
  expect(file, `the last column is "\`file\` name of the test": ${last}`).toBeDefined();
  const titles = readFileSync(join(ROOT, file!), 'utf8').replaceAll('\\', '');
  expect(titles).toContain(name!);
});
