import type { Command } from 'commander';

/** Explicit registry: each verb exports `register(program)`. */
export const commands: ((program: Command) => void)[] = [];
