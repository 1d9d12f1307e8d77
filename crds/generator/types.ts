/**
 * Manifests → TypeScript. Nested shapes get names from the table below (the API server takes no extension that could hold
 * them); one that has none is written in place. A shape that is used under one name in several places must be equal in all.
 */
import type { Schema } from '../schema.ts';
import type { Manifest } from './manifest.ts';

/** Path of a property (`Kind.spec.a.b[]`, `*` for anything before) → name. The first place that matches gives the docstring. */
const NAMED: [RegExp, string][] = [
  [/\.allowedNamespaces$/, 'AllowedNamespaces'],
  [/\.secretKeyRef$/, 'SecretKeyRef'],
  [/\.(identifiers)\[\]$/, 'Identifier'],
  [/\.scheme$/, 'IdentifierScheme'],
  [/^Partner(Profile)?\.spec\.x12$/, 'X12Envelope'],
  [/^Partner(Profile)?\.spec\.edifact$/, 'EdifactEnvelope'],
  [/^Partner(Profile)?\.spec\.acknowledgments$/, 'Acknowledgments'],
  [/^Partner(Profile)?\.spec\.documents\[\]$/, 'DocumentTerms'],
  [/^(Partner|PartnerProfile|Organization)\.spec\.calendar$/, 'Calendar'],
  [/^Partner\.spec\.credentials\[\]$/, 'Credential'],
  [/^Partner\.spec\.channel\.(in|out)bound$/, 'Channel'],
  [/^Mapping\.spec\.from$/, 'MappingSource'],
  [/^Mapping\.spec\.to$/, 'MappingSide'],
  [/^Mapping\.spec\.tests\[\]$/, 'MappingTest'],
  [/^Integration\.spec\.source$/, 'IntegrationSource'],
  [/^Integration\.spec\.source\.http\.auth$/, 'InboundAuth'],
  [/^Integration\.spec\.destinations\[\]$/, 'Destination'],
  [/^Integration\.spec\.destinations\[\]\.outcomes\[\]$/, 'Outcome'],
  [/^Integration\.spec\.delivery$/, 'Delivery'],
  [/\.status\.conditions\[\]$/, 'Condition'],
];
/** Docstrings of names that stand in many places. */
const SHARED: Record<string, string> = {
  AllowedNamespaces: 'Namespaces whose resources may name this one. Default: its own only.',
  SecretKeyRef: 'Secret key that holds the value.',
  LocalRef: 'Name of a resource, or Secret, of the same namespace.',
  Ref: "A reference that may leave the namespace where the target's allowedNamespaces permits.",
  X12Envelope: 'How X12 interchanges are read and written.',
  EdifactEnvelope: 'How EDIFACT interchanges are read and written.',
  Identifier: 'An identifier of a company: value and numbering scheme.',
  IdentifierScheme: 'Numbering scheme of an identifier.',
  MappingSource: 'Exactly one of documentTypeRef, x12, edifact, csv, fixed, xml and resolution.',
  MappingSide: 'Exactly one of documentTypeRef, x12, edifact, csv, fixed and xml.',
  Condition: 'One verdict of a status.',
  Channel: 'One direction of a channel.',
  Calendar: 'When a company works.',
};
/** Fields that several specs share are declared once. */
const BASES = [
  {
    name: 'Terms',
    of: ['PartnerProfile', 'Partner'],
    fields: ['x12', 'edifact', 'acknowledgments', 'calendar', 'documents'],
  },
];

const PREAMBLE = `/** Types of the resources of \`crossdock.dev/v1alpha1\`. GENERATED from crds/manifests by \`make generate\`. */

export interface Metadata {
  name: string;
  namespace?: string;
  uid?: string;
  generation?: number;
  resourceVersion?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  finalizers?: string[];
}
`;

