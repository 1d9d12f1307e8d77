/** Connector → one outside system with its defaults. */
import { posix } from 'node:path';
import type { ConnectorSpec } from '../../crds/generated/types.ts';
import { type ConnectorPlan, type MailboxPlan, mailboxOf } from '../../runtime/plan.ts';
import type { LinkPlan } from '../../tracker/plan.ts';
import { API_KEY_HEADER, CONNECTOR, DIRECTORY, MAIL, SFTP } from './defaults.ts';
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
  const member = oneOf(spec, ['http', 'directory', 'sftp', 'amqp', 'mail'], 'spec', problems);
  const made = {
    ...(member === 'http' && { http: http(view, spec.http!, problems) }),
    ...(member === 'directory' && { directory: folders('directory', spec.directory!, DIRECTORY, problems) }),
    ...(member === 'sftp' && { sftp: sftp(view, spec.sftp!, problems) }),
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

type Mailbox = 'directory' | 'sftp';
type Folders = Pick<
  NonNullable<ConnectorSpec['sftp']>,
  'inbound' | 'outbound' | 'archive' | 'pattern' | 'pollInterval' | 'fileNameExpression'
>;

/** What a mailbox of files has, wherever it lies. */
function folders(
  kind: Mailbox,
  { inbound, outbound, archive, pattern, pollInterval, fileNameExpression }: Folders,
  defaults: { pattern: string; pollInterval: string; archive: string },
  problems: Problems,
): MailboxPlan {
  const field = `spec.${kind}`;
  if (inbound === undefined && outbound === undefined)
    problems.invalid(field, 'neither inbound nor outbound', 'name the folder to read, to write, or both');
  if (inbound !== undefined && outbound !== undefined && posix.normalize(inbound) === posix.normalize(outbound))
    problems.invalid(`${field}.outbound`, 'what is written would be read again', 'use another folder');
  if (archive !== undefined && inbound === undefined)
    problems.invalid(`${field}.archive`, 'nothing is read, so nothing is archived', 'remove it, or set inbound');
  if (archive !== undefined && inbound !== undefined && posix.normalize(archive) === posix.normalize(inbound))
    problems.invalid(`${field}.archive`, 'it is the folder that is read', 'use another folder');
  if (fileNameExpression !== undefined) expectExpression(fileNameExpression, `${field}.fileNameExpression`, problems);
  const pollIntervalMs = durationMs(pollInterval, defaults.pollInterval, `${field}.pollInterval`, problems);
  if (pollIntervalMs < 100)
    problems.invalid(`${field}.pollInterval`, 'less than 100ms', `${defaults.pollInterval} are enough for most`);
  return {
    ...(inbound !== undefined && { inbound, archive: archive ?? posix.join(inbound, defaults.archive) }),
    ...(outbound !== undefined && { outbound }),
    pattern: pattern ?? defaults.pattern,
    pollIntervalMs,
    ...(fileNameExpression !== undefined && { fileNameExpression }),
  };
}

function sftp(
  view: View,
  spec: NonNullable<ConnectorSpec['sftp']>,
  problems: Problems,
): NonNullable<ConnectorPlan['sftp']> {
  const { host, port = SFTP.port, secretRef, hostKeys, taken } = spec;
  expectSecret(view, secretRef?.name, ['username'], 'spec.sftp.secretRef', problems, { sentTo: host });
  const has = typeof secretRef?.name === 'string' ? view.secret(secretRef.name)?.keys : undefined;
  if (has && !has.includes('ssh-privatekey') && !has.includes('password'))
    problems.add(
      'ResolvedRefs',
      'SecretKeyNotFound',
      'spec.sftp.secretRef.name',
      `Secret "${secretRef.name}" has neither the key "ssh-privatekey" nor "password"`,
      'add the one that the server asks for',
    );
  if (!(hostKeys?.length > 0))
    problems.invalid(
      'spec.sftp.hostKeys',
      'no key by which the server is known',
      `write what ssh-keyscan ${host} shows behind the host, once its owner has confirmed it`,
    );
  for (const [i, line] of (hostKeys ?? []).entries())
    if (!HOST_KEY.test(String(line)))
      problems.invalid(
        `spec.sftp.hostKeys[${i}]`,
        'not a public key of SSH',
        'write kind and key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI…',
      );
  if (taken === 'Delete' && spec.archive !== undefined)
    problems.invalid('spec.sftp.archive', 'what is deleted is not archived', 'remove it, or taken: Delete');
  const { archive, ...others } = folders('sftp', spec, SFTP, problems);
  return {
    host,
    port,
    secretRef: { ...secretRef },
    hostKeys: [...(hostKeys ?? [])],
    ...others,
    ...(archive !== undefined && taken !== 'Delete' && { archive }),
  };
}
/** As the schema has it. */
const HOST_KEY = /^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|ssh-rsa) [A-Za-z0-9+/]+={0,2}( .*)?$/;

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
  const mailbox = mailboxOf(plan);
  const kind: Mailbox = plan.sftp ? 'sftp' : 'directory';
  if (plan.mail) return lacks('sends mails of SLAPolicies only', 'name a connector of another kind');
  if (way === 'read') {
    if (plan.http)
      return lacks(
        'is http, which is called and not read',
        'name a directory, sftp or amqp connector, or use an http source',
      );
    if (mailbox && mailbox.inbound === undefined)
      return lacks(`has no spec.${kind}.inbound`, 'name the folder to read there');
    if (plan.amqp && plan.amqp.queue === undefined)
      return lacks('has no spec.amqp.queue', 'name the queue to read there');
  } else {
    if (mailbox && mailbox.outbound === undefined)
      return lacks(`has no spec.${kind}.outbound`, 'name the folder to write there');
    if (plan.amqp && plan.amqp.exchange === undefined && plan.amqp.routingKey === undefined)
      return lacks('has neither spec.amqp.exchange nor routingKey', 'say there where to publish');
  }
  return undefined;
}
