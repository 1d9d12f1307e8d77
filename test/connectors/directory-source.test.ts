import {
  chmod,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Received, RunningSource } from '../../runtime/connectors/connector.ts';
import { openSource } from '../../runtime/connectors/registry.ts';
import { folderSecrets } from '../../runtime/secrets.ts';
import { asOrdinaryUser, folder } from './support.ts';

interface Desk {
  inbound: string;
  archive: string;
  accepted: Received[];
  troubles: string[];
  source: RunningSource;
  poll(): Promise<void>;
}
async function desk(
  options: { accept?: (received: Received) => Promise<void>; pattern?: string; root?: string } = {},
): Promise<Desk> {
  const root = options.root ?? (await folder());
  const inbound = join(root, 'in');
  const archive = join(root, 'archive');
  await mkdir(inbound, { recursive: true });
  const accepted: Received[] = [];
  const troubles: string[] = [];
  const plan = {
    part: 'connector' as const,
    name: 'acme-mailbox',
    directory: { inbound, archive, pattern: options.pattern ?? '*', pollIntervalMs: 100 },
    timeoutMs: 5_000,
    concurrency: 4,
  };
  const source = await openSource(plan, folderSecrets()).start(
    async (received) => {
      await options.accept?.(received);
      accepted.push(received);
    },
    (error) => troubles.push(error.message),
  );
  onTestFinished(() => source.stop());
  return { inbound, archive, accepted, troubles, source, poll: () => source.poll!() };
}
/** As if it was written ten seconds ago. */
async function old(path: string, body: string | Buffer): Promise<void> {
  await writeFile(path, body);
  await utimes(path, Date.now() / 1_000 - 10, Date.now() / 1_000 - 10);
}

