/** The HTTP sources' way in: a document is decoded, mapped and checked while its sender waits, and confirmed before the answer. */
import { randomUUID } from 'node:crypto';
import type { Broker } from '../broker/broker.ts';
import { deriveId, sha256Hex } from '../canonical.ts';
import { DocumentError } from '../errors.ts';
import { decodeJson } from '../formats/json/json.ts';
import type { Accept, Answer, Posted } from '../ingress/contract.ts';
import type { TermsPlan } from '../plan.ts';
import { TableUnavailableError } from '../tables/live.ts';
import { traceOf } from '../telemetry/tracing.ts';
import { accept, type Origin, toCanonical, undecodable, type Way } from './accept.ts';
import { errorsOf, wayByTerms } from './edi.ts';
import { type Environment, entryOf } from './environment.ts';
import { archiveOriginal } from './original.ts';
import { decodePlain, plainFormOf } from './plain.ts';
import { TOO_LARGE } from './too-large.ts';

export function acceptor(environment: Environment): Accept {
  return async (posted) => {
    const { now, journal, log, metrics, tables } = environment;
    const stop = metrics.stageDuration.startTimer({ integration: '', stage: 'intake' });
    const origin: Origin = {
      id: posted.idempotencyKey ? deriveId(posted.origin, posted.source, posted.idempotencyKey) : drawId(),
      receivedAt: now(),
      epoch: 0,
      ...traceOf(posted),
    };
    let way: Way | undefined;
    const made: Awaited<ReturnType<typeof toCanonical>>[] = [];
    let accepted = 0;
    // What came by itself is its document's; of several documents it is a thing of its own, which caused them.
    let came: Origin = origin;
    try {
      const held = holdOn(environment, posted);
      if (held) return unavailable(held, 30_000);
      if (!environment.broker.healthy) {
        const trouble = await troubleThatStays(environment.broker);
        if (trouble) return unavailable('The document cannot be stored now; send it again', 5_000, new Error(trouble));
      }
      await environment.turn(`${posted.origin === 'partner' ? 'Partner' : 'Integration'}/${posted.source}`);
      const found = wayOf(environment, posted);
      way = found.way;
      const values = parse(posted, found.terms);
      // All or none: a sender who is refused sends the whole file again.
      if (values.length > 1) came = { ...origin, id: deriveId(origin.id, 'several') };
      for (const [index, value] of values.entries()) {
        const own: Origin = {
          ...origin,
          ...(index > 0 && { id: deriveId(origin.id, index) }),
          ...(came !== origin && { causation: came.id }),
        };
        made.push(await toCanonical(value, way, own, tables));
      }
      for (const { document } of made) {
        await accept(environment, document);
        accepted += 1;
      }
      await archiveOriginal(environment, { ...came, ...posted, contentType: contentTypeOf(found.terms) }, [way]);
      environment.pass('intake.accepted');
      const documents = made.map(({ document: { id, type } }) => ({ id, type }));
      return { accepted: true, documents, warnings: made.flatMap(({ warnings }) => warnings) };
    } catch (error) {
      await tables.release(made.slice(accepted).map(({ document }) => document));
      if (!(error instanceof DocumentError) || error.class === 'Unroutable') {
        log.warn('not accepted', { source: posted.source, error });
        const message =
          error instanceof DocumentError
            ? error.message
            : error instanceof TableUnavailableError
              ? `The document cannot be checked against ${error.table} now; send it again`
              : 'The document could not be stored; send it again';
        return unavailable(message, 2_000, error);
      }
      const type = way?.type.plan.type ?? posted.documentType ?? '';
      // Under a key that a document was accepted with already, or will be, the refusal is not that document's.
      const id = posted.idempotencyKey ? deriveId(origin.id, 'refused', sha256Hex(posted.body)) : origin.id;
      const rejected = { ...origin, id, type, origin: posted.origin, source: posted.source };
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
      return { accepted: false, status: statusOf(error), error };
    } finally {
      stop();
    }
  };
}

/** A broker's restart or a change of its leaders is a delay; what lasts longer is told to the sender, who can wait better than we. */
const BROKER_GRACE_MS = 3_000;

async function troubleThatStays(broker: Broker): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, BROKER_GRACE_MS);
  const forget = broker.onHealth(() => resolve());
  await promise;
  clearTimeout(timer);
  forget();
  return broker.trouble;
}

const contentTypeOf = (terms: TermsPlan | undefined): string =>
  terms?.xml ? 'application/xml' : terms?.csv ? 'text/csv' : terms?.fixed ? 'text/plain' : 'application/json';

const drawId = () => randomUUID().replaceAll('-', '');

const statusOf = ({ class: errorClass, code }: DocumentError): 400 | 413 | 422 =>
  errorClass === 'DecodeFailed' ? 400 : code === TOO_LARGE ? 413 : 422;

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

function wayOf(environment: Environment, posted: Posted): { way: Way; terms?: TermsPlan } {
  const { integrations, partners } = environment.inForce();
  if (posted.origin === 'system') {
    const source = integrations.get(posted.source)?.source;
    if (!source?.type) throw refused('intake.noEndpoint', `Integration ${posted.source} takes no documents`);
    const { type, mapping } = source;
    return { way: { origin: 'system', source: posted.source, type, ...(mapping && { mapping }) } };
  }
  const partner = partners.get(posted.source);
  const terms = partner?.terms.find(
    ({ plan, type }) => plan.direction === 'Inbound' && plainFormOf(plan) && type.plan.name === posted.documentType,
  );
  if (!partner || !terms)
    throw refused('intake.noTerms', `Partner ${posted.source} has no terms to post ${posted.documentType}`);
  return { way: wayByTerms(partner, terms), terms: terms.plan };
}

const refused = (code: string, message: string) => new DocumentError({ class: 'AccessDenied', code, message });

/** JSON where no terms say otherwise. Any Error refuses the whole body. */
function parse(posted: Posted, terms: TermsPlan | undefined): unknown[] {
  const documents = terms ? decodePlain(terms, posted.body) : [decodeJson(posted.body)];
  const errors = documents.flatMap(({ problems }) => errorsOf(problems));
  if (documents.length === 0)
    errors.push({ code: 'intake.empty', message: 'the body holds no document', severity: 'Error', place: {} });
  if (errors.length > 0) throw undecodable(errors);
  return documents.map(({ value }) => value);
}
