import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Folder, loadFolder } from './folder.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'crossdock-folder-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(files: Record<string, string>): Promise<Folder> {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return loadFolder(root);
}
const hold = (name: string, more = ''): string =>
  `apiVersion: crossdock.dev/v1alpha1\nkind: Hold\nmetadata: {name: ${name}}\nspec:\n  targetRef: {kind: Connector, name: erp}\n  reason: maintenance\n${more}`;
const problems = (folder: Folder): string[] =>
  folder.problems.map(
    ({ file, line, column, severity, message }) => `${file}:${line}:${column} ${severity} ${message}`,
  );

test('reads YAML and JSON of all sub folders but hidden and ignored ones, several documents to a file', async () => {
  const folder = await write({
    'b.yaml': `${hold('b1')}---\n${hold('b2')}---\n# nothing\n`,
    'sub/a.yml': hold('a'),
    'sub/c.json': JSON.stringify({
      apiVersion: 'crossdock.dev/v1alpha1',
      kind: 'Hold',
      metadata: { name: 'c' },
      spec: {},
    }),
    'kustomization.yaml': 'resources: [b.yaml]',
    'notes.txt': 'no',
    '.hidden/d.yaml': hold('d'),
    'ignored/.crossdockignore': '',
    'ignored/deep/e.yaml': hold('e'),
  });
  expect(folder.resources.map(({ metadata }) => metadata.name)).toEqual(['b1', 'b2', 'a', 'c']);
  expect(folder.read).toEqual(['b.yaml', 'sub/a.yml', 'sub/c.json']);
  expect(problems(folder)).toEqual([]);
});

test('one file is a folder too', async () => {
  await write({ 'a.yaml': hold('a'), 'b.yaml': hold('b') });
  const folder = await loadFolder(join(root, 'b.yaml'));
  expect(folder.resources.map(({ metadata }) => metadata.name)).toEqual(['b']);
  expect(folder.locate('Hold', 'b')).toEqual({ file: 'b.yaml', line: 1, column: 1 });
});

test('locates keys, items, aliases, quoted keys; else what encloses', async () => {
  const folder = await write({
    'a.yaml': `# first\n${hold('a')}---\n${hold('b', '  x: &x\n  - one: 1\n    "two.three": 2\n  z: *x\n')}`,
  });
  const at = (field: string): string => {
    const { line, column } = folder.locate('Hold', 'b', field)!;
    return `${line}:${column}`;
  };
  expect(at('metadata.name')).toBe('11:12');
  expect(at('spec.targetRef.kind')).toBe('13:15');
  expect(at('spec.x[0]["two.three"]')).toBe('17:5');
  expect(at('spec.z[0].one')).toBe('16:5');
  expect(at('spec.x[7].one')).toBe('15:3');
  expect(at('spec.targetRef.nothing.deeper')).toBe('13:3');
  expect(folder.locate('Hold', 'nobody', 'spec')).toBeUndefined();
});

test('locates positions within texts that YAML holds as they are', async () => {
  const folder = await write({
    'a.yaml': hold(
      'a',
      '  block: |\n\n    first\n      second\n  plain: a & b\n  quoted: "a & b"\n  escaped: "a \\" b"\n  folded: >\n    one\n    two\n',
    ),
  });
  const at = (field: string, line: number, column: number): string => {
    const place = folder.locate('Hold', 'a', field, { line, column })!;
    return `${place.line}:${place.column}`;
  };
  expect(at('spec.block', 2, 1)).toBe('9:5');
  expect(at('spec.block', 3, 3)).toBe('10:7');
  expect(at('spec.plain', 1, 3)).toBe('11:12');
  expect(at('spec.quoted', 1, 3)).toBe('12:14');
  expect(at('spec.escaped', 1, 3)).toBe('13:3');
  expect(at('spec.folded', 2, 1)).toBe('14:3');
});

test('reads YAML as kubectl does: 1.1 booleans and octals, but times and sexagesimals are texts', async () => {
  const folder = await write({
    'a.yaml': hold('a', '  v: [yes, off, 017, 0x1f, 1:30, 1:30.5, 2026-11-24, 2026-11-24T06:00:00Z, "yes", ~]\n'),
  });
  expect((folder.resources[0]!.spec as unknown as { v: unknown }).v).toEqual([
    ...[true, false, 15, 31, '1:30', '1:30.5', '2026-11-24', '2026-11-24T06:00:00Z', 'yes', null],
  ]);
});

