import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cached, reachableByOthers } from './cache.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'crossdock-cache-test-'));
});
afterEach(() => rmSync(root, { recursive: true }));

describe('cached', () => {
  it('builds once for all who ask at the same time, and shows nothing half done', async () => {
    let builds = 0;
    const build = async (folder: string) => {
      builds++;
      writeFileSync(join(folder, 'first'), '1');
      await delay(50);
      expect(existsSync(join(root, 'part'))).toBe(false);
      writeFileSync(join(folder, 'second'), '2');
    };
    const folders = await Promise.all([1, 2, 3].map(() => cached('part', build, { root })));
    expect(builds).toBe(1);
    expect(new Set(folders)).toEqual(new Set([join(root, 'part')]));
    expect(readdirSync(folders[0]!)).toEqual(['first', 'second']);
    expect(readdirSync(root)).toEqual(['part']);
  });

  it('leaves nothing of a build that failed, and builds again when asked again', async () => {
    const failing = async (folder: string) => {
      writeFileSync(join(folder, 'half'), '');
      throw new Error('no space');
    };
    await expect(cached('part', failing, { root })).rejects.toThrow('no space');
    expect(readdirSync(root)).toEqual([]);
    const folder = await cached('part', async (target) => writeFileSync(join(target, 'whole'), 'x'), { root });
    expect(readFileSync(join(folder, 'whole'), 'utf8')).toBe('x');
  });

  it('takes over the lock of a process that is gone, and waits for one that is there', async () => {
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(join(root, 'part.lock'), String(gone));
    await cached('part', async () => {}, { root });
    expect(readdirSync(root)).toEqual(['part']);

    writeFileSync(join(root, 'other.lock'), String(process.pid));
    const said: string[] = [];
    const waiting = cached('other', async () => {}, { root, log: (line) => said.push(line) });
    await expect.poll(() => said).toEqual([`waiting for process ${process.pid}, which builds ${join(root, 'other')}`]);
    expect(existsSync(join(root, 'other'))).toBe(false);
    rmSync(join(root, 'other.lock'));
    expect(await waiting).toBe(join(root, 'other'));
  });
});

it('sees when a folder above keeps other users out', () => {
  const inner = join(root, 'inner');
  mkdirSync(inner, { mode: 0o755 });
  chmodSync(root, 0o755);
  expect(reachableByOthers(inner)).toBe(true);
  chmodSync(root, 0o700);
  expect(reachableByOthers(inner)).toBe(false);
});
