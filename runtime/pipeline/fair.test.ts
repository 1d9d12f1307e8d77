import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Fair } from './fair.ts';

/** Work of flows on a clock that only work moves: the order in which each is done, and turns of the event loop between. */
async function play(script: (start: (flow: string, ms: number) => void) => void): Promise<string[]> {
  let clock = 0;
  const fair = new Fair(() => clock);
  const done: string[] = [];
  const work: Promise<void>[] = [];
  const start = (flow: string, ms: number) => {
    const own = async () => {
      // As stages do: several promises deep, without waiting for anything.
      for (let depth = 0; depth < 5; depth++) await undefined;
      clock += ms;
      done.push(flow);
    };
    work.push(fair.run(flow, own));
  };
  script(start);
  const all = Promise.all(work).then(() => done.push('end'));
  while (done.at(-1) !== 'end') {
    await setImmediate();
    if (done.length > 0 && done.at(-1) !== 'loop' && done.at(-1) !== 'end') done.push('loop');
  }
  await all;
  return done.slice(0, done.indexOf('end')).filter((each, i, list) => each !== 'loop' || i < list.length - 1);
}
const without = (done: string[]) => done.filter((each) => each !== 'loop');

test('who comes while others have much to do is served after a quantum, not after all of it', async () => {
  const done = await play((start) => {
    for (let n = 0; n < 100; n++) start('busy', 0.25);
    start('quiet', 0.25);
  });
  expect(without(done).indexOf('quiet')).toBeLessThanOrEqual(4);
});

test('those that always have something share the time, however many documents that are', async () => {
  const done = await play((start) => {
    for (let n = 0; n < 80; n++) start('cheap', 0.25);
    for (let n = 0; n < 20; n++) start('dear', 4);
  });
  const seen = without(done);
  // 4 ms are 16 of the others.
  const first = seen.slice(0, seen.lastIndexOf('cheap'));
  const dear = first.filter((flow) => flow === 'dear').length;
  expect(dear).toBeGreaterThanOrEqual(4);
  expect(dear).toBeLessThanOrEqual(6);
});

test('a flow keeps its order, what is further on first', async () => {
  const order: string[] = [];
  const fair = new Fair();
  const noted = (name: string) => async () => void order.push(name);
  await Promise.all([
    fair.run('one', noted('a')),
    fair.run('one', noted('b')),
    fair.turn('one').then(noted('c')),
    fair.turn('one').then(noted('d')),
  ]);
  expect(order).toEqual(['c', 'd', 'a', 'b']);
});

test('after a slice of time, and after each document that takes longer, the event loop has a turn', async () => {
  const done = await play((start) => {
    for (let n = 0; n < 4; n++) start('costly', 40);
  });
  expect(done).toEqual(['costly', 'loop', 'costly', 'loop', 'costly', 'loop', 'costly']);
});

test('beside others, a flow rests as long as one of its documents held up all', async () => {
  let clock = 0;
  const fair = new Fair(() => clock);
  const done: string[] = [];
  const work = async (flow: string, ms: number) => {
    await fair.run(flow, async () => {
      clock += ms;
      done.push(flow);
    });
    // Behind the look at the clock.
    await setImmediate();
  };
  await Promise.all([work('quiet', 1), work('costly', 40)]);
  clock = 300;
  const all = [work('costly', 40), work('costly', 40)];
  await all[0];
  clock = 360;
  await work('quiet', 1);
  clock = 379;
  await work('quiet', 1);
  expect(done).toEqual(['quiet', 'costly', 'costly', 'quiet', 'quiet']);
  clock = 380;
  await all[1];
});

/** Documents that are done when they are told so. */
function documents(fair: Fair) {
  const underWay: { flow: string; end: () => void }[] = [];
  const begin = (flow: string) => {
    void fair.run(flow, () => new Promise((resolve) => underWay.push({ flow, end: resolve })));
  };
  return { begin, of: (flow: string) => underWay.filter((each) => each.flow === flow), underWay };
}

test('a flow that is alone has all of its documents under way, beside another its share', async () => {
  let clock = 0;
  const fair = new Fair(() => clock);
  const { begin, of } = documents(fair);
  for (let n = 0; n < 300; n++) begin('busy');
  await setImmediate();
  expect(of('busy')).toHaveLength(300);
  for (const { end } of of('busy')) end();
  clock += 500;
  begin('quiet');
  await setImmediate();
  for (let n = 0; n < 300; n++) begin('busy');
  await setImmediate();
  expect(of('quiet')).toHaveLength(1);
  expect(of('busy')).toHaveLength(300 + 64);
  // One that ends makes room for one.
  of('busy').at(-1)!.end();
  await setImmediate();
  expect(of('busy')).toHaveLength(300 + 65);
  // The other has nothing more, and the room is one's own again.
  clock += 2_000;
  of('busy').at(-1)!.end();
  await setImmediate();
  expect(of('busy')).toHaveLength(600);
});
