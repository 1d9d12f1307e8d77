/**
 * Holds Crossdock's accounts against the ledgers of the systems around it. Pure. Both sides are complete lists; what only one side
 * knows, or knows differently, is a mismatch with a sentence.
 */
import type { DocumentName, Line, SentLine, TakenLine } from '../simulators/ledger.ts';

export type State = 'InFlight' | 'Delivered' | 'Rejected' | 'DeadLettered' | 'Parked' | 'Duplicate' | 'Superseded';

/** State of a document at one destination: `` intake, `<integration>` its inbox, `<integration>/<destination>`. */
export interface AccountRow {
  document: string;
  /** `ship-notice.v1`; empty where the file could not be read. */
  type: string;
  source: string;
  destination: string;
  state: State;
  errorClass?: string;
  errorCode?: string;
  keys: Record<string, string[]>;
  /** The file that it came in. */
  causation?: string;
}

/** Documents by state, as the accounts have them. */
export interface Counts {
  accepted: number;
  delivered: number;
  rejected: number;
  deadLettered: number;
  parked: number;
  superseded: number;
  duplicate: number;
  inFlight: number;
}
export interface TypeResult {
  type: string;
  accounts: Counts;
  ledgers: {
    /** Documents that their senders sent, of any kind. */
    sent: number;
    /** Taken by the receiver (an ALREADY_POSTED answer included). */
    effects: number;
    refused: number;
    doubled: number;
    lost: number;
  };
}
export interface SystemResult {
  system: string;
  effects: number;
  /** Known idempotency keys, answered from memory. */
  repeats: number;
  already: number;
  refused: number;
  conflicts: number;
}
export interface Reconciliation {
  types: TypeResult[];
  systems: SystemResult[];
  doubled: number;
  lost: number;
  mismatches: string[];
}

const TYPES: readonly DocumentName[] = [
  'purchase-order',
  'order-response',
  'ship-notice',
  'receipt',
  'goods-receipt-posted',
  'invoice',
  'x12-997',
];
/** Name of the business key that identifies a document of the type. */
const KEY_OF: Record<DocumentName, string> = {
  'purchase-order': 'purchaseOrder',
  'order-response': 'purchaseOrder',
  'ship-notice': 'shipment',
  receipt: 'receipt',
  'goods-receipt-posted': 'receipt',
  invoice: 'invoice',
  settlement: 'purchaseOrder',
  'x12-997': 'group',
};
const PRECEDENCE: readonly State[] = [
  'DeadLettered',
  'Parked',
  'InFlight',
  'Rejected',
  'Superseded',
  'Duplicate',
  'Delivered',
];
/** A refusal that ends a document; others (a closed period) are followed by another attempt. */
const FINAL_REFUSAL = 'UNKNOWN_ITEM';
/** `S-1@2026-…Z` → `S-1`: accounts know the shipment, ledgers also its revision. */
const withoutRevision = (key: string): string => key.split('@')[0] ?? key;

interface Fate {
  key: string;
  accounts: Record<State, number>;
  sent: { effect: number; duplicate: number; superseded: number };
  effects: number;
  already: number;
  /** Final refusals, by idempotency key. */
  refused: number;
  /** More effects of one revision than documents that ask for it. */
  doubled: number;
}

export function reconcile(rows: readonly AccountRow[], lines: readonly Line[], orders: number): Reconciliation {
  const documents = documentsOf(rows);
  const mismatches: string[] = lines
    .filter((line): line is TakenLine => line.kind === 'Conflict')
    .map((line) => `${line.system}: ${line.type} ${line.key}: ${line.note ?? 'conflict'}`);
  const released = lines.filter((line) => line.kind === 'Sent' && line.type === 'purchase-order').length;
  if (released !== orders) mismatches.push(`the ERP released ${released} of ${orders} orders`);

  const types = TYPES.map((type) => reconcileType(type, documents, lines, mismatches));
  types.push(reconcileUnreadable(documents, lines, mismatches));
  const total = (what: 'doubled' | 'lost'): number => types.reduce((sum, { ledgers }) => sum + ledgers[what], 0);
  return { types, systems: systemsOf(lines), doubled: total('doubled'), lost: total('lost'), mismatches };
}

interface DocumentAccount {
  id: string;
  name: string;
  key: string | undefined;
  state: State;
  /** Ended at intake: it never became a canonical document. */
  atIntake: boolean;
  errorClass: string | undefined;
  file: string;
}

