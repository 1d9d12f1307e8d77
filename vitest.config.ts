import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    // A part that starts cold on a busy machine; getting one for the first time is a step of its own in test/run.ts.
    hookTimeout: 180_000,
    teardownTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['{cli,crds,examples,operator,runtime,standalone,tracker,scripts}/**/*.test.ts'] },
      },
      {
        extends: true,
        test: { name: 'parts', include: ['test/**/*.test.ts'], globalSetup: ['test/support/global-setup.ts'] },
      },
    ],
  },
});
