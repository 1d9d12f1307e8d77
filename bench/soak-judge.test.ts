import { expect, test } from 'vitest';
import { judge, type Sample } from './soak-judge.ts';

/** Ten minutes that go up in the first third and saw afterwards, as a sound process does. */
const sound = (second: number): Sample => ({
  second,
  rss: 250 + Math.min(second, 180) / 2 + (second % 7),
  heap: 60 + 3 * (second % 20),
  descriptors: 80 + (second % 3),
  p50: 12 + (second % 5),
  p99: 40,
});
const run = (change: (sample: Sample) => Partial<Sample> = () => ({})): Sample[] =>
  Array.from({ length: 600 }, (_, index) => sound(index + 1)).map((sample) => ({ ...sample, ...change(sample) }));
const growing = (samples: Sample[]): string[] =>
  Object.entries(judge(samples)).flatMap(([measure, { grows }]) => (grows ? [measure] : []));

test('a warm-up, a sawing heap and a bad moment are no growth', () => {
  expect(growing(run())).toEqual([]);
  expect(growing(run(({ second, rss }) => (second > 500 && second < 530 ? { rss: rss + 300, p50: 900 } : {})))).toEqual(
    [],
  );
});

test('a saw whose teeth take minutes is no growth', () => {
  expect(growing(run(({ second, rss }) => ({ rss: rss + (second % 150) })))).toEqual([]);
});

test.each<[string, (sample: Sample) => Partial<Sample>]>([
  ['rss', ({ second, rss }) => ({ rss: rss + second / 8 })],
  ['heap', ({ second, heap }) => ({ heap: heap + second / 20 })],
  ['descriptors', ({ second, descriptors }) => ({ descriptors: descriptors + Math.floor(second / 10) })],
  ['p50', ({ second, p50 }) => ({ p50: p50 + second / 10 })],
])('%s that grows is found', (measure, change) => {
  expect(growing(run(change))).toEqual([measure]);
});

test('the slope is told by the hour', () => {
  expect(judge(run(({ second }) => ({ descriptors: second / 36 }))).descriptors.perHour).toBeCloseTo(100, 5);
});

test('what is too short to judge is not judged', () => {
  expect(() => judge(run().slice(0, 9))).toThrow('too short');
});
