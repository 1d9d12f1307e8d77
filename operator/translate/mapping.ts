/** Mapping → expression, tables and tests; the schema of its target fixes the shape of the result. */
import type { MappingSide, MappingSource } from '../../crds/generated/types.ts';
import type { DocumentTypePlan, MappingPlan } from '../../runtime/plan.ts';
import { RESOLUTION_SCHEMA } from '../../runtime/resolution.ts';
import { type Asked, checkExpression, expectExpression } from './expressions.ts';
import { expectUnique, oneOf } from './fields.ts';
import { unknownFields } from './known-fields.ts';
import type { Parts } from './parts.ts';
import { Problems } from './problems.ts';
import type { Resolved } from './references.ts';
import { resolve, resolveTables } from './references.ts';
import type { Built, View } from './view.ts';
import { finish } from './view.ts';
import type { ResourceOf } from './world-index.ts';

export function translateMapping(view: View, resource: ResourceOf<'Mapping'>): Built<MappingPlan> {
  const problems = new Problems();
  const { spec } = resource;
  const { name } = resource.metadata;
  const { resolution, ...from } = spec.from ?? {};
  const source = resolution ? undefined : checkSide(view, from, 'spec.from', problems);
  if (resolution && Object.keys(from).length > 0)
    problems.invalid('spec.from', `resolution and ${Object.keys(from).join(', ')} together`, 'set exactly one of them');
  const target = checkSide(view, spec.to, 'spec.to', problems);
  const asked: Asked = new Map();
  expectExpression(spec.expression, 'spec.expression', problems, asked);
  if (typeof spec.expression === 'string' && !checkExpression(spec.expression).error)
    for (const { line, column, message, remedy } of unknownFields(spec.expression, {
      source: resolution ? RESOLUTION_SCHEMA : source?.part.schema,
      target: target?.part.schema,
    }))
      problems.warn('spec.expression', `line ${line}, column ${column}: ${message}`, remedy);
  const { tables, parts } = resolveTables(view, asked, problems);
  const tests = spec.tests ?? [];
  expectUnique(tests, 'spec.tests', problems);
  tests.forEach((test, i) => {
    if ((test.expect === undefined) === (test.expectError === undefined))
      problems.invalid(
        `spec.tests[${i}]`,
        test.expect === undefined ? 'it expects nothing' : 'expect and expectError together',
        'set exactly one of expect, expectError',
      );
  });
  const needs: Parts[] = parts;
  return finish(
    problems,
    () => ({
      part: 'mapping',
      name,
      expression: spec.expression,
      ...(target && { targetSchema: target.part.schema }),
      tables,
      tests: tests.map((test) => ({ ...test })),
    }),
    needs,
  );
}

function checkSide(
  view: View,
  side: MappingSide | undefined,
  field: string,
  problems: Problems,
): Resolved<'DocumentType', DocumentTypePlan> | undefined {
  const member = oneOf(side ?? {}, ['documentTypeRef', 'x12', 'edifact', 'csv', 'fixed', 'xml'], field, problems);
  if (member === 'documentTypeRef')
    return resolve(view, 'DocumentType', side?.documentTypeRef, `${field}.documentTypeRef`, problems);
  if (member === 'x12' && !/^\d{3}$/.test(String(side?.x12?.transaction)))
    problems.invalid(`${field}.x12.transaction`, 'a transaction has three digits', 'write it in quotes: "856"');
  if (member === 'edifact' && !/^[A-Z]{6}$/.test(String(side?.edifact?.message)))
    problems.invalid(`${field}.edifact.message`, 'a message type has six capital letters', 'write it as DESADV');
  return undefined;
}

/** What stands on a side, for messages: `X12 856`, `EDIFACT DESADV`, `CSV`, `XML Invoice`, `DocumentType "portal-asn-v2"`. */
export const sideName = ({ documentTypeRef, resolution, ...wire }: MappingSource): string => {
  if (resolution) return 'a resolution';
  return documentTypeRef ? `DocumentType "${documentTypeRef.name}"` : wireName(wire);
};

export function wireName({ x12, edifact, csv, fixed, xml }: Omit<MappingSide, 'documentTypeRef'>): string {
  if (edifact) return `EDIFACT ${edifact.message}`;
  if (csv) return 'CSV';
  if (fixed) return 'fixed width';
  if (xml) return xml.root ? `XML ${xml.root}` : 'XML';
  return `X12 ${x12?.transaction}`;
}
