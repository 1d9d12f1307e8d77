import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// The project runs on the Node that npm installed, also when vitest is called from a shell with an older one.
if (Number.parseInt(process.versions.node, 10) < 24) {
  const bin = join(import.meta.dirname, 'node_modules', '.bin');
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
  const again = spawnSync(join(bin, 'node'), process.argv.slice(1), { stdio: 'inherit', env });
  process.exit(again.status ?? 1);
}

/** On a cluster, or with parts that take minutes to build: `make test-cluster`. */
const CLUSTER = ['test/cluster/suite/**/*.test.ts', 'test/gitops/argo-cd.test.ts'];

export default defineConfig({
  test: {
    pool: 'forks',
    // Tests on real parts mostly wait: for a broker that restarts, a lease that expires, a retry that is due.
    maxWorkers: 4,
    // Every wait has a deadline of its own; this one is for a machine that does much else.
    testTimeout: 90_000,
    // A part that starts cold on a busy machine; getting one for the first time is a step of its own in test/run.ts.
    hookTimeout: 180_000,
    teardownTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // Pure, or with processes and folders of their own: nothing that the next file would meet.
          isolate: false,
          include: [
            '{bench,cli,console,crds,examples,images,operator,runtime,standalone,tracker,scripts}/**/*.test.ts',
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: CLUSTER,
          globalSetup: ['test/support/global-setup.ts'],
        },
      },
      ...['3', '4'].map((major) => ({
        extends: true as const,
        test: {
          // What depends on the broker's version, on the one that `parts` did not have: test/run.ts chooses.
          name: `rabbitmq-${major}`,
          env: { CROSSDOCK_RABBITMQ: major },
          include: ['test/rabbitmq/**/*.test.ts', 'test/standalone/{kill,large-documents,ordering,pipeline}.test.ts'],
          globalSetup: ['test/support/global-setup.ts'],
        },
      })),
      {
        extends: true,
        test: {
          name: 'cluster',
          include: CLUSTER,
          globalSetup: ['test/support/global-setup.ts'],
          // Timings of a cluster mean something only beside nothing else.
          fileParallelism: false,
        },
      },
    ],
  },
});
