import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const COMMAND = ['--no-warnings', join(ROOT, 'cli/main.ts')];
const crossdock = (args: string[], input = '') =>
  spawnSync(process.execPath, [...COMMAND, ...args], {
    encoding: 'utf8',
    input,
    env: { ...process.env, NO_COLOR: '1' },
  });

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'crossdock-map-'));
});
afterEach(() => rmSync(root, { recursive: true }));

describe('crossdock map eval', { timeout: 30_000 }, () => {
  it('answers a batch line by line, in order', () => {
    const requests = [
      { expression: 'a + 1', input: { a: 1 } },
      { expression: 'missing', input: {} },
      { expression: '$x & y', input: { y: 'b' }, bindings: { x: 'a' } },
      { expression: '$eval("1 + 1")' },
      { expression: '1 + "a"' },
      { expression: '(1' },
      { expression: '($f := function($n) { $f($n + 1) }; $f(0))' },
      { expression: '[1..3].{"n": $}' },
      { expression: 1 },
    ].map((request) => JSON.stringify(request));
    const { stdout, status } = crossdock(['map', 'eval', '--batch'], [...requests, 'nonsense', ''].join('\n'));
    expect(status).toBe(0);
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(answers).toEqual([
      { value: 2 },
      {},
      { value: 'ab' },
      { value: 2 },
      { error: { code: 'T2002', message: expect.any(String), position: 3 } },
      { error: { code: 'S0203', message: expect.any(String), position: 2 } },
      { error: expect.objectContaining({ code: 'D1012' }) },
      { value: [{ n: 1 }, { n: 2 }, { n: 3 }] },
      { error: expect.objectContaining({ code: 'request.invalid' }) },
      { error: expect.objectContaining({ code: 'request.invalid' }) },
    ]);
  });

  it('streams: an answer comes before the next request is there', async () => {
    const child = spawn(process.execPath, [...COMMAND, 'map', 'eval', '--batch'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    try {
      const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      for (const n of [1, 2]) {
        child.stdin.write(`${JSON.stringify({ expression: 'n * 2', input: { n } })}\n`);
        expect(JSON.parse((await answers.next()).value as string)).toEqual({ value: n * 2 });
      }
    } finally {
      child.kill();
    }
  });

  it('evaluates one expression', () => {
    expect(crossdock(['map', 'eval', 'a.b', '--input', '-'], '{"a": {"b": [1]}}')).toMatchObject({
      status: 0,
      stdout: '[\n  1\n]\n',
    });
    expect(crossdock(['map', 'eval', '1 + "a"'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('T2002'),
    });
    expect(crossdock(['map', 'eval'])).toMatchObject({ status: 2 });
  });
});

const MAPPING = `apiVersion: crossdock.dev/v1alpha1
kind: DocumentType
metadata: {name: receipt-v1}
spec:
  name: receipt
  version: 1
  json:
    schema:
      type: object
      properties: {lines: {type: array, items: {type: object}}}
  keys: [{name: receipt, expression: receiptNumber}]
---
apiVersion: crossdock.dev/v1alpha1
kind: ReferenceTable
metadata: {name: items}
spec: {key: [sku], inline: {rows: [{sku: "7", gtin: "4006381333931"}]}}
---
apiVersion: crossdock.dev/v1alpha1
kind: Mapping
metadata: {name: receipt}
spec:
  from: {documentTypeRef: {name: receipt-v1}}
  to: {documentTypeRef: {name: receipt-v1}}
  expression: '{"lines": lines.{"gtin": $reference("items", sku).gtin}}'
  tests:
    - {name: one line stays a list, input: {lines: [{sku: 7}]}, expect: {lines: [{gtin: "4006381333931"}]}}
    - {name: unknown item, input: {lines: [{sku: 8}]}, expectError: ReferenceDataMissing}
`;

describe('crossdock test', { timeout: 30_000 }, () => {
  it('runs the tests of all Mappings', () => {
    writeFileSync(join(root, 'a.yaml'), MAPPING);
    const { status, stdout } = crossdock(['test', root, '--junit', join(root, 'junit.xml')]);
    expect(stdout).toContain('✓ one line stays a list');
    expect(stdout).toContain('2 tests of 1 Mapping: all passed');
    expect(status).toBe(0);
    expect(readFileSync(join(root, 'junit.xml'), 'utf8')).toContain(
      '<testsuite name="receipt" file="a.yaml" tests="2" failures="0" errors="0">',
    );
  });

  it('says which branches of the expression no test takes', () => {
    const expression = 'expression: \'{"lines": lines[sku != "8"].{"kind": sku = "7" ? "seven" : "other"}}\'';
    const tests = 'tests: [{name: seven, input: {lines: [{sku: "7"}]}, expect: {lines: [{kind: seven}]}}]';
    writeFileSync(join(root, 'a.yaml'), MAPPING.replace(/expression: '.*/s, `${expression}\n  ${tests}\n`));
    const { status, stdout } = crossdock(['test', root, '--junit', join(root, 'junit.xml')]);
    expect(stdout).toContain('2 of 4 branches taken');
    expect(stdout).toContain('! […] at line 1, column 23: never left out');
    expect(stdout).toContain('! ? at line 1, column 49: never else');
    expect(status).toBe(0);
    const junit = readFileSync(join(root, 'junit.xml'), 'utf8');
    expect(junit).toContain('<property name="coverage.taken" value="2"/>');
    expect(junit).toContain('<property name="coverage.untaken" value="? at line 1, column 49: never else"/>');
  });

  it('says what failed, and exits with 1', () => {
    writeFileSync(
      join(root, 'a.yaml'),
      MAPPING.replace('expect: {lines: [{gtin: "4006381333931"}]}', 'expect: {lines: [{gtin: "<1>"}]}'),
    );
    const { status, stdout } = crossdock(['test', root, '--junit', join(root, 'junit.xml')]);
    expect(stdout).toContain('✗ one line stays a list\n      at /lines/0/gtin: expected "<1>", got "4006381333931"');
    expect(status).toBe(1);
    expect(readFileSync(join(root, 'junit.xml'), 'utf8')).toContain(
      '<failure message="at /lines/0/gtin: expected &#34;&#60;1&#62;&#34;',
    );
  });

  it('says what cannot be run', () => {
    writeFileSync(join(root, 'a.yaml'), MAPPING.replace('lines.{"gtin"', 'lines.{"gtin'));
    const { status, stdout } = crossdock(['test', root]);
    expect(stdout).toMatch(/✗ spec\.expression: .*\n/);
    expect(stdout).toContain('1 not runnable');
    expect(status).toBe(1);
    expect(crossdock(['test', join(root, 'nowhere')]).status).toBe(2);
  });
});
