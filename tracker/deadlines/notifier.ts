/**
 * Tells those who are to be told: gathers notices for a few seconds into one message for each recipient, keeps it until it was taken, and
 * repeats what lasts. A message may come twice, then with the same key.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { canonicalJson, sha256Hex } from '../../runtime/canonical.ts';
import type { Secrets } from '../../runtime/connectors/connector.ts';
import { inTransaction } from '../../runtime/store/transaction.ts';
import type { Log } from '../../runtime/telemetry/log.ts';
import type { NotifyPlan, PolicyPlan, TrackerPlan } from '../plan.ts';
import { alertsOf, type Message, type MessageEvent, messageOf, type Notice, worthTelling } from './message.ts';
import { dropOld, firingNow, lastTold, nextMessages, openNow, put, takeNotices, toSend } from './outbox.ts';
import { Sender } from './send.ts';

export interface NotifierOptions {
  namespace: string;
  database: pg.Pool;
  log: Log;
  secrets: Secrets;
  /** What comes within this is one message. */
  gatherMs?: number;
  now?: () => number;
}

const GATHER_MS = 3_000;
const TICK_MS = 500;
const RETRY_MS = 1_000;
const RETRY_MAX_MS = 300_000;
/** Not told any more: a recipient that was away for a day has other worries. */
const GIVE_UP_MS = 86_400_000;
/** Alerts last this many repetitions. */
const LASTS = 3;

export class Notifier {
  readonly #options: NotifierOptions;
  readonly #now: () => number;
  readonly #sender: Sender;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #plan: TrackerPlan | undefined;
  #trouble: string | undefined;
  #lookedForOld = 0;
  readonly #failing = new Map<string, string>();

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#sender = new Sender(options.secrets);
    this.#ended = this.#run();
  }

  /** Why nobody may be told now. A recipient that cannot be reached is `failing`. */
  get trouble(): string | undefined {
    return this.#trouble;
  }
  /** By policy: why a recipient does not take what it is told. */
  get failing(): ReadonlyMap<string, string> {
    return this.#failing;
  }

  use(plan: TrackerPlan): void {
    this.#plan = plan;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
    await this.#sender.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        if (this.#plan) await this.#turn(this.#plan);
        this.#trouble = undefined;
      } catch (error) {
        this.#trouble = `notifications: ${(error as Error).message}`;
        const { namespace, log } = this.#options;
        log.warn('notifications not looked at, trying again', { namespace, error: (error as Error).message });
      }
      await delay(TICK_MS, undefined, { signal }).catch(() => {});
    }
  }

  async #turn(plan: TrackerPlan): Promise<void> {
    const { namespace, database, gatherMs = GATHER_MS } = this.#options;
    const keyNames = new Map(plan.processes.map(({ name, keyName }) => [name, keyName]));
    for (const policy of plan.sla?.policies ?? []) {
      const keyName = keyNames.get(policy.process) ?? 'transaction';
      await inTransaction(database, async (client) => {
        const now = this.#now();
        const { notices, last } = await takeNotices(client, namespace, policy.name, now - gatherMs);
        if (notices.length > 0)
          await put(client, namespace, this.#messages(policy, keyName, worthTelling(notices), String(last), now), now);
      });
      await this.#repeat(policy, keyName);
    }
    await this.#deliver(plan, keyNames);
    if (this.#now() - this.#lookedForOld < 3_600_000) return;
    this.#lookedForOld = this.#now();
    await dropOld(database, namespace, this.#now());
  }

  #messages(
    policy: PolicyPlan,
    keyName: string,
    told: ReadonlyMap<MessageEvent, readonly Notice[]>,
    salt: string,
    at: number,
    only?: NotifyPlan,
  ): { policy: string; recipient: string; message: Message }[] {
    const { namespace } = this.#options;
    return policy.notify
      .filter((notify) => only === undefined || notify === only)
      .flatMap((notify) => {
        const recipient = recipientOf(notify);
        return [...told].flatMap(([event, notices]) =>
          event === 'Reminder' || notify.events.includes(event)
            ? [
                {
                  policy: policy.name,
                  recipient,
                  message: messageOf(
                    { namespace, policy: policy.name, keyName, at, salt: `${recipient} ${salt}` },
                    event,
                    notices,
                  ),
                },
              ]
            : [],
        );
      });
  }

  async #repeat(policy: PolicyPlan, keyName: string): Promise<void> {
    const { namespace, database } = this.#options;
    for (const notify of policy.notify) {
      if (notify.repeatEveryMs === undefined) continue;
      const now = this.#now();
      // An Alertmanager forgets what is not told again, warnings too.
      const warnings = notify.alertmanager && notify.events.includes('Warning');
      const events: MessageEvent[] = ['Breach', 'Reminder', ...(warnings ? (['Warning'] as const) : [])];
      const told = await lastTold(database, namespace, policy.name, recipientOf(notify), events);
      if (told === undefined || now - told < notify.repeatEveryMs) continue;
      const late = await openNow(database, namespace, policy.name, warnings ? ['Warning', 'Breached'] : ['Breached']);
      if (late.length === 0) continue;
      const messages = this.#messages(policy, keyName, new Map([['Reminder', late]]), String(told), now, notify);
      await inTransaction(database, (client) => put(client, namespace, messages, now));
    }
  }

  async #deliver(plan: TrackerPlan, keyNames: ReadonlyMap<string, string>): Promise<void> {
    const { namespace, database, log } = this.#options;
    const now = this.#now();
    for (const { id, policy: name, recipient, message, attempts, at } of await toSend(database, namespace, now)) {
      const policy = plan.sla?.policies.find((one) => one.name === name);
      const notify = policy?.notify.find((one) => recipientOf(one) === recipient);
      if (!policy || !notify) {
        await nextMessages(database, namespace, id, { error: 'nobody is to be told any more' });
        continue;
      }
      try {
        const keyName = keyNames.get(policy.process) ?? 'transaction';
        const about = { namespace, policy: name, keyName };
        const alerts =
          notify.alertmanager &&
          alertsOf(
            about,
            await firingNow(database, namespace, name, notify.events, message),
            now,
            (notify.repeatEveryMs ?? 0) * LASTS,
          );
        await this.#sender.send(notify, { message, ...(alerts && { alerts }) }, this.#stopping.signal);
        this.#failing.delete(name);
        await nextMessages(database, namespace, id, { sentAt: this.#now() });
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        const reason = (error as Error).message.slice(0, 500);
        const over = now - at > GIVE_UP_MS;
        this.#failing.set(name, `${notify.connector.name}: ${reason}`);
        log.warn(over ? 'a notification is given up' : 'a notification was not taken, trying again', {
          namespace,
          policy: name,
          connector: notify.connector.name,
          error: reason,
        });
        const wait = Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** Math.min(attempts, 20));
        await nextMessages(database, namespace, id, { error: reason, ...(!over && { nextAt: now + wait }) });
      }
    }
  }
}

/** What stays the same when other recipients come or go. */
const recipientOf = ({ connector, webhook, alertmanager, mail }: NotifyPlan): string =>
  sha256Hex(
    canonicalJson([connector.name, { webhook, alertmanager, mail }].map((part) => JSON.parse(JSON.stringify(part)))),
  ).slice(0, 16);
