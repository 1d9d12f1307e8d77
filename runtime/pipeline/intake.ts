/**
 * Intake: from bytes to canonical documents. `decode ▸ identify ▸ map ▸ check` is `take…`, used alike by the HTTP sources while
 * their sender waits and by the consumer of INTAKE for files and queues.
 */
import { randomUUID } from 'node:crypto';
import type { Delivery } from '../broker/broker.ts';
import { UnroutableError } from '../broker/broker.ts';
import { deriveId } from '../canonical.ts';
import type { Document } from '../document.ts';
import { DocumentError, type Violation } from '../errors.ts';
import type { Problem } from '../formats/format.ts';
import { decodeJson } from '../formats/json/json.ts';
import type { Accept, Answer, Posted } from '../ingress/contract.ts';
import { INTAKE } from '../names.ts';
import { acknowledge } from './acknowledge.ts';
import { checkRules, checkSchema, identify } from './check.ts';
import type { CompiledMapping, CompiledType } from './compiled.ts';
import { type Environment, entryOf } from './environment.ts';
import { readInterchange, type Unit } from './interchange.ts';
import { unitId } from './letters.ts';
import { deadLetter, documentMessage, type RawInterchange, readRaw } from './messages.ts';

/** How one wire document becomes canonical: by a partner's terms or an integration's source. */
export interface Way {
  origin: 'partner' | 'system';
  source: string;
  type: CompiledType;
  wireType?: CompiledType;
  mapping?: CompiledMapping;
}

interface Origin {
  id: string;
  receivedAt: number;
  epoch: number;
  causation?: string;
  traceparent?: string;
}

/** Checks, maps and identifies. Throws DocumentError. */
export async function toCanonical(
  value: unknown,
  way: Way,
  origin: Origin,
): Promise<{ document: Document; warnings: Violation[] }> {
  const bindings = way.origin === 'partner' ? { partner: way.source } : {};
  if (way.wireType) {
    checkSchema(way.wireType, value);
    await checkRules(way.wireType, value, bindings);
  }
  const body = way.mapping ? await way.mapping.apply(value, bindings) : value;
  checkSchema(way.type, body);
  const warnings = await checkRules(way.type, body, bindings);
  const identified = await identify(way.type, body);
  return {
    warnings,
    document: {
      ...origin,
      ...identified,
      type: way.type.plan.type,
      origin: way.origin,
      source: way.source,
      contentType: 'application/json',
    },
  };
}

/** Publishes a canonical document and journals it as accepted. Both confirmed when this resolves. */
export async function accept(environment: Environment, document: Document): Promise<void> {
  const subscribers = environment.inForce().subscribers(document.type, document.origin, document.source);
  try {
    await environment.broker.publish(documentMessage(document));
  } catch (error) {
    if (!(error instanceof UnroutableError)) throw error;
    throw new DocumentError({
      class: 'Unroutable',
      code: 'documents.noSubscriber',
      message: `No running Integration reads ${document.type} from ${document.origin} ${document.source}`,
      disposition: 'Park',
      cause: error,
    });
  }
  const entry = entryOf(document, '', 'Accepted', environment.now(), {
    keys: document.keys,
    bodyHash: document.bodyHash,
    subscribers,
    ...(document.revision && { revision: document.revision }),
    ...(document.causation && { causation: document.causation }),
  });
  await environment.journal.write(entry);
  environment.metrics.documents.inc({ integration: '', stage: 'intake', outcome: 'Accepted' });
}

