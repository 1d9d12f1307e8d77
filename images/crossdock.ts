/** The image of operator, runtime and tracker: the first argument chooses. Non-root, writes nowhere, same input = same digest. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureConsole } from '../console/build.ts';
import { cached } from '../standalone/cache.ts';
import type { Log } from '../standalone/process.ts';
import { type Base, base, USER } from './base.ts';
import { type Bundle, bundle, FOLDER, packagesOf } from './bundle.ts';
import { compress, type Image, type Layer, layerOf, sha256, type WrittenImage, writeImage } from './oci.ts';
import { sbom } from './sbom.ts';
import { entriesOf, type TarEntry, tar } from './tar.ts';

const ROOT = join(import.meta.dirname, '..');
const CONSOLE_FOLDER = `${FOLDER}/console`;
/** What of npm is in the page. */
const CONSOLE_PACKAGES = ['preact', 'uplot', '@fontsource-variable/inter'].map((name) => `node_modules/${name}/`);

export const OUTPUT = join(ROOT, 'build/images');
export const version = (): string =>
  (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;

export interface Content {
  base: Base;
  bundle: Bundle;
  /** The page that the tracker serves. */
  console: TarEntry[];
  sbom: Buffer;
}

export async function content(log: Log, root = ROOT): Promise<Content> {
  const [below, programs] = [await base(log), await bundle(root)];
  const { node, debian, release } = below;
  const page = entriesOf(await ensureConsole(log, root));
  const npm = [...programs.packages, ...packagesOf(root, CONSOLE_PACKAGES)];
  return {
    base: below,
    bundle: programs,
    console: page.map((entry) => ({ ...entry, path: `${CONSOLE_FOLDER}/${entry.path}` })),
    sbom: sbom({ version: version(), node, npm, debian, release }),
  };
}

/** What is above the base layer. */
export const programEntries = ({ bundle: { entries }, console, sbom: text }: Content): TarEntry[] => [
  ...entries,
  ...console,
  { path: `${FOLDER}/sbom.cdx.json`, type: 'File', mode: 0o644, data: text },
];

export const crossdockImage = (layers: readonly Layer[]): Image => ({
  name: `crossdock:${version()}`,
  layers,
  config: {
    User: `${USER}:${USER}`,
    Env: ['PATH=/usr/bin', 'NODE_ENV=production', 'LANG=C.UTF-8', `CROSSDOCK_CONSOLE=/${CONSOLE_FOLDER}`],
    Entrypoint: ['/usr/bin/node', `/${FOLDER}/main.mjs`],
    WorkingDir: '/',
    Labels: {
      'org.opencontainers.image.title': 'crossdock',
      'org.opencontainers.image.version': version(),
      'org.opencontainers.image.licenses': 'Apache-2.0',
    },
  },
});

/** `root` is the clone that is built. */
export async function buildCrossdock(log: Log, folder = OUTPUT, root = ROOT): Promise<WrittenImage> {
  const all = await content(log, root);
  mkdirSync(folder, { recursive: true });
  const layers = [await cachedLayer(all.base.entries), layerOf(programEntries(all))];
  return writeImage(join(folder, `crossdock-${version()}.tar`), crossdockImage(layers));
}

/** For a layer that seldom changes: compressing takes much longer than everything else. */
export async function cachedLayer(entries: readonly TarEntry[]): Promise<Layer> {
  const archive = Buffer.concat(tar(entries));
  const diffId = sha256(archive);
  const folder = await cached(`image-layers/${diffId.slice('sha256:'.length)}`, async (target) => {
    writeFileSync(join(target, 'layer.tar.gz'), compress(archive));
  });
  const blob = readFileSync(join(folder, 'layer.tar.gz'));
  return { blob, digest: sha256(blob), diffId, unpacked: archive.length };
}
