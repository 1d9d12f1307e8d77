/**
 * The promises, shown by killing: at each named point of a document's way the process gets SIGKILL and is started again. Then every
 * document that was accepted is accounted for, and the outside system saw each effect once.
 */
import { describe, expect, it } from 'vitest';
import type { Point } from '../../runtime/pipeline/points.ts';
import { makeStand, post, type Stand, startDevProcess, summary } from './support.ts';

const N = 12;
const numbers = Array.from({ length: N }, (_, i) => `PO-${i + 1}`);

/** Sends by both ways in, dies at the point, starts again and settles. Gives what was accepted. */
async function surviveKill(stand: Stand, point: Point, env: Record<string, string> = {}): Promise<void> {
  let dev = await startDevProcess(stand, { CROSSDOCK_TEST_KILL_AT: `${point}:3`, ...env });
  const sent = Promise.all(numbers.map((no) => post(() => dev.http, no)));
  for (const no of numbers) stand.drop(`${no}.json`, JSON.stringify({ number: `F-${no}` }));
  expect(await dev.exited, `the process must die at ${point}`).toBe('SIGKILL');
  dev = await startDevProcess(stand);
  try {
    expect(new Set(await sent)).toEqual(new Set([202]));
    await stand.until((rows) => {
      const done = rows.filter(({ destination, state }) => destination.endsWith('/sink') && state === 'Delivered');
      return done.length === 2 * N;
    });
  } finally {
    await dev.stop();
  }
}

const POINTS: Point[] = [
  'source.confirmed',
  'intake.accepted',
  'intake.done',
  'inbox.taken',
  'inbox.shipped',
  'inbox.routed',
  'outbox.taken',
  'outbox.sent',
  'outbox.concluded',
];

describe.concurrent('a process that is killed', () => {
  it.each(POINTS)('at %s loses nothing and doubles nothing', { timeout: 60_000 }, async (point) => {
    await using stand = await makeStand();
    await surviveKill(stand, point);
    const rows = await stand.accounts();
    expect(summary(rows)).toEqual({ 'orders/sink Delivered': N, 'files/sink Delivered': N });
    const effects = stand.ledger.effects.filter(({ repeated }) => !repeated);
    expect(effects.map(({ body }) => body.number).sort()).toEqual(
      [...numbers, ...numbers.map((no) => `F-${no}`)].sort(),
    );
  });
});

describe('with the guard off', () => {
  it('the same kill loses documents: the test can fail', { timeout: 60_000 }, async () => {
    await using stand = await makeStand();
    // Nothing is answered until the process is dead, so whatever it took it took in vain.
    stand.ledger.answer = () => true;
    const env = { CROSSDOCK_TEST_KILL_AT: 'outbox.taken:8', CROSSDOCK_TEST_ACK_EARLY: 'true' };
    const dev = await startDevProcess(stand, env);
    const accepted: string[] = [];
    const dead = new AbortController();
    for (const no of numbers)
      void post(() => dev.http, no, undefined, dead.signal).then((status) => status === 202 && accepted.push(no));
    expect(await dev.exited).toBe('SIGKILL');
    dead.abort();
    stand.ledger.answer = () => false;
    const again = await startDevProcess(stand);
    const rows = await stand.until(
      (all) => all.filter(({ destination }) => destination === '').length >= accepted.length,
    );
    const inFlight = () => rows.filter(({ state }) => state === 'InFlight').length;
    expect(inFlight()).toBeGreaterThan(0);
    await again.stop();
    const lost = accepted.filter((no) => !stand.ledger.effects.some(({ body }) => body.number === no));
    expect(lost).not.toEqual([]);
  });
});
