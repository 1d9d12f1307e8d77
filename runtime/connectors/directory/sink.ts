/**
 * Writes each document as one file, whole or not at all, and once: also when the consumer has taken the file before a retry
 * comes. For this a ledger beside the files remembers idempotency keys:
 *
 *   <outbound>/.crossdock/staged/<key hash>.<nonce>   the content, written and synced
 *   <outbound>/.crossdock/sent/<2 digits>/<key hash>  a symbolic link to the text `<nonce>`: made atomically, never overwritten
 *
 * 1. stage under a nonce of one's own; 2. claim the key with that nonce (who comes second throws its own stage away);
 * 3. rename the claimed stage to its final name. If the claimed stage is gone, step 3 was done before. A crash at any point
 * is finished by the retry, and two processes with the same document make one file.
 * The ledger grows by one link (an inode, no data block) per document and is not pruned here.
 */
import { createHash, randomBytes } from 'node:crypto';
import { lstat, mkdir, readlink, rename, symlink, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DocumentError } from '../../errors.ts';
import type { ConnectorPlan } from '../../plan.ts';
import type { Secrets, Sink, SinkAnswer, SinkRequest } from '../connector.ts';
import { deadline, deliveryFailed, errorCode } from '../failure.ts';
import { extensionOf, safeName, syncFolder, writeDurably } from './files.ts';
import { checkPlace } from './place.ts';

export function directorySink(plan: ConnectorPlan, _secrets: Secrets): Sink {
  const outbound = plan.directory!.outbound;
  if (!outbound) throw new Error(`connector "${plan.name}": set spec.directory.outbound to use it as a destination`);
  return {
    async send(request) {
      const limit = deadline(Math.min(request.timeoutMs, plan.timeoutMs), request.signal);
      const gaveUp = new Promise<never>((_, reject) => {
        const onAbort = (): void => reject(late(plan.name, outbound));
        if (limit.signal.aborted) onAbort();
        else limit.signal.addEventListener('abort', onAbort, { once: true });
      });
      try {
        await checkPlace(plan.name, 'outbound', outbound).catch(refused);
        return await Promise.race([write(outbound, request), gaveUp]);
      } catch (error) {
        throw error instanceof DocumentError ? error : failure(plan.name, outbound, error);
      } finally {
        limit.clear();
      }
    },
    async close() {},
  };
}

const refused = ({ message }: Error): never => {
  throw deliveryFailed('directory.refused', `${message}; nothing was written`);
};

async function write(outbound: string, request: SinkRequest): Promise<SinkAnswer> {
  const key = createHash('sha256').update(request.idempotencyKey).digest('hex');
  const name = safeName(request.fileName ?? request.idempotencyKey + extensionOf(request.contentType));
  const staged = join(outbound, '.crossdock', 'staged');
  const claim = join(outbound, '.crossdock', 'sent', key.slice(0, 2), key);
  await lstat(outbound);

  const nonce = (await claimed(claim)) ?? (await stageAndClaim(staged, claim, key, request.body));
  const stage = join(staged, `${key}.${nonce}`);
  const final = join(outbound, name);
  // In this order: what is there while our stage is still there, is not ours.
  const occupied = await exists(final);
  if (!(await exists(stage))) return answer(name, true);
  if (occupied) throw taken(final);
  try {
    await rename(stage, final);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' && !(await exists(stage))) return answer(name, true);
    throw error;
  }
  await syncFolder(outbound);
  return answer(name, false);
}

/** The nonce that holds the key now: ours, or that of who was faster. */
async function stageAndClaim(staged: string, claim: string, key: string, body: Buffer): Promise<string> {
  await mkdir(staged, { recursive: true });
  await mkdir(dirname(claim), { recursive: true });
  const nonce = randomBytes(8).toString('hex');
  const stage = join(staged, `${key}.${nonce}`);
  try {
    await writeDurably(stage, body);
    await syncFolder(staged);
    await symlink(nonce, claim);
  } catch (error) {
    await unlink(stage).catch(() => {});
    const other = errorCode(error) === 'EEXIST' ? await claimed(claim) : undefined;
    if (!other) throw error;
    return other;
  }
  await syncFolder(dirname(claim));
  return nonce;
}

const claimed = (claim: string): Promise<string | undefined> =>
  readlink(claim).catch((error) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
const exists = async (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    (error) => {
      if (errorCode(error) === 'ENOENT') return false;
      throw error;
    },
  );
const answer = (file: string, before: boolean): SinkAnswer => ({
  status: 200,
  headers: {},
  body: before ? { file, alreadySent: true } : { file },
});

const taken = (final: string): DocumentError =>
  deliveryFailed(
    'directory.exists',
    `${final} is there already and is another document's; it is not overwritten. The file is written once it was taken away; make fileNameExpression unique per document`,
  );
const late = (connector: string, outbound: string): DocumentError =>
  deliveryFailed(
    'directory.timeout',
    `connector "${connector}": ${outbound} did not take the file in time; a retry finishes it`,
  );

function failure(connector: string, outbound: string, error: unknown): DocumentError {
  const code = errorCode(error);
  const what: Record<string, string> = {
    ENOENT: 'does not exist; create or mount it, or mend spec.directory.outbound',
    ENOTDIR: 'is not a folder; mend spec.directory.outbound',
    EACCES: 'may not be written; mend its mode or owner',
    EPERM: 'may not be written, or its file system knows no symbolic links',
    EROFS: 'is on a read-only file system',
    ENOSPC: 'is on a full file system; make room',
    EDQUOT: 'is over its quota; make room',
  };
  return deliveryFailed(
    `directory.${code || 'failed'}`,
    `connector "${connector}": the folder ${outbound} ${what[code] ?? `cannot be written (${code || 'no code'})`}`,
    error,
  );
}
