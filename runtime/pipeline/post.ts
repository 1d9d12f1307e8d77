/** The HTTP sources' way in: a document is decoded, mapped and checked while its sender waits, and confirmed before the answer. */
import { randomUUID } from 'node:crypto';
import { deriveId } from '../canonical.ts';
import { DocumentError } from '../errors.ts';
import { decodeJson } from '../formats/json/json.ts';
import type { Accept, Answer, Posted } from '../ingress/contract.ts';
import { accept, type Origin, toCanonical, undecodable, type Way } from './accept.ts';
import { type Environment, entryOf } from './environment.ts';

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
