/** One destination of an Integration. */
import type { Destination } from '../../crds/generated/types.ts';
import type {
  ConnectorPlan,
  DestinationPlan,
  DocumentTypePlan,
  MappingPlan,
  OutcomePlan,
  TablePlan,
} from '../../runtime/plan.ts';
import { cannot } from './connector.ts';
import { HTTP_METHOD } from './defaults.ts';
import { expectExpression } from './expressions.ts';
import { durationMs, oneOf } from './fields.ts';
import type { TypeFound, Workshop } from './integration.ts';
import { mappingTo } from './integration.ts';
import { sideName } from './mapping.ts';
import { resolve } from './references.ts';

export function translateDestination(
  shop: Workshop,
  spec: Destination,
  field: string,
  types: readonly TypeFound[],
): DestinationPlan {
  const { view, problems, needs, asked } = shop;
  if (spec.when !== undefined) expectExpression(spec.when, `${field}.when`, problems, asked);
  const member = oneOf(spec, ['system', 'partner'], field, problems);
  if (member === 'partner')
    for (const stray of ['mappingRef', 'reply'] as const)
      if (spec[stray])
        problems.invalid(
          `${field}.${stray}`,
          'it has no meaning for a partner',
          stray === 'mappingRef' ? "name the mapping in the partner's terms" : 'remove it',
        );
  const mapping =
    spec.mappingRef &&
    resolve<'Mapping', MappingPlan>(view, 'Mapping', spec.mappingRef, `${field}.mappingRef`, problems);
  if (mapping) {
    needs.push(mapping.parts);
    const { from } = mapping.resource.spec;
    const strangers = types.filter((type) => type.part.name !== from.documentTypeRef?.name);
    if (strangers.length > 0)
      problems.add(
        'ResolvedRefs',
        'RefInvalid',
        `${field}.mappingRef.name`,
        `Mapping "${spec.mappingRef?.name}" reads ${sideName(from)}, but DocumentType "${strangers[0]!.part.name}" comes in`,
        types.length > 1 ? 'make an Integration per document type' : 'name a mapping from that document type',
      );
  }
  return {
    name: spec.name,
    ...(spec.when !== undefined && { when: spec.when }),
    ...(mapping && { mapping: mapping.hash }),
    ...(member === 'system' && { system: systemOf(shop, spec.system!, `${field}.system`) }),
    ...(member === 'partner' && { partner: partnerOf(shop, spec.partner!, `${field}.partner`) }),
    outcomes: (spec.outcomes ?? []).map((outcome, i): OutcomePlan => {
      const at = `${field}.outcomes[${i}]`;
      expectExpression(outcome.when, `${at}.when`, problems, asked);
      const { result, after, owner, releaseWhen } = outcome;
      if (releaseWhen) {
        if (result !== 'Park')
          problems.invalid(
            `${at}.releaseWhen`,
            `it has no meaning with result ${result}`,
            'remove it, or write result: Park',
          );
        expectExpression(releaseWhen.keyExpression, `${at}.releaseWhen.keyExpression`, problems);
        const field = `${at}.releaseWhen.tableRef`;
        const table = resolve<'ReferenceTable', TablePlan>(
          view,
          'ReferenceTable',
          releaseWhen.tableRef,
          field,
          problems,
        );
        if (table) asked.set(table.part.name, `${field}.name`);
      }
      if (after !== undefined && result !== 'Retry')
        problems.invalid(`${at}.after`, `it has no meaning with result ${result}`, 'remove it, or write result: Retry');
      return {
        when: outcome.when,
        result,
        ...(after !== undefined && { afterMs: durationMs(after, '0s', `${at}.after`, problems) }),
        ...(owner !== undefined && { owner }),
        ...(releaseWhen && {
          releaseWhen: { table: releaseWhen.tableRef.name, keyExpression: releaseWhen.keyExpression },
        }),
      };
    }),
    ...(spec.reply && { reply: replyOf(shop, spec.reply, `${field}.reply`) }),
  };
}

