/** What source and sink share: safe names, durable folders, moves across file systems. */
import { copyFile, mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { errorCode } from '../failure.ts';

const MAX_NAME_BYTES = 200;

/** One path component from any text: no separator, control character or leading dot; at most 200 bytes, the extension kept. */
export function safeName(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced
  const plain = text.replaceAll(/[/\\:\u0000-\u001f\u007f]/g, '_').replace(/^\.+/, '_');
  const name = plain.trim() === '' ? '_' : plain;
  if (Buffer.byteLength(name) <= MAX_NAME_BYTES) return name;
  const extension = extname(name).slice(0, 16);
  let stem = name.slice(0, name.length - extname(name).length);
  while (Buffer.byteLength(stem + extension) > MAX_NAME_BYTES) stem = [...stem].slice(0, -1).join('');
  return stem + extension;
}

const CONTENT_TYPES: Record<string, string> = {
  '.json': 'application/json',
  '.xml': 'application/xml',
  '.csv': 'text/csv',
  '.txt': 'text/plain',
  '.edi': 'application/edi-x12',
  '.x12': 'application/edi-x12',
};

/** By the extension; `application/octet-stream` leaves it to the receiver to look inside. */
export const contentTypeOf = (name: string): string =>
  CONTENT_TYPES[extname(name).toLowerCase()] ?? 'application/octet-stream';

export const extensionOf = (contentType: string): string => {
  const type = contentType.split(';')[0]!.trim().toLowerCase();
  if (type.endsWith('+json')) return '.json';
  return Object.entries(CONTENT_TYPES).find(([, known]) => known === type)?.[0] ?? '.bin';
};

/** Makes the folder's entries (a new, renamed or removed name) survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function writeDurably(path: string, body: Buffer): Promise<void> {
  const handle = await open(path, 'wx', 0o644);
  try {
    await handle.writeFile(body);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Atomic within one file system; across two, the whole copy is there before the original goes. */
export async function move(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  try {
    await rename(from, to);
  } catch (error) {
    if (errorCode(error) !== 'EXDEV') throw error;
    const copy = join(dirname(to), `.${process.pid}-${Date.now()}.copy`);
    await copyFile(from, copy);
    const handle = await open(copy, 'r');
    await handle.sync().finally(() => handle.close());
    await rename(copy, to);
    await unlink(from);
  }
  await syncFolder(dirname(to));
}

/** `2026-11-20T06-00-00.123Z`: sorts by time and is a file name everywhere. */
export const timeStamp = (epochMs: number): string => new Date(epochMs).toISOString().replaceAll(':', '-');
