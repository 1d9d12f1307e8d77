/** Who takes part in the bench: the peers between two queues of their own, Crossdock in the vhost that its operator makes. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ManagementClient } from '../../operator/apply/rabbitmq/client.ts';
import type { OutgoingMessage } from '../../runtime/broker/broker.ts';
import { INTAKE, inbox, outbox } from '../../runtime/names.ts';
import { canonicalMessage, mapped, message, type Source, source, type Target, type Variant } from './documents.ts';
import type { Command } from './drain.ts';
import { peers } from './peers.ts';
import { prepareStage } from './stage.ts';

export interface Candidate {
  name: string;
  what: string;
  from: string;
  to: string;
  /** Processes. */
  pods: number;
  /** Makes queues in the empty vhost; gives how a process is started, and where the queues are. */
  prepare(vhost: string): Promise<{ command: Command; uri: string }>;
  message(n: number, lines: number): OutgoingMessage;
  /** Throws when a document that came out is not what it should be. */
  check(body: Buffer, lines: number): void;
}

interface Parts {
  folder: string;
  broker: { uri: string; version: string };
  databaseUrl: string;
  management: ManagementClient;
  say(line: string): void;
}

/** Candidates that work in parallel may begin with any document. */
const numberOf = (name: string): number => Number(name.slice('PO-'.length));
function isMapped(body: Buffer, lines: number): void {
  const target = JSON.parse(body.toString()) as Target;
  assert.deepEqual(target, mapped(source(numberOf(target.orderNumber), lines)));
}
function isSame(body: Buffer, lines: number): void {
  const document = JSON.parse(body.toString()) as Source;
  assert.deepEqual(document, source(numberOf(document.no), lines));
}

/** Gives the peers that can be built here; `onMissing` is told of the others. */
export async function peerCandidates(
  { broker, management, say }: Parts,
  wanted: (name: string) => boolean,
  onMissing: (name: string, error: Error) => void,
): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const { name, what, build } of peers.filter((peer) => wanted(peer.name))) {
    const command = await build(say).catch((error: Error) => onMissing(name, error));
    if (!command) continue;
    candidates.push({
      name,
      what,
      from: 'in',
      to: 'out',
      pods: 1,
      async prepare(vhost) {
        const uri = `${broker.uri}/${encodeURIComponent(vhost)}`;
        await management.putVhost(vhost, 'bench');
        const user = decodeURIComponent(new URL(uri).username);
        await management.putPermission(vhost, user, { configure: '.*', write: '.*', read: '.*' });
        for (const queue of ['in', 'out'])
          await management.putQueue(vhost, { name: queue, durable: true, arguments: { 'x-queue-type': 'quorum' } });
        return { uri, command: { ...command, env: environment(uri, 'in', 'out') } };
      },
      message,
      check: name === 'limit' ? isSame : isMapped,
    });
  }
  return candidates;
}

export interface Own extends Variant {
  name: string;
  what: string;
  pods?: number;
  /** Journal and payloads are written nowhere. */
  journalless?: boolean;
}
export const OWN: readonly Own[] = [
  {
    name: 'crossdock',
    what: 'a runtime: decode, compiled map, validate, keys, journal and payload streams; acks in batches',
    hop: 'Intake',
  },
  {
    name: 'crossdock without journal',
    what: 'the same without journal and payload streams',
    hop: 'Intake',
    journalless: true,
  },
  { name: 'crossdock in two pods', what: 'two runtimes', hop: 'Intake', pods: 2 },
  { name: 'crossdock inbox', what: 'the second hop: from the inbox, routed to an outbox, journalled', hop: 'Inbox' },
  {
    name: 'crossdock inbox with dedupe',
    what: 'the same, each document claimed in PostgreSQL against duplicates',
    hop: 'Inbox',
    dedupe: true,
  },
];

export async function ownCandidate(own: Own, parts: Parts): Promise<Candidate> {
  const { name, what, hop, pods = 1, journalless } = own;
  const folder = join(parts.folder, name.replaceAll(/\W+/g, '-'));
  mkdirSync(folder, { recursive: true });
  const stage = await prepareStage(folder, parts.management, parts.broker, own);
  const [from, to] = hop === 'Intake' ? [INTAKE, inbox('orders')] : [inbox('orders'), outbox('orders', 'box')];
  return {
    name,
    what,
    from,
    to,
    pods,
    async prepare(vhost) {
      const uri = await stage.declare(vhost);
      const program = join(import.meta.dirname, 'peers/crossdock.ts');
      const command: Command = {
        command: process.execPath,
        args: ['--no-warnings', program, ...(journalless ? ['--no-journal'] : [])],
        env: {
          ...environment(uri, from, to),
          BENCH_PLAN: stage.plan,
          BENCH_DATABASE: parts.databaseUrl,
          LOG_LEVEL: 'error',
        },
      };
      return { uri, command };
    },
    message: hop === 'Intake' ? message : (n, lines) => canonicalMessage(n, lines, own.dedupe ?? false),
    check: isMapped,
  };
}

function environment(uri: string, from: string, to: string): Record<string, string> {
  const { hostname, port, username, password, pathname } = new URL(uri);
  return {
    BENCH_URI: uri,
    BENCH_HOST: hostname,
    BENCH_PORT: port,
    BENCH_USER: decodeURIComponent(username),
    BENCH_PASSWORD: decodeURIComponent(password),
    BENCH_VHOST: decodeURIComponent(pathname.slice(1)),
    BENCH_IN: from,
    BENCH_OUT: to,
  };
}
