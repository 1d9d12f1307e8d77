/** `vite build` writes console/dist: plain files that the API serves. `vite` serves the sources beside a running API. */
import { defineConfig, type Plugin } from 'vite';
import { answer } from './dev/fixtures.ts';

const fixtures: Plugin = {
  name: 'fixtures',
  configureServer({ middlewares }) {
    middlewares.use('/api/v1', (request, response) => {
      const url = new URL(request.url!, 'http://x');
      if (url.pathname === '/events') {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': ping\n\n');
        return;
      }
      const value =
        request.method === 'GET' ? answer(url.pathname, url.searchParams) : { selected: 4, done: 4, failed: [] };
      response.writeHead(value === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(value ?? { type: 'about:blank', title: 'Not there', status: 404 }));
    });
  },
};

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: { target: 'es2023', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  plugins: process.env.CROSSDOCK_API ? [] : [fixtures],
  server: { ...(process.env.CROSSDOCK_API && { proxy: { '/api': process.env.CROSSDOCK_API } }) },
});
