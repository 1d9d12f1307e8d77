/**
 * Functional acknowledgments (X12 997) for what partners send, where their terms ask for them: one per group, sent like any shipment
 * (retries, control number, account), with an outbox of its own.
 */
import { deriveId, sha256Hex } from '../canonical.ts';
import type { Document } from '../document.ts';
import type { Group } from '../formats/format.ts';
import { functionalAcknowledgment } from '../formats/x12/acknowledge.ts';
import { ACKNOWLEDGMENTS } from '../names.ts';
import type { CompiledDestination, CompiledIntegration } from './compiled.ts';
import { type Environment, entryOf } from './environment.ts';
import { type RawInterchange, shipmentMessage } from './messages.ts';

/** Type of the documents that acknowledgments are. */
export const ACKNOWLEDGMENT_TYPE = 'x12-997';

/** A group that is to be acknowledged, in the order of the file. */
export interface ToAcknowledge {
  partner: string;
  usage: 'Production' | 'Test';
  interchange: string;
  group: Group;
}

/** Resolves when all are confirmed. Ids are derived: a redelivered interchange makes the same acknowledgments again. */
export async function acknowledge(
  environment: Environment,
  raw: RawInterchange,
  groups: readonly ToAcknowledge[],
): Promise<void> {
  const { broker, journal, now } = environment;
  for (const [index, { partner, usage, interchange, group }] of groups.entries()) {
    const body = Buffer.from(JSON.stringify(functionalAcknowledgment(group)));
    const document: Document = {
      id: deriveId(raw.id, 'acknowledgment', index),
      type: ACKNOWLEDGMENT_TYPE,
      origin: 'system',
      source: ACKNOWLEDGMENTS,
      receivedAt: raw.receivedAt,
      keys: { interchange: [interchange], group: [group.control] },
      bodyHash: sha256Hex(body),
      causation: raw.id,
      epoch: raw.epoch,
      contentType: 'application/json',
      body,
    };
    await broker.publish(
      shipmentMessage({
        document,
        integration: ACKNOWLEDGMENTS,
        destination: '',
        attempt: 1,
        keyRevision: 0,
        payload: body,
        target: { partner, usage },
      }),
    );
    const { keys, bodyHash } = document;
    const subscribers = [ACKNOWLEDGMENTS];
    await journal.write(entryOf(document, '', 'Accepted', now(), { keys, bodyHash, subscribers, causation: raw.id }));
  }
}

const destination: CompiledDestination = { plan: { name: '', outcomes: [] }, outcomes: [] };

/** What delivers them: as an integration with one destination, whose partner each shipment names. */
export const acknowledging: CompiledIntegration = {
  plan: {
    part: 'integration',
    name: ACKNOWLEDGMENTS,
    state: 'Running',
    source: {},
    destinations: [destination.plan],
    delivery: {
      retry: 8,
      backoffPolicy: 'Exponential',
      backoffDelayMs: 1_000,
      backoffMaxMs: 300_000,
      timeoutMs: 15_000,
    },
    queues: { inbox: [], outbox: {} },
  },
  hash: '',
  generation: 0,
  source: {},
  tables: {},
  destinations: new Map([['', destination]]),
};