function documentsOf(rows: readonly AccountRow[]): DocumentAccount[] {
  const byDocument = new Map<string, AccountRow[]>();
  for (const row of rows) byDocument.set(row.document, [...(byDocument.get(row.document) ?? []), row]);
  return [...byDocument].map(([id, own]) => {
    const name =
      own
        .map((row) => row.type)
        .find((type) => type !== '')
        ?.replace(/\.v\d+$/, '') ?? '';
    const state = PRECEDENCE.find((candidate) => own.some((row) => row.state === candidate)) ?? 'InFlight';
    const deciding = own.find((row) => row.state === state) as AccountRow;
    const keyName = KEY_OF[name as DocumentName];
    const key = own.map((row) => (keyName ? row.keys[keyName]?.[0] : undefined)).find((value) => value !== undefined);
    const atIntake = deciding.destination === '' && ['Rejected', 'DeadLettered', 'Parked'].includes(state);
    return { id, name, key, state, atIntake, errorClass: deciding.errorClass, file: deciding.causation ?? id };
  });
}

function reconcileType(
  type: DocumentName,
  documents: readonly DocumentAccount[],
  lines: readonly Line[],
  mismatches: string[],
): TypeResult {
  const own = documents.filter(({ name }) => name === type);
  const taken = lines.filter((line): line is TakenLine => line.kind !== 'Sent' && line.type === type);
  const sent = sentOf(type, lines);
  const fates = fatesOf(own, sent, taken);
  for (const fate of fates) mismatches.push(...disagreements(type, fate));

  const rejected = own.filter(({ state }) => state === 'Rejected').length;
  const expectRejected = sent.filter(({ expect }) => expect === 'Rejected').length;
  if (rejected !== expectRejected)
    mismatches.push(`${type}: ${expectRejected} were answered with a refusal, accounts have ${rejected} rejected`);

  const doubled = fates.reduce((sum, fate) => sum + fate.doubled, 0);
  const lost = fates.reduce(
    (sum, { sent: { effect }, ...f }) => sum + Math.max(0, effect - f.effects - f.already - f.refused),
    0,
  );
  return {
    type,
    accounts: countsOf(own.filter(({ atIntake, state }) => !atIntake || state === 'Rejected')),
    ledgers: {
      // What cannot be read has a line of its own.
      sent: sent.filter(({ expect }) => expect !== 'DeadLetter' && expect !== 'Held').length,
      effects: fates.reduce((sum, { effects, already }) => sum + effects + already, 0),
      refused: fates.reduce((sum, { refused }) => sum + refused, 0) + expectRejected,
      doubled,
      lost,
    },
  };
}

/** A posted receipt's answer is a document of our own: what the ERP answered was sent by it. */
function sentOf(type: DocumentName, lines: readonly Line[]): SentLine[] {
  if (type !== 'goods-receipt-posted')
    return lines.filter((line): line is SentLine => line.kind === 'Sent' && line.type === type);
  return lines.flatMap((line): SentLine[] =>
    line.type === 'receipt' && (line.kind === 'Effect' || line.kind === 'Already')
      ? [{ kind: 'Sent', at: line.at, system: line.system, type, key: line.key, orders: line.orders, expect: 'Effect' }]
      : [],
  );
}

