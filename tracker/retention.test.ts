import { expect, test } from 'vitest';
import { PROCESS } from './process/life.ts';
import { keptFor } from './retention.ts';

const days = (count: number) => ({ retentionMs: count * 86_400_000 });

test('a type outside of any process is kept as long as it says; one that says nothing for ever', () => {
  expect(
    keptFor({ processes: [], types: { 'b.v1': days(2), 'a.v1': days(1), 'c.v1': { sensitive: ['/x'] } } }),
  ).toEqual([
    { type: 'a.v1', ms: 86_400_000 },
    { type: 'b.v1', ms: 2 * 86_400_000 },
    { type: '', ms: 2 * 86_400_000 },
  ]);
  expect(keptFor({ processes: [], types: { 'c.v1': { sensitive: ['/x'] } } })).toEqual([]);
});

test('types of one process, and of those that share a type with it, are kept as long as the longest of them', () => {
  const process = (...types: string[]) => ({
    ...PROCESS,
    documents: types.map((type) => ({ type, role: 'Fact' as const, key: [] })),
    milestones: [],
  });
  const types = { 'a.v1': days(1), 'b.v1': days(2), 'c.v1': days(9), 'd.v1': days(1) };
  const processes = [process('a.v1', 'b.v1'), process('b.v1', 'c.v1')];
  expect(keptFor({ processes, types }).map(({ type, ms }) => [type, ms / 86_400_000])).toEqual([
    ['a.v1', 9],
    ['b.v1', 9],
    ['c.v1', 9],
    ['d.v1', 1],
    ['', 9],
  ]);
  expect(keptFor({ processes: [...processes, process('c.v1', 'for-ever.v1')], types }).map(({ type }) => type)).toEqual(
    ['d.v1', ''],
  );
});
