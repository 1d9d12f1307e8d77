import { expect, it } from 'vitest';
import { ToldUntil } from './told.ts';

const stream = { trouble: undefined as string | undefined, attached: true, behind: 0, lagMs: 0 };
const follow = (more: Partial<typeof stream> = {}) => {
  const followed = { ...stream, ...more };
  return { followed, told: new ToldUntil(followed) };
};

it('is a moment ago while nothing waits, after a moment of it', () => {
  const { told } = follow();
  expect(told.until(1_000)).toBe(0);
  expect(told.until(1_299)).toBe(0);
  expect(told.until(1_300)).toBe(1_000);
  expect(told.until(5_000)).toBe(4_700);
});

it('is as far as what waits, also when the follower finds out late that something does', () => {
  const { followed, told } = follow();
  told.until(1_000);
  expect(told.until(10_000)).toBe(9_700);
  Object.assign(followed, { behind: 40, lagMs: 6_000 });
  expect(told.until(10_100)).toBe(3_800);
  Object.assign(followed, { behind: 0, lagMs: 0 });
  expect(told.until(10_200)).toBe(3_800);
  expect(told.until(10_500)).toBe(10_200);
});

it('stands still while the stream is away or its place is not found, but not for ever', () => {
  for (const away of [{ trouble: 'no broker' }, { attached: false }]) {
    const { followed, told } = follow();
    told.until(1_000);
    expect(told.until(2_000)).toBe(1_700);
    Object.assign(followed, away);
    expect(told.until(3_000)).toBe(1_700);
    expect(told.until(62_999)).toBe(1_700);
    expect(told.until(63_000)).toBe(62_700);
    Object.assign(followed, stream, { behind: 1, lagMs: 50_000 });
    expect(told.until(63_100)).toBe(12_800);
  }
});

it('a clock that is set back does not hold it', () => {
  const { told } = follow();
  told.until(100_000);
  expect(told.until(101_000)).toBe(100_700);
  told.until(50_000);
  expect(told.until(50_300)).toBe(50_000);
});
