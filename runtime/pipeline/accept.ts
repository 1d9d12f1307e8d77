/** From a decoded wire document to a canonical one that the broker and the journal have: map ▸ check ▸ identify ▸ publish. */

import { UnroutableError } from '../broker/broker.ts';
import type { Document } from '../document.ts';
import { DocumentError, type Violation } from '../errors.ts';
import type { Problem } from '../formats/format.ts';
import type { JournalEntry } from '../journal/entry.ts';
import { canonicalPayload } from '../journal/payload.ts';
import { withRows } from '../mapping/lookups.ts';
import { StoreUnavailableError } from '../store/store.ts';
import type { Tables } from '../tables/tables.ts';
import type { TraceContext } from '../telemetry/tracing.ts';
import { checkRules, checkSchema, identify } from './check.ts';
import type { CompiledMapping, CompiledType } from './compiled.ts';
import { type Environment, entryOf } from './environment.ts';
import { documentMessage } from './messages.ts';
import { checkAndReserve } from './reserve.ts';
import { tooLarge } from './too-large.ts';

/** How one wire document becomes canonical: by a partner's terms or an integration's source. */
export interface Way {
  origin: 'partner' | 'system';
  source: string;
  type: CompiledType;
  wireType?: CompiledType;
  mapping?: CompiledMapping;
}

/** What a document has before it is one. */
export interface Origin extends TraceContext {
  id: string;
  receivedAt: number;
  epoch: number;
  causation?: string;
}

export interface Made {
  document: Document;
  warnings: Violation[];
}

/**
 * Checks, maps and identifies, and reserves rows of live tables. Throws, or rejects with, DocumentError and TableUnavailableError.
 * At once where nothing has to be fetched: of hundreds of deliveries, one is done with before the next, not all half done at a time.
 */
export function toCanonical(value: unknown, way: Way, origin: Origin, tables: Tables): Made | Promise<Made> {
  const { type, wireType } = way;
  if (wireType) checkSchema(wireType, value);
  if (wireType?.rules.length || type.rules.length > 0 || tables.reserving(type.plan.type).length > 0)
    return toCanonicalByRules(value, way, origin, tables);
  const made = withRows(() => canonical(value, way, origin));
  const free = ({ document }: Canonical): Made => ({ document, warnings: [] });
  return made instanceof Promise ? made.then(free) : free(made);
}

async function toCanonicalByRules(value: unknown, way: Way, origin: Origin, tables: Tables): Promise<Made> {
  if (way.wireType) {
    const { unchecked } = await checkRules(way.wireType, value, bindingsOf(way));
    // What was not checked on the wire cannot be checked later: the canonical document is another.
    if (unchecked.length > 0) throw new StoreUnavailableError(`${unchecked.join(', ')} cannot be asked now`);
  }
  const { document, body } = await withRows(() => canonical(value, way, origin));
  const { warnings, unchecked } = await checkAndReserve(tables, way.type, document, body, 'Reserved');
  return { warnings, document: unchecked.length > 0 ? { ...document, provisional: true } : document };
}

const bindingsOf = ({ origin, source }: Way) => (origin === 'partner' ? { partner: source } : {});

interface Canonical {
  document: Document;
  body: unknown;
}

/** Inside `withRows` only. */
function canonical(value: unknown, way: Way, origin: Origin): Canonical {
  const { type, mapping } = way;
  const body = mapping ? mapping.run(value, bindingsOf(way)) : value;
  checkSchema(type, body);
  const document: Document = {
    ...origin,
    ...identify(type, body),
    type: type.plan.type,
    origin: way.origin,
    source: way.source,
    contentType: 'application/json',
    ...(mapping && { mappedBy: versionOf(mapping) }),
  };
  return { document, body };
}

/** Which version of a mapping made something: so that what a bad one made can be found. */
export const versionOf = ({ plan, hash }: CompiledMapping): string => `${plan.name}@${hash}`;

/** What an account of acceptance says besides. */
export interface Circumstances {
  detail?: JournalEntry['detail'];
  by?: string;
  reason?: string;
  /**
   * It was made of a message that stays in its queue until this resolves: should a publish fail, it is made again. Then the account need
   * not wait for the broker's confirm of what it tells.
   */
  queued?: boolean;
}

/** Of what is larger the broker's answer comes first: it may never take it, and then nothing must tell that it was accepted. */
const SURELY_TAKEN_BYTES = 1_048_576;

/** Publishes a canonical document to who reads it, archives it, and journals it as accepted. All confirmed when this resolves. */
export async function accept(
  environment: Environment,
  document: Document,
  { detail, by, reason, queued = false }: Circumstances = {},
): Promise<void> {
  const { type, origin, source } = document;
  const { integrations, queues } = environment.inForce().subscribers(type, origin, source);
  if (queues.length === 0) throw nobodyReads(document);
  const { broker, journal, archive, metrics, now } = environment;
  try {
    const published = broker.publish(documentMessage(document, queues));
    if (!queued || document.body.length > SURELY_TAKEN_BYTES) await published;
    const at = now();
    const entry = entryOf(document, '', 'Accepted', at, {
      keys: document.keys,
      bodyHash: document.bodyHash,
      subscribers: [...integrations],
      ...(by !== undefined && { by }),
      ...(reason !== undefined && { reason }),
      ...((detail || document.mappedBy) && {
        detail: { ...detail, ...(document.mappedBy && { mapping: document.mappedBy }) },
      }),
      ...(document.revision && { revision: document.revision }),
      ...(document.causation && { causation: document.causation }),
    });
    const work = [published, journal.write(entry), archive.write(canonicalPayload(document, at))];
    // Only live tables take it: that is all that is to become of it.
    if (integrations.length === 0) work.push(journal.write(entryOf(document, '', 'Routed', at, { destinations: [] })));
    await Promise.all(work);
  } catch (error) {
    if (error instanceof UnroutableError) throw nobodyReads(document, error);
    throw tooLarge(`${type} as canonical JSON`, error) ?? error;
  }
  metrics.documents.inc({ integration: '', stage: 'intake', outcome: 'Accepted' });
}

const nobodyReads = ({ type, origin, source }: Document, cause?: Error): DocumentError =>
  new DocumentError({
    class: 'Unroutable',
    code: 'documents.noSubscriber',
    message: `No running Integration reads ${type} from ${origin} ${source}`,
    disposition: 'Park',
    cause,
  });

/** With the place, which is what a person looks for first. */
export const inWords = ({ message, place: { line, segment, segmentId } }: Problem): string => {
  const where = segmentId ? `segment ${segment} (${segmentId})` : line !== undefined ? `line ${line}` : '';
  return where && !message.includes(where) ? `${where}: ${message}` : message;
};

export const undecodable = (problems: Problem[]): DocumentError =>
  new DocumentError({
    class: 'DecodeFailed',
    code: problems[0]?.code ?? 'decode.failed',
    message: problems.slice(0, 3).map(inWords).join('; '),
    violations: problems.slice(0, 100).map(({ code, message, place }) => ({ code, message, place })),
  });

/** Somebody must act or data must come; the document itself may be right. */
export const isWaiting = (error: DocumentError): boolean =>
  error.disposition === 'Park' || error.class === 'ReferenceDataMissing';
