/** `vite build` writes console/dist: plain files that the API serves. `vite` serves the sources beside a running API. */
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // Files of their own: a page of the API allows no data: addresses in styles.
  build: { target: 'es2023', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { '/api': process.env.CROSSDOCK_API ?? 'http://127.0.0.1:8082' } },
});
