/** `crossdock lint FOLDER`: exit 0 without errors (warnings are allowed), 1 with errors, 2 when it is called wrongly. */
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Command, Option } from 'commander';
import colors from 'picocolors';
import { type Folder, loadFolder } from '../../crds/folder.ts';
import { type LintFinding, lintFolder } from '../lint.ts';

const USAGE_ERROR = 2;

export function register(program: Command): void {
  program
    .command('lint')
    .description(
      'Checks a folder of resources as the API server and the operator would; says file, line, what and how to mend.',
    )
    .argument('<folder>', 'folder of manifests (or one file), read with its sub folders')
    .addOption(new Option('-o, --output <format>', 'how to print findings').choices(['text', 'json']).default('text'))
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : USAGE_ERROR))
    .action(async (path: string, { output }: { output: 'text' | 'json' }, command: Command) => {
      if (!statSync(path, { throwIfNoEntry: false }))
        command.error(`error: ${path} does not exist`, { exitCode: USAGE_ERROR });
      const folder = await loadFolder(path);
      const base = statSync(path).isFile() ? dirname(path) : path;
      const findings = lintFolder(folder).map((finding) => ({ ...finding, file: join(base, finding.file) }));
      const text = output === 'json' ? json(folder, findings) : lines(folder, findings);
      process.stdout.write(`${text}\n`);
      if (findings.some(({ severity }) => severity === 'Error')) process.exitCode = 1;
    });
}

const json = (folder: Folder, findings: LintFinding[]): string =>
  JSON.stringify({ resources: folder.resources.length, ...counts(findings), findings }, null, 2);

function lines(folder: Folder, findings: LintFinding[]): string {
  const paint = colors.createColors(process.stdout.isTTY === true && process.env.NO_COLOR === undefined);
  const said = findings.map(({ file, line, column, severity, kind, name, field, message, remedy }) => {
    const level = severity === 'Error' ? paint.red('error  ') : paint.yellow('warning');
    const where = kind ? `${paint.bold(`${kind}/${name}`)}${field ? ` ${field}` : ''}: ` : '';
    return `${paint.dim(`${file}:${line}:${column}`)}  ${level}  ${where}${message}${remedy ? paint.dim(` — ${remedy}`) : ''}`;
  });
  return [...said, summary(folder, findings)].join('\n');
}

function summary(folder: Folder, findings: LintFinding[]): string {
  const { errors, warnings } = counts(findings);
  const all = `${plural(folder.resources.length, 'resource')} in ${plural(folder.read.length, 'file')}`;
  if (errors + warnings === 0) return `No problems: ${all}.`;
  return `${plural(errors, 'error')}, ${plural(warnings, 'warning')}: ${all}.`;
}

const counts = (findings: LintFinding[]): { errors: number; warnings: number } => {
  const errors = findings.filter(({ severity }) => severity === 'Error').length;
  return { errors, warnings: findings.length - errors };
};
const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
