import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { remember, runningDev } from './dev-file.ts';

test('the last one started of those that live is found; one that ends or was killed takes no other along', () => {
  const cache = mkdtempSync(join(tmpdir(), 'crossdock-cache-'));
  vi.stubEnv('CROSSDOCK_CACHE', cache);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(cache, { recursive: true });
  });
  expect(runningDev()).toBeUndefined();
  const own = { namespace: 'own', database: 'd', management: 'm', broker: 'b' };
  const forget = remember(own);
  expect(runningDev()).toEqual(own);
  // Killed: its process is no more, its file is.
  const { pid } = spawnSync(process.execPath, ['--version']);
  writeFileSync(join(cache, 'running', `${pid}.json`), JSON.stringify({ ...own, namespace: 'killed' }));
  expect(runningDev()).toEqual(own);
  forget();
  expect(runningDev()).toBeUndefined();
});
