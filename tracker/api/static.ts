/** The console's built files. Names with a hash in them are kept for ever; a path that is no file is a page of the console. */
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import type { Context } from 'hono';
import { decoded } from './path.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
  '.map': 'application/json',
};
const HASHED = /[.-][\w-]{8,}\.\w+$/;

export const staticFiles =
  (folder: string) =>
  async (c: Context): Promise<Response> => {
    const path = normalize(decoded(c.req.path));
    const file = join(folder, path);
    const extension = extname(path);
    const inside = file.startsWith(folder + sep) && !path.includes('\0');
    const body = inside && extension ? await readFile(file).catch(() => undefined) : undefined;
    if (body)
      return c.body(new Uint8Array(body), 200, {
        'content-type': TYPES[extension] ?? 'application/octet-stream',
        'cache-control': HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
      });
    // Numbers of orders may have dots: what is no file is a page, but where files with a hash are.
    if (path.startsWith('/assets/')) return c.notFound() as Response;
    const page = await readFile(join(folder, 'index.html')).catch(() => undefined);
    if (!page) return c.text('The console is not built: run `make console`.\n', 503);
    return c.body(new Uint8Array(page), 200, { 'content-type': TYPES['.html']!, 'cache-control': 'no-cache' });
  };
