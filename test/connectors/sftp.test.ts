/** Against a real OpenSSH server. */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { NeverTakenError, type Received, type ReceivedLarge } from '../../runtime/connectors/connector.ts';
import { openSink, openSource } from '../../runtime/connectors/registry.ts';
import type { ConnectorPlan } from '../../runtime/plan.ts';
import { folderSecrets } from '../../runtime/secrets.ts';
import { type SftpServer, startSftpServer } from '../support/sshd.ts';
import { sinkRequest } from './support.ts';

let server: SftpServer;
beforeAll(async () => {
  server = await startSftpServer();
}, 120_000);
afterAll(() => server?.stop());

const access = (more: Record<string, string> = {}) => ({
  metadata: { name: 'acme' },
  stringData: { username: server.username, 'ssh-privatekey': server.privateKey, ...more },
});
const planOf = (more: Partial<NonNullable<ConnectorPlan['sftp']>>): ConnectorPlan => ({
  part: 'connector',
  name: 'acme-sftp',
  sftp: {
    host: '127.0.0.1',
    port: server.port,
    secretRef: { name: 'acme' },
    hostKeys: [server.hostKey],
    pattern: '*',
    pollIntervalMs: 100,
    ...more,
  },
  timeoutMs: 5_000,
  concurrency: 4,
});
let folders = 0;
const folder = (): { name: string; path: string } => {
  const name = `box-${++folders}`;
  return { name, path: server.makeFolder(name) };
};
/** Also those that begin with a dot. */
const names = (path: string) => readdirSync(path).sort();

describe('a sink', () => {
  const sinkTo = (more: Parameters<typeof planOf>[0], secrets = folderSecrets([access()])) => {
    const sink = openSink(planOf(more), secrets);
    onTestFinished(() => sink.close());
    return sink;
  };

  it('writes a file whole and once, and no other in its place', async () => {
    const { name, path } = folder();
    const sink = sinkTo({ outbound: name });
    const body = Buffer.alloc(300_000, 'x');
    body[299_999] = 0;
    const request = sinkRequest({ body, fileName: 'a/b.edi', contentType: 'application/edi-x12' });
    expect(await sink.send(request)).toMatchObject({ status: 200, body: { file: 'a_b.edi' } });
    expect(names(path)).toEqual(['a_b.edi']);
    expect(readFileSync(join(path, 'a_b.edi')).equals(body)).toBe(true);
    expect(await sink.send(request)).toMatchObject({ body: { file: 'a_b.edi', alreadySent: true } });
    await expect(sink.send({ ...request, idempotencyKey: 'k2', body: Buffer.from('other') })).rejects.toMatchObject({
      code: 'sftp.exists',
      retryable: true,
      message: expect.stringContaining("a_b.edi is there already and is another document's"),
    });
    expect(names(path)).toEqual(['a_b.edi']);
    expect(await sink.send(sinkRequest({ body: Buffer.alloc(0), idempotencyKey: 'k3' }))).toMatchObject({
      body: { file: 'k3.json' },
    });
    expect(readFileSync(join(path, 'k3.json'))).toHaveLength(0);
  });

  it('says nothing to a server that it does not know, and who it is', async () => {
    const { name, path } = folder();
    const other = ssh2.utils.generateKeyPairSync('ed25519').public;
    await expect(sinkTo({ outbound: name, hostKeys: [other] }).send(sinkRequest())).rejects.toMatchObject({
      code: 'sftp.connection',
      message: expect.stringMatching(
        /shows a host key that is none of spec.sftp.hostKeys: SHA256:\S{43}\. If its owner/,
      ),
    });
    const rsa = ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 }).public;
    await expect(sinkTo({ outbound: name, hostKeys: [rsa] }).send(sinkRequest())).rejects.toThrow(
      'has no host key of the kinds in spec.sftp.hostKeys',
    );
    expect(names(path)).toEqual([]);
    await sinkTo({ outbound: name, hostKeys: [other, `${server.hostKey} with a comment`] }).send(sinkRequest());
    expect(names(path)).toEqual(['key-1.json']);
  });

  it('says whom the server does not let in, and by what; a new Secret is used at once', async () => {
    const { name, path } = folder();
    const secrets = folderSecrets([access()]);
    const sink = sinkTo({ outbound: name }, secrets);
    await sink.send(sinkRequest({ fileName: 'before' }));
    secrets.replace([access({ 'ssh-privatekey': ssh2.utils.generateKeyPairSync('ed25519').private })]);
    await expect(sink.send(sinkRequest())).rejects.toThrow(
      new RegExp(`does not let "${server.username}" in by the key SHA256:\\S{43} of Secret "acme"`),
    );
    for (const [stringData, message] of [
      [{ username: 'x' }, 'has neither the key "ssh-privatekey" nor "password"'],
      [{ username: 'x', 'ssh-privatekey': 'none' }, '"ssh-privatekey" is no key'],
      [{}, 'has no key "username"'],
    ] as const) {
      secrets.replace([{ metadata: { name: 'acme' }, stringData }]);
      await expect(sink.send(sinkRequest())).rejects.toMatchObject({
        code: 'secret.unavailable',
        message: expect.stringContaining(message),
      });
    }
    secrets.replace([access()]);
    await sink.send(sinkRequest({ fileName: 'after' }));
    expect(names(path)).toEqual(['after', 'before']);
  });

  it('goes to no link-local address', async () => {
    await expect(sinkTo({ outbound: 'x', host: '169.254.169.254' }).send(sinkRequest())).rejects.toThrow(
      `169.254.169.254:${server.port} is a link-local address, where no connector goes`,
    );
  });

  it('says what is wrong with the folder', async () => {
    await expect(sinkTo({ outbound: 'nowhere' }).send(sinkRequest())).rejects.toMatchObject({
      code: 'sftp.failed',
      message:
        'connector "acme-sftp": the folder nowhere does not exist on the server; make it, or mend spec.sftp.outbound',
    });
    await expect(sinkTo({ outbound: '/root' }).send(sinkRequest())).rejects.toThrow('may not be written by this user');
  });

  it('leaves no half file where the server is killed, and goes on when it is back', async () => {
    const { name, path } = folder();
    const sink = openSink({ ...planOf({ outbound: name }), timeoutMs: 30_000 }, folderSecrets([access()]));
    onTestFinished(() => sink.close());
    const body = Buffer.alloc(40_000_000, 'y');
    const request = sinkRequest({ body, fileName: 'large', timeoutMs: 30_000 });
    const sent = sink.send(request).catch((error: Error) => error);
    // In the middle of it.
    for (;;) {
      const [part] = names(path);
      if (part && statSync(join(path, part)).size > 0) break;
      await new Promise(setImmediate);
    }
    await server.kill();
    expect(await sent).toMatchObject({ code: 'sftp.connection', message: expect.stringContaining('was lost') });
    expect(names(path)).toEqual([expect.stringMatching(/^\.large\.[0-9a-f]{16}\.part$/)]);
    await expect(sink.send(request)).rejects.toThrow('cannot be reached (ECONNREFUSED)');
    await server.restart();
    const [part = ''] = names(path);
    utimesSync(join(path, part), 0, Date.now() / 1_000 - 2 * 24 * 3600);
    expect(await sink.send(request)).toMatchObject({ status: 200 });
    // What was left behind is taken away a day later.
    expect(names(path)).toEqual(['large']);
    expect(readFileSync(join(path, 'large')).equals(body)).toBe(true);
  }, 120_000);
});

