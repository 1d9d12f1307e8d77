import type { Command } from 'commander';
import * as lint from './commands/lint.ts';

/** Explicit registry: each verb exports `register(program)`. */
export const commands: ((program: Command) => void)[] = [lint.register];