export function typesOf(manifests: Manifest[]): string {
  const declared = new Map<string, string>();

  const declare = (name: string, schema: Schema, path: string): string => {
    const body = schema.enum
      ? `export type ${name} = ${union(schema.enum)};`
      : `export interface ${name} ${object(schema, path, 0)}`;
    const plain = name === 'LocalRef' || name === 'Ref';
    const text = `${doc(SHARED[name] ?? schema.description, 0)}${plain ? withoutDocs(body) : body}\n`;
    const before = declared.get(name);
    if (before === undefined) declared.set(name, text);
    else if (withoutDocs(before) !== withoutDocs(text))
      throw new Error(`${path}: the shape of ${name} differs from an earlier one`);
    return name;
  };

  const typeOf = (schema: Schema, path: string, depth: number): string => {
    const name = NAMED.find(([pattern]) => pattern.test(path))?.[1];
    if (name) return declare(name, schema, path);
    if (schema.enum) return union(schema.enum);
    if (schema.type === 'string') return 'string';
    if (schema.type === 'integer') return 'number';
    if (schema.type === 'boolean') return 'boolean';
    if (schema.type === 'array') {
      const item = typeOf(schema.items as Schema, `${path}[]`, depth);
      return / \| /.test(item) ? `(${item})[]` : `${item}[]`;
    }
    if (schema.type !== 'object') return 'unknown';
    if (schema.additionalProperties)
      return `Record<string, ${typeOf(schema.additionalProperties, `${path}{}`, depth)}>`;
    if (!schema.properties) return 'Record<string, unknown>';
    const fields = Object.keys(schema.properties).join();
    if (/Refs?(\[\])?$/.test(path)) {
      if (fields === 'name') return declare('LocalRef', schema, path);
      if (fields === 'name,namespace') return declare('Ref', schema, path);
    }
    return object(schema, path, depth);
  };

  const object = (schema: Schema, path: string, depth: number, leaveOut: string[] = []): string => {
    const pad = '  '.repeat(depth + 1);
    const lines = Object.entries(schema.properties ?? {})
      .filter(([name]) => !leaveOut.includes(name))
      .map(([name, field]) => {
        const optional = schema.required?.includes(name) ? '' : '?';
        return `${doc(field.description, depth + 1)}${pad}${name}${optional}: ${typeOf(field, `${path}.${name}`, depth + 1)};\n`;
      });
    return `{\n${lines.join('')}${'  '.repeat(depth)}}`;
  };

  const kinds: string[] = [];
  for (const { kind, schema } of manifests) {
    const { spec, status } = schema.properties as { spec: Schema; status: Schema };
    const base = BASES.find(({ of }) => of.includes(kind));
    if (base) {
      const properties = Object.fromEntries(base.fields.map((field) => [field, spec.properties![field]!]));
      declare(
        base.name,
        { type: 'object', description: 'Terms of a partner or of a profile.', properties },
        `${kind}.spec`,
      );
    }
    const head = `export interface ${kind}Spec${base ? ` extends ${base.name}` : ''} `;
    const specText = `${doc(spec.description, 0)}${head}${object(spec, `${kind}.spec`, 0, base?.fields)}\n`;
    const own = object(status, `${kind}.status`, 0, ['observedGeneration', 'conditions']);
    const statusText =
      own === '{\n}'
        ? `export type ${kind}Status = Status;\n`
        : `${doc(status.description, 0)}export interface ${kind}Status extends Status ${own}\n`;
    typeOf(status, `${kind}.status`, 0);
    kinds.push(
      `\n// --- ${kind} ${'-'.repeat(Math.max(3, 110 - kind.length))}\n${specText}${statusText}${doc(schema.description, 0)}export type ${kind} = Typed<'${kind}', ${kind}Spec, ${kind}Status>;\n`,
    );
  }
  const names = manifests.map(({ kind }) => kind);
  return [
    PREAMBLE,
    `/** What all kinds have in their status. */\nexport interface Status {\n  observedGeneration?: number;\n  conditions?: Condition[];\n}\n`,
    `interface Typed<K extends string, S, T extends Status> {\n  apiVersion: 'crossdock.dev/v1alpha1';\n  kind: K;\n  metadata: Metadata;\n  spec: S;\n  status?: T;\n}\n`,
    ...[...declared].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text),
    ...kinds,
    `\nexport type Resource =\n${names.map((name) => `  | ${name}`).join('\n')};\nexport type Kind = Resource['kind'];\n`,
  ].join('');
}

const union = (values: string[]): string => values.map((value) => `'${value}'`).join(' | ');

const withoutDocs = (text: string): string => text.replace(/ *\/\*\*[\s\S]*?\*\/\n/g, '');

function doc(description: string | undefined, depth: number): string {
  if (!description) return '';
  const pad = '  '.repeat(depth);
  const lines = description.trim().replaceAll('*/', '*\\/').split('\n');
  return lines.length === 1
    ? `${pad}/** ${lines[0]} */\n`
    : `${pad}/**\n${lines.map((line) => `${pad} * ${line}\n`).join('')}${pad} */\n`;
}
