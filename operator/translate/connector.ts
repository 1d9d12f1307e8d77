/** Connector → one outside system with its defaults. */
import { posix } from 'node:path';
import type { ConnectorSpec } from '../../crds/generated/types.ts';
import type { ConnectorPlan } from '../../runtime/plan.ts';
import type { LinkPlan } from '../../tracker/plan.ts';
import { API_KEY_HEADER, CONNECTOR, DIRECTORY, MAIL } from './defaults.ts';
import { expectExpression } from './expressions.ts';
import { durationMs, expectUnique, oneOf, timeoutMs } from './fields.ts';
import { Problems } from './problems.ts';
import { expectSecret, expectSecretKey } from './references.ts';
import type { Built, View } from './view.ts';
import { finish } from './view.ts';
import type { ResourceOf } from './world-index.ts';

export function translateConnector(view: View, resource: ResourceOf<'Connector'>): Built<ConnectorPlan> {
  const problems = new Problems();
  const { spec } = resource;
  const { name } = resource.metadata;
  const member = oneOf(spec, ['http', 'directory', 'amqp', 'mail'], 'spec', problems);
  const made = {
    ...(member === 'http' && { http: http(view, spec.http!, problems) }),
    ...(member === 'directory' && { directory: directory(spec.directory!, problems) }),
    ...(member === 'amqp' && { amqp: amqp(view, spec.amqp!, problems) }),
    ...(member === 'mail' && { mail: mail(view, spec.mail!, problems) }),
  };
  const longestMs = timeoutMs(spec.timeout, CONNECTOR.timeout, 'spec.timeout', problems);
  const { concurrency = CONNECTOR.concurrency, ratePerSecond } = spec.limits ?? {};
  if (!(concurrency >= 1)) problems.invalid('spec.limits.concurrency', `${concurrency} is too few`, 'write 1 or more');
  if (ratePerSecond !== undefined && !(ratePerSecond > 0))
    problems.invalid('spec.limits.ratePerSecond', `${ratePerSecond} is too few`, 'write 1 or more');
  const links = linksOf(name, spec.links ?? [], problems);
  const built = finish<ConnectorPlan>(problems, () => ({
    part: 'connector',
    name,
    ...made,
    timeoutMs: longestMs,
    concurrency,
    ...(ratePerSecond !== undefined && { ratePerSecond }),
  }));
  return { ...built, ...(problems.none && links.length > 0 && { links }) };
}

function linksOf(connector: string, links: NonNullable<ConnectorSpec['links']>, problems: Problems): LinkPlan[] {
  expectUnique(links, 'spec.links', problems);
  return links.map(({ name, keyName, url }, i) => {
    if (!LINK.test(String(url)))
      problems.invalid(
        `spec.links[${i}].url`,
        'not an http or https address with {value} behind its host',
        'write it as https://erp.example.com/orders/{value}',
      );
    return { connector, name, keyName, url };
  });
}
/** As the schema has it. */
const LINK = /^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?\/[^{}\s]*\{value\}[^{}\s]*$/;

function http(
  view: View,
  spec: NonNullable<ConnectorSpec['http']>,
  problems: Problems,
): NonNullable<ConnectorPlan['http']> {
  const url = URL.parse(String(spec.url));
  if (!url || !['http:', 'https:'].includes(url.protocol))
    problems.invalid('spec.http.url', 'not an http or https URL', 'write it in full: https://erp.example.com/api');
  else if (url.username !== '' || url.password !== '')
    problems.invalid(
      'spec.http.url',
      'it holds a user or a password',
      'put them in a Secret and name it in spec.http.auth',
    );
  else if (url.search !== '' || url.hash !== '')
    problems.invalid(
      'spec.http.url',
      'it has a query or a fragment, to which no path can be joined',
      'end it with a path',
    );
  const plan = { url: String(spec.url) };
  if (!spec.auth) return plan;
  const field = 'spec.http.auth';
  const { apiKey, basic, bearer } = spec.auth;
  const sent = { sentTo: url?.hostname };
  switch (oneOf(spec.auth, ['apiKey', 'basic', 'bearer'], field, problems)) {
    case 'apiKey':
      expectSecretKey(view, apiKey!.secretKeyRef, `${field}.apiKey.secretKeyRef`, problems, sent);
      return {
        ...plan,
        auth: { apiKey: { header: apiKey!.header ?? API_KEY_HEADER, secretKeyRef: { ...apiKey!.secretKeyRef } } },
      };
    case 'basic':
      expectSecret(view, basic!.secretRef?.name, ['username', 'password'], `${field}.basic.secretRef`, problems, sent);
      return { ...plan, auth: { basic: { secretRef: { ...basic!.secretRef } } } };
    case 'bearer':
      expectSecretKey(view, bearer!.secretKeyRef, `${field}.bearer.secretKeyRef`, problems, sent);
      return { ...plan, auth: { bearer: { secretKeyRef: { ...bearer!.secretKeyRef } } } };
    default:
      return plan;
  }
}

