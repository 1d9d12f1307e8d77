import type { Command } from 'commander';

export interface Verb {
  register(program: Command): void;
}

/** Explicit registry, by verb. Loaded when asked for: `crossdock trace` need not load the runtime. */
export const commands: Record<string, () => Promise<Verb>> = {
  audit: () => import('./commands/audit.ts'),
  dev: () => import('./commands/dev.ts'),
  dlq: () => import('./commands/dlq.ts'),
  edi: () => import('./commands/edi.ts'),
  exceptions: () => import('./commands/exceptions.ts'),
  fact: () => import('./commands/fact.ts'),
  lint: () => import('./commands/lint.ts'),
  map: () => import('./commands/map.ts'),
  render: () => import('./commands/render.ts'),
  report: () => import('./commands/report.ts'),
  sla: () => import('./commands/sla.ts'),
  restored: () => import('./commands/restored.ts'),
  replay: () => import('./commands/replay.ts'),
  status: () => import('./commands/status.ts'),
  tables: () => import('./commands/tables.ts'),
  test: () => import('./commands/test.ts'),
  'support-bundle': () => import('./commands/support-bundle.ts'),
  trace: () => import('./commands/trace.ts'),
  user: () => import('./commands/user.ts'),
  why: () => import('./commands/why.ts'),
};
