import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Settlement } from './settlement.ts';

/** Behaves as RabbitMQ does: an ack or reject of a tag that is not outstanding closes the channel. */
class Channel {
  readonly outstanding = new Set<number>();
  readonly acked = new Set<number>();
  readonly requeued = new Set<number>();
  readonly rejected = new Set<number>();
  frames = 0;

  ack(tag: number, multiple: boolean): void {
    this.frames++;
    if (!this.outstanding.has(tag)) throw new Error(`PRECONDITION_FAILED - unknown delivery tag ${tag}`);
    for (const each of [...this.outstanding]) {
      if (each !== tag && !(multiple && each < tag)) continue;
      this.outstanding.delete(each);
      this.acked.add(each);
    }
  }
  reject(tag: number, requeue: boolean): void {
    if (!this.outstanding.delete(tag)) throw new Error(`PRECONDITION_FAILED - unknown delivery tag ${tag}`);
    (requeue ? this.requeued : this.rejected).add(tag);
  }
}

type Step = { act: 'deliver' | 'ack' | 'requeue' | 'reject' | 'flush' | 'flushAhead'; pick: number };
const step: fc.Arbitrary<Step> = fc.record({
  act: fc.constantFrom<Step['act'][]>('deliver', 'deliver', 'ack', 'ack', 'requeue', 'reject', 'flush', 'flushAhead'),
  pick: fc.nat(),
});

test('whatever the order, the broker is told exactly what the caller said of each delivery', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.array(step, { maxLength: 200 }), (prefetch, steps) => {
      const channel = new Channel();
      const settlement = new Settlement(prefetch, channel);
      const open: number[] = [];
      const said = { ack: new Set<number>(), requeue: new Set<number>(), reject: new Set<number>() };
      let tag = 0;
      for (const { act, pick } of steps) {
        if (act === 'deliver') {
          channel.outstanding.add(++tag);
          open.push(tag);
        } else if (act === 'flush') settlement.flush();
        else if (act === 'flushAhead') settlement.flushAhead();
        else if (open.length > 0) {
          const [chosen] = open.splice(pick % open.length, 1);
          said[act].add(chosen!);
          if (act === 'ack') settlement.ack(chosen!);
          else settlement.reject(chosen!, act === 'requeue');
        }
        // Nothing that is still being handled was settled, and little is held back.
        for (const each of open) expect(channel.outstanding.has(each)).toBe(true);
        expect(settlement.unsent).toBeLessThanOrEqual(2 * Math.max(1, Math.floor(prefetch / 4)));
        expect(channel.outstanding.size - open.length).toBe(settlement.unsent);
      }
      settlement.flush();
      settlement.flushAhead();
      expect(settlement.unsent).toBe(0);
      expect([channel.acked, channel.requeued, channel.rejected].map((set) => [...set].sort())).toEqual(
        [said.ack, said.requeue, said.reject].map((set) => [...set].sort()),
      );
      expect([...channel.outstanding]).toEqual(open);
    }),
    { numRuns: 500 },
  );
});

test('acks in order go out a quarter of the prefetch at a time', () => {
  const channel = new Channel();
  const settlement = new Settlement(200, channel);
  for (let tag = 1; tag <= 1000; tag++) channel.outstanding.add(tag);
  for (let tag = 1; tag <= 1000; tag++) settlement.ack(tag);
  expect(channel.frames).toBe(20);
  expect(channel.acked.size).toBe(1000);
});

test('one slow delivery does not hold the others back', () => {
  const channel = new Channel();
  const settlement = new Settlement(40, channel);
  for (let tag = 1; tag <= 100; tag++) channel.outstanding.add(tag);
  for (let tag = 2; tag <= 100; tag++) settlement.ack(tag);
  expect(settlement.stuck).toBeLessThan(10);
  settlement.flushAhead();
  expect([...channel.outstanding]).toEqual([1]);
  settlement.ack(1);
  settlement.flush();
  expect(channel.outstanding.size).toBe(0);
});
