/**
 * One SSH connection to a server of files: made when first needed, made anew when it is lost or its Secret has changed, closed when it
 * was not needed for a minute. Several requests are under way at a time, so that a far server is not a slow one.
 */
import { createHash } from 'node:crypto';
import ssh2, {
  type ClientErrorExtensions,
  type FileEntry,
  type ServerHostKeyAlgorithm,
  type SFTPWrapper,
  type Stats,
} from 'ssh2';
import type { ConnectorPlan } from '../../plan.ts';
import { SecretError } from '../../secrets.ts';
import type { Secrets } from '../connector.ts';
import { errorCode, UnreachableError } from '../failure.ts';
import { BLOCKED, socketTo } from '../http/reach.ts';
import { Unsettled } from '../polling.ts';

const { Client, utils } = ssh2;
type Plan = NonNullable<ConnectorPlan['sftp']>;

const IDLE_MS = 60_000;
const KEEPALIVE_MS = 10_000;
/** Every server takes so much at once. */
const CHUNK_BYTES = 32 * 1_024;
const UNDER_WAY = 16;

/** Status codes of SFTP version 3. */
export const NO_SUCH_FILE = 2;
export const PERMISSION_DENIED = 3;
const END_OF_FILE = 1;
/** Of the server's answer; undefined where there was none. */
export const statusOf = (error: unknown): number | undefined => {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
};

interface Opened {
  access: Access;
  files: Promise<Files>;
  end(): void;
}
interface Access {
  username: string;
  password?: string;
  privateKey?: string;
  passphrase?: string;
}

export class Session {
  readonly #connector: string;
  readonly #plan: Plan;
  readonly #secrets: Secrets;
  readonly #timeoutMs: number;
  #open: Opened | undefined;
  #idle: NodeJS.Timeout | undefined;
  #users = 0;

  constructor(plan: ConnectorPlan, secrets: Secrets) {
    this.#connector = plan.name;
    this.#plan = plan.sftp!;
    this.#secrets = secrets;
    this.#timeoutMs = plan.timeoutMs;
  }

