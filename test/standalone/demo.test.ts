/** The example from end to end, as `make demo` runs it: real broker (killed once), real database, every simulator a process. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Reconciliation } from '../../examples/inbound-distribution/demo/reconcile.ts';
import type { Line } from '../../examples/inbound-distribution/simulators/ledger.ts';

const DEMO = join(import.meta.dirname, '../../examples/inbound-distribution/demo.ts');
const folder = mkdtempSync(join(tmpdir(), 'crossdock-demo-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Report extends Reconciliation {
  agree: boolean;
  orders: number;
  times: Record<string, number>;
  ledgers: Line[];
}
async function demo(name: string, args: string[], env: Record<string, string> = {}) {
  const report = join(folder, `${name}.json`);
  const child = spawn(process.execPath, ['--no-warnings', DEMO, '--report', report, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, output, report: () => JSON.parse(readFileSync(report, 'utf8')) as Report };
}

it.concurrent('moves every order from release to invoice, through all trouble, and agrees with every ledger', {
  timeout: 180_000,
}, async () => {
  const { code, output, report } = await demo('agrees', ['--orders', '32']);
  expect(output).toContain('Accounts and ledgers agree');
  expect(code).toBe(0);
  const { agree, doubled, lost, mismatches, types, times, ledgers } = report();
  expect({ agree, doubled, lost, mismatches }).toEqual({ agree: true, doubled: 0, lost: 0, mismatches: [] });
  const of = (type: string) => types.find((result) => result.type === type)?.accounts;
  expect(of('purchase-order')).toMatchObject({ accepted: 32, delivered: 32 });
  expect(of('invoice')).toMatchObject({ accepted: 32, delivered: 32 });
  // One notice names an unknown article and never becomes a document; eight of nordic-parts come twice; one is overtaken.
  expect(of('ship-notice')).toMatchObject({ delivered: 31, duplicate: 8, superseded: 1 });
  expect(of('receipt')?.parked).toBe(1);
  // Every file of the suppliers is answered with the verdict that it deserves (the suppliers check that).
  expect(of('x12-997')?.delivered).toBeGreaterThan(75);
  expect(of('never accepted')).toMatchObject({ deadLettered: 2, parked: 1 });
  expect(times.brokerBackMs).toBeGreaterThan(times.brokerKilledMs ?? Number.POSITIVE_INFINITY);
  // Each trouble did happen: else this would prove little.
  const kinds = new Set(ledgers.map(({ kind }) => kind));
  expect(kinds).toEqual(new Set(['Sent', 'Effect', 'Repeat', 'Already', 'Refused']));
  expect(ledgers.some((line) => line.kind === 'Refused' && line.note === 'PERIOD_CLOSED')).toBe(true);
});

it.concurrent('notices doubled effects when a system forgets idempotency keys', { timeout: 120_000 }, async () => {
  const { code, output, report } = await demo('doubled', ['--orders', '16', '--kill', 'none', '--forgetful-erp']);
  expect(output).toMatch(/✗ \d+ mismatches/);
  expect(code).toBe(1);
  const { agree, doubled, mismatches } = report();
  expect(agree).toBe(false);
  expect(doubled).toBeGreaterThan(0);
  expect(mismatches.some((text) => text.endsWith('doubled'))).toBe(true);
});