describe('a password', () => {
  it('lets in as well', async () => {
    const { private: key, public: hostKey } = ssh2.utils.generateKeyPairSync('ed25519');
    const asked: string[] = [];
    const other = new ssh2.Server({ hostKeys: [key] }, (client) =>
      client
        .on('error', () => {})
        .on('authentication', (context) => {
          asked.push(context.method);
          if (context.method === 'password' && context.password === 'right') context.accept();
          else context.reject(['password']);
        }),
    );
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    const send = async (password: string) => {
      const secrets = folderSecrets([{ metadata: { name: 'acme' }, stringData: { username: 'x', password } }]);
      const sink = openSink({ ...planOf({ outbound: 'out', port, hostKeys: [hostKey] }), timeoutMs: 2_000 }, secrets);
      onTestFinished(() => sink.close());
      return sink.send(sinkRequest());
    };
    await expect(send('wrong')).rejects.toThrow('does not let "x" in by the password of Secret "acme"');
    // This server has no files behind its door.
    await expect(send('right')).rejects.not.toThrow('does not let');
    expect(asked).toContain('password');
  });
});

describe('a source', () => {
  async function desk(
    more: Parameters<typeof planOf>[0] = {},
    accept: (received: Received) => Promise<void> = async () => {},
    acceptLarge: (large: ReceivedLarge) => Promise<boolean> = async () => false,
  ) {
    const { name, path } = folder();
    const accepted: Received[] = [];
    const troubles: string[] = [];
    const plan = planOf({ inbound: name, archive: `${name}/.archive`, ...more });
    const source = await openSource(plan, folderSecrets([access()])).start(
      async (received) => {
        await accept(received);
        accepted.push(received);
      },
      ({ message }) => troubles.push(message),
      acceptLarge,
    );
    onTestFinished(() => source.stop());
    return { path, archive: join(path, '.archive'), accepted, troubles, poll: () => source.poll!() };
  }

  it('takes a file that looks the same twice, then archives it', async () => {
    const { path, archive, accepted, troubles, poll } = await desk({ pattern: '*.edi' });
    writeFileSync(join(path, '850.edi'), Buffer.from([0, 255, 10]));
    for (const other of ['.850.edi', 'readme.txt']) writeFileSync(join(path, other), 'x');
    await poll();
    writeFileSync(join(path, '850.edi'), Buffer.from([0, 255, 10, 13]));
    await poll();
    expect(accepted).toEqual([]);
    await poll();
    expect(accepted).toEqual([
      {
        body: Buffer.from([0, 255, 10, 13]),
        contentType: 'application/edi-x12',
        identity: ['acme-sftp', '850.edi', '4', expect.stringMatching(/^[0-9a-f]{64}$/)],
        label: '850.edi',
      },
    ]);
    expect(names(path)).toEqual(['.850.edi', '.archive', 'readme.txt']);
    expect(names(archive)).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d-]+\.\d{3}Z-[0-9a-f]{12}-850\.edi$/)]);
    await poll();
    expect([accepted.length, troubles]).toEqual([1, []]);
  });

  it('deletes it where it is told to', async () => {
    const { path, accepted, poll } = await desk({ archive: undefined });
    writeFileSync(join(path, 'a'), '');
    await poll();
    await poll();
    expect(accepted).toMatchObject([{ label: 'a', body: Buffer.alloc(0) }]);
    expect(names(path)).toEqual([]);
  });

  it('leaves it until it is accepted; what can never be taken is put aside', async () => {
    let refusal: Error | undefined = new Error('the broker is away');
    const { path, archive, accepted, troubles, poll } = await desk({}, async () => {
      if (refusal) throw refusal;
    });
    writeFileSync(join(path, 'a'), 'a');
    for (let n = 0; n < 3; n++) await poll();
    expect(names(path)).toEqual(['a']);
    expect(troubles).toEqual(['connector "acme-sftp": file a: the broker is away']);
    refusal = undefined;
    await poll();
    expect(accepted).toMatchObject([{ label: 'a' }]);
    refusal = new NeverTakenError('it is too large for a message');
    writeFileSync(join(path, 'b'), 'b');
    await poll();
    await poll();
    expect(names(path)).toEqual(['.archive']);
    expect(names(join(archive, 'refused'))).toEqual([expect.stringMatching(/-b$/)]);
    expect(troubles.at(-1)).toMatch(
      /file b: it is too large for a message; it was moved to \S+\/\.archive\/refused\/\S+-b$/,
    );
  });

  it('gives a large one in pieces, and refuses what is no file', async () => {
    let seen: { head: Buffer; size: number } | undefined;
    const { path, archive, accepted, troubles, poll } = await desk({}, undefined, async ({ head, read, label }) => {
      if (label !== 'large') return false;
      let size = 0;
      for await (const piece of read()) size += piece.length;
      seen = { head, size };
      return true;
    });
    mkdirSync(join(path, 'sub'));
    symlinkSync('/etc/passwd', join(path, 'link'));
    writeFileSync(join(path, 'large'), 'head');
    truncateSync(join(path, 'large'), 6_000_000);
    await poll();
    await poll();
    expect(seen?.size).toBe(6_000_000);
    expect(seen?.head).toHaveLength(65_536);
    expect(seen?.head.subarray(0, 4).toString()).toBe('head');
    expect(accepted).toEqual([]);
    expect(names(archive)).toEqual([expect.stringMatching(/-large$/)]);
    expect(troubles).toEqual(['connector "acme-sftp": link is refused: it is no regular file; remove it']);
  });

  it('says that the server or the folder is not there, and goes on when it is', async () => {
    const gone = await desk({ inbound: 'nowhere' });
    await expect(gone.poll()).rejects.toThrow(
      'there is no folder nowhere on the server; make it, or mend spec.sftp.inbound',
    );
    const { path, accepted, poll } = await desk();
    writeFileSync(join(path, 'a'), 'a');
    await poll();
    await server.kill();
    await expect(poll()).rejects.toThrow(/was lost|cannot be reached/);
    await server.restart();
    await poll();
    expect(accepted).toMatchObject([{ label: 'a' }]);
  });

  it('that is lost with many files in it ends the poll once, not file by file', async () => {
    let lose = () => server.kill();
    const { path, accepted, troubles, poll } = await desk({}, () => lose());
    for (let n = 0; n < 50; n++) writeFileSync(join(path, `f${n}`), 'x');
    await poll();
    await expect(poll()).rejects.toThrow(/was lost|cannot be reached/);
    lose = async () => {};
    expect(accepted.length).toBeLessThan(50);
    expect(troubles).toEqual([]);
    await server.restart();
    await poll();
    await poll();
    // What was accepted and not put away came again, as the same document.
    expect(new Set(accepted.map(({ label }) => label)).size).toBe(50);
    expect(names(path)).toEqual(['.archive']);
  });
});
