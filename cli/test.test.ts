import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const MAIN = join(import.meta.dirname, 'main.ts');
const mapping = (expected: number) => `
apiVersion: crossdock.dev/v1alpha1
kind: DocumentType
metadata: {name: order-v1}
spec: {name: order, version: 1, json: {schema: {type: object}}}
---
apiVersion: crossdock.dev/v1alpha1
kind: Mapping
metadata: {name: doubled}
spec:
  from: {documentTypeRef: {name: order-v1}}
  to: {documentTypeRef: {name: order-v1}}
  expression: '{"twice": count * 2}'
  tests: [{name: two, input: {count: 1}, expect: {twice: ${expected}}}]
`;

test('watching, the tests run again at each save', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'crossdock-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'mapping.yaml');
  writeFileSync(file, mapping(3));
  const child = spawn(process.execPath, ['--no-warnings', MAIN, 'test', folder, '--watch'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  const says = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => said.includes(text) && resolve();
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        said += chunk;
        look();
      });
      child.once('exit', () => reject(new Error(`it ended: ${said}`)));
      look();
    });
  await says('1 failed');
  said = '';
  const again = says('all passed');
  // Until the watcher stands, a save is not seen.
  const saving = setInterval(() => writeFileSync(file, mapping(2)), 300);
  await again.finally(() => clearInterval(saving));
  child.removeAllListeners('exit');
  child.kill('SIGINT');
  await once(child, 'exit');
  expect(said).toContain('✓ two');
}, 30_000);

test('as JSON, for programs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'crossdock-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'mapping.yaml'), mapping(3));
  const args = ['--no-warnings', MAIN, 'test', folder, '-o', 'json'];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    ...{ passed: false, tests: 1, failures: 1, errors: 0 },
    mappings: [
      {
        ...{ mapping: 'doubled', file: expect.stringMatching(/mapping\.yaml$/), line: 9 },
        tests: [{ name: 'two', failure: expect.stringContaining('/twice') }],
        coverage: { branches: 0, untaken: [] },
      },
    ],
  });
}, 30_000);
