/** Finding what a resource names: it must exist, be shared with this namespace, and be accepted itself. */
import type { AllowedNamespaces, Kind } from '../../crds/generated/types.ts';
import { nearest } from '../../crds/nearest.ts';
import { admitsHost, HOSTS_ANNOTATION, type SecretUse, USE_LABEL } from '../../crds/secret-use.ts';
import type { Part, PartHash } from '../../runtime/plan.ts';
import type { Asked } from './expressions.ts';
import type { Parts } from './parts.ts';
import type { Problems } from './problems.ts';
import type { Built, View } from './view.ts';
import type { ResourceOf } from './world-index.ts';

interface AnyRef {
  name: string;
  namespace?: string;
}
export interface Found<K extends Kind> {
  resource: ResourceOf<K>;
  namespace: string;
}
export interface Resolved<K extends Kind, P extends Part> extends Found<K> {
  part: P;
  hash: PartHash;
  parts: Parts;
}

/** `field` is that of the reference (`spec.mappingRef`). A reference that leads nowhere is noted and gives undefined. */
export function find<K extends Kind>(
  view: View,
  kind: K,
  ref: AnyRef | undefined,
  field: string,
  problems: Problems,
): Found<K> | undefined {
  const at = `${field}.name`;
  if (typeof ref?.name !== 'string' || ref.name === '') {
    problems.invalid(at, `the name of a ${kind} is expected`, 'write it');
    return undefined;
  }
  const namespace = ref.namespace ?? view.namespace;
  const resource = view.resource(kind, ref.name, namespace);
  const where = namespace === view.worldNamespace ? '' : ` in namespace ${namespace}`;
  if (!resource) {
    const names = view.names(kind, namespace);
    const near = nearest(ref.name, names);
    problems.add(
      'ResolvedRefs',
      'RefNotFound',
      at,
      `there is no ${kind} "${ref.name}"${where}`,
      near
        ? `did you mean "${near}"?`
        : names.length === 0
          ? `create it; there is none${where || ` in namespace ${namespace}`}`
          : `create it, or name one of: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}`,
    );
    return undefined;
  }
  if (namespace !== view.worldNamespace && !admits(view, resource)) {
    problems.add(
      'ResolvedRefs',
      'RefNotPermitted',
      at,
      `${kind} "${ref.name}"${where} does not admit namespace ${view.worldNamespace}`,
      `set spec.allowedNamespaces there: {from: All}, or a selector that fits the labels of ${view.worldNamespace}`,
    );
    return undefined;
  }
  return { resource, namespace };
}

/** As `find`, and what the resource was made into. */
export function resolve<K extends Kind, P extends Part>(
  view: View,
  kind: K,
  ref: AnyRef | undefined,
  field: string,
  problems: Problems,
): Resolved<K, P> | undefined {
  const found = find(view, kind, ref, field, problems);
  if (!found) return undefined;
  const name = found.resource.metadata.name;
  const built: Built<P> = view.built<P>({ kind, namespace: found.namespace, name });
  if (!built.part || built.hash === undefined) {
    broken(kind, name, field, built, problems);
    return undefined;
  }
  return { ...found, part: built.part, hash: built.hash, parts: built.parts };
}

/** Says why, so that the one who reads it need not look there; `printOf` knows that it does. */
export function broken(kind: Kind, name: string, field: string, { problems: its }: Built, problems: Problems): void {
  const [first] = its.errors;
  problems.add(
    'ResolvedRefs',
    'RefInvalid',
    `${field}.name`,
    `${kind} "${name}" is not accepted itself (${first?.field}: ${first?.message})`,
    `mend that ${kind} first`,
  );
}

function admits(view: View, resource: { spec: unknown }): boolean {
  const allowed = (resource.spec as { allowedNamespaces?: AllowedNamespaces } | undefined)?.allowedNamespaces;
  if (allowed?.from === 'All') return true;
  if (allowed?.from !== 'Selector') return false;
  const labels = view.labels(view.worldNamespace);
  const wanted = Object.entries(allowed.selector?.matchLabels ?? {});
  return wanted.length > 0 && wanted.every(([label, value]) => labels[label] === value);
}

/** A key of a Secret must exist; what is in it is never looked at. */
/**
 * What a Secret is read for: a Broker's connection, which the operator itself uses; what others show us (an API key that a partner
 * presents); or what is sent to a host, undefined where the resource does not say it rightly.
 */
export type Purpose = 'Broker' | 'Shown' | { sentTo: string | undefined };

export function expectSecretKey(
  view: View,
  ref: { name: string; key: string } | undefined,
  field: string,
  problems: Problems,
  purpose: Purpose,
): void {
  if (typeof ref?.name !== 'string' || typeof ref.key !== 'string') {
    problems.invalid(field, 'name and key of a Secret are expected', 'write {name: …, key: …}');
    return;
  }
  expectSecret(view, ref.name, [ref.key], field, problems, purpose, `${field}.key`);
}

export function expectSecret(
  view: View,
  name: unknown,
  keys: readonly string[],
  field: string,
  problems: Problems,
  purpose: Purpose,
  keyField = `${field}.name`,
): void {
  if (typeof name !== 'string') {
    problems.invalid(`${field}.name`, 'the name of a Secret is expected', 'write it');
    return;
  }
  const secret = view.secret(name);
  if (!secret) {
    problems.add(
      'ResolvedRefs',
      'SecretNotFound',
      `${field}.name`,
      `there is no Secret "${name}"`,
      `create it with the key${keys.length > 1 ? 's' : ''} ${keys.join(', ')}`,
    );
    return;
  }
  const { keys: has, use } = secret;
  if (purpose !== 'Broker') expectUse(name, use, purpose, field, problems);
  for (const key of keys)
    if (!has.includes(key))
      problems.add(
        'ResolvedRefs',
        'SecretKeyNotFound',
        keyField,
        `Secret "${name}" has no key "${key}"`,
        has.length > 0 ? `it has: ${[...has].sort().join(', ')}` : 'it has no keys',
      );
}

/** Tables that expressions ask, as the plan carries them: by name, with their parts. */
export function resolveTables(
  view: View,
  asked: Asked,
  problems: Problems,
): { tables: Record<string, PartHash>; parts: Parts[] } {
  const tables: [string, PartHash][] = [];
  const parts: Parts[] = [];
  for (const [name, field] of [...asked].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const before = problems.errors.length;
    const table = resolve(view, 'ReferenceTable', { name }, field, problems);
    // The name stands inside an expression: the field is the expression's own.
    for (const problem of problems.errors.slice(before)) problem.field = field;
    if (!table) continue;
    tables.push([name, table.hash]);
    parts.push(table.parts);
  }
  return { tables: Object.fromEntries(tables), parts };
}

function expectUse(
  name: string,
  use: SecretUse | undefined,
  purpose: Purpose,
  field: string,
  problems: Problems,
): void {
  const add = (message: string, remedy: string): void =>
    problems.add('ResolvedRefs', 'SecretNotPermitted', `${field}.name`, message, remedy);
  if (!use) {
    add(`Secret "${name}" is not for use here`, `label it: ${USE_LABEL}: "true"`);
    return;
  }
  if (typeof purpose !== 'object' || purpose.sentTo === undefined || admitsHost(use, purpose.sentTo)) return;
  const said = use.hosts.length > 0 ? `; it may go to ${use.hosts.join(', ')}` : '';
  add(
    `Secret "${name}" may not be sent to ${purpose.sentTo}${said}`,
    `if it is meant to, name the host in its annotation ${HOSTS_ANNOTATION}`,
  );
}
