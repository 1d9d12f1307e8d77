/** `crossdock map eval`: expressions tried out. Exit 0, or 1 where the one expression ends in an error, 2 when it is called wrongly. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { Evaluator } from '../map.ts';

const USAGE_ERROR = 2;

export function register(program: Command): void {
  const map = program.command('map').description('Mapping expressions (JSONata), outside of a pipeline.');
  map
    .command('eval')
    .description(
      'Evaluates an expression on a JSON document. With --batch: NDJSON {expression, input, bindings?} on standard input, {value} or {error} per line on standard output.',
    )
    .argument('[expression]', 'JSONata')
    .option('--input <file>', 'document; - is standard input. Default: none')
    .option('--batch', 'many expressions, one answer a line, in order')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : USAGE_ERROR))
    .action(async (expression: string | undefined, flags: { input?: string; batch?: boolean }, command: Command) => {
      if ((expression === undefined) !== (flags.batch === true))
        command.error('error: give either an expression or --batch', { exitCode: USAGE_ERROR });
      if (expression === undefined) return batch();
      const { value, error } = await new Evaluator().evaluate({ expression, input: documentOf(flags.input, command) });
      if (error) {
        process.stderr.write(`error: ${error.message} (${error.code})\n`);
        process.exitCode = 1;
      } else if (value !== undefined) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    });
}

function documentOf(file: string | undefined, command: Command): unknown {
  if (file === undefined) return undefined;
  try {
    return JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
  } catch (error) {
    return command.error(`error: ${file}: ${(error as Error).message}`, { exitCode: USAGE_ERROR });
  }
}

/** One line at a time, and no faster than it is read at the other end. */
async function batch(): Promise<void> {
  const evaluator = new Evaluator();
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue;
    const answer = `${JSON.stringify(await evaluator.line(line))}\n`;
    if (!process.stdout.write(answer)) await once(process.stdout, 'drain');
  }
}
