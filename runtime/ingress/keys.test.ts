import { expect, it, vi } from 'vitest';
import { folderSecrets } from '../secrets.ts';
import { isOneOf, KeyIndex, keysOf } from './keys.ts';

const owner = (name: string, ...secrets: string[]) => ({
  name,
  keys: secrets.map((secret) => ({ name: secret, key: 'apiKey' })),
});
const secret = (name: string, apiKey: string) => ({ metadata: { name }, stringData: { apiKey } });

it('finds the owner, also by a second key', async () => {
  const index = new KeyIndex(
    [owner('acme', 'acme', 'acme-next'), owner('bolt', 'bolt')],
    folderSecrets([secret('acme', 'A'), secret('acme-next', 'A2'), secret('bolt', 'B')]),
    () => {},
  );
  expect(await Promise.all(['A', 'A2', 'B', 'C', ''].map((key) => index.ownerOf(key)))).toEqual([
    'acme',
    'acme',
    'bolt',
    undefined,
    undefined,
  ]);
});

it('a revoked key ends at once; a missing Secret or an empty key lets nobody in', async () => {
  const troubles: string[] = [];
  const secrets = folderSecrets([secret('acme', 'A'), secret('empty', '')]);
  const index = new KeyIndex(
    [owner('acme', 'acme'), owner('empty', 'empty'), owner('lost', 'lost')],
    secrets,
    (message) => troubles.push(message),
  );
  expect(await index.ownerOf('A')).toBe('acme');
  secrets.replace([secret('acme', 'B')]);
  expect(await index.ownerOf('A')).toBeUndefined();
  expect(await index.ownerOf('')).toBeUndefined();
  expect(troubles.join()).toContain('Secret "lost" does not exist');
});

it('refuses a key that two share, and says so', async () => {
  const troubles: string[] = [];
  const index = new KeyIndex(
    [owner('acme', 'acme'), owner('bolt', 'bolt')],
    folderSecrets([secret('acme', 'same'), secret('bolt', 'same')]),
    (message) => troubles.push(message),
  );
  expect(await index.ownerOf('same')).toBeUndefined();
  expect(troubles).toEqual(['acme and bolt have the same API key; none of them is let in by it']);
});

it('takes the old key and the new one while both stand in the Secret, and a line feed at its end for none', async () => {
  const secrets = folderSecrets([secret('acme', 'old\n')]);
  const index = new KeyIndex([owner('acme', 'acme')], secrets, () => {});
  expect(await index.ownerOf('old')).toBe('acme');
  secrets.replace([secret('acme', 'old\nnew\n')]);
  // What is not known is looked for again a second later.
  await vi.waitFor(async () => expect(await index.ownerOf('new')).toBe('acme'), { timeout: 5_000 });
  expect(await index.ownerOf('old')).toBe('acme');
  secrets.replace([secret('acme', 'new')]);
  expect(await index.ownerOf('old')).toBeUndefined();
  expect(await index.ownerOf('new')).toBe('acme');
  expect(await index.ownerOf('')).toBeUndefined();
});

it('compares whole keys', () => {
  expect([isOneOf('a', ['b', 'a']), isOneOf('a', ['ab']), isOneOf('', keysOf('\n')), isOneOf('', [''])]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
