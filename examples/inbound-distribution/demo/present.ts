/** The last page: accounts and ledgers side by side. */
import pc from 'picocolors';
import type { Line } from '../simulators/ledger.ts';
import { FIRST_ORDER } from '../simulators/world.ts';
import type { Reconciliation, TypeResult } from './reconcile.ts';

const number = (value: number, bad = false): string =>
  value === 0 ? pc.dim('0') : bad ? pc.red(String(value)) : String(value);

/** A number as it is shown, with its width on the screen: colours have none. */
interface Cell {
  text: string;
  width: number;
}
const cell = (value: number, bad = false): Cell => ({ text: number(value, bad), width: String(value).length });
const title = (text: string): Cell => ({ text: pc.dim(text), width: text.length });

/** First column to the left, the others to the right, a line between the groups. */
function grid(rows: { name: Cell; groups: Cell[][] }[]): string {
  const width = (cells: Cell[]): number => Math.max(...cells.map((one) => one.width));
  const fill = (one: Cell, to: number): string => ' '.repeat(to - one.width);
  const names = width(rows.map(({ name }) => name));
  const widths = rows[0]!.groups.map((group, g) =>
    group.map((_, i) => width(rows.map(({ groups }) => groups[g]![i]!))),
  );
  return rows
    .map(({ name, groups }) => {
      const columns = groups.map((group, g) => group.map((one, i) => fill(one, widths[g]![i]!) + one.text).join(' '));
      return `${name.text}${fill(name, names)} │ ${columns.join(' │ ')}`;
    })
    .join('\n');
}

/** Crossdock's accounts, and beside them what the simulators wrote down. */
export function accountsTable({ types }: Reconciliation): string {
  const accounts = ['accepted', 'delivered', 'rejected', 'dead', 'parked', 'superseded', 'duplicate', 'in flight'];
  const ledgers = ['sent', 'effects', 'refused', 'doubled', 'lost'];
  const heading = `${' '.repeat(Math.max(...types.map(({ type }) => type.length)))} │ ${pc.bold('Crossdock’s accounts'.padEnd(accounts.join(' ').length))} │ ${pc.bold('the simulators’ ledgers')}`;
  const body = grid([
    { name: title('documents'), groups: [accounts.map(title), ledgers.map(title)] },
    ...[...types, totalOf(types)].map(({ type, accounts: a, ledgers: l }) => ({
      name: { text: type, width: type.length },
      groups: [
        [a.accepted, a.delivered, a.rejected, a.deadLettered, a.parked, a.superseded, a.duplicate]
          .map((value) => cell(value))
          .concat(cell(a.inFlight, true)),
        [cell(l.sent), cell(l.effects), cell(l.refused), cell(l.doubled, true), cell(l.lost, true)],
      ],
    })),
  ]);
  return `${heading}\n${body}`;
}

function totalOf(types: readonly TypeResult[]): TypeResult {
  const sum = <T extends object>(records: T[]): T =>
    Object.fromEntries(
      Object.keys(records[0] as T).map((key) => [
        key,
        records.reduce((total, record) => total + Number(record[key as keyof T]), 0),
      ]),
    ) as T;
  return {
    type: 'all',
    accounts: sum(types.map(({ accounts }) => accounts)),
    ledgers: sum(types.map(({ ledgers }) => ledgers)),
  };
}

export function systemsTable({ systems }: Reconciliation): string {
  const titles = ['effects', 'same key again', 'already posted', 'refused', 'conflicts'];
  return grid([
    { name: title('systems'), groups: [titles.map(title)] },
    ...systems.map(({ system, effects, repeats, already, refused, conflicts }) => ({
      name: { text: system, width: system.length },
      groups: [[...[effects, repeats, already, refused].map((value) => cell(value)), cell(conflicts, true)]],
    })),
  ]);
}

/** The finished order that met the most kinds of trouble. */
export function mostTroubledOrder(lines: readonly Line[]): string {
  const kinds = new Map<string, Set<string>>();
  const stopped = new Set<string>();
  for (const line of lines) {
    const trouble = line.kind === 'Sent' ? (line.expect === 'Effect' ? undefined : line.expect) : line.kind;
    if (trouble === undefined || trouble === 'Effect') continue;
    for (const order of line.orders) {
      kinds.set(order, (kinds.get(order) ?? new Set()).add(`${line.type} ${trouble}`));
      if (trouble === 'Held' || line.note === 'UNKNOWN_ITEM') stopped.add(order);
    }
  }
  const ranked = [...kinds].filter(([order]) => !stopped.has(order)).sort((a, b) => b[1].size - a[1].size);
  return ranked[0]?.[0] ?? `PO-${FIRST_ORDER}`;
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
