/** operator, runtime and tracker as plain JavaScript files without node_modules, and what of npm is in them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { TarEntry } from './tar.ts';

/** In the image. */
export const FOLDER = 'opt/crossdock';
export const PROGRAMS = ['operator', 'runtime', 'tracker'] as const;

export interface NpmPackage {
  name: string;
  version: string;
  license?: string;
}
export interface Bundle {
  entries: TarEntry[];
  packages: NpmPackage[];
}

/** Dependencies that are CommonJS ask for Node's own modules by `require`, and where they lie. */
const BANNER =
  "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url); const __dirname = import.meta.dirname;";

/** `root` is the clone; where it lies does not change the result. */
export async function bundle(root: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    preserveSymlinks: true,
    entryPoints: Object.fromEntries(PROGRAMS.map((name) => [name, `${name}/main.ts`])),
    outdir: 'bundle',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    banner: { js: BANNER },
    // Of ssh2: it does without what is built for one machine.
    external: ['cpu-features', '*.node'],
    legalComments: 'external',
    metafile: true,
    write: false,
    logLevel: 'error',
  });
  const programs = outputFiles.map(
    ({ path, contents }): TarEntry => ({
      path: `${FOLDER}/${path.slice(join(root, 'bundle/').length)}`,
      type: 'File',
      mode: 0o644,
      data: Buffer.from(contents),
    }),
  );
  const main: TarEntry = { path: `${FOLDER}/main.mjs`, type: 'File', mode: 0o644, data: Buffer.from(MAIN) };
  return { entries: [...programs, main], packages: packagesOf(root, Object.keys(metafile.inputs)) };
}

/** The first argument chooses the program; the others are its own. */
const MAIN = `const [program = ''] = process.argv.splice(2, 1);
if (!${JSON.stringify(PROGRAMS)}.includes(program)) {
  console.error(\`\${program || 'no argument'}: the first argument must be one of ${PROGRAMS.join(', ')}\`);
  process.exit(64);
}
await import(\`./\${program}.mjs\`);
`;

/** What of node_modules these files are of. */
export function packagesOf(root: string, inputs: readonly string[]): NpmPackage[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; license?: string }>;
  };
  const folders = new Set(
    inputs.flatMap((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []),
  );
  return [...folders].sort().map((folder) => {
    const known = lock.packages[folder];
    if (!known) throw new Error(`${folder} is bundled and not in package-lock.json: run npm ci`);
    const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
    return { name, version: known.version, ...(known.license !== undefined && { license: known.license }) };
  });
}
