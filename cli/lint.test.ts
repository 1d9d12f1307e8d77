import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadFolder } from '../crds/folder.ts';
import { lintFolder } from './lint.ts';

const ROOT = join(import.meta.dirname, '..');
const INVALID = join(ROOT, 'examples/invalid');

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'crossdock-lint-'));
});
afterEach(() => rmSync(root, { recursive: true }));

async function lint(text: string): Promise<string[]> {
  writeFileSync(join(root, 'a.yaml'), text);
  return lintFolder(await loadFolder(root)).map(
    ({ file, line, column, severity, kind, name, field, message, remedy }) =>
      `${file}:${line}:${column} ${severity} ${kind}/${name} ${field}: ${message} — ${remedy}`,
  );
}
const crossdock = (...args: string[]) =>
  spawnSync(process.execPath, ['--no-warnings', join(ROOT, 'cli/main.ts'), ...args], { encoding: 'utf8', cwd: root });

const TYPE = `apiVersion: crossdock.dev/v1alpha1
kind: DocumentType
metadata: {name: receipt-v1}
spec:
  name: receipt
  version: 1
  json: {schema: {type: object}}
  keys: [{name: receipt, expression: receiptNumber}]
---
apiVersion: crossdock.dev/v1alpha1
kind: Connector
metadata: {name: erp}
spec:
  http: {url: https://erp.example.com}
---
`;
const integration = (destinations: string): string => `apiVersion: crossdock.dev/v1alpha1
kind: Integration
metadata: {name: receipt}
spec:
  source: {http: {path: /receipts}, documentTypeRef: {name: receipt-v1}}
  destinations:
${destinations}`;

test('a sound folder gives nothing', async () => {
  expect(await lint(TYPE + integration('  - {name: erp, system: {connectorRef: {name: erp}}}\n'))).toEqual([]);
});

test('a dangling reference names what comes near, at its place', async () => {
  const said = await lint(TYPE + integration('  - name: erp\n    system:\n      connectorRef: {name: erq}\n'));
  expect(said).toHaveLength(2);
  expect(said[0]).toMatch(/^a\.yaml:12:12 Warning Connector\/erp metadata\.name: nothing uses this Connector/);
  expect(said[1]).toMatch(
    /^a\.yaml:24:22 Error Integration\/receipt spec\.destinations\[0\]\.system\.connectorRef\.name: .*"erq".*did you mean "?erp/,
  );
});

test('an expression that cannot be parsed is shown at the position of the fault', async () => {
  const said = await lint(
    TYPE +
      integration(`  - name: erp
    system: {connectorRef: {name: erp}}
    when: |
      $count(lines) > 0
        and )
  - name: archive
    when: kind = "x" and
    system: {connectorRef: {name: erp}}
  - name: slow
    when: $match(name, /(?=a)b/)
    system: {connectorRef: {name: erp}}
`),
  );
  expect(said.map((line) => line.split(' ').slice(0, 4).join(' '))).toEqual([
    'a.yaml:26:13 Error Integration/receipt spec.destinations[0].when:',
    expect.stringMatching(/^a\.yaml:28:\d+ Error Integration\/receipt spec\.destinations\[1\]\.when:$/),
    expect.stringMatching(/^a\.yaml:31:\d+ Error Integration\/receipt spec\.destinations\[2\]\.when:$/),
  ]);
  expect(said[2]).toContain('regular expression');
});

test('translation is not heard about a place that is invalid already', async () => {
  const said = await lint(TYPE + integration('  - {name: erp}\n'));
  expect(said.filter((line) => line.includes('Integration/receipt'))).toEqual([
    'a.yaml:22:5 Error Integration/receipt spec.destinations[0]: a destination needs exactly one of system, partner — ',
  ]);
});

describe('invalid examples', () => {
  const files = readdirSync(INVALID).filter((file) => file.endsWith('.yaml'));
  test.for(files)('%s', async (file) => {
    const text = readFileSync(join(INVALID, file), 'utf8');
    const expected = /^# expect: (.+)\n/.exec(text)?.[1] as string;
    const errors = lintFolder(await loadFolder(join(INVALID, file))).filter(({ severity }) => severity === 'Error');
    // A folder has one state, so of a change it can only say that there are two.
    const wanted = /^---$/m.test(text) ? 'declared twice' : expected;
    expect(errors.map(({ field, message }) => `${field}: ${message}`).join('\n')).toContain(wanted);
    for (const { line, column } of errors) expect(Math.min(line, column)).toBeGreaterThan(0);
  });
});

describe('crossdock lint', () => {
  const write = (text: string): void => writeFileSync(join(root, 'a.yaml'), text);

  test('exits 0 and says so when nothing is wrong', () => {
    write(TYPE + integration('  - {name: erp, system: {connectorRef: {name: erp}}}\n'));
    const { status, stdout, stderr } = crossdock('lint', '.');
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: 'No problems: 3 resources in 1 file.\n',
      stderr: '',
    });
  });
  test('exits 0 with warnings alone', () => {
    write(TYPE);
    const { status, stdout } = crossdock('lint', '.');
    expect(stdout).toContain('a.yaml:3:12  warning  DocumentType/receipt-v1 metadata.name: ');
    expect(stdout).toContain('\n0 errors, 2 warnings: 2 resources in 1 file.\n');
    expect(status).toBe(0);
  });
  test('exits 1 with errors; text has file, line, column, what and how to mend, and no colours in a pipe', () => {
    write(TYPE + integration('  - {name: erp, systm: {connectorRef: {name: erp}}}\n'));
    const { status, stdout } = crossdock('lint', '.');
    expect(stdout).toContain(
      'a.yaml:22:17  error    Integration/receipt spec.destinations[0].systm: unknown field "spec.destinations[0].systm" — did you mean system?\n',
    );
    expect(stdout).not.toContain('\u001b');
    expect(status).toBe(1);
  });
  test('gives JSON with -o json', () => {
    write(TYPE + integration('  - {name: erp, systm: {}, system: {connectorRef: {name: erp}}}\n'));
    const { status, stdout } = crossdock('lint', 'a.yaml', '-o', 'json');
    expect(JSON.parse(stdout)).toEqual({
      resources: 3,
      errors: 1,
      warnings: 0,
      findings: [
        {
          ...{ file: 'a.yaml', line: 22, column: 17, severity: 'Error', kind: 'Integration', name: 'receipt' },
          ...{ field: 'spec.destinations[0].systm', message: 'unknown field "spec.destinations[0].systm"' },
          remedy: 'did you mean system?',
        },
      ],
    });
    expect(status).toBe(1);
  });
  test.for([[], ['nothing-here'], ['.', '-o', 'xml']])('exits 2 on wrong usage: %j', (args) => {
    const { status, stdout, stderr } = crossdock('lint', ...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^error: /);
  });
});
