/** `crossdock test FOLDER`: runs the tests of its Mappings, with --watch again at each save. Exit 0 if all pass, 1 if not, 2 when it is called wrongly. */
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { watch as watchFiles } from 'chokidar';
import { type Command, Option } from 'commander';
import colors from 'picocolors';
import { loadFolder } from '../../crds/folder.ts';
import { failed, junitOf, linesOf, summaryOf, testFolder } from '../test.ts';

const USAGE_ERROR = 2;

export function register(program: Command): void {
  program
    .command('test')
    .description('Runs the tests of the Mappings in a folder, as a runtime does before it takes them.')
    .argument('<folder>', 'folder of manifests (or one file), read with its sub folders')
    .option('--junit <file>', 'also write the results as JUnit XML')
    .addOption(new Option('-o, --output <form>', 'how to print them').choices(['text', 'json']).default('text'))
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : USAGE_ERROR))
    .option('--watch', 'again at each save, until Ctrl-C')
    .action(async (path: string, { watch, ...told }: Told & { watch?: true }, command: Command) => {
      if (!statSync(path, { throwIfNoEntry: false }))
        command.error(`error: ${path} does not exist`, { exitCode: USAGE_ERROR });
      if (!(await testOnce(path, told))) process.exitCode = 1;
      if (watch) await testAtEachSave(path, told);
    });
}

interface Told {
  output: 'text' | 'json';
  junit?: string;
}

/** Whether all is well. */
async function testOnce(path: string, { output, junit }: Told): Promise<boolean> {
  const folder = await loadFolder(path);
  const paint = colors.createColors(process.stdout.isTTY === true && process.env.NO_COLOR === undefined);
  const broken = folder.problems.filter(({ severity }) => severity === 'Error');
  for (const { file, line, column, message } of broken)
    process.stderr.write(`${file}:${line}:${column}  ${paint.red('error')}  ${message}\n`);
  const results = await testFolder(folder);
  const text = output === 'json' ? JSON.stringify(summaryOf(results)) : linesOf(results, paint).join('\n');
  process.stdout.write(`${text}\n`);
  if (junit !== undefined) writeFileSync(junit, junitOf(results));
  return broken.length === 0 && !failed(results);
}

async function testAtEachSave(path: string, told: Told): Promise<void> {
  const watcher = watchFiles(path, {
    ignoreInitial: true,
    awaitWriteFinish: { stabilityThreshold: 50, pollInterval: 20 },
  });
  let turn = Promise.resolve();
  watcher.on('all', () => {
    turn = turn.then(async () => {
      if (told.output === 'text') process.stdout.write('\n');
      process.exitCode = (await testOnce(path, told)) ? 0 : 1;
    });
  });
  await once(process, 'SIGINT');
  await watcher.close();
}
