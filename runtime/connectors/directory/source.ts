/**
 * Takes files from a folder. A file is taken when it is complete as far as can be told: size and time of change are the same
 * as at the poll before, or the last change is more than a second ago. Who writes slower than that should write under
 * another name (a leading dot, or one that the pattern does not match) and rename.
 *
 * A file's identity is (connector, name, size, sha256): after a crash between the confirm and the move to the archive it is
 * taken again and is the same document. It is moved only when `accept` has resolved; else it stays where it is.
 * Sub folders and dot files are not looked at; symbolic links and what is no regular file are refused.
 */
import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectorPlan } from '../../plan.ts';
import { NeverTakenError, type Received, type ReceivedLarge, type Secrets, type Source } from '../connector.ts';
import { errorCode } from '../failure.ts';
import { type FileSeen, LARGE_BYTES, MAX_FILE_BYTES, pollMailbox, type Report, Unsettled } from '../polling.ts';
import { contentTypeOf, move, safeName, timeStamp } from './files.ts';
import { fileMatcher } from './pattern.ts';
import { checkPlace } from './place.ts';

const SETTLED_MS = 1_000;

type Accept = (received: Received) => Promise<void>;
type AcceptLarge = (large: ReceivedLarge) => Promise<boolean>;
interface Look extends FileSeen {
  stats: Stats;
}

export function directorySource(plan: ConnectorPlan, _secrets: Secrets): Source {
  const spec = plan.directory!;
  if (!spec.inbound) throw new Error(`connector "${plan.name}": set spec.directory.inbound to use it as a source`);
  const inbound = spec.inbound;
  const archive = spec.archive ?? join(inbound, '.archive');
  const wanted = fileMatcher(spec.pattern);

  return {
    async start(accept, onTrouble, acceptLarge) {
      return pollMailbox<Look>(
        {
          async look(report) {
            await checkPlace(plan.name, 'inbound', inbound);
            await checkPlace(plan.name, 'archive', archive);
            return look(plan.name, inbound, wanted, report);
          },
          take: (file) => takeFile(plan.name, inbound, archive, file, accept, acceptLarge),
          troubleWith: (name, error) => troubleWith(plan.name, name, error),
          concurrency: plan.concurrency,
        },
        onTrouble,
      );
    },
  };
}

/** Regular files that match, oldest first. `seen`: all names of the folder. */
async function look(connector: string, inbound: string, wanted: (name: string) => boolean, report: Report) {
  const found: Look[] = [];
  let names: string[];
  try {
    names = await readdir(inbound);
  } catch (error) {
    const what = errorCode(error) === 'ENOENT' ? 'does not exist' : `cannot be read (${errorCode(error)})`;
    const remedy = 'create or mount it, or mend spec.directory.inbound';
    throw new Error(`connector "${connector}": the folder ${inbound} ${what}; ${remedy}`);
  }
  for (const name of names) {
    if (name.startsWith('.') || !wanted(name)) continue;
    const stats = await lstat(join(inbound, name)).catch(() => undefined);
    if (!stats || stats.isDirectory()) continue;
    if (stats.isFile())
      found.push({
        name,
        stats,
        size: stats.size,
        fingerprint: fingerprint(stats),
        complete: Date.now() - stats.mtimeMs > SETTLED_MS,
      });
    else
      report(
        name,
        new Error(
          `connector "${connector}": ${name} is refused: it is a ${kindOf(stats)}, not a regular file; remove it`,
        ),
      );
  }
  found.sort((a, b) => a.stats.mtimeMs - b.stats.mtimeMs || (a.name < b.name ? -1 : 1));
  return { found, seen: new Set(names) };
}

