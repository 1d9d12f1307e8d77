/**
 * `make image`: writes build/images/crossdock-<version>.tar. With `--rootfs FOLDER` the same files into a folder instead, for a
 * Dockerfile that is FROM scratch.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { run } from '../standalone/process.ts';
import { buildCrossdock, content, programEntries } from './crossdock.ts';
import { tar } from './tar.ts';

const { rootfs } = parseArgs({ options: { rootfs: { type: 'string' } } }).values;
const started = Date.now();
const say = (line: string) => console.log(`[${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s] ${line}`);

if (rootfs !== undefined) {
  const all = await content(say);
  const archive = join(rootfs, 'image.tar');
  writeFileSync(archive, Buffer.concat(tar([...all.base.entries, ...programEntries(all)])));
  await run('tar', ['-xf', archive, '-C', rootfs]);
  await run('rm', [archive]);
} else {
  const { name, file, digest, size } = await buildCrossdock(say);
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  say(`${name} ${digest}`);
  say(`${megabytes(size.unpacked)}, as sent ${megabytes(size.compressed)}: ${file}`);
  say(`docker load -i ${file}, or: kind load image-archive ${file}, or: skopeo copy oci-archive:${file} docker://…`);
}
