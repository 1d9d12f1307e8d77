import { expect, it, onTestFinished, vi } from 'vitest';
import type { KubeObject } from './api.ts';
import { kubernetesSecrets } from './secrets.ts';

const secret = (value: string): KubeObject => ({
  metadata: { name: 'erp', resourceVersion: '1', labels: { 'crossdock.dev/use': 'true' } },
  data: { token: Buffer.from(value).toString('base64') },
});
/** An API server whose answers the test chooses. */
function server(answer: () => Promise<KubeObject | undefined>) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const api = {
    answer,
    calls: 0,
    get() {
      api.calls += 1;
      return api.answer();
    },
  };
  const secrets = kubernetesSecrets(api, 'shop');
  const token = async () => (await secrets.get('erp', 'token')).reveal();
  return { api, token };
}

it('reads what is older than 5 s again', async () => {
  const { api, token } = server(async () => secret('old'));
  expect(await token()).toBe('old');
  api.answer = async () => secret('new');
  await vi.advanceTimersByTimeAsync(4_900);
  expect(await token()).toBe('old');
  await vi.advanceTimersByTimeAsync(200);
  expect(await token()).toBe('new');
});

it('goes on with what it knew while the API server hangs, and is held up by it a second in five, not at each document', async () => {
  const { api, token } = server(async () => secret('old'));
  expect(await token()).toBe('old');
  const hung = Promise.withResolvers<KubeObject>();
  api.answer = () => hung.promise;
  await vi.advanceTimersByTimeAsync(6_000);
  const asked = Date.now();
  const held = token();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await held).toBe('old');
  expect(Date.now() - asked).toBe(1_000);
  for (let document = 0; document < 100; document++) expect(await token()).toBe('old');
  expect(api.calls).toBe(2);
  // What comes late is in use at once.
  hung.resolve(secret('new'));
  await vi.advanceTimersByTimeAsync(0);
  expect(await token()).toBe('new');
});

it('goes on with what it knew while the API server refuses', async () => {
  const { api, token } = server(async () => secret('old'));
  await token();
  api.answer = () => Promise.reject(new Error('connection refused'));
  await vi.advanceTimersByTimeAsync(6_000);
  for (let document = 0; document < 100; document++) expect(await token()).toBe('old');
  expect(api.calls).toBe(2);
});

it('says what is missing', async () => {
  const { api, token } = server(async () => undefined);
  await expect(token()).rejects.toThrow('Secret "erp" does not exist; create it with the key "token"');
  api.answer = async () => ({ ...secret('x'), metadata: { name: 'erp', resourceVersion: '1' } });
  await vi.advanceTimersByTimeAsync(6_000);
  await expect(token()).rejects.toThrow('label it: crossdock.dev/use: "true"');
});