const kindOf = (stats: Stats): string => (stats.isSymbolicLink() ? 'symbolic link' : 'device, pipe or socket');
const fingerprint = (stats: Stats): string => `${stats.ino}:${stats.size}:${stats.mtimeMs}`;
async function takeFile(
  connector: string,
  inbound: string,
  archive: string,
  file: Look,
  accept: Accept,
  acceptLarge: AcceptLarge | undefined,
): Promise<void> {
  const path = join(inbound, file.name);
  const stamp = timeStamp(Date.now());
  const { name } = file;
  if (acceptLarge && file.stats.size > LARGE_BYTES) {
    const hash = createHash('sha256');
    for await (const bytes of chunksOf(path, file.stats)) hash.update(bytes);
    const digest = hash.digest('hex');
    const large = {
      contentType: contentTypeOf(name),
      identity: [connector, name, String(file.stats.size), digest],
      label: name,
      head: await headOf(path, file.stats),
      read: () => chunksOf(path, file.stats),
    };
    if (await acceptLarge(large))
      return moveTaken(path, file.stats, join(archive, `${stamp}-${digest.slice(0, 12)}-${safeName(name)}`));
  }
  const refuse = async (why: string): Promise<never> => {
    const refused = join(archive, 'refused', `${stamp}-${file.stats.ino}-${safeName(file.name)}`);
    await move(path, refused);
    throw new Error(`${why}; it was moved to ${refused}`);
  };
  if (file.stats.size > MAX_FILE_BYTES)
    await refuse(`it has ${file.stats.size} bytes, more than the ${MAX_FILE_BYTES} that are taken`);
  const body = await readUnchanged(path, file.stats);
  const hash = createHash('sha256').update(body).digest('hex');
  try {
    await accept({
      body,
      contentType: contentTypeOf(file.name),
      identity: [connector, file.name, String(body.length), hash],
      label: file.name,
    });
  } catch (error) {
    if (error instanceof NeverTakenError) await refuse(error.message);
    throw error;
  }
  await moveTaken(path, file.stats, join(archive, `${stamp}-${hash.slice(0, 12)}-${safeName(name)}`));
}

async function moveTaken(path: string, stats: Stats, to: string): Promise<void> {
  if (fingerprint(await lstat(path)) !== fingerprint(stats)) {
    throw new Error(
      'it was changed while it was taken: what was there before is accepted, the new content will be taken next; write files under another name and rename them',
    );
  }
  await move(path, to);
}

const CHUNK_BYTES = 256 * 1_024;

/** The content piece by piece, if the file is still the one that was looked at, before and after. */
async function* chunksOf(path: string, expected: Stats): AsyncGenerator<Buffer> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (fingerprint(await handle.stat()) !== fingerprint(expected)) throw new Unsettled();
    for (let at = 0; at < expected.size; ) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, at);
      if (bytesRead === 0) throw new Unsettled();
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
    if (fingerprint(await handle.stat()) !== fingerprint(expected)) throw new Unsettled();
  } finally {
    await handle.close();
  }
}

async function headOf(path: string, stats: Stats): Promise<Buffer> {
  for await (const bytes of chunksOf(path, stats)) return bytes.subarray(0, 65_536);
  return Buffer.alloc(0);
}

/** The content, if the file is still the one that was looked at, before and after reading. */
async function readUnchanged(path: string, expected: Stats): Promise<Buffer> {
  // NONBLOCK: a pipe put in the file's place must not hang the poll.
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (fingerprint(await handle.stat()) !== fingerprint(expected)) throw new Unsettled();
    const body = Buffer.allocUnsafe(expected.size);
    let filled = 0;
    while (filled < body.length) {
      const { bytesRead } = await handle.read(body, filled, body.length - filled, filled);
      if (bytesRead === 0) throw new Unsettled();
      filled += bytesRead;
    }
    if (fingerprint(await handle.stat()) !== fingerprint(expected)) throw new Unsettled();
    return body;
  } finally {
    await handle.close();
  }
}

/** Undefined where there is nothing to say: it is still being written, or somebody else took it. */
function troubleWith(connector: string, name: string, error: unknown): Error | undefined {
  const code = errorCode(error);
  if (error instanceof Unsettled || code === 'ENOENT') return undefined;
  const unreadable = code === 'EACCES' || code === 'EPERM';
  const what = unreadable ? `no permission to read or move it (${code}); mend its mode or owner` : messageOf(error);
  return new Error(`connector "${connector}": file ${name}: ${what}`, { cause: error });
}
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
