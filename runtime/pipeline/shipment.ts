/** What goes to one destination of a document: its target and its body there. */
import type { Document, Shipment } from '../document.ts';
import { DocumentError } from '../errors.ts';
import { withRows } from '../mapping/lookups.ts';
import type { MappingContext } from '../mapping/mapping.ts';
import type { CompiledDestination } from './compiled.ts';
import type { InForce } from './environment.ts';

export async function shipmentTo(
  inForce: InForce,
  integration: string,
  destination: CompiledDestination,
  document: Document,
  value: unknown,
  context: MappingContext,
): Promise<Shipment> {
  const target: Shipment['target'] = {};
  const http = destination.plan.system?.http;
  if (destination.path)
    target.path = await text(
      withRows(() => destination.path!.evaluate(value, context)),
      'pathExpression',
    );
  else if (http?.path) target.path = http.path;
  if (destination.fileName)
    target.fileName = await text(
      withRows(() => destination.fileName!.evaluate(value, context)),
      'fileNameExpression',
    );
  if (destination.routingKey)
    target.routingKey = await text(
      withRows(() => destination.routingKey!.evaluate(value, context)),
      'routingKeyExpression',
    );
  else if (destination.plan.system?.amqp?.routingKey) target.routingKey = destination.plan.system.amqp.routingKey;
  if (destination.partner)
    target.partner = partnerBy(
      inForce,
      destination.plan.partner!.identifier,
      await text(
        withRows(() => destination.partner!.evaluate(value, context)),
        'partner expression',
      ),
    );
  const payload = destination.mapping
    ? Buffer.from(JSON.stringify((await destination.mapping.apply(value, context.bindings ?? {})) ?? null))
    : document.body;
  return { document, integration, destination: destination.plan.name, attempt: 1, keyRevision: 0, payload, target };
}

async function text(value: unknown, what: string): Promise<string> {
  const resolved = await value;
  if (typeof resolved === 'string' && resolved !== '') return resolved;
  if (typeof resolved === 'number') return String(resolved);
  throw new DocumentError({
    class: 'MappingFailed',
    code: 'target.empty',
    message: `The ${what} gave ${resolved === undefined ? 'nothing' : JSON.stringify(resolved).slice(0, 80)} where a text is needed`,
  });
}

function partnerBy(
  { partners }: InForce,
  identifier: { scheme: string; qualifier?: string; system?: string },
  value: string,
): string {
  for (const { plan } of partners.values())
    if (
      plan.identifiers.some(
        (id) =>
          id.scheme === identifier.scheme &&
          id.value === value &&
          (identifier.system === undefined || id.system === identifier.system) &&
          (identifier.qualifier === undefined || id.qualifier === identifier.qualifier),
      )
    )
      return plan.name;
  const of = identifier.system ?? identifier.qualifier;
  throw new DocumentError({
    class: 'ReferenceDataMissing',
    code: 'partner.unknown',
    message: `No Partner has the identifier ${identifier.scheme}${of ? ` ${of}` : ''} "${value}"`,
    disposition: 'Park',
  });
}
