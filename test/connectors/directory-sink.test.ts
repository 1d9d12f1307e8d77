import { chmod, mkdir, readdir, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Sink } from '../../runtime/connectors/connector.ts';
import { openSink } from '../../runtime/connectors/registry.ts';
import { folderSecrets } from '../../runtime/secrets.ts';
import { asOrdinaryUser, folder, sinkRequest } from './support.ts';

const sinkTo = (outbound: string): Sink =>
  openSink(
    {
      part: 'connector',
      name: 'acme-mailbox',
      directory: { outbound, pattern: '*', pollIntervalMs: 100 },
      timeoutMs: 5_000,
      concurrency: 8,
    },
    folderSecrets(),
  );
/** What a consumer of the folder sees. */
const visible = async (path: string): Promise<string[]> =>
  (await readdir(path)).filter((name) => !name.startsWith('.')).sort();
const edi = (idempotencyKey: string, fileName?: string) =>
  sinkRequest({
    body: Buffer.from(`ISA ${idempotencyKey}`),
    contentType: 'application/edi-x12',
    idempotencyKey,
    ...(fileName === undefined ? {} : { fileName }),
  });

it('writes one whole file, named by the key or by the document, never outside the folder', async () => {
  const out = await folder();
  const sink = sinkTo(out);
  expect(await sink.send(edi('k1'))).toMatchObject({ status: 200, body: { file: 'k1.edi' } });
  expect(await sink.send(edi('k2', 'PO-1.edi'))).toMatchObject({ body: { file: 'PO-1.edi' } });
  expect(await sink.send(edi('k3', '../../evil.edi'))).toMatchObject({ body: { file: '__.._evil.edi' } });
  expect(await visible(out)).toEqual(['PO-1.edi', '__.._evil.edi', 'k1.edi']);
  expect(await readFile(join(out, 'k1.edi'), 'utf8')).toBe('ISA k1');
  expect(await readdir(join(out, '.crossdock', 'staged'))).toEqual([]);
});

describe('a retry with the same key', () => {
  it('writes nothing, whether the file is still there or was taken, also after a restart', async () => {
    const out = await folder();
    await sinkTo(out).send(edi('k1'));
    expect(await sinkTo(out).send(edi('k1'))).toMatchObject({
      status: 200,
      body: { file: 'k1.edi', alreadySent: true },
    });
    await rm(join(out, 'k1.edi'));
    expect(await sinkTo(out).send(edi('k1'))).toMatchObject({ status: 200, body: { alreadySent: true } });
    expect(await visible(out)).toEqual([]);
  });

  it('finishes what a crash left between the claim and the rename', async () => {
    const out = await folder();
    await sinkTo(out).send(edi('k1'));
    // Back to where a crash would have left it: claimed, staged, not renamed.
    const [shard] = await readdir(join(out, '.crossdock', 'sent'));
    const [key] = await readdir(join(out, '.crossdock', 'sent', shard!));
    const nonce = await readlink(join(out, '.crossdock', 'sent', shard!, key!));
    await rename(join(out, 'k1.edi'), join(out, '.crossdock', 'staged', `${key}.${nonce}`));
    expect((await sinkTo(out).send(edi('k1'))).body).toEqual({ file: 'k1.edi' });
    expect(await visible(out)).toEqual(['k1.edi']);
  });

  it('starts anew where a crash left only a stage, which is never seen', async () => {
    const out = await folder();
    await mkdir(join(out, '.crossdock', 'staged'), { recursive: true });
    await writeFile(join(out, '.crossdock', 'staged', 'abc.def'), 'ISA ha');
    expect((await sinkTo(out).send(edi('k1'))).body).toEqual({ file: 'k1.edi' });
    expect(await readFile(join(out, 'k1.edi'), 'utf8')).toBe('ISA k1');
  });
});

it('twenty writers with the same document make one file', async () => {
  const out = await folder();
  for (let round = 0; round < 10; round += 1) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => sinkTo(out).send(edi(`k${round}`))));
    expect(answers.filter(({ body }) => !(body as { alreadySent?: boolean }).alreadySent)).toHaveLength(1);
  }
  expect(await visible(out)).toHaveLength(10);
  expect(await readdir(join(out, '.crossdock', 'staged'))).toEqual([]);
});

it("does not overwrite another document's file, and writes its own once that was taken", async () => {
  const out = await folder();
  const sink = sinkTo(out);
  await sink.send(edi('k1', 'orders.edi'));
  await expect(sink.send(edi('k2', 'orders.edi'))).rejects.toMatchObject({
    class: 'DeliveryFailed',
    code: 'directory.exists',
    retryable: true,
  });
  expect(await readFile(join(out, 'orders.edi'), 'utf8')).toBe('ISA k1');
  await rm(join(out, 'orders.edi'));
  expect((await sink.send(edi('k2', 'orders.edi'))).body).toEqual({ file: 'orders.edi' });
  expect(await readFile(join(out, 'orders.edi'), 'utf8')).toBe('ISA k2');
});

it('says what is wrong with the folder', async () => {
  const out = await folder();
  await expect(sinkTo(join(out, 'missing')).send(edi('k1'))).rejects.toMatchObject({
    code: 'directory.ENOENT',
    retryable: true,
    message: expect.stringMatching(/missing does not exist; create or mount it/),
  });
  expect(await readdir(out)).toEqual([]);
});

it('a folder that may not be written is a failure that may mend', async () => {
  const out = await folder();
  await chmod(out, 0o555);
  await asOrdinaryUser(() =>
    expect(sinkTo(out).send(edi('k1'))).rejects.toMatchObject({ code: 'directory.EACCES', retryable: true }),
  );
  await chmod(out, 0o755);
  expect((await sinkTo(out).send(edi('k1'))).status).toBe(200);
});