/** The HTTP sources' way in: decoded, mapped and checked while the sender waits; confirmed before the answer. */
export function acceptor(environment: Environment): Accept {
  return async (posted) => {
    const { now, journal, log, metrics } = environment;
    const stop = metrics.stageDuration.startTimer({ integration: '', stage: 'intake' });
    const origin: Origin = {
      id: posted.idempotencyKey ? deriveId(posted.origin, posted.source, posted.idempotencyKey) : drawId(),
      receivedAt: now(),
      epoch: 0,
      ...(posted.traceparent && { traceparent: posted.traceparent }),
    };
    let way: Way | undefined;
    try {
      const held = holdOn(environment, posted);
      if (held) return unavailable(held, 30_000);
      way = wayOf(environment, posted);
      const { document, warnings } = await toCanonical(parse(posted), way, origin);
      await accept(environment, document);
      environment.pass('intake.accepted');
      return { accepted: true, documents: [{ id: document.id, type: document.type }], warnings };
    } catch (error) {
      if (!(error instanceof DocumentError) || error.class === 'Unroutable') {
        log.warn('not accepted', { source: posted.source, error });
        const message =
          error instanceof DocumentError ? error.message : 'The document could not be stored; send it again';
        return unavailable(message, 2_000, error);
      }
      const type = way?.type.plan.type ?? posted.documentType ?? '';
      const rejected = { ...origin, type, origin: posted.origin, source: posted.source };
      const { class: errorClass, code, message, violations } = error;
      try {
        await journal.write(
          entryOf(rejected, '', 'Rejected', now(), {
            error: { class: errorClass, code, message, violations: violations.slice(0, 10) },
          }),
        );
      } catch (cause) {
        return unavailable('The refusal could not be recorded; send the document again', 2_000, cause);
      }
      metrics.documents.inc({ integration: '', stage: 'intake', outcome: 'Rejected' });
      return { accepted: false, status: error.class === 'DecodeFailed' ? 400 : 422, error };
    } finally {
      stop();
    }
  };
}

const drawId = () => randomUUID().replaceAll('-', '');

const unavailable = (message: string, retryAfterMs: number, cause?: unknown): Answer => ({
  accepted: false,
  status: 503,
  retryAfterMs,
  error: new DocumentError({ class: 'DeliveryFailed', code: 'intake.unavailable', message, retryable: true, cause }),
});

function holdOn({ inForce, now }: Environment, posted: Posted): string | undefined {
  const kind = posted.origin === 'partner' ? 'Partner' : 'Integration';
  const hold = inForce().holds.on(kind, posted.source, 'Inbound', now());
  return hold && `${kind} ${posted.source} is on hold: ${hold.reason}`;
}

function wayOf(environment: Environment, posted: Posted): Way {
  const { integrations, partners } = environment.inForce();
  if (posted.origin === 'system') {
    const source = integrations.get(posted.source)?.source;
    if (!source?.type) throw refused('intake.noEndpoint', `Integration ${posted.source} takes no documents`);
    return {
      origin: 'system',
      source: posted.source,
      type: source.type,
      ...(source.mapping && { mapping: source.mapping }),
    };
  }
  const terms = partners
    .get(posted.source)
    ?.terms.find(
      ({ plan, type }) =>
        plan.direction === 'Inbound' && plan.json !== undefined && type.plan.name === posted.documentType,
    );
  if (!terms)
    throw refused('intake.noTerms', `Partner ${posted.source} has no terms to send ${posted.documentType} as JSON`);
  return {
    origin: 'partner',
    source: posted.source,
    type: terms.type,
    ...(terms.wireType && { wireType: terms.wireType }),
    ...(terms.mapping && { mapping: terms.mapping }),
  };
}

const refused = (code: string, message: string) => new DocumentError({ class: 'AccessDenied', code, message });

function parse(posted: Posted): unknown {
  const { value, problems } = decodeJson(posted.body);
  const errors = problems.filter(({ severity }) => severity === 'Error');
  if (errors.length > 0) throw undecodable(errors);
  return value;
}

