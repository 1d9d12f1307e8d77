/** Delivery to a partner by its terms: map the canonical document, write the format and envelope, send on the channel. */
import type { SinkAnswer } from '../connectors/connector.ts';
import type { Document, Shipment } from '../document.ts';
import { DocumentError } from '../errors.ts';
import { encodeX12 } from '../formats/x12/encode.ts';
import { StoreUnavailableError } from '../store/store.ts';
import type { CompiledPartner, CompiledTerms } from './compiled.ts';
import type { Environment, InForce } from './environment.ts';

interface Wire {
  body: Buffer;
  contentType: string;
  fileName: string;
  detail: Record<string, string | number>;
}

export async function sendToPartner(
  environment: Environment,
  shipment: Shipment,
  idempotencyKey: string,
  timeoutMs: number,
): Promise<{ answer: SinkAnswer; detail: Record<string, string | number> }> {
  const { document } = shipment;
  const partner = environment.inForce().partners.get(shipment.target.partner ?? '');
  if (!partner) throw unready(`Partner ${shipment.target.partner} is gone or broken`);
  const terms = partner.terms.find(
    ({ plan, type }) => plan.direction === 'Outbound' && type.plan.type === document.type,
  );
  if (!terms) throw unready(`Partner ${partner.plan.name} has no terms to get ${document.type}`);
  if (!partner.outbound) throw unready(`Partner ${partner.plan.name} has no outbound channel`);
  const value: unknown = JSON.parse(shipment.payload.toString());
  const body = terms.mapping ? await terms.mapping.apply(value, { partner: partner.plan.name }) : value;
  const wire = terms.plan.x12
    ? await x12(environment, partner, terms, shipment, body)
    : json(document, idempotencyKey, body);
  const answer = await environment.sinkOf(partner.outbound).send({
    body: wire.body,
    contentType: wire.contentType,
    idempotencyKey,
    method: 'POST',
    fileName: wire.fileName,
    routingKey: document.type,
    headers: { 'ce-id': document.id, 'ce-type': document.type },
    timeoutMs: Math.min(timeoutMs, partner.outbound.timeoutMs),
    signal: NEVER,
  });
  return { answer, detail: wire.detail };
}
const NEVER = new AbortController().signal;

const json = (document: Document, idempotencyKey: string, body: unknown): Wire => ({
  body: Buffer.from(JSON.stringify(body)),
  contentType: 'application/json',
  fileName: `${document.type}-${idempotencyKey}.json`,
  detail: {},
});

/** The interchange number is stored per document and destination, and the time is the document's: a retry writes the same bytes. */
async function x12(
  { inForce, store }: Environment,
  partner: CompiledPartner,
  terms: CompiledTerms,
  { document, integration, destination }: Shipment,
  value: unknown,
): Promise<Wire> {
  const { x12: envelope } = partner.plan;
  if (!envelope) throw unready(`Partner ${partner.plan.name} has terms in X12 but no x12 section`);
  const { usage } = terms.plan;
  const sender = x12Identifier(inForce().organization, usage, 'The Organization');
  const receiver = x12Identifier(partner.plan, usage, `Partner ${partner.plan.name}`);
  const control = await controlNumber(store, sender, receiver, document.id, `${integration}/${destination}`);
  const transaction = terms.plan.x12!.transaction;
  const { text, problems } = encodeX12(
    {
      sender,
      receiver,
      usage,
      version: envelope.version,
      control,
      groupControl: control,
      at: new Date(document.receivedAt),
      delimiters: envelope.delimiters,
    },
    [{ id: transaction, value }],
  );
  const errors = problems.filter(({ severity }) => severity === 'Error');
  if (errors.length > 0)
    throw new DocumentError({
      class: 'MappingFailed',
      code: errors[0]!.code,
      message: `Mapping ${terms.mapping?.plan.name ?? '(none)'} gave no valid X12 ${transaction}: ${errors[0]!.message}`,
      violations: errors.slice(0, 20).map(({ code, message, place }) => ({ code, message, place })),
    });
  return {
    body: Buffer.from(text),
    contentType: 'application/EDI-X12',
    fileName: `${transaction}-${String(control).padStart(9, '0')}.edi`,
    detail: { control, transaction },
  };
}

async function controlNumber(
  store: Environment['store'],
  sender: { qualifier: string; value: string },
  receiver: { qualifier: string; value: string },
  document: string,
  destination: string,
): Promise<number> {
  const counter = `x12/${sender.qualifier}:${sender.value}/${receiver.qualifier}:${receiver.value}`;
  try {
    return await store.controlNumber(counter, document, destination);
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    throw new DocumentError({
      class: 'DeliveryFailed',
      code: 'store.unavailable',
      message: 'No control number can be drawn while PostgreSQL is away',
      retryable: true,
      definite: false,
      cause: error,
    });
  }
}

function x12Identifier(
  { identifiers }: Pick<InForce['organization'], 'identifiers'>,
  usage: 'Production' | 'Test',
  whose: string,
): { qualifier: string; value: string } {
  const found = identifiers.find((id) => id.scheme === 'X12' && id.usage === usage);
  if (!found) throw unready(`${whose} has no X12 identifier for usage ${usage}`);
  return { qualifier: found.qualifier ?? 'ZZ', value: found.value };
}

/** The declarations lack something: a person mends them and releases the document. */
const unready = (message: string) =>
  new DocumentError({
    class: 'ReferenceDataMissing',
    code: 'partner.terms',
    message,
    definite: true,
    disposition: 'Park',
  });
