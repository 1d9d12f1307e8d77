/** One message of an integration's inbox: claim, route, map; one shipment per destination. */
import type { Document } from '../document.ts';
import { DocumentError } from '../errors.ts';
import { withRows } from '../mapping/lookups.ts';
import type { MappingContext } from '../mapping/mapping.ts';
import { inbox } from '../names.ts';
import { StoreUnavailableError } from '../store/store.ts';
import { isWaiting, versionOf } from './accept.ts';
import type { CompiledIntegration } from './compiled.ts';
import { type Environment, entryOf } from './environment.ts';
import { backToInbox, deadLetter, readDocument, shipmentMessage } from './messages.ts';
import { noteWaiting } from './release.ts';
import { checkAndReserve } from './reserve.ts';
import { shipmentTo } from './shipment.ts';
import { tooLarge } from './too-large.ts';
import type { Taken } from './traced.ts';

/** What a document that needs PostgreSQL while it is away waits before it is looked at again. */
const WAIT_STEP = '5s';

/** A document of an inbox without order. */
export async function routeDocument(
  environment: Environment,
  integration: CompiledIntegration,
  delivery: Taken,
): Promise<void> {
  if (!environment.ackAfterConfirm) delivery.ack();
  const { name } = integration.plan;
  const stop = environment.metrics.stageDuration.startTimer({ integration: name, stage: 'inbox' });
  try {
    await route(environment, integration, delivery);
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    // Through the ladder, so that documents that need nothing of PostgreSQL go on.
    await environment.broker.publish(backToInbox(delivery, name, WAIT_STEP));
    environment.trouble(`Integration/${name}`, { class: 'DeliveryFailed', code: 'store.away', message: error.message });
    environment.failing.failed(`Integration/${name}`, error.message);
  }
  environment.pass('inbox.routed');
  delivery.ack();
  stop();
}

/**
 * All that comes of a document is confirmed when this resolves. Rejects with StoreUnavailableError where it needs PostgreSQL, which is away.
 * @param keyed its body and key, where documents keep their order
 */
export async function route(
  environment: Environment,
  integration: CompiledIntegration,
  delivery: Taken,
  keyed?: { value: unknown; orderKey: string },
): Promise<void> {
  const { name } = integration.plan;
  const { document, onlyDestination, keyRevision } = readDocument(delivery);
  environment.pass('inbox.taken');
  environment.metrics.queueAge.set({ queue: inbox(name) }, (environment.now() - document.receivedAt) / 1000);
  const ended =
    (await recheck(environment, integration, document, delivery)) ||
    (await claim(environment, name, document, delivery));
  if (ended) return;
  // Those that waited for the same answer, or confirm, go on at the same moment.
  if (document.revision || document.provisional || keyed) await environment.turn(`Integration/${name}`);
  await ship(environment, integration, document, { only: onlyDestination, keyRevision, keyed }, delivery);
}

/** A document whose key cannot be told: to the dead letters, as what cannot be mapped. */
export const failUnkeyed = (
  environment: Environment,
  integration: CompiledIntegration,
  delivery: Taken,
  error: DocumentError,
): Promise<void> =>
  fail(environment, integration.plan.name, undefined, readDocument(delivery).document, error, delivery);

/** What was accepted provisionally is checked now. True if it ends here, because its rules refuse it. */
async function recheck(
  environment: Environment,
  integration: CompiledIntegration,
  document: Document,
  delivery: Taken,
): Promise<boolean> {
  const type = document.provisional && integration.types.get(document.type);
  if (!type) return false;
  try {
    const body: unknown = JSON.parse(document.body.toString());
    const { unchecked } = await checkAndReserve(environment.tables, type, document, body, 'Accepted');
    if (unchecked.length > 0)
      throw new StoreUnavailableError(`accepted provisionally, and ${unchecked.join(', ')} cannot be asked yet`);
    return false;
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    await fail(environment, integration.plan.name, undefined, document, error, delivery);
    return true;
  }
}

/** True if the document ends here: a duplicate, superseded, or in conflict with another of the same key and sequence. */
async function claim(environment: Environment, integration: string, document: Document, delivery: Taken) {
  const { revision } = document;
  if (!revision) return false;
  const { store, journal, metrics, now } = environment;
  const result = await store.claim({
    type: document.type,
    source: `${document.origin}/${document.source}`,
    key: revision.key,
    sequence: revision.sequence,
    document: document.id,
    bodyHash: document.bodyHash,
  });
  const end = async (outcome: 'Duplicate' | 'Superseded', by: string) => {
    await journal.write(entryOf(document, integration, outcome, now(), { detail: { by } }));
    metrics.documents.inc({ integration, stage: 'inbox', outcome });
    delivery.span?.set({ 'crossdock.outcome': outcome });
    return true;
  };
  switch (result.verdict) {
    case 'New':
      return false;
    case 'Duplicate':
      return end('Duplicate', result.of);
    case 'Superseded':
      return end('Superseded', result.by);
    case 'Conflict': {
      // An edited document takes the place of the one that it was made of.
      if (result.with === document.causation) return false;
      const error = new DocumentError({
        class: 'DuplicateDocument',
        code: 'revision.conflict',
        message: `${document.type} ${revision.key} ${revision.sequence} came before with another content, as document ${result.with}`,
        disposition: 'Park',
      });
      await fail(environment, integration, undefined, document, error, delivery);
      return true;
    }
  }
}

