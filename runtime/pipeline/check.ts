/** Schema and rules of a document type over one canonical body, and what identifies it: keys, revision, hash. */
import { setImmediate } from 'node:timers/promises';
import { canonicalJson, sha256Hex } from '../canonical.ts';
import { DocumentError, type Violation } from '../errors.ts';
import { type Row, type RowSource, withRows } from '../mapping/lookups.ts';
import type { Expression, MappingContext } from '../mapping/mapping.ts';
import { elementsOf } from '../tables/fold.ts';
import { TableUnavailableError } from '../tables/live.ts';
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

export interface Checked {
  warnings: Violation[];
  /** Live tables that could not be asked, and say that the document may be accepted all the same: its rules are checked later. */
  unchecked: string[];
}

/**
 * Throws ValidationFailed for a violated rule of severity Reject, TableUnavailableError where a live table must be asked and cannot be.
 * `rows` are what the rules are to see instead of what live tables have.
 */
export async function checkRules(
  type: CompiledType,
  body: unknown,
  bindings: Record<string, unknown>,
  rows?: Map<RowSource, Map<string, Row | undefined>>,
): Promise<Checked> {
  const check = (rules: CompiledType['rules']) => applyRules(type, rules, body, bindings, rows);
  try {
    return { warnings: await check(type.rules), unchecked: [] };
  } catch (error) {
    if (!(error instanceof TableUnavailableError && error.provisional)) throw error;
  }
  const checked: Checked = { warnings: [], unchecked: [] };
  for (const rule of type.rules)
    try {
      checked.warnings.push(...(await check([rule])));
    } catch (error) {
      if (!(error instanceof TableUnavailableError && error.provisional)) throw error;
      checked.unchecked.push(error.table);
      checked.warnings.push(provisional(type, rule.plan.name, error));
    }
  return checked;
}

export const provisional = (type: CompiledType, rule: string | undefined, error: Error): Violation => ({
  code: 'table.provisional',
  message: `${rule ? `Rule ${rule} was not checked` : 'Nothing was reserved'}: ${error.message}. The document is accepted provisionally, and checked before it goes anywhere`,
  place: { path: '', in: type.plan.name },
});

type RuleOf = CompiledType['rules'][number];

/** ms after which the rules of one document let others have their turn. */
const TURN = 20;

async function applyRules(
  type: CompiledType,
  rules: RuleOf[],
  body: unknown,
  bindings: Record<string, unknown>,
  rows: Map<RowSource, Map<string, Row | undefined>> | undefined,
): Promise<Violation[]> {
  const due = rules.flatMap((rule) => elements(body, rule.plan.each).map((element) => ({ rule, ...element })));
  const context: MappingContext = { tables: type.tables, bindings: { ...bindings, document: body } };
  const rejects: Violation[] = [];
  const warnings: Violation[] = [];
  for (let at = 0; at < due.length && rejects.length < MAX_VIOLATIONS; ) {
    if (at > 0) await setImmediate();
    const turn = await withRows(() => {
      const violated: { rule: RuleOf; violation: Violation }[] = [];
      const end = performance.now() + TURN;
      let next = at;
      for (; next < due.length && performance.now() < end; next++) {
        const { rule, value, pointer } = due[next]!;
        if (rule.when.evaluate(value, context) !== true) continue;
        const { name, field } = rule.plan;
        const violation = {
          code: `rule.${name}`,
          message: String(rule.message.evaluate(value, context) ?? name),
          place: { path: field ? `${pointer}/${field.replace(/^\//, '')}` : pointer, in: type.plan.name },
        };
        violated.push({ rule, violation });
      }
      return { violated, next };
    }, rows);
    for (const { rule, violation } of turn.violated)
      (rule.plan.severity === 'Reject' ? rejects : warnings).push(violation);
    at = turn.next;
  }
  if (rejects.length > 0) throw invalid(type, rejects.slice(0, MAX_VIOLATIONS));
  return warnings;
}

/** With their places. */
const elements = (body: unknown, each: string | undefined): { value: unknown; pointer: string }[] =>
  elementsOf(body, each).map((value, i) => ({ value, pointer: each ? `${each}/${i}` : '' }));

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

/** Business keys, revision and hash of a canonical body. Inside `withRows` only. */
export function identify(type: CompiledType, body: unknown): Identified {
  const keys: Record<string, string[]> = {};
  for (const { name, expression } of type.keys) {
    const values = texts(type, expression, body);
    if (values.length > 0) keys[name] = [...new Set(values)].sort();
  }
  const { revision } = type;
  const text = canonicalJson(body);
  return {
    keys,
    ...(revision && {
      revision: {
        key: texts(type, revision.key, body).join(' '),
        sequence: revision.sequence ? texts(type, revision.sequence, body).join(' ') : '',
        action: revision.action ? texts(type, revision.action, body).join(' ') : '',
      },
    }),
    bodyHash: sha256Hex(text),
    body: Buffer.from(text),
  };
}

function texts(type: CompiledType, expression: Expression, body: unknown): string[] {
  const value = expression.evaluate(body, { tables: type.tables });
  if (typeof value === 'string') return [value];
  const flat = Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : [value];
  return flat.filter((v) => v !== undefined && v !== null).map(String);
}
