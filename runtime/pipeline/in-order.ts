/**
 * Documents of integrations with `ordering`: those with one key one after another, keys side by side. The order is that of the inbox, whose
 * single active consumer puts them into lanes in that order, and each lane has one consumer, too. What cannot be done yet is tried again
 * in place: the later ones of its key wait behind it, in hand and not acked, and come back together if this runtime ends.
 */
import type { Delivery } from '../broker/broker.ts';
import type { Shipment } from '../document.ts';
import { DocumentError } from '../errors.ts';
import { LANES } from '../names.ts';
import { delayInPlace } from './backoff.ts';
import type { CompiledIntegration } from './compiled.ts';
import type { Environment } from './environment.ts';
import { failUnkeyed, route } from './inbox.ts';
import { laneIndexOf, orderKeyOf } from './lanes.ts';
import { placeOf, readShipment, shipmentMessage } from './messages.ts';
import { type Again, tryShipment } from './outbox.ts';
import { Slots, Turns } from './turns.ts';
import { buryUnexpected, isPassing } from './unexpected.ts';
import { WaitingDocuments } from './waiting.ts';
import { concurrencyOf, type Work } from './wanted.ts';

export type OrderedWork = Extract<Work, { stage: 'inbox' | 'outbox' }>;

/** After a failure that is nobody's fault but the platform's. */
const PASSING_MS = 2_000;
/** What is not acked for longer is given back and taken anew: brokers lose patience with a consumer after half an hour. */
const LONGEST_IN_HAND_MS = 600_000;
/** Shipments that are known to have ended here. */
const REMEMBERED = 10_000;

export interface InOrderOptions {
  /** The queue's deliveries are to be given back and taken anew. */
  renew(queue: string): void;
  /** What `waiting` tells is another. */
  onChange(): void;
  longestInHandMs?: number;
}

/** One document on its way through one stage. */
interface Task {
  work: OrderedWork;
  delivery: Delivery;
  /** Of what waits. */
  id: string;
  key: string;
  document: string;
  /** Over: all that it caused is confirmed. Revoked: before anything was done. Rejects as the stages do. */
  attempt(): Promise<Again | 'over' | 'revoked'>;
}

export class InOrder {
  readonly waiting: WaitingDocuments;
  readonly #environment: Environment;
  readonly #turns = new Turns();
  /** By destination. */
  readonly #slots = new Map<string, Slots>();
  /** By queue, when its deliveries came; the oldest first. */
  readonly #arrivals = new Map<string, Set<{ at: number }>>();
  /** Shipments that ended here: when the broker redelivers one, its ack having been lost, it must not follow those that came after it. */
  readonly #done = new Set<string>();
  readonly #looking: NodeJS.Timeout;

  constructor(environment: Environment, options: InOrderOptions) {
    const { renew, onChange, longestInHandMs = LONGEST_IN_HAND_MS } = options;
    this.#environment = environment;
    this.waiting = new WaitingDocuments(onChange);
    const look = () => {
      for (const [queue, arrivals] of this.#arrivals) {
        const [oldest] = arrivals;
        if (oldest && environment.now() - oldest.at > longestInHandMs) renew(queue);
      }
    };
    this.#looking = setInterval(look, longestInHandMs / 20).unref();
    const { orderBlockedKeys, orderBlockedSeconds, onScrape } = environment.metrics;
    onScrape(() => {
      orderBlockedKeys.reset();
      orderBlockedSeconds.reset();
      for (const { integration, destination, keys, ms } of this.waiting.counts()) {
        orderBlockedKeys.set({ integration, destination }, keys);
        orderBlockedSeconds.set({ integration, destination }, ms / 1000);
      }
    });
  }

