/** The examples in README.md. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DocumentError } from '../errors.ts';
import { compileExpression } from './compile.ts';
import { FUNCTIONS } from './functions/all.ts';
import { tableOf } from './tables.ts';

const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8');
const examples = [...readme.matchAll(/```jsonata\n(.*?)```/gs)]
  .flatMap(([, block]) => block!.trim().split('\n'))
  .map((line) => line.split(' → ') as [string, string]);

const items = tableOf({
  part: 'table',
  name: 'items',
  key: ['partner', 'sku'],
  rows: [
    { partner: 'acme', sku: '7', gtin: '4006381333931', unit: 'EA' },
    { partner: 'acme', sku: '8', gtin: '96385074', unit: 'EA' },
  ],
});
const rates = tableOf({
  part: 'table',
  name: 'rates',
  key: ['from'],
  validity: { from: 'since', to: 'until' },
  rows: [
    { from: 'USD', rate: '0.90', until: '2026-03-31' },
    { from: 'USD', rate: '0.95', since: '2026-04-01' },
  ],
});
const input = { lines: [{ amount: '10.1' }, { amount: '20.2' }] };

function outcomeOf(source: string): string {
  try {
    const value = compileExpression(source, 'README').evaluate(input, { tables: { items, rates } });
    return value === undefined ? 'nothing' : JSON.stringify(value);
  } catch (error) {
    if (error instanceof DocumentError) return `error ${error.code}`;
    throw error;
  }
}

it.each(examples)('%s → %s', (source, expected) => expect(outcomeOf(source)).toBe(expected));

it('has an example of every function', () => {
  const shown = examples.map(([source]) => source).join(' ');
  for (const name of FUNCTIONS.keys()) expect(shown).toContain(`$${name}(`);
});
