/**
 * The promises, shown by killing: at each named point of a document's way the process gets SIGKILL and is started again. Then every
 * document that was accepted is accounted for, and the outside system saw each effect once.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Point } from '../../runtime/pipeline/points.ts';
import type { AccountRow } from '../../tracker/accounts.ts';
import { makeStand, post, type Stand, startDevProcess, summary } from './support.ts';

const N = 12;
/** Requests that a connector has in the air, by default. */
const CONCURRENCY = 8;
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
    stand.write(
      'base.yaml',
      readFileSync(join(stand.folder, 'base.yaml'), 'utf8').replace('timeout: 2s', 'timeout: 60s'),
    );
    const dev = await startDevProcess(stand, { CROSSDOCK_TEST_ACK_EARLY: 'true' });
    expect(new Set(await Promise.all(numbers.map((no) => post(() => dev.http, no))))).toEqual(new Set([202]));
    const waiting = (rows: AccountRow[]) => rows.filter(({ destination }) => destination === 'orders/sink');
    await stand.until((rows) => stand.ledger.requests === CONCURRENCY && waiting(rows).length === N);
    dev.child.kill('SIGKILL');
    await dev.exited;
    stand.ledger.answer = () => false;
    const again = await startDevProcess(stand);
    expect(await post(() => again.http, 'PO-after')).toBe(202);
    await stand.until((rows) => waiting(rows).some(({ state }) => state === 'Delivered'));
    await again.stop();
    expect(summary(await stand.accounts())).toEqual({ 'orders/sink InFlight': N, 'orders/sink Delivered': 1 });
    expect(stand.ledger.effects.map(({ body }) => body.number)).toEqual(['PO-after']);
  });
});
