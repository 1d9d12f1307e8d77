/** The `crossdock` command: one file per verb in commands/, listed in commands.ts. */
import { Command } from 'commander';
import pc from 'picocolors';
import { commands } from './commands.ts';

// A flag belongs to the verb that it stands behind: `replay list -o json`.
const program = new Command('crossdock')
  .description('Integrations as resources: lint, render, run and trace them.')
  .enablePositionalOptions();
const verb = process.argv[2] ?? '';
const wanted = Object.hasOwn(commands, verb) ? [commands[verb]!] : Object.values(commands);
for (const load of wanted) (await load()).register(program);
try {
  await program.parseAsync(process.argv);
} catch (error) {
  // What a person did or lacks is said in a line; the stack is for those who ask.
  process.stderr.write(`${pc.red('error')}  ${(error as Error).message}\n`);
  if (process.env.DEBUG) process.stderr.write(`${(error as Error).stack}\n`);
  process.exitCode = 1;
}
