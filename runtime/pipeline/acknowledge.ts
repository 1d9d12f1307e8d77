/**
 * Acknowledgments of what partners send, where their terms ask for them: a 997 or 999 per group of X12, a TA1 or CONTRL per interchange,
 * sent like any shipment (retries, control number, account), with an outbox of its own.
 */
import { deriveId, sha256Hex } from '../canonical.ts';
import type { Document } from '../document.ts';
import { ACKNOWLEDGMENTS } from '../names.ts';
import { traceOf } from '../telemetry/tracing.ts';
import type { CompiledDestination, CompiledIntegration } from './compiled.ts';
import { type Environment, entryOf } from './environment.ts';
import { type RawInterchange, shipmentMessage } from './messages.ts';

/** Types of the documents that acknowledgments are. */
export type AcknowledgmentType = 'x12-997' | 'x12-999' | 'x12-ta1' | 'edifact-contrl';
const TYPES: readonly string[] = ['x12-997', 'x12-999', 'x12-ta1', 'edifact-contrl'] satisfies AcknowledgmentType[];
export const isAcknowledgment = (type: string): type is AcknowledgmentType => TYPES.includes(type);

/** What is to be sent back, in the order of the file. */
export interface ToAcknowledge {
  type: AcknowledgmentType;
  partner: string;
  usage: 'Production' | 'Test';
  /** Control numbers of what is acknowledged: `interchange`, of X12 also `group`. */
  keys: Record<string, string[]>;
  /** For the encoder. */
  value: unknown;
}

/** Resolves when all are confirmed. Ids are derived: a redelivered interchange makes the same acknowledgments again. */
export async function acknowledge(
  environment: Environment,
  raw: RawInterchange,
  acknowledgments: readonly ToAcknowledge[],
): Promise<void> {
  const { broker, journal, now } = environment;
  for (const [index, { type, partner, usage, keys: controls, value }] of acknowledgments.entries()) {
    const body = Buffer.from(JSON.stringify(value));
    const document: Document = {
      id: deriveId(raw.id, 'acknowledgment', index),
      type,
      origin: 'system',
      source: ACKNOWLEDGMENTS,
      receivedAt: raw.receivedAt,
      keys: controls,
      bodyHash: sha256Hex(body),
      causation: raw.id,
      epoch: raw.epoch,
      ...traceOf(raw),
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
  types: new Map(),
  tables: {},
  destinations: new Map([['', destination]]),
};
