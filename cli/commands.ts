import type { Command } from 'commander';
import * as dev from './commands/dev.ts';
import * as edi from './commands/edi.ts';
import * as lint from './commands/lint.ts';
import * as render from './commands/render.ts';
import * as status from './commands/status.ts';
import * as trace from './commands/trace.ts';

/** Explicit registry: each verb exports `register(program)`. */
export const commands: ((program: Command) => void)[] = [
  dev.register,
  edi.register,
  lint.register,
  render.register,
  status.register,
  trace.register,
];
