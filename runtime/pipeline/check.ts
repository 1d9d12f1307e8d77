/** Schema and rules of a document type over one canonical body, and what identifies it: keys, revision, hash. */
import { canonicalJson, sha256Hex } from '../canonical.ts';
import { DocumentError, type Violation } from '../errors.ts';
import type { Expression, MappingContext } from '../mapping/mapping.ts';
import type { CompiledType } from './compiled.ts';

const MAX_VIOLATIONS = 100;

/** Throws ValidationFailed with all violations (at most 100). */
export function checkSchema(type: CompiledType, body: unknown): void {
  if (type.validate(body)) return;
  const violations = (type.validate.errors ?? []).slice(0, MAX_VIOLATIONS).map((error): Violation => {
    const missing =
      error.keyword === 'required' ? `/${(error.params as { missingProperty: string }).missingProperty}` : '';
    const unknown =
      error.keyword === 'additionalProperties'
        ? `/${(error.params as { additionalProperty: string }).additionalProperty}`
        : '';
    return {
      code: `schema.${error.keyword}`,
      message: error.message ?? error.keyword,
      place: { path: error.instancePath + missing + unknown, in: type.plan.name },
    };
  });
  throw invalid(type, violations);
}

/** Throws ValidationFailed for a violated rule of severity Reject; returns the warnings. */
export async function checkRules(
  type: CompiledType,
  body: unknown,
  bindings: Record<string, unknown>,
): Promise<Violation[]> {
  const rejects: Violation[] = [];
  const warnings: Violation[] = [];
  const context: MappingContext = { tables: type.tables, bindings: { ...bindings, document: body } };
  for (const { plan, when, message } of type.rules) {
    for (const { value, pointer } of elements(body, plan.each)) {
      if ((await when.evaluate(value, context)) !== true) continue;
      const violation: Violation = {
        code: `rule.${plan.name}`,
        message: String((await message.evaluate(value, context)) ?? plan.name),
        place: { path: plan.field ? `${pointer}/${plan.field.replace(/^\//, '')}` : pointer, in: type.plan.name },
      };
      (plan.severity === 'Reject' ? rejects : warnings).push(violation);
      if (rejects.length >= MAX_VIOLATIONS) throw invalid(type, rejects);
    }
  }
  if (rejects.length > 0) throw invalid(type, rejects);
  return warnings;
}

/** The value itself, or each member of the array at the pointer. */
function elements(body: unknown, each: string | undefined): { value: unknown; pointer: string }[] {
  if (!each) return [{ value: body, pointer: '' }];
  const at = each
    .split('/')
    .slice(1)
    .reduce<unknown>(
      (node, part) => (node as Record<string, unknown> | undefined)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')],
      body,
    );
  return Array.isArray(at) ? at.map((value, i) => ({ value, pointer: `${each}/${i}` })) : [];
}

const invalid = (type: CompiledType, violations: Violation[]) => {
  const first = violations[0]!;
  const more = violations.length > 1 ? ` (and ${violations.length - 1} more)` : '';
  return new DocumentError({
    class: 'ValidationFailed',
    code: first.code,
    message: `${type.plan.type} ${first.place?.path || '/'}: ${first.message}${more}`,
    violations,
  });
};

export interface Identified {
  keys: Record<string, string[]>;
  revision?: { key: string; sequence: string; action: string };
  bodyHash: string;
  body: Buffer;
}

/** Business keys, revision and hash of a canonical body. */
export async function identify(type: CompiledType, body: unknown): Promise<Identified> {
  const keys: Record<string, string[]> = {};
  for (const { name, expression } of type.keys) {
    const values = await texts(type, expression, body);
    if (values.length > 0) keys[name] = [...new Set(values)].sort();
  }
  const { revision } = type;
  const text = canonicalJson(body);
  return {
    keys,
    ...(revision && {
      revision: {
        key: (await texts(type, revision.key, body)).join(' '),
        sequence: revision.sequence ? (await texts(type, revision.sequence, body)).join(' ') : '',
        action: revision.action ? (await texts(type, revision.action, body)).join(' ') : '',
      },
    }),
    bodyHash: sha256Hex(text),
    body: Buffer.from(text),
  };
}

async function texts(type: CompiledType, expression: Expression, body: unknown): Promise<string[]> {
  const value = await expression.evaluate(body, { tables: type.tables });
  const flat = Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : [value];
  return flat.filter((v) => v !== undefined && v !== null).map(String);
}
