/**
 * crds/manifests → crds/generated and docs/reference. `node crds/generate.ts` writes what differs;
 * `node crds/generate.ts --check` writes nothing and exits 1 on a difference.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { docsOf } from './generator/docs.ts';
import { type Manifest, readManifests } from './generator/manifest.ts';
import { typesOf } from './generator/types.ts';
import type { Schema } from './schema.ts';

const ROOT = new URL('../', import.meta.url);
/** Folders that hold nothing but what is generated. */
const OWNED = ['crds/generated/', 'docs/reference/'];

const withoutStatus = ({ properties, ...rest }: Schema): Schema => {
  const { status: _, ...others } = properties as Record<string, Schema>;
  return { ...rest, properties: others };
};
const schemasOf = (manifests: Manifest[]): string => {
  const names = Object.fromEntries(
    manifests.map(({ kind, plural, singular, shortNames }) => [kind, { plural, singular, shortNames }]),
  );
  const schemas = Object.fromEntries(manifests.map(({ kind, schema }) => [kind, withoutStatus(schema)]));
  return `/** Names and schemas of the kinds. GENERATED from crds/manifests by \`make generate\`. */
import type { Schema } from '../schema.ts';
import type { Kind } from './types.ts';

export const API_VERSION = 'crossdock.dev/v1alpha1';
export const NAMES: Record<Kind, { plural: string; singular: string; shortNames: string[] }> = ${JSON.stringify(names, null, 2)};
export const KINDS = Object.keys(NAMES) as Kind[];
/** Of the whole object, as in the manifest, without the status (the operator's alone). */
export const SCHEMAS: Record<Kind, Schema> = ${JSON.stringify(schemas, null, 2)};
`;
};

const manifests = readManifests(new URL('crds/manifests/', ROOT));
const wanted = new Map<string, string>([
  ['crds/generated/types.ts', typesOf(manifests)],
  ['crds/generated/schemas.ts', schemasOf(manifests)],
  ...Object.entries(docsOf(manifests)).map(([file, text]) => [`docs/reference/${file}`, text] as const),
]);

const check = process.argv.includes('--check');
const differing: string[] = [];
for (const directory of OWNED) {
  mkdirSync(new URL(directory, ROOT), { recursive: true });
  // The HTTP API's page is made by tracker/api/generate.ts.
  for (const file of readdirSync(new URL(directory, ROOT)))
    if (!wanted.has(directory + file) && !file.startsWith('openapi.')) differing.push(directory + file);
}
for (const [file, text] of wanted) if (read(file) !== text) differing.push(file);
if (!check)
  for (const file of differing) {
    const text = wanted.get(file);
    if (text === undefined) rmSync(new URL(file, ROOT));
    else writeFileSync(new URL(file, ROOT), text);
  }
for (const file of differing) console.log(`${check ? 'differs' : 'written'}: ${file}`);
if (check && differing.length > 0) {
  console.error(`run \`make generate\` in ${fileURLToPath(ROOT)} and commit what it writes`);
  process.exitCode = 1;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(new URL(file, ROOT), 'utf8');
  } catch {
    return undefined;
  }
}
