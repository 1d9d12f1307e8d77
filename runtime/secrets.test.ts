import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { folderSecrets, SecretValue } from './secrets.ts';

const CANARY = 'canary-7f3a';

it('prints as [redacted] everywhere, and reveals', () => {
  const value = new SecretValue(CANARY);
  const printed = [
    `${value}`,
    String(value),
    JSON.stringify({ value }),
    inspect(value),
    inspect({ deep: [value] }, { showHidden: true, depth: 9 }),
    Object.keys(value).join(),
  ];
  expect(printed.join('\n')).not.toContain(CANARY);
  expect(value.reveal()).toBe(CANARY);
});

it('reads data and stringData, and sees a replacement at once', async () => {
  const secrets = folderSecrets([
    { metadata: { name: 'erp' }, data: { token: Buffer.from('old').toString('base64') }, stringData: { user: 'u' } },
  ]);
  expect((await secrets.get('erp', 'token')).reveal()).toBe('old');
  expect((await secrets.get('erp', 'user')).reveal()).toBe('u');
  secrets.replace([{ metadata: { name: 'erp' }, stringData: { token: 'new' } }]);
  expect((await secrets.get('erp', 'token')).reveal()).toBe('new');
  await expect(secrets.get('erp', 'user')).rejects.toMatchObject({ name: 'SecretError', secret: 'erp', key: 'user' });
});

it('says which Secret and key are missing', async () => {
  const secrets = folderSecrets([{ metadata: { name: 'erp' }, stringData: { token: CANARY } }]);
  await expect(secrets.get('wms', 'token')).rejects.toThrow(
    'Secret "wms" does not exist; create it with the key "token"',
  );
  await expect(secrets.get('erp', 'uri')).rejects.toThrow('Secret "erp" has no key "uri"');
  await expect(secrets.get('erp', '__proto__')).rejects.toThrow('no key');
});