/** With the place, which is what a person looks for first. */
const inWords = ({ message, place: { line, segment, segmentId } }: Problem): string => {
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

/**
 * One message of INTAKE: a whole file or queue message. Its good transactions go on, its bad ones are dead-lettered together with the
 * raw bytes, from which a replay takes just those again. Acked when all of it is confirmed.
 */
export async function takeRaw(environment: Environment, delivery: Delivery): Promise<void> {
  if (!environment.ackAfterConfirm) delivery.ack();
  const stop = environment.metrics.stageDuration.startTimer({ integration: '', stage: 'intake' });
  const raw = readRaw(delivery);
  const read = readInterchange(environment.inForce(), raw);
  const units = askedOf(raw, read.units);
  const failures: { unit: Unit; error: DocumentError }[] = [];
  for (const unit of units) {
    try {
      if ('error' in unit) throw unit.error;
      const origin: Origin = {
        id: unit.id,
        receivedAt: raw.receivedAt,
        epoch: raw.epoch,
        causation: raw.id,
      };
      const { document } = await toCanonical(unit.value, unit.way, origin);
      await accept(environment, document);
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
      failures.push({ unit, error });
    }
  }
  await bury(environment, delivery, failures);
  await settleVanished(environment, raw, units);
  // A replay of some of its transactions was acknowledged when the interchange came.
  if (!raw.only) await acknowledge(environment, raw, read.toAcknowledge);
  environment.pass('intake.done');
  delivery.ack();
  stop();
}

/** A replay asks for transactions that failed before; where none can be made of the file now, they share its fate. */
function askedOf(raw: RawInterchange, units: Unit[]): Unit[] {
  if (!raw.only) return units;
  const asked = new Map(raw.only.map((index) => [index, units.find((unit) => unit.index === index)]));
  const file = units.find(({ index }) => index === -1);
  return [...asked].flatMap(([index, unit]) => unit ?? (file ? { ...file, id: unitId(raw.id, index), index } : []));
}

/**
 * What a replay asked for, transactions or the file as a whole, and the interchange does not hold any more, as when the terms leave a
 * transaction out or the file is readable now, has come to its end.
 */
async function settleVanished({ journal, now }: Environment, raw: RawInterchange, units: Unit[]): Promise<void> {
  if (raw.epoch === 0) return;
  const there = new Set(units.map(({ index }) => index));
  for (const index of raw.only ?? [-1]) {
    if (there.has(index)) continue;
    const { epoch, channel: source } = raw;
    const document = { id: unitId(raw.id, index), type: '', origin: 'partner' as const, source, epoch };
    await journal.write(entryOf(document, '', 'Routed', now(), { causation: raw.id, destinations: [] }));
  }
}

async function bury(
  environment: Environment,
  delivery: Delivery,
  failures: { unit: Unit; error: DocumentError }[],
): Promise<void> {
  const first = failures[0];
  if (!first) return;
  const { broker, journal, metrics, now } = environment;
  const raw = readRaw(delivery);
  const indexes = failures.map(({ unit }) => unit.index);
  // Where the file itself is at fault, a replay takes all of it again: the ids of what went on before are the same.
  const only = indexes.includes(-1) ? [] : indexes;
  const waits = failures.every(({ error }) => isWaiting(error));
  const error = new DocumentError({
    class: first.error.class,
    code: first.error.code,
    message: first.error.message,
    disposition: waits ? 'Park' : 'DeadLetter',
  });
  await broker.publish(
    deadLetter(delivery, { stage: 'intake', returnTo: INTAKE, error, at: now(), ...(only.length > 0 && { only }) }),
  );
  const outcome = waits ? 'Parked' : 'DeadLettered';
  for (const { unit, error: cause } of failures) {
    const document = {
      id: unit.id,
      type: 'way' in unit ? unit.way.type.plan.type : '',
      origin: 'partner' as const,
      source: unit.partner ?? raw.channel,
      epoch: raw.epoch,
    };
    const { class: errorClass, code, message, violations } = cause;
    await journal.write(
      entryOf(document, '', outcome, now(), {
        causation: raw.id,
        error: { class: errorClass, code, message, violations: violations.slice(0, 10) },
      }),
    );
    metrics.documents.inc({ integration: '', stage: 'intake', outcome });
    environment.log.warn('document not taken', {
      file: raw.label,
      partner: unit.partner,
      class: errorClass,
      code,
      reason: message,
    });
  }
}

/** Somebody must act or data must come; the document itself may be right. */
export const isWaiting = (error: DocumentError): boolean =>
  error.disposition === 'Park' || error.class === 'ReferenceDataMissing';
