/**
 * Images as one archive that `docker load`, `podman load`, `ctr images import`, `kind load image-archive` and `skopeo` all read: the OCI
 * layout, and beside it the manifest.json of docker. Same layers and configuration, same digest.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { type TarEntry, tar } from './tar.ts';

export interface Layer {
  /** gzip of a tar archive. */
  blob: Buffer;
  /** sha256:… of the blob. */
  digest: string;
  /** sha256:… of the tar archive. */
  diffId: string;
  /** Bytes of the tar archive. */
  unpacked: number;
}
export interface Image {
  /** `repository:tag`; without a registry, Docker's is meant. */
  name: string;
  layers: readonly Layer[];
  /** Config section of an OCI image: User, Entrypoint, Cmd, Env, WorkingDir, Labels … */
  config: Record<string, unknown>;
}
export interface WrittenImage {
  name: string;
  file: string;
  /** sha256:… of the manifest: what a registry would call it. */
  digest: string;
  /** Bytes as stored and sent, and as unpacked on a node. */
  size: { compressed: number; unpacked: number };
}

export const sha256 = (data: Buffer): string => `sha256:${createHash('sha256').update(data).digest('hex')}`;
export const architecture = (): string => (process.arch === 'x64' ? 'amd64' : process.arch);

export function layerOf(entries: Iterable<TarEntry>): Layer {
  const archive = Buffer.concat(tar(entries));
  const blob = compress(archive);
  return { blob, digest: sha256(blob), diffId: sha256(archive), unpacked: archive.length };
}

export function compress(archive: Buffer): Buffer {
  const blob = gzipSync(archive, { level: 6 });
  // The header names the operating system that compressed it.
  blob[9] = 255;
  return blob;
}

const OCI = 'application/vnd.oci.image';

export function writeImage(file: string, image: Image): WrittenImage {
  const { name, layers } = image;
  const config = json({
    architecture: architecture(),
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
    config: image.config,
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(() => ({ created: '1970-01-01T00:00:00Z', created_by: 'make image' })),
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config: { mediaType: `${OCI}.config.v1+json`, digest: sha256(config), size: config.length },
    layers: layers.map(({ blob, digest }) => ({
      mediaType: `${OCI}.layer.v1.tar+gzip`,
      digest,
      size: blob.length,
    })),
  });
  const digest = sha256(manifest);
  const tag = tagOf(name);
  const index = {
    schemaVersion: 2,
    mediaType: `${OCI}.index.v1+json`,
    manifests: [
      {
        mediaType: `${OCI}.manifest.v1+json`,
        digest,
        size: manifest.length,
        platform: { architecture: architecture(), os: 'linux' },
        annotations: {
          'io.containerd.image.name': qualified(name),
          'org.opencontainers.image.ref.name': tag,
        },
      },
    ],
  };
  const docker = [
    {
      Config: blobPath(sha256(config)),
      RepoTags: [name.endsWith(`:${tag}`) ? name : `${name}:${tag}`],
      Layers: layers.map((layer) => blobPath(layer.digest)),
    },
  ];
  const files: [string, Buffer][] = [
    ['oci-layout', json({ imageLayoutVersion: '1.0.0' })],
    ['index.json', json(index)],
    ['manifest.json', json(docker)],
    ...[config, manifest, ...layers.map(({ blob }) => blob)].map((blob): [string, Buffer] => [
      blobPath(sha256(blob)),
      blob,
    ]),
  ];
  const entries = files.map(([path, data]): TarEntry => ({ path, type: 'File', mode: 0o644, data }));
  writeFileSync(file, Buffer.concat(tar(entries)));
  const total = (of: (layer: Layer) => number) => layers.reduce((sum, layer) => sum + of(layer), 0);
  return {
    name,
    file,
    digest,
    size: { compressed: total(({ blob }) => blob.length), unpacked: total(({ unpacked }) => unpacked) },
  };
}

const tagOf = (name: string): string => /:([^:/]+)$/.exec(name)?.[1] ?? 'latest';

/** With registry and tag, as container runtimes keep it: `crossdock:1` is `docker.io/library/crossdock:1`. */
export function qualified(name: string): string {
  const tagged = /:[^:/]+$/.test(name) ? name : `${name}:latest`;
  const [first = ''] = tagged.split('/');
  if (!tagged.includes('/')) return `docker.io/library/${tagged}`;
  return /[.:]|^localhost$/.test(first) ? tagged : `docker.io/${tagged}`;
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const blobPath = (digest: string): string => `blobs/${digest.replace(':', '/')}`;