async function ship(
  environment: Environment,
  integration: CompiledIntegration,
  document: Document,
  {
    only,
    keyRevision,
    keyed,
  }: { only: string | undefined; keyRevision: number; keyed: { value: unknown; orderKey: string } | undefined },
  delivery: Taken,
): Promise<void> {
  const { broker, journal, metrics, now } = environment;
  const name = integration.plan.name;
  const value: unknown = keyed ? keyed.value : JSON.parse(document.body.toString());
  const context: MappingContext = {
    tables: integration.tables,
    bindings: document.origin === 'partner' ? { partner: document.source } : {},
  };
  const chosen: string[] = [];
  const detail: Record<string, string> = {};
  const work: Promise<void>[] = [];
  if (only !== undefined && !integration.destinations.has(only))
    work.push(fail(environment, name, only, document, destinationGone(name, only), delivery));
  for (const destination of integration.destinations.values()) {
    if (only !== undefined && destination.plan.name !== only) continue;
    try {
      if (destination.when && (await withRows(() => destination.when!.evaluate(value, context))) !== true) continue;
      const shipment = await shipmentTo(environment.inForce(), name, destination, document, value, context);
      if (only !== undefined) shipment.keyRevision = keyRevision;
      if (keyed) shipment.orderKey = keyed.orderKey;
      if (destination.mapping) detail[`mapping/${destination.plan.name}`] = versionOf(destination.mapping);
      work.push(
        broker.publish(shipmentMessage(shipment)).catch(async (error) => {
          const refusal = tooLarge(`What the mapping made for ${destination.plan.name}`, error);
          if (!refusal) throw error;
          await fail(environment, name, destination.plan.name, document, refusal, delivery);
        }),
      );
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
      work.push(fail(environment, name, destination.plan.name, document, error, delivery));
    }
    chosen.push(destination.plan.name);
  }
  // Side by side: until both are confirmed the message is not acked, and what it makes is the same every time.
  await Promise.all([
    Promise.all(work).then(() => environment.pass('inbox.shipped')),
    journal.write(
      entryOf(document, name, 'Routed', now(), {
        destinations: chosen,
        ...(Object.keys(detail).length > 0 && { detail }),
      }),
    ),
  ]);
  // A replay for one destination whose `when` is not true any more ends there.
  if (only !== undefined && work.length === 0)
    await journal.write(entryOf(document, `${name}/${only}`, 'Routed', now(), { destinations: [] }));
  metrics.documents.inc({ integration: name, stage: 'inbox', outcome: 'Routed' });
  delivery.span?.set({ 'crossdock.outcome': 'Routed', 'crossdock.destinations': chosen.join(' ') });
}

const destinationGone = (integration: string, destination: string) =>
  new DocumentError({
    class: 'Unroutable',
    code: 'destination.gone',
    message: `Integration ${integration} has no destination ${destination} any more; discard the letter, or bring the destination back`,
  });

/** Dead-letters or parks the document for this destination (or for the integration as a whole); a replay routes it anew. */
async function fail(
  environment: Environment,
  integration: string,
  destination: string | undefined,
  document: Document,
  error: DocumentError,
  delivery: Taken,
): Promise<void> {
  const { broker, journal, metrics, now, log } = environment;
  const waits = isWaiting(error);
  const cause = new DocumentError({
    class: error.class,
    code: error.code,
    message: error.message,
    disposition: waits ? 'Park' : 'DeadLetter',
    ...(error.owner && { owner: error.owner }),
    ...(waits && error.waitsFor && { waitsFor: error.waitsFor }),
  });
  await noteWaiting(environment, cause, document, destination ? `${integration}/${destination}` : integration);
  await broker.publish(
    deadLetter(delivery, {
      stage: 'inbox',
      returnTo: inbox(integration),
      error: cause,
      integration,
      ...(destination && { destination }),
      at: now(),
    }),
  );
  const outcome = waits ? 'Parked' : 'DeadLettered';
  const { class: errorClass, code, message, violations } = error;
  await journal.write(
    entryOf(document, destination ? `${integration}/${destination}` : integration, outcome, now(), {
      error: { class: errorClass, code, message, violations: violations.slice(0, 10) },
    }),
  );
  metrics.documents.inc({ integration, stage: 'inbox', outcome });
  delivery.span?.set({ 'crossdock.outcome': outcome });
  delivery.span?.fail(errorClass);
  environment.trouble(`Integration/${integration}`, { class: errorClass, code, message });
  log.warn('document not routed', {
    integration,
    destination,
    document: document.id,
    class: errorClass,
    code,
    reason: message,
  });
}
