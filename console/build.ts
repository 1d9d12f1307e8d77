/** The console as plain files in console/dist, made by Vite from console/src when they are missing or older than that. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Log, run } from '../standalone/process.ts';

const ROOT = join(import.meta.dirname, '..');
export const CONSOLE = join(import.meta.dirname, 'dist');
const MADE_OF = ['console/src', 'console/public', 'console/index.html', 'console/vite.config.ts', 'package-lock.json'];

/** Gives the folder. An image has the files and not the sources: then they are taken as they are. */
export async function ensureConsole(log: Log): Promise<string> {
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  if (!isStale() || !existsSync(vite)) return CONSOLE;
  log('building the console');
  await buildConsole(CONSOLE);
  return CONSOLE;
}

function isStale(): boolean {
  const made = join(CONSOLE, 'index.html');
  if (!existsSync(made)) return true;
  const at = statSync(made).mtimeMs;
  return MADE_OF.some((path) => newest(join(ROOT, path)) > at);
}
function newest(path: string): number {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Beside, then in its place: another process may serve the files or build them at the same time. */
export async function buildConsole(folder: string): Promise<void> {
  const next = `${folder}.${process.pid}`;
  const old = `${next}.old`;
  try {
    await run(process.execPath, [
      join(ROOT, 'node_modules/vite/bin/vite.js'),
      ...['build', join(ROOT, 'console'), '--outDir', next, '--emptyOutDir', '--logLevel', 'warn'],
    ]);
    mkdirSync(join(folder, '..'), { recursive: true });
    if (existsSync(folder)) renameSync(folder, old);
    try {
      renameSync(next, folder);
    } catch (error) {
      // Another process put its own there meanwhile, of the same sources.
      if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
    }
  } finally {
    rmSync(old, { recursive: true, force: true });
    rmSync(next, { recursive: true, force: true });
  }
}
