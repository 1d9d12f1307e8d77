/** One message of an outbox: deliver, judge the answer, and end it, retry it, park it or dead-letter it. */
import { deriveId } from '../canonical.ts';
import type { SinkAnswer } from '../connectors/connector.ts';
import type { Shipment } from '../document.ts';
import { DocumentError } from '../errors.ts';
import { type Sent, sentPayload } from '../journal/payload.ts';
import { StoreUnavailableError } from '../store/store.ts';
import { traceOf } from '../telemetry/tracing.ts';
import { accept, toCanonical } from './accept.ts';
import { type delayInPlace, retryDelay } from './backoff.ts';
import type { CompiledDestination, CompiledIntegration } from './compiled.ts';
import { type Environment, entryOf } from './environment.ts';
import { judge, type Verdict } from './judge.ts';
import { deadLetter, outboxOf, placeOf, readShipment, retryMessage } from './messages.ts';
import { sendToPartner } from './partner.ts';
import { noteWaiting } from './release.ts';
import type { Taken } from './traced.ts';

/** What a shipment that is held, or that needs PostgreSQL while it is away, waits before it is looked at again. */
const WAIT = { label: '5s', ms: 5_000 };

/** A shipment that is to be tried again, and when. */
export interface Again {
  shipment: Shipment;
  delay: { label: string; ms: number };
  /** Why. */
  error: { code: string; message: string };
}

/** A shipment of an outbox without order: what must wait goes through the ladder, so that it stands in nobody's way. */
export async function deliverShipment(
  environment: Environment,
  integration: CompiledIntegration,
  destination: CompiledDestination,
  delivery: Taken,
): Promise<void> {
  if (!environment.ackAfterConfirm) delivery.ack();
  const shipment = readShipment(delivery);
  const stop = environment.metrics.stageDuration.startTimer({ integration: integration.plan.name, stage: 'outbox' });
  const again = await tryShipment(environment, integration, destination, shipment, delivery, retryDelay);
  if (again) await environment.broker.publish(retryMessage(again.shipment, again.delay.label));
  environment.pass('outbox.concluded');
  delivery.ack();
  stop();
}

/** One attempt, and what it means. All that it caused is confirmed when this resolves; nothing if it is over, else what is to be tried. */
export async function tryShipment(
  environment: Environment,
  integration: CompiledIntegration,
  destination: CompiledDestination,
  shipment: Shipment,
  delivery: Taken,
  delayOf: typeof retryDelay | typeof delayInPlace,
): Promise<Again | undefined> {
  const { metrics, now, inForce } = environment;
  metrics.queueAge.set({ queue: outboxOf(shipment) }, (now() - shipment.document.receivedAt) / 1000);
  const partner = shipment.target.partner;
  const hold = partner && inForce().holds.on('Partner', partner, 'Outbound', now());
  // The attempt does not count: nothing was tried.
  if (hold) {
    const message = `Partner ${partner} is on hold: ${hold.reason}`;
    return { shipment, delay: WAIT, error: { code: 'partner.held', message } };
  }
  environment.pass('outbox.taken');
  const verdict = await attempt(environment, integration, destination, shipment).catch((error: Error) => {
    if (!(error instanceof StoreUnavailableError)) throw error;
    const { message } = error;
    environment.trouble(rootOf(shipment), { class: 'DeliveryFailed', code: 'store.away', message });
    environment.failing.failed(rootOf(shipment), message);
    return error;
  });
  if (verdict instanceof Error)
    return { shipment, delay: WAIT, error: { code: 'store.away', message: verdict.message } };
  environment.pass('outbox.sent');
  const { outcome, again } = await conclude(
    environment,
    integration,
    destination,
    shipment,
    verdict,
    delivery,
    delayOf,
  );
  metrics.documents.inc({ integration: integration.plan.name, stage: 'outbox', outcome });
  delivery.span?.set({ 'crossdock.outcome': outcome });
  return again;
}

