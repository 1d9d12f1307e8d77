import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { run } from '../standalone/process.ts';
import { layerOf } from './oci.ts';
import { entriesOf, tar } from './tar.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossdock-tar-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function tree(name: string, order: readonly string[], at: Date): string {
  const root = join(folder, name);
  for (const path of order) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), path, { mode: path.startsWith('bin/') ? 0o700 : 0o600 });
    utimesSync(join(root, path), at, at);
  }
  symlinkSync(`${'far/'.repeat(30)}away`, join(root, 'link'));
  return root;
}
const LONG = `${'a-folder-of-some-length/'.repeat(7)}ünicode.txt`;

it('is read by tar: contents, modes, links and names of any length', async () => {
  const root = tree('one', ['bin/run', 'etc/x', LONG], new Date());
  const archive = join(folder, 'one.tar');
  writeFileSync(archive, Buffer.concat(tar([...entriesOf(root), { path: 'tmp', type: 'Folder', mode: 0o1777 }])));
  const listed = await run('tar', ['-tvf', archive, '--full-time', '--quoting-style=literal'], {
    env: { ...process.env, TZ: 'UTC' },
  });
  const lines = listed.trim().split('\n');
  const line = (path: string) => lines.find((each) => each.split(' ').includes(path));
  expect(line('bin/run')).toMatch(/^-rwxr-xr-x 0\/0\s.*1970-01-01/);
  expect(line('etc/x')).toMatch(/^-rw-r--r--/);
  expect(line('tmp/')).toMatch(/^drwxrwxrwt/);
  expect(line(LONG)).toBeDefined();
  expect(line('link')).toContain(`link -> ${'far/'.repeat(30)}away`);
  expect(await run('tar', ['-xOf', archive, LONG])).toBe(LONG);
});

it('has the same digest whatever the order and the dates of the files', () => {
  const paths = ['b/2', 'a/1', 'bin/run', LONG];
  const one = layerOf(entriesOf(tree('one', paths, new Date(1))));
  const two = layerOf(entriesOf(tree('two', paths.toReversed(), new Date())));
  expect(two.digest).toBe(one.digest);
  const other = layerOf(entriesOf(tree('three', [...paths, 'c'], new Date())));
  expect(other.digest).not.toBe(one.digest);
});

it('refuses a file below a file', () => {
  const data = Buffer.from('');
  const file = { type: 'File', mode: 0o644, data } as const;
  expect(() =>
    tar([
      { path: 'a', ...file },
      { path: 'a/b', ...file },
    ]),
  ).toThrow('a/b: a is a file');
});
