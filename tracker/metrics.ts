/** What the tracker tells Prometheus. Figures of the database are read at most every 5 s, however often they are asked for. */
import type pg from 'pg';
import { Counter, Gauge, Registry } from 'prom-client';
import { countRetrying, countUnsettled, type Marks, readMarks } from './accounts.ts';
import { countAcknowledgments } from './acknowledgments/store.ts';
import { countNotifications } from './deadlines/outbox.ts';
import { countObjectives, OBJECTIVE_STATES } from './deadlines/read.ts';
import type { Follower } from './follower.ts';
import { type Impact, measureImpact } from './impact/impact.ts';
import type { Waiting } from './impact/words.ts';
import { countOpen } from './transactions.ts';

const FRESH_MS = 5_000;
const IMPACT_FRESH_MS = 15_000;

export interface TrackerMetrics {
  text(): Promise<string>;
  /** Reads the database anew, if it is time to. Never rejects: without the database the last that was known stays. */
  refresh(): Promise<void>;
  /** Gaps and odd entries of all time, by namespace, as last read. */
  readonly marks: ReadonlyMap<string, Marks>;
}

export function trackerMetrics(followers: readonly Follower[], database: pg.Pool): TrackerMetrics {
  const registry = new Registry();
  const gauge = (name: string, help: string, collect: (gauge: Gauge) => void, labelNames = ['namespace']) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        collect(this);
      },
    });
  const marks = new Map<string, Marks>();
  const acknowledgments = new Map<string, Awaited<ReturnType<typeof countAcknowledgments>>>();
  const unsettled = new Map<string, Awaited<ReturnType<typeof countUnsettled>>>();
  const retrying = new Map<string, Awaited<ReturnType<typeof countRetrying>>>();
  const objectives = new Map<string, Awaited<ReturnType<typeof countObjectives>>>();
  const open = new Map<string, Awaited<ReturnType<typeof countOpen>>>();
  const notifications = new Map<string, Awaited<ReturnType<typeof countNotifications>>>();
  const impact = new Map<string, Impact>();
  let impactAt = Number.NEGATIVE_INFINITY;
  let readAt = Number.NEGATIVE_INFINITY;
  const refresh = async () => {
    if (performance.now() - readAt < FRESH_MS) return;
    readAt = performance.now();
    try {
      for (const { namespace } of followers) {
        marks.set(namespace, await readMarks(database, namespace));
        unsettled.set(namespace, await countUnsettled(database, namespace));
        retrying.set(namespace, await countRetrying(database, namespace));
        objectives.set(namespace, await countObjectives(database, namespace));
        open.set(namespace, await countOpen(database, namespace));
        notifications.set(namespace, await countNotifications(database, namespace));
        acknowledgments.set(namespace, await countAcknowledgments(database, namespace, Date.now()));
      }
      const began = performance.now();
      if (began >= impactAt) {
        for (const { namespace, plan } of followers)
          if (plan) impact.set(namespace, await measureImpact(database, namespace, plan));
        // Of a large backlog it takes its time: at most a twentieth of it all.
        impactAt = performance.now() + Math.max(IMPACT_FRESH_MS, 20 * (performance.now() - began));
      }
    } catch {
      // Whether the database is there is told by the followers.
    }
  };

  const each = (value: (follower: Follower) => number) => (gauge: Gauge) => {
    for (const follower of followers) gauge.set({ namespace: follower.namespace }, value(follower));
  };
  gauge(
    'crossdock_journal_behind_messages',
    'Messages of the journal that were received and are not in the database yet. Bounded by the prefetch.',
    each(({ behind }) => behind),
  );
  gauge(
    'crossdock_journal_lag_seconds',
    'Age of the oldest journal entry that was received and is not in the database yet.',
    each(({ lagMs }) => lagMs / 1000),
  );
  gauge(
    'crossdock_journal_following',
    '1 while the journal is being folded into the database.',
    each(({ trouble }) => (trouble === undefined ? 1 : 0)),
  );
  const counter = (name: string, help: string, value: (marks: Marks) => number) =>
    new Counter({
      name,
      help,
      labelNames: ['namespace'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [namespace, read] of marks) this.inc({ namespace }, value(read));
      },
    });
  counter(
    'crossdock_journal_gaps_total',
    'Times that the journal did not hold what was to be folded next: accounts may miss what happened then.',
    ({ gaps }) => gaps,
  );
  counter(
    'crossdock_journal_set_aside_total',
    'Odd journal entries that no row could hold.',
    ({ setAside }) => setAside,
  );
  gauge(
    'crossdock_documents',
    'Accounts (a document at a destination) that are not at a good end: InFlight, DeadLettered, Parked.',
    (gauge) => {
      for (const [namespace, counts] of unsettled)
        for (const [state, { count }] of Object.entries(counts)) gauge.set({ namespace, state }, count);
    },
    ['namespace', 'state'],
  );
  gauge('crossdock_retries', 'Accounts that are tried again after a failure.', (gauge) => {
    for (const [namespace, { count }] of retrying) gauge.set({ namespace }, count);
  });
  gauge(
    'crossdock_retries_oldest_seconds',
    'Age of the oldest document that is tried again after a failure, since it was accepted.',
    (gauge) => {
      for (const [namespace, { since }] of retrying)
        gauge.set({ namespace }, since === null ? 0 : Math.max(0, (Date.now() - since) / 1000));
    },
  );
  gauge(
    'crossdock_acknowledgments',
    'Interchanges that partners acknowledged or are to acknowledge, by state: Expected, Overdue, Received, Accepted, Rejected …',
    (gauge) => {
      gauge.reset();
      for (const [namespace, counts] of acknowledgments)
        for (const [state, count] of Object.entries(counts)) gauge.set({ namespace, state }, count);
    },
    ['namespace', 'state'],
  );
  gauge(
    'crossdock_documents_oldest_seconds',
    'Age of the oldest account in a state that is not a good end, since its last entry.',
    (gauge) => {
      for (const [namespace, counts] of unsettled)
        for (const [state, { oldestAt }] of Object.entries(counts))
          gauge.set({ namespace, state }, oldestAt === null ? 0 : Math.max(0, (Date.now() - oldestAt) / 1000));
    },
    ['namespace', 'state'],
  );
  gauge(
    'crossdock_objectives',
    'Objectives of SLAPolicies by state: Pending, Warning, Breached (late and not met yet), Met, MetLate, Void. Of all time.',
    (gauge) => {
      // A policy that is gone is not told any more.
      gauge.reset();
      for (const [namespace, all] of objectives)
        for (const { policy, objective, counts } of all)
          for (const state of OBJECTIVE_STATES) gauge.set({ namespace, policy, objective, state }, counts[state]);
    },
    ['namespace', 'policy', 'objective', 'state'],
  );
  gauge(
    'crossdock_objectives_burn_ratio',
    'Share of the objectives that were or are late, of all that can be judged; 0 to 1.',
    (gauge) => {
      gauge.reset();
      for (const [namespace, all] of objectives)
        for (const { policy, objective, burn } of all) gauge.set({ namespace, policy, objective }, burn);
    },
    ['namespace', 'policy', 'objective'],
  );
  gauge(
    'crossdock_transactions_open',
    'Transactions of business processes that are not complete.',
    (gauge) => {
      gauge.reset();
      for (const [namespace, all] of open)
        for (const [process, count] of Object.entries(all)) gauge.set({ namespace, process }, count);
    },
    ['namespace', 'process'],
  );
  gauge(
    'crossdock_notifications_waiting',
    'Notifications of SLAPolicies that nobody has taken yet.',
    (gauge) => {
      gauge.reset();
      for (const [namespace, all] of notifications)
        for (const [policy, count] of Object.entries(all)) gauge.set({ namespace, policy }, count);
    },
    ['namespace', 'policy'],
  );
  const waiting = (name: string, help: string, value: (waiting: Waiting) => number) =>
    gauge(
      name,
      help,
      (gauge) => {
        // What waits no more is not told as 0 for ever.
        gauge.reset();
        for (const [namespace, { integrations }] of impact)
          for (const [integration, one] of Object.entries(integrations))
            gauge.set({ namespace, integration }, value(one));
      },
      ['namespace', 'integration'],
    );
  waiting(
    'crossdock_impact_transactions',
    'Business transactions (such as purchase orders) with a document that waits or failed at the integration; documents, where they belong to none.',
    ({ transactions, documents }) => transactions + documents,
  );
  waiting('crossdock_impact_partners', 'Partners of those transactions.', ({ partners }) => partners);
  waiting(
    'crossdock_impact_oldest_seconds',
    'Age of the oldest document that waits or failed at the integration, since it was accepted.',
    ({ oldest }) => oldest / 1000,
  );
  return {
    marks,
    refresh,
    async text() {
      await refresh();
      return registry.metrics();
    },
  };
}