/** The key of an effect: a function of document, destination and key revision, so that a sink that honours it sees each effect once. */
export function idempotencyKey(shipment: Shipment): string {
  const hex = deriveId(shipment.document.id, placeOf(shipment), shipment.keyRevision);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Whose channel or system it is: a partner that cannot be reached is nobody else's trouble, and acknowledgments are of no Integration. */
const rootOf = ({ target: { partner }, integration }: Shipment): string =>
  partner ? `Partner/${partner}` : `Integration/${integration}`;

interface Attempted extends Verdict {
  /** What went out; absent where nothing did. */
  sent?: Sent;
}

async function attempt(
  environment: Environment,
  integration: CompiledIntegration,
  destination: CompiledDestination,
  shipment: Shipment,
): Promise<Attempted> {
  const { timeoutMs } = integration.plan.delivery;
  const key = idempotencyKey(shipment);
  try {
    const { answer, detail, sent } = destination.connector
      ? await sendToSystem(environment, destination, shipment, key, timeoutMs)
      : await sendToPartner(environment, shipment, key, timeoutMs);
    const verdict = await judge(answer, destination.outcomes);
    return { ...verdict, sent, detail: { ...detail, status: answer.status } };
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return { result: error.retryable ? 'Retry' : error.disposition, error, definite: error.definite };
  }
}

async function sendToSystem(
  environment: Environment,
  destination: CompiledDestination,
  shipment: Shipment,
  key: string,
  timeoutMs: number,
): Promise<{ answer: SinkAnswer; detail: Record<string, never>; sent: Sent }> {
  const connector = destination.connector!;
  const { target, document, payload } = shipment;
  const answer = await environment.sinkOf(connector).send({
    body: payload,
    contentType: document.contentType,
    idempotencyKey: key,
    ...(destination.plan.system?.http && { method: destination.plan.system.http.method }),
    ...target,
    headers: {
      'ce-id': document.id,
      'ce-type': document.type,
      ...traceOf(document),
    },
    trace: document,
    timeoutMs: Math.min(timeoutMs, connector.timeoutMs),
    signal: NEVER,
  });
  return { answer, detail: {}, sent: { body: payload, contentType: document.contentType } };
}
const NEVER = new AbortController().signal;

async function conclude(
  environment: Environment,
  integration: CompiledIntegration,
  destination: CompiledDestination,
  shipment: Shipment,
  verdict: Attempted,
  delivery: Taken,
  delayOf: typeof retryDelay | typeof delayInPlace,
): Promise<{ outcome: 'Delivered' | 'Retrying' | 'Parked' | 'DeadLettered'; again?: Again }> {
  const { journal, archive } = environment;
  const at = environment.now();
  const place = placeOf(shipment);
  /** That the next attempt, or a replay, must use. */
  const keyRevision = shipment.keyRevision + (verdict.definite ? 1 : 0);
  const entry = (outcome: 'Delivered' | 'Retrying' | 'Parked' | 'DeadLettered', more = {}) =>
    entryOf(shipment.document, place, outcome, at, {
      attempt: shipment.attempt,
      detail: {
        ...verdict.detail,
        ...(shipment.target.partner && { partner: shipment.target.partner }),
        ...(keyRevision > 0 && { keyRevision }),
      },
      ...more,
    });
  if (verdict.result === 'Delivered') {
    environment.failing.worked(rootOf(shipment));
    const replied = await reply(environment, destination, shipment, verdict);
    if (replied instanceof DocumentError)
      return { outcome: await bury(environment, shipment, replied, delivery, entry, false) };
    await Promise.all([
      journal.write(entry('Delivered')),
      verdict.sent && archive.write(sentPayload(shipment.document, place, verdict.sent, at)),
    ]);
    return { outcome: 'Delivered' };
  }
  const error = verdict.error!;
  delivery.span?.fail(error.class);
  environment.trouble(`Integration/${shipment.integration}`, error);
  if (verdict.result === 'Retry')
    environment.failing.failed(rootOf(shipment), `${place}: ${error.message} (${error.code})`.slice(0, 300));
  const lastAttempt = shipment.attempt > integration.plan.delivery.retry;
  if (verdict.result !== 'Retry' || lastAttempt)
    return { outcome: await bury(environment, shipment, error, delivery, entry, verdict.definite) };
  const delay = delayOf(integration.plan.delivery, shipment.attempt, verdict.afterMs, environment.random());
  const { class: errorClass, code, message } = error;
  const { document, attempt: attempts } = shipment;
  const tried = {
    to: place,
    document: document.id,
    attempts,
    class: errorClass,
    code,
    reason: message,
    again: delay.label,
  };
  environment.log.info('delivery failed, trying again', tried);
  await journal.write(entry('Retrying', { nextAt: at + delay.ms, error: { class: errorClass, code, message } }));
  return { outcome: 'Retrying', again: { shipment: nextAttempt(shipment, verdict.definite, at), delay, error } };
}

/** A definite refusal frees the key: the next attempt is a new effect. After anything else it may have happened, so the key stays. */
const nextAttempt = (shipment: Shipment, definite: boolean, at: number): Shipment => ({
  ...shipment,
  attempt: shipment.attempt + 1,
  keyRevision: shipment.keyRevision + (definite ? 1 : 0),
  firstAttemptAt: shipment.firstAttemptAt ?? at,
});

async function bury(
  environment: Environment,
  shipment: Shipment,
  error: DocumentError,
  delivery: Taken,
  entry: (outcome: 'Parked' | 'DeadLettered', more: object) => Parameters<Environment['journal']['write']>[0],
  definite: boolean,
): Promise<'Parked' | 'DeadLettered'> {
  const { broker, journal, log } = environment;
  const outcome = error.disposition === 'Park' ? 'Parked' : 'DeadLettered';
  const { class: errorClass, code, message, violations } = error;
  // A replay starts counting attempts again; the key revision is what the next attempt must use.
  const headers = {
    ...delivery.headers,
    'crossdock-attempt': 1,
    'crossdock-key-revision': shipment.keyRevision + (definite ? 1 : 0),
  };
  if (outcome === 'Parked') await noteWaiting(environment, error, shipment.document, placeOf(shipment));
  await broker.publish(
    deadLetter(
      { body: delivery.body, contentType: delivery.contentType, messageId: delivery.messageId, headers },
      {
        stage: 'outbox',
        returnTo: outboxOf(shipment),
        error,
        integration: shipment.integration,
        destination: shipment.destination,
        at: environment.now(),
      },
    ),
  );
  await journal.write(
    entry(outcome, { error: { class: errorClass, code, message, violations: violations.slice(0, 10) } }),
  );
  const { integration, destination, attempt: attempts } = shipment;
  const said = {
    integration,
    destination,
    document: shipment.document.id,
    class: errorClass,
    code,
    reason: message,
    attempts,
  };
  log.warn('document not delivered', said);
  return outcome;
}

/** Publishes the answer as a document of our own. An error means: delivered, but the answer cannot be understood. */
async function reply(
  environment: Environment,
  destination: CompiledDestination,
  shipment: Shipment,
  verdict: Verdict,
): Promise<DocumentError | undefined> {
  if (!destination.reply) return undefined;
  const { document, payload } = shipment;
  const { type, mapping } = destination.reply;
  const way = { origin: 'system' as const, source: shipment.integration, type, ...(mapping && { mapping }) };
  const input = mapping ? { request: JSON.parse(payload.toString()), answer: verdict.answer } : verdict.answer?.body;
  try {
    const made = await toCanonical(
      input,
      way,
      {
        id: deriveId(document.id, placeOf(shipment), 'reply'),
        receivedAt: environment.now(),
        epoch: document.epoch,
        causation: document.id,
        ...traceOf(document),
      },
      environment.tables,
    );
    await accept(environment, made.document);
    return undefined;
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    // Nobody reads it: then the answer is of no interest, and the delivery stands.
    if (error.class === 'Unroutable') return undefined;
    return new DocumentError({
      class: error.class,
      code: `reply.${error.code}`,
      message: `Delivered, but the answer is no ${type.plan.type}: ${error.message}`,
      disposition: 'Park',
      violations: [...error.violations],
    });
  }
}
