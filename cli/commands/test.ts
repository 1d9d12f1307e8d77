/** `crossdock test FOLDER`: runs the tests of its Mappings. Exit 0 if all pass, 1 if not, 2 when it is called wrongly. */
import { statSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import colors from 'picocolors';
import { loadFolder } from '../../crds/folder.ts';
import { failed, junitOf, linesOf, testFolder } from '../test.ts';

const USAGE_ERROR = 2;

export function register(program: Command): void {
  program
    .command('test')
    .description('Runs the tests of the Mappings in a folder, as a runtime does before it takes them.')
    .argument('<folder>', 'folder of manifests (or one file), read with its sub folders')
    .option('--junit <file>', 'also write the results as JUnit XML')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : USAGE_ERROR))
    .action(async (path: string, { junit }: { junit?: string }, command: Command) => {
      if (!statSync(path, { throwIfNoEntry: false }))
        command.error(`error: ${path} does not exist`, { exitCode: USAGE_ERROR });
      const folder = await loadFolder(path);
      const paint = colors.createColors(process.stdout.isTTY === true && process.env.NO_COLOR === undefined);
      const broken = folder.problems.filter(({ severity }) => severity === 'Error');
      for (const { file, line, column, message } of broken)
        process.stderr.write(`${file}:${line}:${column}  ${paint.red('error')}  ${message}\n`);
      const results = await testFolder(folder);
      process.stdout.write(`${linesOf(results, paint).join('\n')}\n`);
      if (junit !== undefined) writeFileSync(junit, junitOf(results));
      if (broken.length > 0 || failed(results)) process.exitCode = 1;
    });
}
