import { expect, it } from 'vitest';
import { boundsIn, holds, tokensOf, valueFor } from './bounds.ts';

const yearly = (release: string): string => (release >= '80' ? `19${release}` : `20${release}`);

it.each([
  ['', true],
  ['@004010', true],
  ['<004010', false],
  ['@003060<005010', true],
  ['@003060<004010', false],
  ['@005010', false],
])('%s holds in 004010: %s', (bounds, want) => expect(holds(bounds, '004010')).toBe(want));

it('compares directories by their years', () => {
  expect(holds('@99B', yearly('01B'), yearly)).toBe(true);
  expect(holds('<99B', yearly('93A'), yearly)).toBe(true);
});

it('leaves out what does not hold, a loop with all that is in it', () => {
  const body = 'A B:2@5 C@5 { D E { F } } G<5 { H } I';
  expect(tokensOf(body, (bounds) => holds(bounds, '4')).join(' ')).toBe('A G { H } I');
  expect(tokensOf(body, (bounds) => holds(bounds, '5')).join(' ')).toBe('A B:2 C { D E { F } } I');
});

it('a value that changes', () => {
  expect(['3', '4', '5', '6'].map((version) => valueFor('10,4=20,6=30', version))).toEqual(['10', '20', '20', '30']);
});

it('knows where something changes', () => {
  expect(boundsIn('A:3,97A=9 B@99B<02A { C }\n@96B D', yearly)).toEqual(['1996B', '1997A', '1999B', '2002A']);
});