function systemOf(
  shop: Workshop,
  spec: NonNullable<Destination['system']>,
  field: string,
): NonNullable<DestinationPlan['system']> {
  const { view, problems, needs, asked } = shop;
  const connector = resolve<'Connector', ConnectorPlan>(
    view,
    'Connector',
    spec.connectorRef,
    `${field}.connectorRef`,
    problems,
  );
  if (connector) needs.push(connector.parts);
  const blocks = ['http', 'directory', 'sftp', 'amqp'] as const;
  const kind = connector && blocks.find((block) => connector.part[block] !== undefined);
  for (const block of blocks)
    if (kind && spec[block] !== undefined && block !== kind)
      problems.add(
        'ResolvedRefs',
        'RefInvalid',
        `${field}.${block}`,
        `Connector "${connector.part.name}" is ${kind}, not ${block}`,
        `write the block ${kind}, or name another connector`,
      );
  const key = spec.amqp?.routingKey ?? spec.amqp?.routingKeyExpression;
  const lacks = connector && !(kind === 'amqp' && key !== undefined) ? cannot('write', connector.part) : undefined;
  if (lacks) problems.add('ResolvedRefs', 'RefInvalid', `${field}.connectorRef.name`, lacks.message, lacks.remedy);
  const { http, directory, sftp, amqp } = spec;
  const exclusive = (block: string, one: string, other: string, both: boolean) => {
    if (both) problems.invalid(`${field}.${block}`, `${one} and ${other} together`, 'set at most one of them');
  };
  exclusive('http', 'path', 'pathExpression', http?.path !== undefined && http.pathExpression !== undefined);
  exclusive(
    'amqp',
    'routingKey',
    'routingKeyExpression',
    amqp?.routingKey !== undefined && amqp.routingKeyExpression !== undefined,
  );
  if (http?.pathExpression !== undefined)
    expectExpression(http.pathExpression, `${field}.http.pathExpression`, problems, asked);
  if (http?.path !== undefined && !/^\/[^\s#]*$/.test(http.path))
    problems.invalid(`${field}.http.path`, `"${http.path}" is not a path`, 'begin it with /');
  for (const [block, mailbox] of Object.entries({ directory, sftp }))
    if (mailbox?.fileNameExpression !== undefined)
      expectExpression(mailbox.fileNameExpression, `${field}.${block}.fileNameExpression`, problems, asked);
  if (amqp?.routingKeyExpression !== undefined)
    expectExpression(amqp.routingKeyExpression, `${field}.amqp.routingKeyExpression`, problems, asked);
  return {
    connector: connector?.hash ?? '',
    ...(kind === 'http' && { http: { method: http?.method ?? HTTP_METHOD, ...http } }),
    ...(kind === 'directory' && directory && { directory: { ...directory } }),
    ...(kind === 'sftp' && sftp && { sftp: { ...sftp } }),
    ...(kind === 'amqp' && amqp && { amqp: { ...amqp } }),
  };
}

function partnerOf(
  { problems, asked }: Workshop,
  spec: NonNullable<Destination['partner']>,
  field: string,
): NonNullable<DestinationPlan['partner']> {
  expectExpression(spec.expression, `${field}.expression`, problems, asked);
  if (!spec.identifier?.scheme)
    problems.invalid(`${field}.identifier.scheme`, 'no scheme', 'write GLN, X12, EDIFACT, DUNS or System');
  return { identifier: { ...spec.identifier }, expression: spec.expression };
}

function replyOf(
  shop: Workshop,
  spec: NonNullable<Destination['reply']>,
  field: string,
): NonNullable<DestinationPlan['reply']> {
  const type = resolve<'DocumentType', DocumentTypePlan>(
    shop.view,
    'DocumentType',
    spec.documentTypeRef,
    `${field}.documentTypeRef`,
    shop.problems,
  );
  if (type) shop.needs.push(type.parts);
  const mapping = mappingTo(shop, spec.mappingRef, `${field}.mappingRef`, type);
  return { documentType: type?.hash ?? '', ...(mapping && { mapping: mapping.hash }) };
}