  /** Rejects with UnreachableError, or SecretError; else as the work does. */
  async use<T>(work: (files: Files) => Promise<T>): Promise<T> {
    this.#users++;
    clearTimeout(this.#idle);
    try {
      return await work(await this.#files());
    } finally {
      this.#users--;
      if (this.#users === 0) this.#idle = setTimeout(() => this.close(), IDLE_MS).unref();
    }
  }

  close(): void {
    clearTimeout(this.#idle);
    this.#open?.end();
    this.#open = undefined;
  }

  async #files(): Promise<Files> {
    const access = await this.#access();
    if (this.#open && !sameAccess(this.#open.access, access)) this.close();
    const open = this.#open ?? this.#connect(access);
    this.#open = open;
    return open.files;
  }

  async #access(): Promise<Access> {
    const { name } = this.#plan.secretRef;
    const get = async (key: string): Promise<string> => {
      const value = await this.#secrets.get(name, key).catch((error: Error) => {
        if (error instanceof SecretError) throw error;
        const message = `connector "${this.#connector}": Secret "${name}" cannot be read now`;
        throw new UnreachableError(message, { cause: error });
      });
      return value.reveal();
    };
    const perhaps = (key: string) =>
      get(key).catch((error: Error) => {
        if (error instanceof SecretError) return undefined;
        throw error;
      });
    const username = (await get('username')).trim();
    const [privateKey, password, passphrase] = await Promise.all(
      ['ssh-privatekey', 'password', 'passphrase'].map(perhaps),
    );
    if (privateKey === undefined && password === undefined)
      throw new SecretError(name, 'password', `Secret "${name}" has neither the key "ssh-privatekey" nor "password"`);
    const broken = privateKey !== undefined && utils.parseKey(privateKey, passphrase);
    if (broken instanceof Error)
      throw new SecretError(name, 'ssh-privatekey', `Secret "${name}": "ssh-privatekey" is no key: ${broken.message}`);
    return {
      username,
      ...(password !== undefined && { password }),
      ...(privateKey !== undefined && { privateKey }),
      ...(passphrase !== undefined && { passphrase }),
    };
  }

  #connect(access: Access): Opened {
    const { host, port, hostKeys } = this.#plan;
    const client = new Client();
    const pinned = hostKeys.map(hostKeyOf);
    let shown: Buffer | undefined;
    let files: Files | undefined;
    const opening = new Promise<Files>((resolve, reject) => {
      client.once('ready', () => {
        client.sftp((error, sftp) => {
          if (error) return reject(error);
          files = new Files(sftp);
          resolve(files);
        });
      });
      client.on('error', reject);
      client.once('close', () => reject(new Error('the connection was closed')));
    });
    const open = {
      access,
      files: opening.catch((error: Error & ClientErrorExtensions) => {
        client.destroy();
        throw new UnreachableError(
          this.#why(error, access, shown && !pinned.some(({ key }) => key.equals(shown!)) ? shown : undefined),
          { cause: error },
        );
      }),
      end: () => void client.end(),
    };
    const gone = (error?: Error) => {
      if (this.#open === open) this.#open = undefined;
      const why = error ? ` (${error.message})` : '';
      files?.lose(
        new UnreachableError(`connector "${this.#connector}": the connection to ${host}:${port} was lost${why}`),
      );
    };
    client.on('error', gone);
    client.once('close', () => gone());
    open.files.catch(() => {});
    client.connect({
      sock: socketTo(host, port),
      ...access,
      readyTimeout: this.#timeoutMs,
      keepaliveInterval: KEEPALIVE_MS,
      keepaliveCountMax: 3,
      // It is asked for the kinds of key that are known of it, for it may have others.
      algorithms: { serverHostKey: [...new Set(pinned.flatMap(({ algorithms }) => algorithms))] },
      hostVerifier: (key: Buffer) => {
        shown = key;
        return pinned.some((each) => each.key.equals(key));
      },
    });
    return open;
  }

  #why(
    error: Error & ClientErrorExtensions,
    { username, privateKey, passphrase }: Access,
    stranger: Buffer | undefined,
  ): string {
    const { host, port, secretRef } = this.#plan;
    const where = `connector "${this.#connector}": ${host}:${port}`;
    if (stranger)
      return `${where} shows a host key that is none of spec.sftp.hostKeys: ${printOf(stranger)}. If its owner says that he has changed it, write it there; else somebody else may be answering`;
    if (/host key/i.test(error.message))
      return `${where} has no host key of the kinds in spec.sftp.hostKeys; write down another one of its keys, as ssh-keyscan shows them`;
    if (error.level === 'client-authentication') {
      const key = privateKey === undefined ? undefined : utils.parseKey(privateKey, passphrase);
      const offered = key && !(key instanceof Error) ? `the key ${printOf(key.getPublicSSH())}` : 'the password';
      return `${where} does not let "${username}" in by ${offered} of Secret "${secretRef.name}"`;
    }
    if (error.level === 'client-timeout') return `${where} did not answer within ${this.#timeoutMs} ms`;
    if (errorCode(error) === BLOCKED) return `${where} is a link-local address, where no connector goes`;
    return `${where} cannot be reached (${errorCode(error) || error.message})`;
  }
}

const sameAccess = (a: Access, b: Access): boolean =>
  a.username === b.username &&
  a.password === b.password &&
  a.privateKey === b.privateKey &&
  a.passphrase === b.passphrase;

/** As OpenSSH prints it. */
const printOf = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/** `TYPE BASE64 [comment]`, as in known_hosts behind the host's name. */
function hostKeyOf(line: string): { key: Buffer; algorithms: ServerHostKeyAlgorithm[] } {
  const [type = '', base64 = ''] = line.trim().split(/\s+/);
  return {
    key: Buffer.from(base64, 'base64'),
    algorithms: (type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type]) as ServerHostKeyAlgorithm[],
  };
}
/** What the types of ssh2 do not know of its answer. */
type Listed = FileEntry & { attrs: Stats };

