/** Tar archives that depend on nothing but names, contents and modes: sorted, owned by root, dated 1970. */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** `path` is relative, without a leading or a trailing slash. Folders above an entry are added by themselves. */
export type TarEntry =
  | { path: string; type: 'File'; mode: number; data: Buffer }
  | { path: string; type: 'Folder'; mode: number; uid?: number }
  | { path: string; type: 'Link'; target: string };

const BLOCK = 512;
const LONGEST_NAME = 100;
const FLAGS = { File: '0', Link: '2', Folder: '5', Extended: 'x' };

/** Everything below the folder for which `keep` holds, in any order. Modes become 0755 or 0644. */
export function entriesOf(folder: string, keep: (path: string) => boolean = () => true, prefix = ''): TarEntry[] {
  return readdirSync(join(folder, prefix)).flatMap((name): TarEntry[] => {
    const path = prefix ? `${prefix}/${name}` : name;
    const full = join(folder, path);
    const found = lstatSync(full);
    if (found.isDirectory()) return entriesOf(folder, keep, path);
    if (!keep(path)) return [];
    if (found.isSymbolicLink()) return [{ path, type: 'Link', target: readlinkSync(full) }];
    if (!found.isFile()) return [];
    return [{ path, type: 'File', mode: found.mode & 0o100 ? 0o755 : 0o644, data: readFileSync(full) }];
  });
}

/** The archive, in pieces. Of two entries of one path the later one counts. */
export function tar(entries: Iterable<TarEntry>): Buffer[] {
  const byPath = new Map<string, TarEntry>();
  for (const entry of entries) byPath.set(entry.path, entry);
  for (const path of [...byPath.keys()])
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end);
      const there = byPath.get(folder);
      if (there && there.type !== 'Folder') throw new Error(`${path}: ${folder} is a ${there.type.toLowerCase()}`);
      if (!there) byPath.set(folder, { path: folder, type: 'Folder', mode: 0o755 });
    }
  const sorted = [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  return [...sorted.flatMap(written), Buffer.alloc(2 * BLOCK)];
}

function written(entry: TarEntry): Buffer[] {
  const { path, type } = entry;
  const name = type === 'Folder' ? `${path}/` : path;
  const target = type === 'Link' ? entry.target : '';
  const long = { ...(tooLong(name) && { path: name }), ...(tooLong(target) && { linkpath: target }) };
  const mode = type === 'Link' ? 0o777 : entry.mode;
  const data = type === 'File' ? entry.data : Buffer.alloc(0);
  const uid = (type === 'Folder' && entry.uid) || 0;
  const own = [header(name, FLAGS[type], mode, data.length, target, uid), ...padded(data)];
  if (Object.keys(long).length === 0) return own;
  const records = Buffer.from(
    Object.entries(long)
      .map(([key, value]) => record(key, value))
      .join(''),
  );
  return [header('././@PaxHeader', FLAGS.Extended, 0o644, records.length, '', 0), ...padded(records), ...own];
}

const tooLong = (text: string): boolean => Buffer.byteLength(text) > LONGEST_NAME;

/** A record of a pax header counts its own length in. */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest);
  while (String(length).length + Buffer.byteLength(rest) !== length)
    length = String(length).length + Buffer.byteLength(rest);
  return `${length}${rest}`;
}

function padded(data: Buffer): Buffer[] {
  const rest = data.length % BLOCK;
  return data.length === 0 ? [] : rest === 0 ? [data] : [data, Buffer.alloc(BLOCK - rest)];
}

function header(name: string, flag: string, mode: number, size: number, target: string, owner: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
  block.write(name, 0, LONGEST_NAME);
  octal(mode, 100, 8);
  octal(owner, 108, 8);
  octal(owner, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.write(' '.repeat(8), 148, 'latin1');
  block.write(flag, 156, 'latin1');
  block.write(target, 157, LONGEST_NAME);
  block.write('ustar\x0000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}