describe('a file', () => {
  it('is accepted, then archived under a name of its own', async () => {
    const { inbound, archive, accepted, poll, troubles } = await desk();
    const body = Buffer.from([0, 255, 10, 13, 0]);
    await old(join(inbound, '850.edi'), body);
    await poll();
    expect(accepted).toHaveLength(1);
    expect(accepted[0]).toMatchObject({ contentType: 'application/edi-x12', label: '850.edi' });
    expect(accepted[0]!.body.equals(body)).toBe(true);
    expect(accepted[0]!.identity).toEqual(['acme-mailbox', '850.edi', '5', expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(await readdir(inbound)).toEqual([]);
    const [name] = await readdir(archive);
    expect(name).toMatch(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z-[0-9a-f]{12}-850\.edi$/);
    expect((await readFile(join(archive, name!))).equals(body)).toBe(true);
    await poll();
    expect(accepted).toHaveLength(1);
    expect(troubles).toEqual([]);
  });

  it('of the same name a second time does not overwrite the first in the archive', async () => {
    const { inbound, archive, poll } = await desk();
    await old(join(inbound, 'a.json'), '1');
    await poll();
    await old(join(inbound, 'a.json'), '2');
    await poll();
    const names = await readdir(archive);
    const bodies = await Promise.all(names.map((name) => readFile(join(archive, name), 'utf8')));
    expect(bodies.sort()).toEqual(['1', '2']);
  });

  it('that is half written is not taken; when it is complete it is', async () => {
    const { inbound, accepted, poll } = await desk();
    const writer = await open(join(inbound, '856.edi'), 'w');
    onTestFinished(() => writer.close());
    await writer.write('ISA*00*');
    await poll();
    await writer.write('half');
    await poll();
    await writer.write('~IEA*1~');
    await poll();
    expect(accepted).toEqual([]);
    await poll();
    expect(accepted.map(({ body }) => body.toString())).toEqual(['ISA*00*half~IEA*1~']);
  });

  it('that is written anew under the same name after a look is looked at again', async () => {
    const { inbound, accepted, poll } = await desk();
    const path = join(inbound, 'a.json');
    await writeFile(path, 'first');
    await poll();
    await rm(path);
    await writeFile(path, 'other');
    await poll();
    expect(accepted).toEqual([]);
    await poll();
    expect(accepted.map(({ body }) => body.toString())).toEqual(['other']);
  });

  it('that was renamed into place long after it was written is taken at the first look', async () => {
    const { inbound, accepted, poll } = await desk();
    await old(join(inbound, '.a.part'), 'x');
    await poll();
    expect(accepted).toEqual([]);
    await rename(join(inbound, '.a.part'), join(inbound, 'a.json'));
    await poll();
    expect(accepted).toHaveLength(1);
  });

  it('that is empty is a document too', async () => {
    const { inbound, accepted, poll } = await desk();
    await old(join(inbound, 'empty.json'), '');
    await poll();
    expect(accepted).toHaveLength(1);
    expect(accepted[0]!.body).toHaveLength(0);
  });

  it('has the same identity after a crash between accept and archive', async () => {
    const root = await folder();
    const before = await desk({ root });
    await old(join(before.inbound, 'a.edi'), 'ISA');
    // The archive cannot be made: the file was accepted and stays, as after a crash at that point.
    await writeFile(before.archive, 'in the way');
    await before.poll();
    expect(before.accepted).toHaveLength(1);
    expect(await readdir(before.inbound)).toEqual(['a.edi']);
    expect(before.troubles.join()).toContain('a.edi');
    await rm(before.archive);
    const after = await desk({ root });
    await after.poll();
    expect(after.accepted.map(({ identity }) => identity)).toEqual([before.accepted[0]!.identity]);
    expect(await readdir(after.inbound)).toEqual([]);
  });

  it('that is not accepted stays; the others go on; it is offered again', async () => {
    let refuse = true;
    const { inbound, accepted, troubles, poll } = await desk({
      accept: async ({ label }) => {
        if (refuse && label === 'b.json') throw new Error('the broker is away');
      },
    });
    for (const name of ['a.json', 'b.json', 'c.json']) await old(join(inbound, name), name);
    await poll();
    expect(accepted.map(({ label }) => label).sort()).toEqual(['a.json', 'c.json']);
    expect(await readdir(inbound)).toEqual(['b.json']);
    expect(troubles).toEqual(['connector "acme-mailbox": file b.json: the broker is away']);
    refuse = false;
    await poll();
    expect(accepted.map(({ label }) => label)).toContain('b.json');
    expect(await readdir(inbound)).toEqual([]);
  });

  it('that changes while it is accepted is not archived, and its new content is taken next', async () => {
    let path = '';
    const { inbound, archive, accepted, troubles, poll } = await desk({
      accept: async () => {
        if (path) await writeFile(path, 'longer content');
        path = '';
      },
    });
    path = join(inbound, 'a.json');
    await old(path, 'short');
    await poll();
    expect(troubles).toEqual([expect.stringContaining('it was changed while it was taken')]);
    expect(await readdir(inbound)).toEqual(['a.json']);
    await old(join(inbound, 'a.json'), 'longer content');
    await poll();
    expect(accepted.map(({ body }) => body.toString())).toEqual(['short', 'longer content']);
    expect(await readdir(archive)).toHaveLength(1);
  });
});

describe('what is not taken', () => {
  it('dot files, other names, folders and what is in them', async () => {
    const { inbound, accepted, troubles, poll } = await desk({ pattern: '*.edi' });
    await mkdir(join(inbound, 'sub.edi'));
    await old(join(inbound, 'sub.edi', 'a.edi'), 'x');
    await old(join(inbound, '.a.edi'), 'x');
    await old(join(inbound, 'a.txt'), 'x');
    await poll();
    expect([accepted, troubles]).toEqual([[], []]);
  });

  it('a symbolic link is refused, once, and what it points to is not read', async () => {
    const { inbound, accepted, troubles, poll } = await desk();
    await symlink('/etc/passwd', join(inbound, 'a.edi'));
    await poll();
    await poll();
    expect(accepted).toEqual([]);
    expect(troubles).toEqual([
      'connector "acme-mailbox": a.edi is refused: it is a symbolic link, not a regular file; remove it',
    ]);
  });

  it('a file of more than 100 MB is moved out of the way, without being read', async () => {
    const { inbound, archive, accepted, troubles, poll } = await desk();
    const path = join(inbound, 'big.edi');
    await old(path, '');
    await truncate(path, 100 * 1_024 * 1_024 + 1);
    await utimes(path, 1, 1);
    await old(join(inbound, 'small.edi'), 'x');
    await poll();
    expect(accepted.map(({ label }) => label)).toEqual(['small.edi']);
    expect(await readdir(inbound)).toEqual([]);
    const [name] = await readdir(join(archive, 'refused'));
    expect(name).toMatch(/-big\.edi$/);
    expect((await stat(join(archive, 'refused', name!))).size).toBe(100 * 1_024 * 1_024 + 1);
    expect(troubles).toEqual([
      expect.stringMatching(/big\.edi: it has 104857601 bytes, more than .* moved to .*refused/),
    ]);
  });

  it('an unreadable file is a trouble, and the others go on', async () => {
    const { inbound, accepted, troubles, poll } = await desk();
    await old(join(inbound, 'locked.edi'), 'x');
    await chmod(join(inbound, 'locked.edi'), 0);
    await old(join(inbound, 'open.edi'), 'x');
    for (const path of [dirname(inbound), inbound]) await chmod(path, 0o777);
    await asOrdinaryUser(poll);
    expect(accepted.map(({ label }) => label)).toEqual(['open.edi']);
    expect(troubles).toEqual([expect.stringMatching(/locked\.edi: no permission to read or move it \(EACCES\)/)]);
  });

  it('a folder that is missing fails the poll until it is there', async () => {
    const { inbound, accepted, poll } = await desk();
    await rm(inbound, { recursive: true });
    await expect(poll()).rejects.toThrow(/the folder .*in does not exist; create or mount it/);
    await mkdir(inbound);
    await old(join(inbound, 'a.edi'), 'x');
    await poll();
    expect(accepted).toHaveLength(1);
  });
});

it('polls of the same source do not overlap, and none starts after stop', async () => {
  let running = 0;
  let most = 0;
  const { inbound, accepted, source, poll } = await desk({
    accept: async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    },
  });
  for (let n = 0; n < 50; n += 1) await old(join(inbound, `${n}.json`), String(n));
  await Promise.all([poll(), poll(), poll()]);
  expect(accepted).toHaveLength(50);
  expect(most).toBeLessThanOrEqual(4);
  await source.stop();
  await old(join(inbound, 'late.json'), 'x');
  await poll();
  expect(accepted).toHaveLength(50);
});
