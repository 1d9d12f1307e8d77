/**
 * A folder of YAML as a namespace's resources, with the place of every field. `crossdock lint`, `render`, `dev` and the golden
 * tests read folders by it. Nothing here validates a spec (validate.ts does); a resource that has a kind and a name is handed on.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { API_VERSION, KINDS } from './generated/schemas.ts';
import type { Metadata, Resource } from './generated/types.ts';
import { nearest } from './nearest.ts';
import { type Location, type Placed, parsePath, placeOf, type TextPosition } from './places.ts';
import { type SecretUse, secretUseOf } from './secret-use.ts';
import { readManifest, type Say } from './yaml.ts';

export type { Location, TextPosition } from './places.ts';
export { parsePath } from './places.ts';

/** What is wrong with the folder itself. */
export interface FolderProblem extends Location {
  severity: 'Error' | 'Warning';
  message: string;
  remedy: string;
}
/** Prints as [redacted] wherever it is formatted; `reveal()` is the only way to the text. */
export interface SecretValue {
  reveal(): string;
}
export interface Folder {
  /** Absolute path. */
  path: string;
  /** The one namespace that the manifests name, else `default`. */
  namespace: string;
  /** In order of file and position. Of duplicates only the first is here. */
  resources: Resource[];
  /** Secret name → key → value (stringData over decoded data). */
  secrets: Record<string, Record<string, SecretValue>>;
  /** Of those Secrets that may be used: for whom. */
  secretUses: Record<string, SecretUse>;
  /** ConfigMap name → data. */
  configMaps: Record<string, Record<string, string>>;
  /** Contents of the files that ReferenceTables name, by the path as written there (relative to the manifest). */
  files: Record<string, string>;
  /** Everything that was read, relative to the folder, sorted: what to watch. */
  read: string[];
  problems: FolderProblem[];
  /**
   * Where a field is written, e.g. `locate('Integration', 'receipt', 'spec.destinations[0].mappingRef.name')`. The nearest
   * enclosing field where that one is not written; undefined for a resource that is not in the folder. Secret and ConfigMap work too.
   * With `within`, the place of that position of the field's text, where the YAML holds it as it is (else the field).
   */
  locate(kind: string, name: string, fieldPath?: string, within?: TextPosition): Location | undefined;
}
/** A sub folder with this file in it is left alone. */
const IGNORE_FILE = '.crossdockignore';
/** Rows of a table that is larger belong into a database. */
const MAX_TABLE_BYTES = 64 * 1024 * 1024;

class Redacted implements SecretValue {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  reveal(): string {
    return this.#text;
  }
  toString(): string {
    return '[redacted]';
  }
  toJSON(): string {
    return '[redacted]';
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[redacted]';
  }
}

/** Reads all manifests below a folder (or the one file). Rejects only when the path itself cannot be read. */
export async function loadFolder(path: string): Promise<Folder> {
  const root = resolve(path);
  const single = (await stat(root)).isFile();
  const base = single ? dirname(root) : root;
  const manifests = single ? [root] : await listManifests(root, true);
  const places = new Map<string, Placed>();
  const tables: { name: string; path: string; manifest: string }[] = [];
  const folder: Folder = {
    path: root,
    namespace: 'default',
    resources: [],
    secrets: {},
    secretUses: {},
    configMaps: {},
    files: {},
    read: manifests.map((file) => relative(base, file)),
    problems: [],
    locate(kind, name, fieldPath = '', within) {
      const placed = places.get(`${kind}/${name}`);
      return placed && placeOf(placed, parsePath(fieldPath), within);
    },
  };
  let namespace: string | undefined;

  for (const manifest of manifests) {
    const file = relative(base, manifest);
    const say = (
      at: Omit<Location, 'file'>,
      message: string,
      remedy: string,
      severity: 'Error' | 'Warning' = 'Error',
    ) => void folder.problems.push({ file, ...at, severity, message, remedy });
    for (const { value, placed } of await readManifest(manifest, file, say)) {
      const at = (...fields: string[]): Omit<Location, 'file'> => {
        const { line, column } = placeOf(placed, fields);
        return { line, column };
      };
      const identity = identify(value, at, say);
      if (!identity) continue;
      const { kind, name, object } = identity;
      const own = (object.metadata as { namespace?: unknown }).namespace;
      if (typeof own === 'string') {
        if (namespace !== undefined && namespace !== own)
          say(
            at('metadata', 'namespace'),
            `namespace ${own}, but the folder is of namespace ${namespace}`,
            'keep one folder per namespace',
          );
        namespace ??= own;
      }
      const first = places.get(`${kind}/${name}`);
      if (first) {
        const { line } = placeOf(first, ['metadata', 'name']);
        say(
          at('metadata', 'name'),
          `${kind}/${name} is declared twice; first in ${first.file}:${line}`,
          'remove or rename one of them',
        );
        continue;
      }
      places.set(`${kind}/${name}`, placed);
      if (kind === 'Secret') {
        folder.secrets[name] = secretData(object, at, say);
        const use = secretUseOf(object.metadata as Pick<Metadata, 'labels' | 'annotations'>);
        if (use) folder.secretUses[name] = use;
      } else if (kind === 'ConfigMap') folder.configMaps[name] = stringMap(object.data);
      else {
        folder.resources.push(object as unknown as Resource);
        const named = kind === 'ReferenceTable' ? tableFile(object) : undefined;
        if (named !== undefined) tables.push({ name, path: named, manifest });
      }
    }
  }
  folder.namespace = namespace ?? 'default';
  await readTableFiles(folder, tables, base);
  folder.read = [...new Set(folder.read)].sort();
  return folder;
}

