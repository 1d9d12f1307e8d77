/** The `crossdock` command: one file per verb in commands/, listed here. */
import { Command } from 'commander';
import { commands } from './commands.ts';

const program = new Command('crossdock').description('Integrations as resources: lint, render, run and trace them.');
for (const register of commands) register(program);
await program.parseAsync(process.argv);
