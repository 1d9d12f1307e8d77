import { describe, expect, test } from 'vitest';
import { SCHEMAS } from '../../crds/generated/schemas.ts';
import type { Kind } from '../../crds/generated/types.ts';
import { parsePath } from '../../crds/places.ts';
import type { Schema } from '../../crds/schema.ts';
import * as defaults from '../../operator/translate/defaults.ts';
import { RETRY_STEPS } from '../../runtime/names.ts';

const { ACKNOWLEDGMENTS, CONNECTOR, DELIVERY, DIRECTORY, EDIFACT, X12 } = defaults;

/** Defaults live in code; the prose of the manifests must tell the same ones. */
const TOLD: [Kind, string, string | number][] = [
  ['Integration', 'delivery.retry', DELIVERY.retry],
  ['Integration', 'delivery.backoffPolicy', DELIVERY.backoffPolicy],
  ['Integration', 'delivery.backoffDelay', DELIVERY.backoffDelay],
  ['Integration', 'delivery.backoffMax', DELIVERY.backoffMax],
  ['Integration', 'delivery.timeout', DELIVERY.timeout],
  ['Integration', 'state', defaults.INTEGRATION_STATE],
  ['Integration', 'destinations[].system.http.method', defaults.HTTP_METHOD],
  ['Integration', 'source.http.auth.apiKey.header', defaults.API_KEY_HEADER],
  ['Integration', 'source.http.auth.hmac.header', defaults.HMAC_HEADER],
  ['Connector', 'http.auth.apiKey.header', defaults.API_KEY_HEADER],
  ['Connector', 'timeout', CONNECTOR.timeout],
  ['Connector', 'limits.concurrency', CONNECTOR.concurrency],
  ['Connector', 'directory.pattern', DIRECTORY.pattern],
  ['Connector', 'directory.pollInterval', DIRECTORY.pollInterval],
  ['Connector', 'directory.archive', DIRECTORY.archive],
  ['Hold', 'direction', defaults.HOLD_DIRECTION],
  ['DocumentType', 'rules[].severity', defaults.RULE_SEVERITY],
  ['Organization', 'identifiers[].usage', defaults.USAGE],
  ...(['Partner', 'PartnerProfile'] as const).flatMap((kind): typeof TOLD => [
    [kind, 'x12.version', X12.version],
    [kind, 'x12.envelopeErrors', X12.envelopeErrors],
    [kind, 'x12.delimiters.element', X12.delimiters.element],
    [kind, 'x12.delimiters.segment', X12.delimiters.segment],
    [kind, 'x12.delimiters.component', X12.delimiters.component],
    [kind, 'x12.delimiters.repetition', X12.delimiters.repetition],
    [kind, 'edifact.directory', EDIFACT.directory],
    [kind, 'edifact.syntax', EDIFACT.syntax],
    [kind, 'edifact.envelopeErrors', EDIFACT.envelopeErrors],
    [kind, 'acknowledgments.send', ACKNOWLEDGMENTS.send],
    [kind, 'documents[].usage', defaults.USAGE],
  ]),
];

const fieldOf = (kind: Kind, path: string): Schema =>
  parsePath(path.replaceAll('[]', '.[]')).reduce<Schema>(
    (schema, part) => (part === '' ? schema.items : schema.properties?.[part]) as Schema,
    SCHEMAS[kind].properties?.spec as Schema,
  );

describe('the prose tells the defaults of the code', () => {
  test.for(TOLD)('%s %s: %s', ([kind, path, value]) => {
    const [, told] = /Default: (.+)\.$/s.exec(fieldOf(kind, path).description ?? '') ?? [];
    expect(told?.replaceAll('`', '').split(' ')[0]).toBe(String(value));
  });
  test('and the steps of the retry ladder', () => {
    const steps = RETRY_STEPS.map(({ label }) => label).join(' ');
    expect(fieldOf('Integration', 'delivery.backoffDelay').description).toContain(`(${steps})`);
  });
  test('and the paths that are taken', () => {
    const { 'x-kubernetes-validations': rules, properties } = fieldOf('Integration', 'source.http');
    const names = defaults.RESERVED_PATHS.map((path) => path.slice(1)).join('|');
    expect(rules?.[0]?.rule).toContain(`'^/(${names})(/|$)'`);
    for (const path of defaults.RESERVED_PATHS) expect(properties?.path?.description).toContain(path);
  });
});
