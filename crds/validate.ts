/**
 * The verdict of the API server without one: strict fields, schema, list maps, object metadata, CEL rules. It knows no ratcheting:
 * an old object that is invalid itself gets no leniency.
 */
import { API_VERSION, KINDS, SCHEMAS } from './generated/schemas.ts';
import type { Kind } from './generated/types.ts';
import { nearest } from './nearest.ts';
import { checkRules } from './rules.ts';
import type { Schema } from './schema.ts';
import { checkSchema, type Invalid, member, shorten, unknownField, withoutNulls } from './structural.ts';

export type { Invalid } from './structural.ts';

/** What is wrong with a resource; empty when the API server would take it. Immutable fields are judged when `old` is given. */
export function validate(resource: unknown, old?: unknown): Invalid[] {
  if (typeof resource !== 'object' || resource === null || Array.isArray(resource))
    return [
      { field: '', message: 'not a resource', remedy: 'a resource is a map with apiVersion, kind, metadata and spec' },
    ];
  const object = resource as Record<string, unknown>;
  if (object.apiVersion !== API_VERSION)
    return [
      {
        field: 'apiVersion',
        message: `Unsupported value: ${shorten(object.apiVersion)}`,
        remedy: `write ${API_VERSION}`,
      },
    ];
  const kind = object.kind as Kind;
  if (!KINDS.includes(kind)) {
    const near = nearest(String(object.kind), KINDS);
    return [
      {
        field: 'kind',
        message: `no matches for kind ${shorten(object.kind)}`,
        remedy: near ? `did you mean ${near}?` : `one of ${KINDS.join(', ')}`,
      },
    ];
  }
  const found: Invalid[] = [];
  const { status: _, metadata, ...rest } = object;
  const schema = SCHEMAS[kind];
  const judged = withoutNulls(schema, rest) as Record<string, unknown>;
  checkMetadata(metadata, found);
  checkSchema(withoutMetadata(schema), judged, '', found);
  if (!found.some(({ blocking }) => blocking))
    checkRules(ruled(schema), { ...judged, metadata }, withoutNulls(schema, old ?? undefined), '', found);
  return found;
}

const withoutMetadata = (schema: Schema): Schema => {
  const { metadata: _, ...properties } = schema.properties ?? {};
  return { ...schema, properties };
};
/** Rules at the root see the name. */
const ruled = (schema: Schema): Schema => ({
  ...schema,
  properties: { ...schema.properties, metadata: { type: 'object', properties: { name: { type: 'string' } } } },
});

const METADATA = [
  'name',
  'generateName',
  'namespace',
  'labels',
  'annotations',
  'finalizers',
  'ownerReferences',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
  'managedFields',
];
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const ANNOTATIONS_BYTES = 256 * 1024;

function checkMetadata(metadata: unknown, found: Invalid[]): void {
  const say = (field: string, message: string, remedy: string): void => void found.push({ field, message, remedy });
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    say('metadata', 'Required value', 'a resource has metadata with a name');
    return;
  }
  const { name, namespace, labels, annotations } = metadata as Record<string, unknown>;
  for (const field of Object.keys(metadata))
    if (!METADATA.includes(field)) found.push(unknownField(member('metadata', field), field, METADATA));
  if (typeof name !== 'string' || name === '')
    found.push({
      field: 'metadata.name',
      message: 'Required value: name or generateName is required',
      remedy: 'give it a name',
      blocking: true,
    });
  else if (name.length > 253 || !SUBDOMAIN.test(name))
    say(
      'metadata.name',
      `Invalid value: ${shorten(name)}: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'`,
      'lower case letters, digits and -',
    );
  if (namespace !== undefined && (typeof namespace !== 'string' || namespace.length > 63 || !LABEL.test(namespace)))
    say('metadata.namespace', `Invalid value: ${shorten(namespace)}`, 'a namespace is a DNS label');
  checkMap(labels, 'metadata.labels', say, (field, value) => {
    if (value.length > 63 || (value !== '' && !QUALIFIED.test(value)))
      say(
        field,
        `Invalid value: ${shorten(value)}: a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.'`,
        'at most 63 characters',
      );
  });
  let bytes = 0;
  checkMap(annotations, 'metadata.annotations', say, (field, value) => {
    bytes += Buffer.byteLength(field.slice('metadata.annotations.'.length)) + Buffer.byteLength(value);
  });
  if (bytes > ANNOTATIONS_BYTES)
    say('metadata.annotations', `Too long: may not be more than ${ANNOTATIONS_BYTES} bytes`, 'shorten them');
}

function checkMap(
  map: unknown,
  field: string,
  say: (field: string, message: string, remedy: string) => void,
  each: (field: string, value: string) => void,
): void {
  if (map === undefined || map === null) return;
  if (typeof map !== 'object' || Array.isArray(map)) {
    say(field, 'Invalid value: must be of type object', 'write a map of texts');
    return;
  }
  for (const [key, value] of Object.entries(map)) {
    const at = member(field, key);
    // The server judges the keys of annotations in lower case.
    const [last = '', prefix, ...more] = (field.endsWith('annotations') ? key.toLowerCase() : key).split('/').reverse();
    const wellFormed =
      more.length === 0 &&
      last.length <= 63 &&
      QUALIFIED.test(last) &&
      (prefix === undefined || (prefix.length <= 253 && SUBDOMAIN.test(prefix)));
    if (!wellFormed)
      say(
        at,
        `Invalid value: ${shorten(key)}: name part must consist of alphanumeric characters, '-', '_' or '.'`,
        'a key is a name, or prefix/name',
      );
    if (typeof value !== 'string')
      say(at, `Invalid value: must be of type string, not ${typeof value}`, 'put it in quotes');
    else each(at, value);
  }
}
