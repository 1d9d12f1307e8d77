import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkPlace } from './place.ts';

it('takes folders of documents, and none of the system, by whatever way', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'crossdock-place-'));
  symlinkSync('/proc/self', join(folder, 'link'));
  await checkPlace('a', 'inbound', folder);
  await checkPlace('a', 'inbound', join(folder, 'absent'));
  await checkPlace('a', 'inbound', '/processed');
  for (const bad of [
    '/proc/self',
    `${folder}/../../proc/self`,
    join(folder, 'link'),
    '/var/run/secrets/kubernetes.io/serviceaccount/..data',
    '/etc',
  ])
    await expect(checkPlace('a', 'inbound', bad), bad).rejects.toThrow("which is the system's; mount a volume");
  rmSync(folder, { recursive: true });
});
