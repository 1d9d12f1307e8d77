/** DocumentType → schema, keys, rules. The schema is compiled to find its faults; it never sees a document here. */
import type { DocumentTypeSpec } from '../../crds/generated/types.ts';
import type { DocumentTypePlan } from '../../runtime/plan.ts';
import type { TypePlan } from '../../tracker/plan.ts';
import { RULE_SEVERITY } from './defaults.ts';
import { DURATION_HINT, parseDuration } from './durations.ts';
import { type Asked, expectExpression } from './expressions.ts';
import { expectPointer, expectUnique } from './fields.ts';
import { schemaFault } from './json-schema.ts';
import { Problems } from './problems.ts';
import { resolveTables } from './references.ts';
import type { Built, View } from './view.ts';
import { finish } from './view.ts';
import type { ResourceOf } from './world-index.ts';
import { own, typeClaim } from './world-index.ts';

export const eventType = (spec: DocumentTypeSpec): string => `${spec.name}.v${spec.version}`;

export function translateDocumentType(view: View, resource: ResourceOf<'DocumentType'>): Built<DocumentTypePlan> {
  const problems = new Problems();
  const { spec } = resource;
  const { name } = resource.metadata;
  const type = eventType(spec);
  const schema = schemaOf(view, spec, problems);
  const asked: Asked = new Map();

  const keys = spec.keys ?? [];
  keys.forEach((key, i) => {
    expectExpression(key.expression, `spec.keys[${i}].expression`, problems, asked);
  });
  expectUnique(keys, 'spec.keys', problems);
  const { revision } = spec;
  if (revision) {
    for (const field of ['keyExpression', 'sequenceExpression', 'actionExpression'] as const)
      if (field === 'keyExpression' || revision[field] !== undefined)
        expectExpression(revision[field], `spec.revision.${field}`, problems, asked);
  }
  const rules = (spec.rules ?? []).map((rule, i) => {
    const field = `spec.rules[${i}]`;
    expectExpression(rule.when, `${field}.when`, problems, asked);
    expectExpression(rule.messageExpression, `${field}.messageExpression`, problems, asked);
    if (rule.each !== undefined) expectPointer(rule.each, `${field}.each`, problems);
    return { ...rule, severity: rule.severity ?? RULE_SEVERITY };
  });
  expectUnique(spec.rules ?? [], 'spec.rules', problems);
  const { tables, parts } = resolveTables(view, asked, problems);

  if (view.namespace === view.worldNamespace) {
    const others = view.claims(typeClaim(type)).filter((holder) => holder !== `DocumentType/${name}`);
    if (others.length > 0)
      problems.add(
        'Conflicted',
        'TypeConflict',
        'spec.name',
        `${others.join(', ')} is ${type} too`,
        'raise spec.version in one of them, or remove one',
      );
  }
  const keeping = keepingOf(spec, type, problems);
  const built = finish<DocumentTypePlan>(
    problems,
    () => ({
      part: 'documentType',
      name,
      type,
      schema: schema ?? {},
      keys: keys.map((key) => ({ ...key })),
      ...(revision && { revision: { ...revision } }),
      rules,
      ...(Object.keys(tables).length > 0 && { tables }),
    }),
    parts,
  );
  return built.part ? { ...built, keeping } : built;
}

function keepingOf(
  { sensitive = [], retention }: DocumentTypeSpec,
  type: string,
  problems: Problems,
): { type: string } & TypePlan {
  sensitive.forEach((pointer, i) => {
    expectPointer(pointer, `spec.sensitive[${i}]`, problems);
  });
  const retentionMs = parseDuration(retention);
  if (retention !== undefined && retentionMs === undefined)
    problems.invalid('spec.retention', `"${retention}" is not a duration`, DURATION_HINT);
  return {
    type,
    ...(sensitive.length > 0 && { sensitive: [...sensitive] }),
    ...(retentionMs !== undefined && { retentionMs }),
  };
}

function schemaOf(view: View, spec: DocumentTypeSpec, problems: Problems): Record<string, unknown> | undefined {
  const { schema, configMapKeyRef: ref } = spec.json ?? {};
  if ((schema === undefined) === (ref === undefined)) {
    problems.invalid(
      'spec.json',
      schema === undefined ? 'no schema' : 'schema and configMapKeyRef together',
      'set exactly one of schema, configMapKeyRef',
    );
    return undefined;
  }
  let found: unknown = schema;
  const field = ref ? 'spec.json.configMapKeyRef' : 'spec.json.schema';
  if (ref) {
    const data = view.configMap(ref.name);
    const text = data && own(data, ref.key);
    if (text === undefined) {
      problems.add(
        'ResolvedRefs',
        'ConfigMapNotFound',
        `${field}.${data ? 'key' : 'name'}`,
        data ? `ConfigMap "${ref.name}" has no key "${ref.key}"` : `there is no ConfigMap "${ref.name}"`,
        data ? `it has: ${Object.keys(data).sort().join(', ')}` : 'create it in the same namespace',
      );
      return undefined;
    }
    try {
      found = JSON.parse(text);
    } catch (error) {
      problems.add(
        'Accepted',
        'InvalidSchema',
        `${field}.key`,
        `not valid JSON: ${(error as Error).message}`,
        'put a JSON Schema in JSON there',
      );
      return undefined;
    }
  }
  const fault = schemaFault(found);
  if (fault) problems.add('Accepted', 'InvalidSchema', `${field}${fault.field}`, fault.message, fault.remedy);
  return fault ? undefined : (found as Record<string, unknown>);
}
