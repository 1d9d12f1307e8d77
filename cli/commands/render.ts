/**
 * `crossdock render FOLDER [NAME]`: what a folder becomes: plans with every default filled in, topology, conditions. Nothing is
 * run. Exit 0; 1 where something in the folder is wrong, which is said on stderr; 2 when it is called wrongly.
 */
import { statSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { Document, isMap, isScalar, isSeq, visit } from 'yaml';
import { loadFolder } from '../../crds/folder.ts';
import { nearest } from '../../crds/nearest.ts';
import {
  readableConditions,
  readableFinding,
  readablePlan,
  readableTopology,
} from '../../operator/translate/readable.ts';
import { translateNamespace } from '../../operator/translate/translate.ts';
import type { NamespaceTranslation, Translation } from '../../operator/translate/translation.ts';
import { worldOf } from '../../operator/translate/world.ts';

const USAGE_ERROR = 2;

export interface RenderOptions {
  output: 'yaml' | 'json';
  plan?: boolean;
  topology?: boolean;
  brokerVersion?: string;
}

export function register(program: Command): void {
  program
    .command('render')
    .description('Show what a folder becomes: plans with every default, topology, conditions. Nothing is run.')
    .argument('<folder>', 'folder (or file) of manifests')
    .argument('[name]', 'only this Integration or Partner and what it needs')
    .addOption(new Option('-o, --output <format>', 'format').choices(['yaml', 'json']).default('yaml'))
    .option('--plan', 'only the plans')
    .option('--topology', 'only exchanges, queues and bindings')
    .option('--broker-version <version>', 'version of RabbitMQ that the queue arguments are for')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : USAGE_ERROR))
    .action(async (folder: string, name: string | undefined, options: RenderOptions, command: Command) => {
      if (!statSync(folder, { throwIfNoEntry: false }))
        command.error(`error: ${folder} does not exist`, { exitCode: USAGE_ERROR });
      const { text, complaints } = await render(folder, name, options);
      process.stdout.write(text);
      for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
      if (complaints.length > 0) process.exitCode = 1;
    });
}

/** The text, and what is wrong with the folder: one line each. */
export async function render(
  path: string,
  name: string | undefined,
  options: RenderOptions,
): Promise<{ text: string; complaints: string[] }> {
  const folder = await loadFolder(path);
  const { brokerVersion } = options;
  const translation = translateNamespace(worldOf(folder, { ...(brokerVersion !== undefined && { brokerVersion }) }));
  const shown = translation.translations.filter((one) => name === undefined || (isRoot(one) && one.name === name));
  const complaints = folder.problems
    .filter((problem) => problem.severity === 'Error')
    .map(({ file, line, column, message, remedy }) => `${file}:${line}:${column} ${message}; ${remedy}`);
  if (name !== undefined && shown.length === 0) {
    const roots = translation.translations.filter(isRoot).map((one) => one.name);
    const near = nearest(name, roots);
    return {
      text: '',
      complaints: [
        ...complaints,
        `there is no Integration or Partner "${name}"; ${near ? `did you mean "${near}"?` : `there are: ${roots.join(', ')}`}`,
      ],
    };
  }
  for (const finding of shown.flatMap((one) => one.findings).filter((one) => one.severity === 'Error')) {
    const at = folder.locate(finding.kind, finding.name, finding.field);
    complaints.push(`${at ? `${at.file}:${at.line}:${at.column} ` : ''}${readableFinding(finding)}`);
  }
  const sections = sectionsOf(translation, shown, name, options);
  return { text: options.output === 'json' ? `${JSON.stringify(sections, null, 2)}\n` : toYaml(sections), complaints };
}

const isRoot = ({ kind }: Translation): boolean => kind === 'Integration' || kind === 'Partner';

function sectionsOf(
  translation: NamespaceTranslation,
  shown: readonly Translation[],
  name: string | undefined,
  { plan, topology }: RenderOptions,
): Record<string, unknown> {
  const all = !plan && !topology;
  const own = shown.map((one) => one.topology).filter((one) => one !== undefined);
  const queues = name === undefined ? translation.topology : own[0];
  return {
    namespace: translation.index.namespace,
    ...(all && { conditions: readableConditions(shown) }),
    ...((all || plan) && readablePlan(translation, name)),
    ...((all || topology) && queues && { topology: readableTopology(queues) }),
  };
}

/** Arguments of queues and other small maps in one line; long texts as blocks. */
function toYaml(sections: Record<string, unknown>): string {
  const document = new Document(sections, { aliasDuplicateObjects: false });
  visit(document, {
    Collection(_, node) {
      const small = (isMap(node) || isSeq(node)) && node.items.length <= 8 && String(JSON.stringify(node)).length <= 90;
      const flat = isMap(node)
        ? node.items.every((pair) => isScalar(pair.value))
        : isSeq(node) && node.items.length > 0 && node.items.every((item) => isScalar(item));
      if (small && flat) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 120, flowCollectionPadding: false, blockQuote: 'literal' });
}
