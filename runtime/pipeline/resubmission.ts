/**
 * Edited documents: a person sends a canonical body through INTAKE, as the document that it becomes. Checked as any other; what is wrong with
 * it is journalled as `Rejected`, since the person waits for the answer and there is nothing that a dead letter would keep.
 */
import type { Delivery, OutgoingMessage } from '../broker/broker.ts';
import { DocumentError } from '../errors.ts';
import { decodeJson } from '../formats/json/json.ts';
import { INTAKE, retryStep, WORK } from '../names.ts';
import { StoreUnavailableError } from '../store/store.ts';
import { accept, type Origin, toCanonical, undecodable } from './accept.ts';
import type { CompiledType } from './compiled.ts';
import { errorsOf } from './edi.ts';
import { type Environment, entryOf, type InForce } from './environment.ts';

export interface Resubmission {
  /** Derived from the edited document and the hash of what it became. */
  id: string;
  /** Another for each time that it is sent again after it was refused. */
  epoch: number;
  type: string;
  origin: 'partner' | 'system';
  source: string;
  receivedAt: number;
  /** The document that came first: it holds the claim of its revision. */
  causation: string;
  /** The document that the person saw. */
  edited: string;
  by: string;
  reason: string;
  body: Buffer;
}

const WAIT_STEP = '5s';
const HEADER = 'crossdock-resubmission';

export const isResubmission = ({ headers }: Pick<Delivery, 'headers'>): boolean => headers[HEADER] !== undefined;

export const resubmissionMessage = ({ body, ...about }: Resubmission): OutgoingMessage => ({
  exchange: WORK,
  routingKey: INTAKE,
  messageId: about.id,
  contentType: 'application/json',
  timestamp: about.receivedAt,
  headers: {
    'ce-id': about.id,
    'ce-source': '/resubmission',
    'ce-time': new Date(about.receivedAt).toISOString(),
    'crossdock-epoch': about.epoch,
    [HEADER]: Buffer.from(JSON.stringify(about)).toString('base64url'),
  },
  body,
});

/** One such message of INTAKE. Acked when what became of it is confirmed. */
export async function takeResubmission(environment: Environment, delivery: Delivery): Promise<void> {
  if (!environment.ackAfterConfirm) delivery.ack();
  const { broker, journal, metrics, now, tables, inForce } = environment;
  const { headers, body, contentType, messageId } = delivery;
  const about = JSON.parse(Buffer.from(String(headers[HEADER]), 'base64url').toString()) as Omit<Resubmission, 'body'>;
  const { id, epoch, type, origin, source, receivedAt, causation, edited, by, reason } = about;
  const detail = { edited };
  let made: Awaited<ReturnType<typeof toCanonical>> | undefined;
  try {
    const { value, problems } = decodeJson(body);
    if (errorsOf(problems).length > 0) throw undecodable(errorsOf(problems));
    const compiled = typeOf(inForce(), type, origin, source);
    if (!compiled) throw gone(type);
    const beginning: Origin = { id, receivedAt, epoch, causation };
    made = await toCanonical(value, { origin, source, type: compiled }, beginning, tables);
    await accept(environment, made.document, { detail, by, reason, queued: true });
  } catch (error) {
    if (error instanceof StoreUnavailableError) {
      const again = { headers: { ...headers }, body, contentType, ...(messageId && { messageId }) };
      await broker.publish({ ...again, exchange: retryStep(WAIT_STEP), routingKey: INTAKE });
      delivery.ack();
      return;
    }
    if (!(error instanceof DocumentError)) throw error;
    if (made) await tables.release([made.document]);
    const { class: errorClass, code, message, violations } = error;
    await journal.write(
      entryOf({ id, type, origin, source, epoch }, '', 'Rejected', now(), {
        ...{ causation, detail, by, reason },
        error: { class: errorClass, code, message, violations: violations.slice(0, 10) },
      }),
    );
    metrics.documents.inc({ integration: '', stage: 'intake', outcome: 'Rejected' });
  }
  environment.pass('intake.done');
  delivery.ack();
}

/** As whoever sent it has it; else as whoever reads it has it. */
function typeOf(inForce: InForce, type: string, origin: string, source: string): CompiledType | undefined {
  const { integrations, partners } = inForce;
  const candidates = [
    ...(origin === 'partner'
      ? (partners.get(source)?.terms ?? []).map((terms) => terms.type)
      : [integrations.get(source)?.source.type]),
    ...[...integrations.values()].map(({ types }) => types.get(type)),
  ];
  return candidates.find((one) => one?.plan.type === type);
}

const gone = (type: string) =>
  new DocumentError({
    class: 'Unroutable',
    code: 'intake.noType',
    message: `no Integration and no Partner that runs has documents ${type}: bring one back`,
  });