function directory(
  spec: NonNullable<ConnectorSpec['directory']>,
  problems: Problems,
): NonNullable<ConnectorPlan['directory']> {
  const { inbound, outbound, archive, pattern, pollInterval, fileNameExpression } = spec;
  if (inbound === undefined && outbound === undefined)
    problems.invalid('spec.directory', 'neither inbound nor outbound', 'name the folder to read, to write, or both');
  if (inbound !== undefined && outbound !== undefined && posix.normalize(inbound) === posix.normalize(outbound))
    problems.invalid('spec.directory.outbound', 'what is written would be read again', 'use another folder');
  if (archive !== undefined && inbound === undefined)
    problems.invalid('spec.directory.archive', 'nothing is read, so nothing is archived', 'remove it, or set inbound');
  if (archive !== undefined && inbound !== undefined && posix.normalize(archive) === posix.normalize(inbound))
    problems.invalid('spec.directory.archive', 'it is the folder that is read', 'use another folder');
  if (fileNameExpression !== undefined)
    expectExpression(fileNameExpression, 'spec.directory.fileNameExpression', problems);
  const pollIntervalMs = durationMs(pollInterval, DIRECTORY.pollInterval, 'spec.directory.pollInterval', problems);
  if (pollIntervalMs < 100)
    problems.invalid('spec.directory.pollInterval', 'less than 100ms', 'two seconds are enough for most');
  return {
    ...(inbound !== undefined && { inbound, archive: archive ?? posix.join(inbound, DIRECTORY.archive) }),
    ...(outbound !== undefined && { outbound }),
    pattern: pattern ?? DIRECTORY.pattern,
    pollIntervalMs,
    ...(fileNameExpression !== undefined && { fileNameExpression }),
  };
}

function amqp(
  view: View,
  spec: NonNullable<ConnectorSpec['amqp']>,
  problems: Problems,
): NonNullable<ConnectorPlan['amqp']> {
  const { secretRef, queue, exchange, routingKey } = spec;
  // The Secret says itself where it goes: its uri is the host's.
  expectSecret(view, secretRef?.name, ['uri'], 'spec.amqp.secretRef', problems, 'Shown');
  if (queue === undefined && exchange === undefined && routingKey === undefined)
    problems.invalid(
      'spec.amqp',
      'none of queue, exchange, routingKey',
      'name the queue to read, or the exchange or routing key to publish with',
    );
  return {
    secretRef: { ...secretRef },
    ...(queue !== undefined && { queue }),
    ...(exchange !== undefined && { exchange }),
    ...(routingKey !== undefined && { routingKey }),
  };
}

function mail(
  view: View,
  { host, port, tls = MAIL.tls, secretRef, from }: NonNullable<ConnectorSpec['mail']>,
  problems: Problems,
): NonNullable<ConnectorPlan['mail']> {
  if (secretRef)
    expectSecret(view, secretRef.name, ['username', 'password'], 'spec.mail.secretRef', problems, { sentTo: host });
  if (secretRef && tls === 'None')
    problems.invalid(
      'spec.mail.tls',
      'a password would go over the wire for all to read',
      'take tls: None or secretRef out',
    );
  return {
    host,
    port: port ?? (tls === 'Implicit' ? MAIL.implicitPort : MAIL.port),
    tls,
    ...(secretRef && { secretRef: { ...secretRef } }),
    from,
  };
}

export type Way = 'read' | 'write';

/** Why a connector cannot be read or written; undefined where it can. */
export function cannot(way: Way, plan: ConnectorPlan): { message: string; remedy: string } | undefined {
  const lacks = (message: string, remedy: string) => ({ message: `Connector "${plan.name}" ${message}`, remedy });
  if (plan.mail) return lacks('sends mails of SLAPolicies only', 'name a connector of another kind');
  if (way === 'read') {
    if (plan.http)
      return lacks(
        'is http, which is called and not read',
        'name a directory or amqp connector, or use an http source',
      );
    if (plan.directory && plan.directory.inbound === undefined)
      return lacks('has no spec.directory.inbound', 'name the folder to read there');
    if (plan.amqp && plan.amqp.queue === undefined)
      return lacks('has no spec.amqp.queue', 'name the queue to read there');
  } else {
    if (plan.directory && plan.directory.outbound === undefined)
      return lacks('has no spec.directory.outbound', 'name the folder to write there');
    if (plan.amqp && plan.amqp.exchange === undefined && plan.amqp.routingKey === undefined)
      return lacks('has neither spec.amqp.exchange nor routingKey', 'say there where to publish');
  }
  return undefined;
}
