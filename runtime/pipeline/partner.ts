/** Delivery to a partner by its terms: map the canonical document, write the format and envelope, send on the channel. */
import type { SinkAnswer } from '../connectors/connector.ts';
import type { Shipment } from '../document.ts';
import { DocumentError } from '../errors.ts';
import { CONTRL } from '../formats/edifact/acknowledge.ts';
import { encodeEdifact } from '../formats/edifact/encode.ts';
import type { Problem } from '../formats/format.ts';
import { encodeX12 } from '../formats/x12/encode.ts';
import type { Sent } from '../journal/payload.ts';
import { NO_CONTEXT } from '../mapping/compile.ts';
import { versionOf } from './accept.ts';
import { type AcknowledgmentType, isAcknowledgment } from './acknowledge.ts';
import type { CompiledPartner, CompiledTerms } from './compiled.ts';
import type { Environment, InForce } from './environment.ts';
import { placeOf } from './messages.ts';
import { encodePlain } from './plain.ts';
import { counterOf } from './reconcile.ts';

interface Wire {
  body: Buffer;
  contentType: string;
  fileName: string;
  detail: Record<string, string | number>;
}

interface Outgoing {
  /** X12: `856`. EDIFACT: what UNH02 begins with, `DESADV`, or all of it. */
  transaction: string;
  usage: 'Production' | 'Test';
  value: unknown;
  /** Who made the value, for errors. */
  maker: string;
}

const TRANSACTIONS: Record<AcknowledgmentType, string> = {
  'x12-997': '997',
  'x12-999': '999',
  'x12-ta1': 'TA1',
  'edifact-contrl': CONTRL,
};

const acknowledgment = (type: AcknowledgmentType, { payload, target }: Shipment): Outgoing => ({
  transaction: TRANSACTIONS[type],
  usage: target.usage ?? 'Production',
  value: JSON.parse(payload.toString()),
  maker: 'The acknowledgment',
});

/** Rejects with StoreUnavailableError when a control number is needed and PostgreSQL is away. */
export async function sendToPartner(
  environment: Environment,
  shipment: Shipment,
  idempotencyKey: string,
  timeoutMs: number,
): Promise<{ answer: SinkAnswer; detail: Record<string, string | number>; sent: Sent }> {
  const { document } = shipment;
  const partner = environment.inForce().partners.get(shipment.target.partner ?? '');
  if (!partner) throw unready(`Partner ${shipment.target.partner} is gone or broken`);
  if (!partner.outbound) throw unready(`Partner ${partner.plan.name} has no outbound channel`);
  const { type } = document;
  const terms = isAcknowledgment(type) ? undefined : termsFor(partner, type);
  const wire = isAcknowledgment(type)
    ? await (type === 'edifact-contrl' ? edifact : x12)(environment, partner, shipment, acknowledgment(type, shipment))
    : await byTerms(environment, partner, shipment, idempotencyKey, terms!);
  const answer = await environment.sinkOf(partner.outbound).send({
    body: wire.body,
    contentType: wire.contentType,
    idempotencyKey,
    method: 'POST',
    fileName: (await fileNameOf(partner, shipment)) ?? wire.fileName,
    routingKey: document.type,
    headers: { 'ce-id': document.id, 'ce-type': document.type },
    trace: document,
    timeoutMs: Math.min(timeoutMs, partner.outbound.timeoutMs),
    signal: NEVER,
  });
  const mapped = terms?.mapping && { mapping: versionOf(terms.mapping) };
  // An interchange that goes out is expected to be acknowledged; an acknowledgment never is.
  const { expectWithinMs } = partner.plan.acknowledgments;
  const expected = terms && wire.detail.control !== undefined && expectWithinMs !== undefined;
  const detail = { ...wire.detail, ...mapped, ...(expected && { acknowledgeBy: environment.now() + expectWithinMs }) };
  return { answer, detail, sent: wire };
}
const NEVER = new AbortController().signal;

/** Acknowledgments are no documents that an expression knows; they keep the format's name. */
async function fileNameOf(partner: CompiledPartner, { document, payload }: Shipment): Promise<string | undefined> {
  if (!partner.fileName || isAcknowledgment(document.type)) return undefined;
  const name = await partner.fileName.evaluate(JSON.parse(payload.toString()), NO_CONTEXT);
  return typeof name === 'string' && name !== '' ? name : undefined;
}

function termsFor({ terms, plan: { name } }: CompiledPartner, type: string): CompiledTerms {
  const found = terms.find((one) => one.plan.direction === 'Outbound' && one.type.plan.type === type);
  if (!found) throw unready(`Partner ${name} has no terms to get ${type}`);
  return found;
}

