import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildCrossdock } from '../../images/crossdock.ts';
import { run, runAnyway } from '../../standalone/process.ts';

const ROOT = join(import.meta.dirname, '../..');
const silent = () => {};

function copyOf(clone: string, target: string): string {
  mkdirSync(target, { recursive: true });
  const parts = [
    'console',
    'crds',
    'operator',
    'runtime',
    'tracker',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
  ];
  // The page is made anew in each.
  const filter = (path: string) => !path.includes('console/dist');
  for (const part of parts) cpSync(join(clone, part), join(target, part), { recursive: true, filter });
  symlinkSync(join(ROOT, 'node_modules'), join(target, 'node_modules'));
  return target;
}

it('gives the same digest wherever it is built, at most 150 MB, without a user that is root', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'crossdock-image-test-'));
  try {
    const one = await buildCrossdock(silent, join(folder, 'one'), copyOf(ROOT, join(folder, 'clone')));
    const again = copyOf(join(folder, 'clone'), join(folder, 'elsewhere/clone-of-another-name'));
    const two = await buildCrossdock(silent, join(folder, 'two'), again);
    expect(two.digest).toBe(one.digest);
    console.log(
      `image: ${(one.size.unpacked / 1e6).toFixed(1)} MB, as sent ${(one.size.compressed / 1e6).toFixed(1)} MB`,
    );
    expect(one.size.unpacked).toBeLessThan(150e6);

    const layout = join(folder, 'layout');
    mkdirSync(layout);
    await run('tar', ['-xf', one.file, '-C', layout]);
    const blob = (digest: string) => join(layout, 'blobs', digest.replace(':', '/'));
    const manifest = JSON.parse(readFileSync(blob(one.digest), 'utf8'));
    const config = JSON.parse(readFileSync(blob(manifest.config.digest), 'utf8'));
    expect(config.config.User).toBe('10001:10001');

    const root = join(folder, 'root');
    mkdirSync(root);
    for (const { digest } of manifest.layers) await run('tar', ['-xzf', blob(digest), '-C', root]);
    const contents = JSON.parse(readFileSync(join(root, 'opt/crossdock/sbom.cdx.json'), 'utf8'));
    expect(contents.components.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['node', 'amqplib', 'undici', 'libc6']),
    );
    if (process.getuid?.() !== 0) return;
    const inside = (...args: string[]) =>
      runAnyway('chroot', ['--userspec=10001:10001', root, ...config.config.Entrypoint, ...args], {
        env: { PATH: process.env.PATH },
      });
    for (const program of ['operator', 'runtime', 'tracker'])
      expect(await inside(program, '--help')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`Usage: crossdock-${program}`),
      });
    expect(await inside()).toMatchObject({ code: 64, stderr: expect.stringContaining('operator, runtime, tracker') });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 180_000);
