/**
 * Writes each document as one file of an SFTP server, whole or not at all: under a temporary name of each attempt's own, and then renamed. A
 * retry finds the file of the attempt before, if its reader has not taken it: the same bytes are there already, and nothing is written.
 * SFTP cannot tell of a file that was taken. Where the end of an attempt is not known, as when the connection breaks just behind the rename, and
 * the reader is faster than the retry, the file comes again: same name, same bytes, same control numbers.
 */
import { randomBytes } from 'node:crypto';
import { posix } from 'node:path';
import { DocumentError } from '../../errors.ts';
import type { ConnectorPlan } from '../../plan.ts';
import { SecretError } from '../../secrets.ts';
import type { Secrets, Sink, SinkAnswer, SinkRequest } from '../connector.ts';
import { extensionOf, safeName } from '../directory/files.ts';
import { deadline, deliveryFailed, UnreachableError } from '../failure.ts';
import { type Files, NO_SUCH_FILE, PERMISSION_DENIED, Session, statusOf } from './session.ts';

export function sftpSink(plan: ConnectorPlan, secrets: Secrets): Sink {
  const { outbound } = plan.sftp!;
  if (outbound === undefined)
    throw new Error(`connector "${plan.name}": set spec.sftp.outbound to use it as a destination`);
  const session = new Session(plan, secrets);
  let swept: Files | undefined;
  const send = async (files: Files, request: SinkRequest): Promise<SinkAnswer> => {
    if (files !== swept) await sweep(files, outbound);
    swept = files;
    return write(plan.name, files, outbound, request);
  };
  return {
    async send(request) {
      const limit = deadline(Math.min(request.timeoutMs, plan.timeoutMs), request.signal);
      const late = Promise.withResolvers<never>();
      const onAbort = () =>
        late.reject(
          deliveryFailed('sftp.timeout', `connector "${plan.name}": ${outbound} did not take the file in time`),
        );
      if (limit.signal.aborted) onAbort();
      else limit.signal.addEventListener('abort', onAbort, { once: true });
      try {
        return await Promise.race([session.use((files) => send(files, request)), late.promise]);
      } catch (error) {
        throw failure(plan.name, outbound, error);
      } finally {
        limit.clear();
      }
    },
    async close() {
      session.close();
    },
  };
}

async function write(connector: string, files: Files, outbound: string, request: SinkRequest): Promise<SinkAnswer> {
  const { body } = request;
  const name = safeName(request.fileName ?? request.idempotencyKey + extensionOf(request.contentType));
  const final = posix.join(outbound, name);
  // An attempt that was given up may still be writing.
  const part = posix.join(outbound, `.${name}.${randomBytes(8).toString('hex')}.part`);
  if (await isThere(connector, files, final, body)) return answer(name, true);
  await files.write(part, body);
  try {
    await files.rename(part, final);
  } catch (error) {
    // Another attempt was faster: with the same bytes, or the name is another document's.
    const there = await isThere(connector, files, final, body);
    await files.remove(part).catch(() => {});
    if (!there) throw error;
    return answer(name, true);
  }
  return answer(name, false);
}

const PART = /^\..+\.[0-9a-f]{16}\.part$/;
/** Clocks may differ by hours. */
const LEFT_BEHIND_SECONDS = 24 * 3600;

/** Takes away what attempts left behind whose connection broke. */
async function sweep(files: Files, outbound: string): Promise<void> {
  const before = Date.now() / 1_000 - LEFT_BEHIND_SECONDS;
  for (const { filename, attrs } of await files.list(outbound))
    if (PART.test(filename) && attrs.isFile() && attrs.mtime < before)
      await files.remove(posix.join(outbound, filename)).catch(() => {});
}

/** Whether just these bytes are there. Throws where others are. */
async function isThere(connector: string, files: Files, path: string, body: Buffer): Promise<boolean> {
  const there = await files.lookFor(path);
  if (!there) return false;
  if (there.isFile() && there.size === body.length) {
    const bytes = await files.readWhole(path, there.size).catch((error) => {
      if (statusOf(error) === NO_SUCH_FILE) return undefined;
      throw error;
    });
    // Its reader took it meanwhile.
    if (bytes === undefined) return false;
    if (bytes.equals(body)) return true;
  }
  throw deliveryFailed(
    'sftp.exists',
    `connector "${connector}": ${path} is there already and is another document's; it is not overwritten. The file is written once it was taken away; make fileNameExpression unique per document`,
  );
}

const answer = (file: string, before: boolean): SinkAnswer => ({
  status: 200,
  headers: {},
  body: before ? { file, alreadySent: true } : { file },
});

function failure(connector: string, outbound: string, error: unknown): DocumentError {
  if (error instanceof DocumentError) return error;
  if (error instanceof UnreachableError) return deliveryFailed('sftp.connection', error.message, error);
  if (error instanceof SecretError) return deliveryFailed('secret.unavailable', `${error.message}; nothing was sent`);
  const what: Record<number, string> = {
    [NO_SUCH_FILE]: 'does not exist on the server; make it, or mend spec.sftp.outbound',
    [PERMISSION_DENIED]: 'may not be written by this user',
  };
  const said = what[statusOf(error) ?? -1] ?? `cannot be written (${(error as Error).message})`;
  return deliveryFailed('sftp.failed', `connector "${connector}": the folder ${outbound} ${said}`, error);
}
