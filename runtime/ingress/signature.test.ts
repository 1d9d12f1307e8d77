import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFresh, matching, parseSignature, SignatureMemory, sign } from './signature.ts';

const body = Buffer.from([0, 1, 2, 255]);
const good = sign('key', '1700000000', body);

describe('parseSignature', () => {
  it('reads time and signatures', () => {
    expect(parseSignature(`t=1700000000,v1=${good}, v1=${good.toUpperCase()}`)).toEqual({
      time: '1700000000',
      v1: [good, good],
    });
  });
  it.each([
    '',
    't=1',
    `v1=${good}`,
    `t=x,v1=${good}`,
    `t=1,v1=${good.slice(1)}`,
    `t=1,v1=${good}0`,
    `t=1,v0=${good}`,
    `t=-1,v1=${good}`,
  ])('refuses %j', (header) => {
    expect(parseSignature(header)).toBeUndefined();
  });
  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (header) => void parseSignature(header)));
  });
});

it('matches only the right secret, time and bytes', () => {
  const signature = { time: '1700000000', v1: ['0'.repeat(64), good] };
  expect(matching(signature, 'key', body)).toBe(good);
  expect(matching(signature, 'other', body)).toBeUndefined();
  expect(matching({ ...signature, time: '1700000001' }, 'key', body)).toBeUndefined();
  expect(matching(signature, 'key', Buffer.from([0, 1, 2, 254]))).toBeUndefined();
});

it('is fresh for five minutes, both ways', () => {
  const at = (seconds: number): boolean => isFresh({ time: '1700000000', v1: [] }, (1_700_000_000 + seconds) * 1_000);
  expect([at(-301), at(-300), at(0), at(300), at(301)]).toEqual([false, true, true, true, false]);
});

it('remembers what a signature was used for while it is valid', () => {
  const memory = new SignatureMemory();
  const start = 1_700_000_000_000;
  expect(memory.admit('s', 'a', start)).toBe(true);
  expect(memory.admit('s', 'a', start + 1_000)).toBe(true);
  expect(memory.admit('s', 'b', start + 2_000)).toBe(false);
  expect(memory.admit('other', 'b', start + 600_001)).toBe(true);
  expect(memory.admit('s', 'b', start + 600_002)).toBe(false);
});
