/** The last page: accounts and ledgers side by side. */
import Table from 'cli-table3';
import pc from 'picocolors';
import type { Reconciliation } from './reconcile.ts';

const number = (value: number, bad = false): string =>
  value === 0 ? pc.dim('0') : bad ? pc.red(String(value)) : String(value);
const right = (count: number) => Array.from({ length: count }, () => 'right' as const);
const plain = { head: [], border: [] };

export function accountsTable({ types }: Reconciliation): string {
  const table = new Table({
    style: { ...plain, compact: true },
    colAligns: ['left', ...right(13)],
    head: [],
  });
  table.push([
    { content: '' },
    { content: pc.bold('Crossdock’s accounts'), colSpan: 8, hAlign: 'center' },
    { content: pc.bold('the simulators’ ledgers'), colSpan: 5, hAlign: 'center' },
  ]);
  table.push(
    [
      'documents',
      'accepted',
      'delivered',
      'rejected',
      'dead',
      'parked',
      'superseded',
      'duplicate',
      'in flight',
      'sent',
      'effects',
      'refused',
      'doubled',
      'lost',
    ].map((title) => pc.dim(title)),
  );
  for (const { type, accounts: a, ledgers: l } of types)
    table.push([
      type,
      number(a.accepted),
      number(a.delivered),
      number(a.rejected),
      number(a.deadLettered),
      number(a.parked),
      number(a.superseded),
      number(a.duplicate),
      number(a.inFlight, true),
      number(l.sent),
      number(l.effects),
      number(l.refused),
      number(l.doubled, true),
      number(l.lost, true),
    ]);
  return table.toString();
}

export function systemsTable({ systems }: Reconciliation): string {
  const table = new Table({
    style: { ...plain, compact: true },
    colAligns: ['left', ...right(5)],
    head: ['what they saw', 'effects', 'same key again', 'already posted', 'refused', 'conflicts'].map((title) =>
      pc.dim(title),
    ),
  });
  for (const { system, effects, repeats, already, refused, conflicts } of systems)
    table.push([system, number(effects), number(repeats), number(already), number(refused), number(conflicts, true)]);
  return table.toString();
}

export function verdict({ doubled, lost, mismatches }: Reconciliation, orders: number): string {
  if (mismatches.length === 0)
    return pc.green(
      `✓ Accounts and ledgers agree: ${orders} orders, nothing lost, nothing doubled, nothing in flight.`,
    );
  const shown = mismatches.slice(0, 25).map((text) => `  · ${text}`);
  const more = mismatches.length > 25 ? [`  … and ${mismatches.length - 25} more (--report FILE lists all)`] : [];
  return [pc.red(`✗ ${mismatches.length} mismatches (doubled ${doubled}, lost ${lost}):`), ...shown, ...more].join(
    '\n',
  );
}
