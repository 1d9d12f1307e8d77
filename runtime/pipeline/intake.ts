/** The consumer of INTAKE: whole files and queue messages, as they were received. */
import { DocumentError } from '../errors.ts';
import { INTAKE, retryStep } from '../names.ts';
import { StoreUnavailableError } from '../store/store.ts';
import { type Span, type Tracer, traceOf } from '../telemetry/tracing.ts';
import { accept, inWords, isWaiting, type Origin, toCanonical } from './accept.ts';
import { acknowledge } from './acknowledge.ts';
import { type Environment, entryOf } from './environment.ts';
import { readInterchange, type Unit } from './interchange.ts';
import { inTurn } from './large.ts';
import { unitId } from './letters.ts';
import { deadLetter, type RawInterchange, rawMessage, readRaw } from './messages.ts';
import { archiveOriginal } from './original.ts';
import { reconcile } from './reconcile.ts';
import { noteWaiting } from './release.ts';
import { isResubmission, takeResubmission } from './resubmission.ts';
import type { Taken } from './traced.ts';

const WAIT_STEP = '5s';

/**
 * One message of INTAKE: a whole file or queue message. Its good transactions go on, its bad ones are dead-lettered together with the
 * raw bytes, from which a replay takes just those again. Acked when all of it is confirmed.
 */
export function takeRaw(environment: Environment, delivery: Taken): Promise<void> {
  if (isResubmission(delivery)) return takeResubmission(environment, delivery);
  const take = () => takeOne(environment, delivery);
  return delivery.headers['crossdock-piece'] === undefined ? take() : inTurn(take);
}

async function takeOne(environment: Environment, delivery: Taken): Promise<void> {
  if (!environment.ackAfterConfirm) delivery.ack();
  const stop = environment.metrics.stageDuration.startTimer({ integration: '', stage: 'intake' });
  const raw = readRaw(delivery);
  const read = readInterchange(environment.inForce(), raw);
  const units = askedOf(raw, read.units);
  const failures: { unit: Unit; error: DocumentError }[] = [];
  const wait = async ({ message }: StoreUnavailableError) => {
    environment.log.warn('a file waits for PostgreSQL', { file: raw.label, reason: message });
    await environment.broker.publish({ ...rawMessage(raw), exchange: retryStep(WAIT_STEP) });
    delivery.ack();
    stop();
  };
  const received = read.received.filter(({ index }) => !raw.only || raw.only.includes(index));
  // Side by side with what comes of it. The end of a large file holds nothing that came.
  const archived =
    raw.piece?.kind !== 'End' &&
    archiveOriginal(
      environment,
      { ...raw, source: raw.channel },
      read.units.map((unit) => ('value' in unit ? unit.way : undefined)),
    );
  // Awaited below. Where something else fails before, the message comes again, and this with it.
  if (archived) archived.catch(() => {});
  try {
    for (const acknowledgment of received) {
      const error = await reconcile(environment, raw, acknowledgment);
      const { id, index, partner, detail } = acknowledgment;
      if (error) failures.push({ unit: { id, index, partner, detail, error }, error });
    }
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    // PostgreSQL knows what was sent: the file waits for it where it stands in nobody's way.
    return wait(error);
  }
  for (const unit of units) {
    // One document goes on in the trace of its sender; of many, each has a trace of its own.
    const own = units.length > 1 ? environment.tracer && apart(environment.tracer, raw, unit) : undefined;
    try {
      if ('error' in unit) throw unit.error;
      if (unit !== units[0]) await environment.turn('intake');
      const origin: Origin = {
        id: unit.id,
        receivedAt: raw.receivedAt,
        epoch: raw.epoch,
        causation: raw.id,
        ...traceOf(own?.context ?? (units.length > 1 ? {} : raw)),
      };
      const made = toCanonical(unit.value, unit.way, origin, environment.tables);
      const { document } = made instanceof Promise ? await made : made;
      // What waits for the broker holds little: hundreds of documents do at a time.
      unit.value = undefined;
      await accept(environment, document, { detail: detailOf(raw, unit), queued: true });
    } catch (error) {
      // Rules ask a live table, which cannot be asked: what went on before goes on again under the same ids.
      if (error instanceof StoreUnavailableError) return wait(error);
      if (!(error instanceof DocumentError)) throw error;
      failures.push({ unit, error });
      (own ?? delivery.span)?.fail(error.class);
    } finally {
      own?.end();
    }
  }
  if (failures.length > 0) await bury(environment, delivery, failures);
  if (raw.epoch > 0) await settleVanished(environment, raw, [...units, ...received]);
  // A replay of some of its transactions was acknowledged when the interchange came.
  if (!raw.only && read.toAcknowledge.length > 0) await acknowledge(environment, raw, read.toAcknowledge);
  await archived;
  environment.pass('intake.done');
  delivery.ack();
  stop();
}

const apart = (tracer: Tracer, raw: RawInterchange, { id, partner }: Unit): Span =>
  tracer.start('take', {
    kind: 'Internal',
    link: raw,
    attributes: { 'crossdock.document.id': id, ...(partner && { 'crossdock.partner': partner }) },
  });

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
async function settleVanished(
  { journal, now }: Environment,
  raw: RawInterchange,
  units: { index: number }[],
): Promise<void> {
  const there = new Set(units.map(({ index }) => index));
  for (const index of raw.only ?? [-1]) {
    if (there.has(index)) continue;
    const { epoch, channel: source } = raw;
    const document = { id: unitId(raw.id, index), type: '', origin: 'partner' as const, source, epoch };
    await journal.write(entryOf(document, '', 'Routed', now(), { causation: raw.id, destinations: [] }));
  }
}

/** Where a person finds it: the file, and in it the interchange and the kind of transaction. */
const detailOf = ({ label }: RawInterchange, { detail, warnings = [] }: Unit): Record<string, string | number> => ({
  ...(label && { file: label }),
  ...detail,
  ...(warnings.length > 0 && { warnings: warnings.length, warning: inWords(warnings[0]!).slice(0, 300) }),
});

async function bury(
  environment: Environment,
  delivery: Taken,
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
    ...(waits && first.error.waitsFor && { waitsFor: first.error.waitsFor }),
  });
  await noteWaiting(environment, error, raw, '');
  await broker.publish(
    deadLetter(delivery, { stage: 'intake', returnTo: INTAKE, error, at: now(), ...(only.length > 0 && { only }) }),
  );
  const outcome = waits ? 'Parked' : 'DeadLettered';
  for (const { unit, error: cause } of failures) {
    const document = {
      id: unit.id,
      type: unit.way?.type.plan.type ?? '',
      origin: 'partner' as const,
      source: unit.partner ?? raw.channel,
      epoch: raw.epoch,
    };
    const { class: errorClass, code, message, violations } = cause;
    await journal.write(
      entryOf(document, '', outcome, now(), {
        causation: raw.id,
        detail: detailOf(raw, unit),
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