function fatesOf(
  documents: readonly DocumentAccount[],
  sent: readonly SentLine[],
  taken: readonly TakenLine[],
): Fate[] {
  const fates = new Map<string, Fate>();
  const of = (ledgerKey: string): Fate => {
    const key = withoutRevision(ledgerKey);
    const known = fates.get(key) ?? {
      key,
      accounts: { InFlight: 0, Delivered: 0, Rejected: 0, DeadLettered: 0, Parked: 0, Duplicate: 0, Superseded: 0 },
      sent: { effect: 0, duplicate: 0, superseded: 0 },
      effects: 0,
      already: 0,
      refused: 0,
      doubled: 0,
    };
    fates.set(key, known);
    return known;
  };
  for (const { key, state, atIntake, id } of documents)
    if (!atIntake) of(key ?? `(document ${id} without a key)`).accounts[state] += 1;
  /** Per revision: more taken than sent is a doubled effect. */
  const balance = new Map<string, number>();
  const move = (key: string, by: number): void => void balance.set(key, (balance.get(key) ?? 0) + by);
  for (const { key, expect } of sent) {
    const counts = of(key).sent;
    if (expect === 'Duplicate') counts.duplicate += 1;
    else if (expect === 'Superseded') counts.superseded += 1;
    else if (expect === 'Effect') {
      counts.effect += 1;
      move(key, -1);
    }
  }
  const refusedKeys = new Set<string>();
  for (const line of taken) {
    const fate = of(line.key);
    if (line.kind === 'Effect' || line.kind === 'Already') {
      fate[line.kind === 'Effect' ? 'effects' : 'already'] += 1;
      move(line.key, 1);
    } else if (line.kind === 'Refused' && line.note === FINAL_REFUSAL && !refusedKeys.has(line.idempotencyKey)) {
      refusedKeys.add(line.idempotencyKey);
      fate.refused += 1;
    }
  }
  for (const [key, surplus] of balance) of(key).doubled += Math.max(0, surplus);
  return [...fates.values()];
}

function disagreements(type: DocumentName, fate: Fate): string[] {
  const { key, accounts, sent, effects, already, refused, doubled } = fate;
  const found: string[] = [];
  const say = (text: string): void => void found.push(`${type} ${key}: ${text}`);
  if (doubled > 0) say(`${effects + already} effects for ${sent.effect} document(s): doubled`);
  const lost = sent.effect - effects - already - refused;
  if (lost > 0) say(`${sent.effect} sent, ${effects + already} took effect, ${refused} refused: lost ${lost}`);
  const compare = (what: string, inAccounts: number, inLedgers: number): void => {
    if (inAccounts !== inLedgers) say(`accounts say ${inAccounts} ${what}, ledgers say ${inLedgers}`);
  };
  compare('delivered', accounts.Delivered, effects + already);
  compare('duplicate', accounts.Duplicate, sent.duplicate);
  compare('superseded', accounts.Superseded, sent.superseded);
  compare('parked', accounts.Parked, refused);
  compare('dead-lettered', accounts.DeadLettered, 0);
  if (accounts.InFlight > 0) say(`${accounts.InFlight} in flight in the accounts`);
  return found;
}

/** Files that never became documents. Counted, not matched: what cannot be read has no key. */
function reconcileUnreadable(
  documents: readonly DocumentAccount[],
  lines: readonly Line[],
  mismatches: string[],
): TypeResult {
  const own = documents.filter(({ atIntake, state }) => atIntake && state !== 'Rejected');
  const files = (held: boolean): number =>
    new Set(own.filter(({ errorClass }) => (errorClass === 'ReferenceDataMissing') === held).map(({ file }) => file))
      .size;
  const sent = (expect: string): number =>
    lines.filter((line) => line.kind === 'Sent' && line.expect === expect).length;
  if (files(false) !== sent('DeadLetter'))
    mismatches.push(
      `${sent('DeadLetter')} broken files were sent, accounts have ${files(false)} that could not be read`,
    );
  if (files(true) !== sent('Held'))
    mismatches.push(
      `${sent('Held')} documents name an unknown article, accounts have ${files(true)} that wait for one`,
    );
  return {
    type: 'never accepted',
    accounts: countsOf(own),
    ledgers: { sent: sent('DeadLetter') + sent('Held'), effects: 0, refused: 0, doubled: 0, lost: 0 },
  };
}

function countsOf(documents: readonly DocumentAccount[]): Counts {
  const count = (state: State): number => documents.filter((document) => document.state === state).length;
  return {
    accepted: documents.filter(({ atIntake }) => !atIntake).length,
    delivered: count('Delivered'),
    rejected: count('Rejected'),
    deadLettered: count('DeadLettered'),
    parked: count('Parked'),
    superseded: count('Superseded'),
    duplicate: count('Duplicate'),
    inFlight: count('InFlight'),
  };
}

function systemsOf(lines: readonly Line[]): SystemResult[] {
  const names = [...new Set(lines.map(({ system }) => system))].sort();
  return names.map((system) => {
    const count = (kind: Line['kind']): number =>
      lines.filter((line) => line.system === system && line.kind === kind).length;
    return {
      system,
      effects: count('Effect'),
      repeats: count('Repeat'),
      already: count('Already'),
      refused: count('Refused'),
      conflicts: count('Conflict'),
    };
  });
}
