/**
 * Holds the milestones and exceptions that Crossdock found against what the simulators know that they did. Pure. They know which
 * orders they confirmed, shipped late or with another article, which pieces the warehouse found broken, and what the ERP refused.
 */
import pc from 'picocolors';
import type { DocumentName, Line } from '../simulators/ledger.ts';

export interface Business {
  /** Milestones in their order. */
  milestones: string[];
  transactions: { key: string; reached: string[] }[];
  /** Open ones. */
  exceptions: {
    process: string;
    id: string;
    key: string;
    line: string;
    kind: string;
    money?: string;
    currency?: string;
  }[];
  /** Deadlines: of each order that has reached `from`. */
  objectives: { key: string; objective: string; from?: string; to: string; state: string }[];
}

/** Its deadline passes within the demo (see working-copy.ts); those of all others are days away. */
const PASSES = 'MatchedInTwoWeeks';

interface Truth {
  /** Orders by milestone. */
  reached: Record<string, Set<string>>;
  /** `order/line` of what arrived broken. */
  damaged: Set<string>;
  /** Orders of which another article was shipped. */
  substituted: Set<string>;
}

/** The simulator's note of a receipt with broken pieces: `damaged lines 1,3`. */
const DAMAGED = /^damaged lines ([\d,]+)$/;
const SUBSTITUTED = 'ships a model that the ERP does not know';

const without = (set: ReadonlySet<string>, ...others: ReadonlySet<string>[]): Set<string> =>
  new Set([...set].filter((one) => !others.some((other) => other.has(one))));

export function truthOf(lines: readonly Line[]): Truth {
  const orders = (test: (line: Line) => boolean): Set<string> =>
    new Set(lines.filter(test).flatMap((line) => line.orders));
  const sent = (type: DocumentName) => (line: Line) =>
    line.kind === 'Sent' && line.type === type && line.expect === 'Effect';
  const taken = (type: DocumentName) => (line: Line) =>
    line.type === type && (line.kind === 'Effect' || line.kind === 'Already');
  const refused = orders(
    ({ kind, type, ...line }) => kind === 'Refused' && type === 'receipt' && line.note === 'UNKNOWN_ITEM',
  );
  const damaged = new Set<string>();
  for (const line of lines) {
    const [, numbers] = (line.type === 'receipt' && DAMAGED.exec(line.note ?? '')) || [];
    for (const number of numbers?.split(',') ?? []) for (const order of line.orders) damaged.add(`${order}/${number}`);
  }
  const substituted = orders(({ kind, note }) => kind === 'Sent' && note === SUBSTITUTED);
  const received = orders(sent('receipt'));
  const invoiced = orders(sent('invoice'));
  const broken = new Set([...damaged].map((place) => place.split('/')[0]!));
  return {
    reached: {
      Released: orders(sent('purchase-order')),
      Confirmed: orders(sent('order-response')),
      Shipped: orders(sent('ship-notice')),
      VisibleToWarehouse: orders(taken('ship-notice')),
      Received: received,
      Posted: without(orders(taken('receipt')), refused),
      Invoiced: invoiced,
      Matched: without(new Set([...received].filter((order) => invoiced.has(order))), broken, substituted),
    },
    damaged,
    substituted,
  };
}

export function checkBusiness(
  { milestones, transactions, exceptions, objectives }: Business,
  lines: readonly Line[],
): string[] {
  const { reached, damaged, substituted } = truthOf(lines);
  const found: string[] = [];
  const differ = (what: string, known: ReadonlySet<string>, said: ReadonlySet<string>): void => {
    const few = (set: Set<string>) => [...set].sort().slice(0, 3).join(', ');
    const [missing, extra] = [without(known, said), without(said, known)];
    if (missing.size > 0)
      found.push(`${what}: ${missing.size} that the simulators know are not in Crossdock (${few(missing)})`);
    if (extra.size > 0)
      found.push(`${what}: ${extra.size} are in Crossdock that the simulators do not know (${few(extra)})`);
  };
  const unknown = milestones.filter((name) => !Object.hasOwn(reached, name));
  if (unknown.length > 0) found.push(`nobody knows what these milestones mean here: ${unknown.join(', ')}`);
  for (const [name, known] of Object.entries(reached))
    differ(
      `milestone ${name}`,
      known,
      new Set(transactions.filter((one) => one.reached.includes(name)).map(({ key }) => key)),
    );
  const places = (kind: string) =>
    new Set(exceptions.filter((one) => one.kind === kind).map(({ key, line }) => `${key}/${line}`));
  differ('damaged lines', damaged, places('Damaged'));
  differ(
    'orders with another article',
    substituted,
    new Set([...places('OtherItem')].map((place) => place.split('/')[0]!)),
  );
  // A broken piece that is invoiced may exceed what arrived in good condition by more than is tolerated.
  differ(
    'invoiced more than received',
    new Set([...places('InvoicedTooMuch')].filter((place) => damaged.has(place))),
    places('InvoicedTooMuch'),
  );
  for (const [name, own] of Map.groupBy(objectives, ({ objective }) => objective)) {
    const { from = '', to } = own[0]!;
    const [began, done] = [reached[from], reached[to]];
    if (!began || !done) continue;
    const keys = (...states: string[]) =>
      new Set(own.filter(({ state }) => states.includes(state)).map(({ key }) => key));
    differ(`${name}: done`, new Set([...began].filter((order) => done.has(order))), keys('Met', 'MetLate'));
    differ(`${name}: late`, name === PASSES ? without(began, done) : new Set(), keys('Breached'));
    differ(`${name}: ahead`, name === PASSES ? new Set() : without(began, done), keys('Pending', 'Warning'));
  }
  for (const { key, line, kind } of exceptions)
    if (!['Damaged', 'OtherItem', 'InvoicedTooMuch'].includes(kind))
      found.push(`exception ${kind} of ${key}, line ${line}: no simulator did that`);
  return found;
}

/** Three lines: how many orders reached which milestone, and what does not agree. */
export function businessText({ milestones, transactions, exceptions, objectives }: Business): string {
  const count = (name: string): number => transactions.filter(({ reached }) => reached.includes(name)).length;
  const steps = milestones.map(
    (name) => `${name} ${count(name) === transactions.length ? count(name) : pc.yellow(String(count(name)))}`,
  );
  const kinds = Map.groupBy(exceptions, ({ kind }) => kind);
  const money = exceptions.reduce((sum, one) => sum + Math.round(Number(one.money ?? 0) * 100), 0) / 100;
  const late = objectives.filter(({ state }) => state === 'Breached').length;
  const inTime = objectives.filter(({ state }) => state === 'Met').length;
  const said = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, all]) => `${kind} ${all.length}`);
  return [
    `${pc.bold('orders')}      ${transactions.length} · ${steps.join(' · ')}`,
    `${pc.bold('exceptions')}  ${exceptions.length}${said.length > 0 ? ` · ${said.join(' · ')} · ${money.toFixed(2)} EUR at stake` : ''}`,
    `${pc.bold('deadlines')}   ${objectives.length} · met ${inTime} · late ${late > 0 ? pc.yellow(String(late)) : late}`,
  ].join('\n');
}
