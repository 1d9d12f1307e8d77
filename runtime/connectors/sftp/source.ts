/**
 * Takes files from a folder of an SFTP server. The server's clock says nothing here, so a file is taken once two polls have found it with the
 * same size and time. Its identity is (connector, name, size, sha256): after a crash between the broker's confirm and the end of the work it is
 * taken again and is the same document. Then it is moved to the archive, or deleted; not before `accept` has resolved.
 * Sub folders and dot files are not looked at; what is no regular file is refused.
 */
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { Stats } from 'ssh2';
import type { ConnectorPlan } from '../../plan.ts';
import { NeverTakenError, type Received, type ReceivedLarge, type Secrets, type Source } from '../connector.ts';
import { contentTypeOf, safeName, timeStamp } from '../directory/files.ts';
import { fileMatcher } from '../directory/pattern.ts';
import { type FileSeen, LARGE_BYTES, MAX_FILE_BYTES, pollMailbox, type Report, Unsettled } from '../polling.ts';
import { type Files, NO_SUCH_FILE, PERMISSION_DENIED, Session, statusOf } from './session.ts';

type Accept = (received: Received) => Promise<void>;
type AcceptLarge = (large: ReceivedLarge) => Promise<boolean>;

export function sftpSource(plan: ConnectorPlan, secrets: Secrets): Source {
  const { inbound } = plan.sftp!;
  if (inbound === undefined) throw new Error(`connector "${plan.name}": set spec.sftp.inbound to use it as a source`);
  const wanted = fileMatcher(plan.sftp!.pattern);
  return {
    async start(accept, onTrouble, acceptLarge) {
      const session = new Session(plan, secrets);
      return pollMailbox<FileSeen>(
        {
          look: (report) => session.use((files) => look(plan.name, files, inbound, wanted, report)),
          take: (file) => session.use((files) => take(plan, files, inbound, file, accept, acceptLarge)),
          troubleWith: (name, error) => troubleWith(plan.name, name, error),
          concurrency: plan.concurrency,
          close: async () => session.close(),
        },
        onTrouble,
      );
    },
  };
}

const fingerprint = ({ size, mtime }: Stats): string => `${size}:${mtime}`;

async function look(
  connector: string,
  files: Files,
  inbound: string,
  wanted: (name: string) => boolean,
  report: Report,
): Promise<{ found: FileSeen[]; seen: ReadonlySet<string> }> {
  const entries = await files.list(inbound).catch((error) => {
    throw unreadable(connector, inbound, error);
  });
  const found: (FileSeen & { mtime: number })[] = [];
  for (const { filename: name, attrs } of entries) {
    if (name.startsWith('.') || !wanted(name) || attrs.isDirectory()) continue;
    if (attrs.isFile())
      found.push({ name, size: attrs.size, mtime: attrs.mtime, fingerprint: fingerprint(attrs), complete: false });
    else report(name, new Error(`connector "${connector}": ${name} is refused: it is no regular file; remove it`));
  }
  found.sort((a, b) => a.mtime - b.mtime || (a.name < b.name ? -1 : 1));
  return { found, seen: new Set(entries.map(({ filename }) => filename)) };
}

function unreadable(connector: string, inbound: string, error: unknown): unknown {
  const remedy = 'make it, or mend spec.sftp.inbound';
  switch (statusOf(error)) {
    case NO_SUCH_FILE:
      return new Error(`connector "${connector}": there is no folder ${inbound} on the server; ${remedy}`);
    case PERMISSION_DENIED:
      return new Error(`connector "${connector}": the folder ${inbound} may not be read by this user; ${remedy}`);
    default:
      return error;
  }
}

async function take(
  plan: ConnectorPlan,
  files: Files,
  inbound: string,
  { name, size, fingerprint: seen }: FileSeen,
  accept: Accept,
  acceptLarge: AcceptLarge | undefined,
): Promise<void> {
  const path = posix.join(inbound, name);
  const stamp = timeStamp(Date.now());
  const same = async () => fingerprint(await files.look(path)) === seen;
  if (!(await same())) throw new Unsettled();
  const refuse = async (why: string): Promise<never> => {
    // What was never taken is not deleted, whatever is done with the others.
    const refused = posix.join(
      plan.sftp!.archive ?? posix.join(inbound, '.archive'),
      'refused',
      `${stamp}-${safeName(name)}`,
    );
    await move(files, path, refused);
    throw new Error(`${why}; it was moved to ${refused}`);
  };
  const putAway = async (digest: string): Promise<void> => {
    if (!(await same()))
      throw new Error(
        'it was changed while it was taken: what was there before is accepted, the new content will be taken next; write files under another name and rename them',
      );
    const { archive } = plan.sftp!;
    if (archive === undefined) await files.remove(path);
    else await move(files, path, posix.join(archive, `${stamp}-${digest.slice(0, 12)}-${safeName(name)}`));
  };
  if (acceptLarge && size > LARGE_BYTES) {
    const hash = createHash('sha256');
    let head: Buffer | undefined;
    for await (const piece of files.read(path, size)) {
      head ??= Buffer.from(piece.subarray(0, 65_536));
      hash.update(piece);
    }
    const digest = hash.digest('hex');
    const identity = [plan.name, name, String(size), digest];
    const read = () => files.read(path, size);
    if (await acceptLarge({ contentType: contentTypeOf(name), identity, label: name, head: head!, read }))
      return putAway(digest);
  }
  if (size > MAX_FILE_BYTES) await refuse(`it has ${size} bytes, more than the ${MAX_FILE_BYTES} that are taken`);
  const body = await files.readWhole(path, size);
  if (!(await same())) throw new Unsettled();
  const digest = createHash('sha256').update(body).digest('hex');
  const identity = [plan.name, name, String(size), digest];
  try {
    await accept({ body, contentType: contentTypeOf(name), identity, label: name });
  } catch (error) {
    if (error instanceof NeverTakenError) await refuse(error.message);
    throw error;
  }
  await putAway(digest);
}

/** Folders on the way are made. */
async function move(files: Files, from: string, to: string): Promise<void> {
  const folder = posix.dirname(to);
  if (!(await files.lookFor(folder))) await makeFolders(files, folder);
  await files.rename(from, to);
}

async function makeFolders(files: Files, folder: string): Promise<void> {
  const above = posix.dirname(folder);
  if (above !== folder && !(await files.lookFor(above))) await makeFolders(files, above);
  await files.makeFolder(folder).catch(async (error) => {
    // Somebody else was faster.
    if (!(await files.lookFor(folder))) throw error;
  });
}

/** Undefined where there is nothing to say: it is still being written, or somebody else took it. */
function troubleWith(connector: string, name: string, error: unknown): Error | undefined {
  const status = statusOf(error);
  if (error instanceof Unsettled || status === NO_SUCH_FILE) return undefined;
  const what =
    status === PERMISSION_DENIED
      ? 'the server does not let this user read it, or put it away; mend its rights, or spec.sftp.archive'
      : error instanceof Error
        ? error.message
        : String(error);
  return new Error(`connector "${connector}": file ${name}: ${what}`, { cause: error });
}
