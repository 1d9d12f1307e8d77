import { expect, it } from 'vitest';
import { Slots, Turns } from './turns.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

it('work of one key waits for what came before it, that of another does not', async () => {
  const turns = new Turns();
  const done: string[] = [];
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const work = (name: string) => async () => {
    const gate = Promise.withResolvers<void>();
    gates.set(name, gate);
    await gate.promise;
    done.push(name);
  };
  const all = [turns.take('a', work('a1')), turns.take('a', work('a2')), turns.take('b', work('b1'))];
  await settle();
  expect([...gates.keys()]).toEqual(['a1', 'b1']);
  gates.get('b1')!.resolve();
  gates.get('a1')!.resolve();
  await settle();
  expect(done).toEqual(['b1', 'a1']);
  gates.get('a2')!.resolve();
  await Promise.all(all);
  expect(done).toEqual(['b1', 'a1', 'a2']);
});

it('no more than the limit run at a time, and who gives up takes no slot', async () => {
  const slots = new Slots();
  const never = new AbortController().signal;
  const givesUp = new AbortController();
  const gates: PromiseWithResolvers<void>[] = [];
  const work = () => {
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    return gate.promise.then(() => 'done');
  };
  const first = slots.run(1, never, work);
  const second = slots.run(1, givesUp.signal, work);
  const third = slots.run(1, never, work);
  await settle();
  expect(gates.length).toBe(1);
  givesUp.abort();
  expect(await second).toBeUndefined();
  gates[0]!.resolve();
  expect(await first).toBe('done');
  await settle();
  expect(gates.length).toBe(2);
  gates[1]!.resolve();
  expect(await third).toBe('done');
});