test('says what is wrong, where, and reads the rest', async () => {
  const folder = await write({
    'a.yaml': 'a: [1,\nb: : c',
    'b.yaml': `${hold('b')}---\n${hold('b')}---\n- 1\n---\nkind: Hold\n---\napiVersion: crossdock.dev/v1\nkind: Hold\n`,
    'c.yaml':
      'apiVersion: crossdock.dev/v1alpha1\nkind: Hodl\n---\napiVersion: crossdock.dev/v1alpha1\nkind: Hold\nmetadata: {}\n',
    'd.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\n',
    'e.yaml': hold('e', '  twice: 1\n  twice: 2\n'),
    'f.yaml': hold('f').replace('name: f', 'name: f, namespace: one'),
    'g.yaml': hold('g').replace('name: g', 'name: g, namespace: two'),
  });
  expect(folder.resources.map(({ metadata }) => metadata.name)).toEqual(['b', 'f', 'g']);
  expect(folder.namespace).toBe('one');
  expect(problems(folder)).toEqual([
    'a.yaml:2:1 Error not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    'a.yaml:2:4 Error not valid YAML: Nested mappings are not allowed in compact mappings',
    'b.yaml:10:12 Error Hold/b is declared twice; first in b.yaml:3',
    'b.yaml:15:1 Error not a resource: a map with apiVersion, kind and metadata is expected',
    'b.yaml:17:1 Error apiVersion is missing',
    'b.yaml:19:1 Error unknown apiVersion crossdock.dev/v1',
    'c.yaml:2:1 Error unknown kind Hodl',
    'c.yaml:6:1 Error Hold without metadata.name',
    'd.yaml:2:1 Warning apps/v1 Deployment is left out: not a kind that crossdock reads',
    'e.yaml:8:3 Error not valid YAML: Map keys must be unique',
    'g.yaml:3:21 Error namespace two, but the folder is of namespace one',
  ]);
  for (const { remedy } of folder.problems) expect(remedy).not.toBe('');
});

test('refuses bombs and depths with a clear word, at once', async () => {
  const levels = ['a: &a [x,x,x,x,x,x,x,x,x]'];
  for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh'])
    levels.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join()}]`);
  const start = performance.now();
  const folder = await write({
    'bomb.yaml': levels.join('\n'),
    'deep.yaml': '['.repeat(10_000) + ']'.repeat(10_000),
    'open.yaml': '['.repeat(10_000),
    'unset.yaml': 'a: *nothing',
    'large.yaml': `a: ${'x'.repeat(5_000_000)}`,
    'some.yaml': hold('some', '  a: &a [x]\n  b: [*a, *a]\n'),
  });
  expect(performance.now() - start).toBeLessThan(5_000);
  expect(problems(folder)).toEqual([
    'bomb.yaml:1:1 Error YAML aliases expand to too much (more than 100)',
    'deep.yaml:1:1 Error YAML is nested too deeply',
    'large.yaml:1:1 Error the file has 5000003 bytes, more than 4194304',
    'open.yaml:1:1 Error YAML is nested too deeply',
    'unset.yaml:1:1 Error not valid YAML: Unresolved alias (the anchor must be set before the alias): nothing',
  ]);
  expect(folder.resources).toHaveLength(1);
});

test('secrets are values in wrappers that never print', async () => {
  const folder = await write({
    'a.yaml':
      'apiVersion: v1\nkind: Secret\nmetadata: {name: erp}\nstringData: {token: canary-1}\ndata: {key: Y2FuYXJ5LTI=, token: eA==, bad: "%"}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: rows}\ndata: {a.csv: "sku"}\n',
  });
  expect(Object.keys(folder.secrets.erp!).sort()).toEqual(['bad', 'key', 'token']);
  expect(folder.secrets.erp?.token?.reveal()).toBe('canary-1');
  expect(folder.secrets.erp?.key?.reveal()).toBe('canary-2');
  const printed = `${JSON.stringify(folder)} ${inspect(folder, { depth: 9 })} ${folder.secrets.erp?.token}`;
  expect(printed).not.toContain('canary');
  expect(printed).toContain('[redacted]');
  expect(problems(folder)).toEqual(['a.yaml:5:40 Error not base64']);
  expect(folder.configMaps).toEqual({ rows: { 'a.csv': 'sku' } });
  expect(folder.locate('Secret', 'erp', 'stringData.token')).toEqual({ file: 'a.yaml', line: 4, column: 14 });
});

test('reads the files of tables beside their manifest, and says when it cannot', async () => {
  const table = (name: string, path: string): string =>
    `apiVersion: crossdock.dev/v1alpha1\nkind: ReferenceTable\nmetadata: {name: ${name}}\nspec:\n  key: [sku]\n  file: {path: ${path}}\n`;
  const folder = await write({
    'one/tables.yaml': `${table('items', 'items.csv')}---\n${table('lost', 'lost.csv')}`,
    'one/items.csv': 'sku,gtin\n',
    'two/tables.yaml': table('others', 'items.csv'),
    'two/items.csv': 'sku\n',
  });
  expect(folder.files).toEqual({ 'items.csv': 'sku,gtin\n' });
  expect(folder.read).toEqual(['one/items.csv', 'one/tables.yaml', 'two/tables.yaml']);
  expect(problems(folder)).toEqual([
    'one/tables.yaml:13:10 Error file lost.csv cannot be read: ENOENT',
    'two/tables.yaml:6:10 Error two tables name items.csv from different folders',
  ]);
});

test('rejects only when the path itself cannot be read', async () => {
  await expect(loadFolder(join(root, 'nothing'))).rejects.toThrow('ENOENT');
});
