/**
 * A case is a folder: in.yaml (resources, and what of the world they do not say) and out.yaml (what people read of the
 * translation). Texts are YAML 1.2 without duplicate keys, aliases or unknown fields, so nothing in them is taken for
 * something else.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Document, parseAllDocuments } from 'yaml';
import type { Resource } from '../../crds/generated/types.ts';
import { secretUseOf } from '../../crds/secret-use.ts';
import { validate } from '../../crds/validate.ts';
import {
  readableConditions,
  readableFinding,
  readablePlan,
  readableTopology,
} from '../../operator/translate/readable.ts';
import { translateNamespace } from '../../operator/translate/translate.ts';
import type { NamespaceTranslation, Topology, World } from '../../operator/translate/translation.ts';

/** In every secret value of the cases; must be in nothing that comes out. */
export const CANARY = 'canary-f00d';

const FOLDER = dirname(fileURLToPath(import.meta.url));
export const outputPath = (name: string): string => join(FOLDER, name, 'out.yaml');

export interface GoldenCase {
  name: string;
  world: World;
  /** Also compare what every namespace has. */
  showBase: boolean;
}

const WORLD_FIELDS = ['namespace', 'namespaceLabels', 'files', 'generations', 'draining', 'brokerVersion'] as const;

export const caseNames = (): string[] =>
  readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();

/** Throws for anything that is not strict, and for resources that the API would refuse, unless the case says so. */
export function readCase(name: string): GoldenCase {
  const world: World = { namespace: 'default', resources: [], secrets: {}, configMaps: {} };
  let showBase = false;
  let refused: string[] = [];
  for (const document of parseAllDocuments(readFileSync(join(FOLDER, name, 'in.yaml'), 'utf8'), { uniqueKeys: true })) {
    if (!(document instanceof Document)) throw new Error(`${name}: no YAML documents`);
    const [fault] = [...document.errors, ...document.warnings];
    if (fault) throw fault;
    const { apiVersion, kind, ...rest } = document.toJS({ maxAliasCount: 0 }) as { apiVersion: string; kind: string };
    if (apiVersion === 'golden') {
      const {
        showBase: base = false,
        schemaRefuses = [],
        ...extras
      } = rest as Partial<World> & {
        showBase?: boolean;
        schemaRefuses?: string[];
      };
      for (const field of Object.keys(extras))
        if (!(WORLD_FIELDS as readonly string[]).includes(field)) throw new Error(`${name}: unknown field ${field}`);
      Object.assign(world, extras);
      showBase = base;
      refused = schemaRefuses;
    } else if (apiVersion === 'v1') addCore(world, kind, rest as never);
    else world.resources.push({ apiVersion, kind, ...rest } as Resource);
  }
  const seen = new Set<string>();
  for (const resource of world.resources)
    for (const { field, message } of validate(resource)) {
      if (!refused.includes('*') && !refused.some((one) => field === one || field.startsWith(one)))
        throw new Error(`${name}: ${resource.kind}/${resource.metadata.name} ${field}: ${message}`);
      seen.add(refused.find((one) => one === '*' || field.startsWith(one))!);
    }
  const idle = refused.find((one) => !seen.has(one));
  if (idle) throw new Error(`${name}: the schema does not refuse ${idle}`);
  return { name, world, showBase };
}

function addCore(
  world: World,
  kind: string,
  {
    metadata,
    data,
    stringData,
  }: {
    metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> };
    data?: Record<string, string>;
    stringData?: Record<string, string>;
  },
): void {
  if (kind === 'ConfigMap') world.configMaps[metadata.name] = data ?? {};
  else {
    const use = secretUseOf(metadata);
    world.secrets[metadata.name] = { keys: Object.keys(stringData ?? {}), version: '1', ...(use && { use }) };
  }
}

/** What people read of a case's translation, as YAML. */
export function outputOf({ world, showBase }: GoldenCase): string {
  const translation = translateNamespace(world);
  const conditions = readableConditions(translation.translations);
  const fine = (of: Record<string, string>) => Object.values(of).every((text) => text === 'True' || text === 'False');
  const findings = translation.translations.flatMap((one) => one.findings).map(readableFinding);
  const plan = readablePlan(translation);
  const document = new Document(
    {
      fine: Object.keys(conditions).filter((key) => fine(conditions[key]!)),
      ...entriesOr('conditions', Object.fromEntries(Object.entries(conditions).filter(([, of]) => !fine(of)))),
      ...(findings.length > 0 && { findings }),
      plan: { generations: generationsOf(translation), ...plan },
      topology: readableTopology(showBase ? translation.topology : ownTopology(translation)),
    },
    { aliasDuplicateObjects: false },
  );
  return document.toString({ lineWidth: 0, blockQuote: 'literal' });
}

const entriesOr = (key: string, value: object): object => (Object.keys(value).length > 0 ? { [key]: value } : {});

const generationsOf = ({ index }: NamespaceTranslation): Record<string, number> =>
  Object.fromEntries(
    [...Object.entries(index.integrations), ...Object.entries(index.partners)].map(([name, { generation }]) => [
      name,
      generation,
    ]),
  );

function ownTopology(translation: NamespaceTranslation): Topology {
  const own = translation.translations.flatMap((one) => one.topology ?? []);
  const names = new Set(own.flatMap((one) => one.queues.map((queue) => queue.name)));
  const { queues, bindings } = translation.topology;
  return {
    exchanges: [],
    queues: queues.filter((queue) => names.has(queue.name)),
    bindings: bindings.filter((binding) => names.has(binding.destination)),
  };
}
