import { expect, test } from 'vitest';
import { Width } from './width.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Deliveries of one size, each settled before the next comes but for the last `open`. */
function feed(width: Width, bytes: number, count: number, open = 0): number[] {
  const changes: number[] = [];
  for (let n = 0; n < count; n++) {
    if (width.came(bytes)) changes.push(width.now);
    if (n < count - open) width.went(bytes);
  }
  return changes;
}

test('small ones are taken as many at a time as may be, at once', () => {
  const width = new Width(300, 64 * MIB);
  expect(width.now).toBe(16);
  expect(feed(width, 2 * KIB, 1_000)).toEqual([300]);
});

test('of large ones so many as fit, but a few', () => {
  const width = new Width(300, 64 * MIB);
  feed(width, 4 * MIB, 100);
  expect(width.now).toBe(16);
  feed(width, 40 * MIB, 200);
  expect(width.now).toBeLessThan(8);
  expect(width.now).toBeGreaterThanOrEqual(4);
});

test('large ones behind small ones are noticed when they are too much together, and forgotten again', () => {
  const width = new Width(300, 64 * MIB);
  feed(width, 2 * KIB, 100);
  expect(feed(width, 8 * MIB, 9, 9).at(-1)).toBeLessThanOrEqual(16);
  for (let n = 0; n < 9; n++) width.went(8 * MIB);
  feed(width, 2 * KIB, 300);
  expect(width.now).toBeGreaterThanOrEqual(150);
});

test('it does not change back and forth', () => {
  const width = new Width(300, 64 * MIB);
  const changes: number[] = [];
  for (let n = 0; n < 1_000; n++) changes.push(...feed(width, n % 2 ? 600 * KIB : 900 * KIB, 1));
  expect(changes.length).toBeLessThan(5);
});

test('without a budget it is what it is', () => {
  const width = new Width(16);
  expect(feed(width, 100 * MIB, 100)).toEqual([]);
  expect(width.now).toBe(16);
});