  stop(): void {
    clearInterval(this.#looking);
  }

  /** Resolves when the delivery is settled, or revoked. Does not reject. */
  async take(work: OrderedWork, delivery: Delivery): Promise<void> {
    if (!this.#environment.ackAfterConfirm) delivery.ack();
    const integration = this.#environment.inForce().integrations.get(work.integration);
    // Of a plan that is being replaced: the consumer ends in a moment.
    if (!integration?.orderKey) return revoked(delivery);
    const arrivals = this.#arrivals.get(delivery.queue) ?? new Set();
    this.#arrivals.set(delivery.queue, arrivals);
    const arrival = { at: this.#environment.now() };
    arrivals.add(arrival);
    const task = this.#task(integration, work, delivery);
    await this.#turns.take(`${delivery.queue} ${task.key}`, () => this.#do(task));
    arrivals.delete(arrival);
  }

  #task(integration: CompiledIntegration, work: OrderedWork, delivery: Delivery): Task {
    try {
      return work.stage === 'inbox'
        ? this.#routing(integration, work, delivery)
        : this.#shipping(integration, work, delivery);
    } catch (error) {
      // It could not even be read: it has no key, and nothing waits for it.
      const { promise: unreadable, reject } = Promise.withResolvers<never>();
      unreadable.catch(() => {});
      reject(error);
      const document = delivery.messageId ?? '';
      return { work, delivery, id: `? ${document}`, key: `? ${document}`, document, attempt: () => unreadable };
    }
  }

  #routing(integration: CompiledIntegration, work: OrderedWork, delivery: Delivery): Task {
    const value: unknown = JSON.parse(delivery.body.toString());
    const document = delivery.messageId ?? '';
    const about = { work, delivery, id: `${work.integration} ${document}`, document };
    try {
      const orderKey = orderKeyOf(integration.orderKey!, value);
      const attempt = async () => {
        await route(this.#environment, this.#current(integration), delivery, { value, orderKey });
        this.#environment.pass('inbox.routed');
        return 'over' as const;
      };
      return { ...about, key: orderKey, attempt };
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
      const attempt = async () => {
        await failUnkeyed(this.#environment, integration, delivery, error);
        return 'over' as const;
      };
      return { ...about, key: `? ${document}`, attempt };
    }
  }

  #shipping(integration: CompiledIntegration, work: OrderedWork, delivery: Delivery): Task {
    let shipment = readShipment(delivery);
    const { document, orderKey, keyRevision, destination: name } = shipment;
    const place = placeOf(shipment);
    const id = `${place} ${document.id} ${document.epoch} ${keyRevision}`;
    const known = this.waiting.get(id);
    if (known) shipment = { ...shipment, attempt: known.attempt, keyRevision: known.keyRevision };
    const slots = this.#slots.get(place) ?? new Slots();
    this.#slots.set(place, slots);
    const attempt = async () => {
      if (this.#done.has(id)) return 'over';
      const current = this.#current(integration);
      const destination = current.destinations.get(name);
      if (!destination) return later(shipment, 'destination.gone', `there is no destination ${name} any more`);
      const lane = current.plan.queues.outbox[name]!.slice(-LANES).indexOf(delivery.queue);
      // Replays come by the first lane; an older generation is emptied where it is.
      if (orderKey !== undefined && lane >= 0 && lane !== laneIndexOf(orderKey)) {
        await this.#environment.broker.publish(shipmentMessage(shipment));
        return 'over';
      }
      const outcome = await slots.run(concurrencyOf(destination), delivery.revoked, async () => {
        const again = await tryShipment(this.#environment, current, destination, shipment, delivery, delayInPlace);
        if (!again) this.#isDone(id);
        return again ?? 'over';
      });
      if (typeof outcome === 'object') shipment = outcome.shipment;
      return outcome ?? 'revoked';
    };
    // What is of a time without order has no key, and waits for nobody.
    return { work, delivery, id, key: orderKey ?? `? ${document.id}`, document: document.id, attempt };
  }

  async #do(task: Task): Promise<void> {
    const { work, delivery, id } = task;
    const { now, metrics, pass } = this.#environment;
    const stop = metrics.stageDuration.startTimer({ integration: work.integration, stage: work.stage });
    const known = this.waiting.get(id);
    if (known) this.waiting.set(id, { ...known, inHand: true });
    let nextAt = known?.nextAt ?? 0;
    for (;;) {
      const wait = nextAt - now();
      if (wait > 0) await pause(wait, delivery.revoked);
      if (delivery.revoked.aborted) return this.waiting.letGo(id);
      try {
        const again = await task.attempt();
        if (again === 'over') break;
        if (again === 'revoked') return this.waiting.letGo(id);
        nextAt = now() + again.delay.ms;
        this.#waits(task, nextAt, again.error, again.shipment);
      } catch (error) {
        if (!isPassing(error) && (await this.#buried(task, error))) return this.waiting.end(id);
        nextAt = now() + PASSING_MS;
        this.#waits(task, nextAt, { code: 'platform.away', message: (error as Error).message });
      }
    }
    if (work.stage === 'outbox') pass('outbox.concluded');
    delivery.ack();
    this.waiting.end(id);
    stop();
  }

  #waits(task: Task, nextAt: number, { code, message }: Again['error'], shipment?: Shipment): void {
    const { work, id, key, document } = task;
    const known = this.waiting.get(id);
    this.#environment.trouble(`Integration/${work.integration}`, { class: 'DeliveryFailed', code, message });
    this.waiting.set(id, {
      integration: work.integration,
      destination: work.stage === 'outbox' ? work.destination : '',
      key,
      document,
      since: known?.since ?? this.#environment.now(),
      nextAt,
      message,
      attempt: shipment?.attempt ?? known?.attempt ?? 1,
      keyRevision: shipment?.keyRevision ?? known?.keyRevision ?? 0,
      inHand: true,
    });
  }

  /** False if even that must wait. */
  #buried({ work, delivery }: Task, error: unknown): Promise<boolean> {
    const { message } = error as Error;
    const trouble = { class: 'DeliveryFailed', code: 'internal.error', message };
    this.#environment.trouble(`Integration/${work.integration}`, trouble);
    return buryUnexpected(this.#environment, work, delivery, error).then(
      () => true,
      () => false,
    );
  }

  #isDone(id: string): void {
    this.#done.add(id);
    if (this.#done.size <= REMEMBERED) return;
    const [oldest] = this.#done;
    this.#done.delete(oldest!);
  }

  /** In force now: what waits is tried with what the plan says then. */
  #current(integration: CompiledIntegration): CompiledIntegration {
    return this.#environment.inForce().integrations.get(integration.plan.name) ?? integration;
  }
}

const later = (shipment: Shipment, code: string, message: string): Again => ({
  shipment,
  delay: { label: '2s', ms: PASSING_MS },
  error: { code, message },
});

/** Until then, or until the delivery is revoked. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, Math.min(ms, 2 ** 31 - 1));
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}

function revoked({ revoked: signal }: Delivery): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