async function listManifests(directory: string, top = false): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  if (!top && entries.some((entry) => entry.name === IGNORE_FILE)) return [];
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const path = join(directory, entry.name);
    if (entry.isDirectory()) found.push(...(await listManifests(path)));
    else if (['.yaml', '.yml', '.json'].includes(extname(entry.name)) && !/^kustomization\.ya?ml$/.test(entry.name))
      found.push(path);
  }
  return found;
}

function identify(
  value: unknown,
  at: (...fields: string[]) => Omit<Location, 'file'>,
  say: Say,
): { kind: string; name: string; object: Record<string, unknown> & { metadata: Record<string, unknown> } } | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    say(at(), 'not a resource: a map with apiVersion, kind and metadata is expected', 'move it out of the folder');
    return undefined;
  }
  const { apiVersion, kind, metadata } = value as Record<string, unknown>;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
    const lacking = typeof apiVersion !== 'string' ? 'apiVersion' : 'kind';
    say(
      at(),
      `${lacking} is missing`,
      `a resource begins with apiVersion: ${API_VERSION} and a kind; move other files out of the folder`,
    );
    return undefined;
  }
  const core = apiVersion === 'v1' && (kind === 'Secret' || kind === 'ConfigMap');
  const ours = apiVersion.split('/')[0] === 'crossdock.dev';
  if (!core && !ours) {
    say(
      at('kind'),
      `${apiVersion} ${kind} is left out: not a kind that crossdock reads`,
      `crossdock reads ${API_VERSION}, Secret and ConfigMap`,
      'Warning',
    );
    return undefined;
  }
  if (ours && apiVersion !== API_VERSION) {
    say(at('apiVersion'), `unknown apiVersion ${apiVersion}`, `write ${API_VERSION}`);
    return undefined;
  }
  if (ours && !(KINDS as readonly string[]).includes(kind)) {
    const near = nearest(kind, KINDS);
    say(at('kind'), `unknown kind ${kind}`, near ? `did you mean ${near}?` : `one of ${KINDS.join(', ')}`);
    return undefined;
  }
  const name = typeof metadata === 'object' && metadata !== null ? (metadata as { name?: unknown }).name : undefined;
  if (typeof name !== 'string' || name === '') {
    say(at('metadata', 'name'), `${kind} without metadata.name`, 'give it a name: lower case letters, digits and -');
    return undefined;
  }
  return { kind, name, object: value as Record<string, unknown> & { metadata: Record<string, unknown> } };
}

function secretData(object: Record<string, unknown>, at: (...fields: string[]) => Omit<Location, 'file'>, say: Say) {
  const values: Record<string, SecretValue> = {};
  for (const [key, text] of Object.entries(stringMap(object.data))) {
    if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text))
      say(at('data', key), 'not base64', 'write plain text under stringData instead');
    values[key] = new Redacted(Buffer.from(text, 'base64').toString('utf8'));
  }
  for (const [key, text] of Object.entries(stringMap(object.stringData))) values[key] = new Redacted(text);
  return values;
}

function stringMap(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]));
}

function tableFile(object: Record<string, unknown>): string | undefined {
  const path = (object as { spec?: { file?: { path?: unknown } } }).spec?.file?.path;
  return typeof path === 'string' && path !== '' ? path : undefined;
}

async function readTableFiles(
  folder: Folder,
  tables: { name: string; path: string; manifest: string }[],
  base: string,
) {
  const from = new Map<string, string>();
  for (const { name, path, manifest } of tables) {
    const absolute = resolve(dirname(manifest), path);
    const at = folder.locate('ReferenceTable', name, 'spec.file.path') as Location;
    const say = (message: string, remedy: string) =>
      void folder.problems.push({ ...at, severity: 'Error', message, remedy });
    if (from.has(path) && from.get(path) !== absolute) {
      say(`two tables name ${path} from different folders`, 'name the files differently');
      continue;
    }
    try {
      if ((await stat(absolute)).size > MAX_TABLE_BYTES)
        say(`${path} is larger than ${MAX_TABLE_BYTES} bytes`, 'keep such a table in a database');
      else {
        folder.files[path] = await readFile(absolute, 'utf8');
        from.set(path, absolute);
        folder.read.push(relative(base, absolute));
      }
    } catch (error) {
      say(
        `file ${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`,
        'paths are relative to the manifest',
      );
    }
  }
}