/** What is done with files over one connection. Everything rejects when that is lost. */
export class Files {
  readonly #sftp: SFTPWrapper;
  readonly #waiting = new Set<(error: Error) => void>();
  #lost: Error | undefined;

  constructor(sftp: SFTPWrapper) {
    this.#sftp = sftp;
  }

  /** The connection is gone: what waits for an answer gets none. */
  lose(error: Error): void {
    this.#lost = error;
    for (const reject of this.#waiting) reject(error);
    this.#waiting.clear();
  }

  #ask<T>(request: (done: (error: Error | null | undefined, answer: T) => void) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#lost) return reject(this.#lost);
      this.#waiting.add(reject);
      request((error, answer) => {
        this.#waiting.delete(reject);
        if (error) reject(error);
        else resolve(answer);
      });
    });
  }

  /** Attributes are those of links themselves. */
  list(folder: string): Promise<{ filename: string; attrs: Stats }[]> {
    return this.#ask((done) => this.#sftp.readdir(folder, (error, entries) => done(error, entries as Listed[])));
  }
  /** Of the link itself, where it is one. */
  look(path: string): Promise<Stats> {
    return this.#ask((done) => this.#sftp.lstat(path, done));
  }
  /** Undefined where there is nothing. */
  async lookFor(path: string): Promise<Stats | undefined> {
    return this.look(path).catch((error) => {
      if (statusOf(error) === NO_SUCH_FILE) return undefined;
      throw error;
    });
  }
  async makeFolder(path: string): Promise<void> {
    await this.#ask<void>((done) => this.#sftp.mkdir(path, (error) => done(error)));
  }
  async remove(path: string): Promise<void> {
    await this.#ask<void>((done) => this.#sftp.unlink(path, (error) => done(error)));
  }
  /** Fails where there is something of the new name. */
  async rename(from: string, to: string): Promise<void> {
    await this.#ask<void>((done) => this.#sftp.rename(from, to, (error) => done(error)));
  }

  /** Bytes of a file of that size, piece by piece; throws Unsettled where it has fewer. */
  async *read(path: string, size: number, pieceBytes = 1_024 * 1_024): AsyncGenerator<Buffer> {
    const handle = await this.#ask<Buffer>((done) => this.#sftp.open(path, 'r', done));
    try {
      for (let at = 0; at < size; at += pieceBytes) {
        const piece = Buffer.allocUnsafe(Math.min(pieceBytes, size - at));
        await inChunks(piece.length, (from, to) => this.#fill(handle, piece, from, to, at));
        yield piece;
      }
    } finally {
      await this.#ask<void>((done) => this.#sftp.close(handle, (error) => done(error))).catch(() => {});
    }
  }

  async readWhole(path: string, size: number): Promise<Buffer> {
    for await (const body of this.read(path, size, size)) return body;
    return Buffer.alloc(0);
  }

  /** A server may give less than was asked for. */
  async #fill(handle: Buffer, piece: Buffer, from: number, to: number, offset: number): Promise<void> {
    for (let at = from; at < to; ) {
      const read = await this.#ask<number>((done) =>
        this.#sftp.read(handle, piece, at, to - at, offset + at, (error, bytes) => done(error, bytes)),
      ).catch((error) => {
        if (statusOf(error) === END_OF_FILE) return 0;
        throw error;
      });
      if (read === 0) throw new Unsettled();
      at += read;
    }
  }

  /** Replaces what is there. */
  async write(path: string, body: Buffer): Promise<void> {
    const handle = await this.#ask<Buffer>((done) => this.#sftp.open(path, 'w', done));
    try {
      await inChunks(body.length, (from, to) =>
        this.#ask<void>((done) => this.#sftp.write(handle, body, from, to - from, from, (error) => done(error))),
      );
    } finally {
      await this.#ask<void>((done) => this.#sftp.close(handle, (error) => done(error)));
    }
  }
}

async function inChunks(size: number, work: (from: number, to: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < size) {
      const from = next;
      next = Math.min(size, from + CHUNK_BYTES);
      await work(from, next);
    }
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, lane));
}
