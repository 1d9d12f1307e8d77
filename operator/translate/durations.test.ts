import { expect, test } from 'vitest';
import { parseDuration } from './durations.ts';

test.each([
  ['250ms', 250],
  ['15s', 15_000],
  ['5m', 300_000],
  ['48h', 172_800_000],
  ['30d', 2_592_000_000],
  ['0s', 0],
  ['1.5s', undefined],
  ['10', undefined],
  ['-1s', undefined],
  ['5 m', undefined],
  ['1w', undefined],
  ['9999999999s', undefined],
  [15, undefined],
  [undefined, undefined],
])('%j is %j ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});
