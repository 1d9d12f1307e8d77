/** The console as plain files in console/dist, made by Vite from console/src when they are missing or older than that. */
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Log, run } from '../standalone/process.ts';

const ROOT = join(import.meta.dirname, '..');
const MADE_OF = ['console/src', 'console/public', 'console/index.html', 'console/vite.config.ts', 'package-lock.json'];

/** Gives the folder. `root` is the clone. */
export async function ensureConsole(log: Log, root = ROOT): Promise<string> {
  const folder = join(root, 'console/dist');
  if (isStale(root, folder)) {
    log('building the console');
    await build(root, folder);
  }
  return folder;
}

function isStale(root: string, folder: string): boolean {
  const made = join(folder, 'index.html');
  if (!existsSync(made)) return true;
  const at = statSync(made).mtimeMs;
  return MADE_OF.some((path) => newest(join(root, path)) > at);
}
function newest(path: string): number {
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(found.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Beside, then in its place: another process may serve the files or build them at the same time. */
async function build(root: string, folder: string): Promise<void> {
  const next = `${folder}.${process.pid}`;
  const old = `${next}.old`;
  try {
    const arguments_ = ['build', join(root, 'console'), '--outDir', next, '--emptyOutDir', '--logLevel', 'warn'];
    // In a test NODE_ENV is another, and the page would be one for development.
    const env = { ...process.env, NODE_ENV: 'production' };
    await run(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), ...arguments_], { env });
    if (existsSync(folder)) renameSync(folder, old);
    renameSync(next, folder);
  } catch (error) {
    // Another process put its own there meanwhile, of the same sources.
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
  } finally {
    rmSync(old, { recursive: true, force: true });
    rmSync(next, { recursive: true, force: true });
  }
}