async function byTerms(
  environment: Environment,
  partner: CompiledPartner,
  shipment: Shipment,
  idempotencyKey: string,
  terms: CompiledTerms,
): Promise<Wire> {
  const { document, payload } = shipment;
  const canonical: unknown = JSON.parse(payload.toString());
  const value = terms.mapping ? await terms.mapping.apply(canonical, { partner: partner.plan.name }) : canonical;
  const { usage } = terms.plan;
  const maker = `Mapping ${terms.mapping?.plan.name ?? '(none)'}`;
  if (terms.plan.x12)
    return x12(environment, partner, shipment, { transaction: terms.plan.x12.transaction, usage, value, maker });
  if (terms.plan.edifact) {
    const { message, association } = terms.plan.edifact;
    const [directory = '', release = ''] = partner.plan.edifact?.directory.split('.') ?? [];
    const transaction = [message, directory, release, 'UN', ...(association ? [association] : [])].join(':');
    return edifact(environment, partner, shipment, { transaction, usage, value, maker });
  }
  const { body, contentType, extension, problems } = encodePlain(terms.plan, value);
  expectSound(problems, maker, terms.type.plan.name);
  return { body, contentType, fileName: `${document.type}-${idempotencyKey}.${extension}`, detail: {} };
}

/** The interchange's number is stored per document and destination, and the time is the document's: a retry writes the same bytes. */
async function x12(
  { inForce, store }: Environment,
  partner: CompiledPartner,
  shipment: Shipment,
  { transaction, usage, value, maker }: Outgoing,
): Promise<Wire> {
  const { document } = shipment;
  const { x12: envelope } = partner.plan;
  if (!envelope) throw unready(`Partner ${partner.plan.name} has terms in X12 but no x12 section`);
  const sender = x12Identifier(inForce().organization, usage, 'The Organization');
  const receiver = x12Identifier(partner.plan, usage, `Partner ${partner.plan.name}`);
  const counter = counterOf('x12', sender, receiver);
  const control = await store.controlNumber(counter, document.id, placeOf(shipment));
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
    transaction === 'TA1' ? [] : [{ id: transaction, value }],
    transaction === 'TA1' ? [value as Record<string, string>] : [],
  );
  expectSound(problems, maker, `X12 ${transaction}`);
  return {
    body: Buffer.from(text),
    contentType: 'application/EDI-X12',
    fileName: `${transaction}-${String(control).padStart(9, '0')}.edi`,
    detail: { control, transaction },
  };
}

/** As for X12: a retry writes the same bytes. */
async function edifact(
  { inForce, store }: Environment,
  partner: CompiledPartner,
  shipment: Shipment,
  { transaction, usage, value, maker }: Outgoing,
): Promise<Wire> {
  const { document } = shipment;
  const { edifact: envelope } = partner.plan;
  if (!envelope) throw unready(`Partner ${partner.plan.name} has terms in EDIFACT but no edifact section`);
  const sender = edifactIdentifier(inForce().organization, usage, 'The Organization');
  const receiver = edifactIdentifier(partner.plan, usage, `Partner ${partner.plan.name}`);
  const counter = counterOf('edifact', sender, receiver);
  const control = await store.controlNumber(counter, document.id, placeOf(shipment));
  const [message = ''] = transaction.split(':');
  const { syntax } = envelope;
  const at = new Date(document.receivedAt);
  const { bytes, problems } = encodeEdifact(
    { sender, receiver, usage, syntax, control: String(control), at, application: message },
    [{ type: transaction, value }],
  );
  expectSound(problems, maker, `EDIFACT ${message}`);
  return {
    body: bytes,
    contentType: 'application/EDIFACT',
    fileName: `${message}-${control}.edi`,
    detail: { control, transaction: message },
  };
}

function expectSound(problems: Problem[], maker: string, what: string): void {
  const errors = problems.filter(({ severity }) => severity === 'Error');
  if (errors.length > 0)
    throw new DocumentError({
      class: 'MappingFailed',
      code: errors[0]!.code,
      message: `${maker} gave no valid ${what}: ${errors[0]!.message}`,
      violations: errors.slice(0, 20).map(({ code, message, place }) => ({ code, message, place })),
    });
}

type Identified = Pick<InForce['organization'], 'identifiers'>;

/** One of scheme EDIFACT, else the GLN (qualifier 14); of several the one for the usage: tests are marked in the envelope too. */
function edifactIdentifier({ identifiers }: Identified, usage: 'Production' | 'Test', whose: string) {
  const ofScheme = (scheme: string) => {
    const all = identifiers.filter((id) => id.scheme === scheme);
    return all.find((id) => id.usage === usage) ?? all[0];
  };
  const found = ofScheme('EDIFACT');
  if (found) return { qualifier: found.qualifier ?? '', value: found.value };
  const gln = ofScheme('GLN');
  if (!gln) throw unready(`${whose} has neither an EDIFACT identifier nor a GLN`);
  return { qualifier: '14', value: gln.value };
}

function x12Identifier(
  { identifiers }: Identified,
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
