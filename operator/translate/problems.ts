/** What is wrong with one resource: collected while it is translated, then said as conditions (for status) and findings (for lint). */
import type { Kind } from '../../crds/generated/types.ts';
import type { Finding, Verdict } from './translation.ts';

export type Failing = 'Accepted' | 'ResolvedRefs' | 'Conflicted';
export interface Problem {
  condition: Failing;
  reason: string;
  /** Path as in `spec.destinations[0].mappingRef.name`. */
  field: string;
  message: string;
  remedy: string;
}
export interface Warning {
  field: string;
  message: string;
  remedy: string;
}

export class Problems {
  readonly errors: Problem[] = [];
  readonly warnings: Warning[] = [];

  get none(): boolean {
    return this.errors.length === 0;
  }
  add(condition: Failing, reason: string, field: string, message: string, remedy: string): void {
    this.errors.push({ condition, reason, field, message, remedy });
  }
  invalid(field: string, message: string, remedy: string): void {
    this.add('Accepted', 'Invalid', field, message, remedy);
  }
  unsupported(field: string, message: string, remedy: string): void {
    this.add('Accepted', 'Unsupported', field, message, remedy);
  }
  warn(field: string, message: string, remedy: string): void {
    this.warnings.push({ field, message, remedy });
  }
}

/** Kinds whose members can claim the same thing. */
const CAN_CONFLICT: ReadonlySet<Kind> = new Set<Kind>(['Partner', 'Integration', 'DocumentType']);

/** Accepted, ResolvedRefs and, for kinds that can conflict, Conflicted. The first problem is told in full, the others by field. */
export function verdictsOf(kind: Kind, problems: Problems): Verdict[] {
  const of = (condition: Failing): Verdict | undefined => {
    const found = problems.errors.filter((problem) => problem.condition === condition);
    const first = found[0];
    if (!first) return undefined;
    const others = [...new Set(found.map((problem) => problem.field).filter((field) => field !== first.field))];
    const more =
      others.length === 0 ? '' : ` (also: ${others.slice(0, 5).join(', ')}${others.length > 5 ? ', …' : ''})`;
    return {
      type: condition,
      status: condition === 'Conflicted' ? 'True' : 'False',
      reason: first.reason,
      message: `${first.field}: ${first.message}; ${first.remedy}${more}`,
    };
  };
  const verdicts: Verdict[] = [
    of('Accepted') ?? { type: 'Accepted', status: 'True', reason: 'Accepted', message: 'Valid.' },
    of('ResolvedRefs') ?? {
      type: 'ResolvedRefs',
      status: 'True',
      reason: 'ResolvedRefs',
      message: 'All references resolve.',
    },
  ];
  const conflicted = of('Conflicted');
  if (conflicted) verdicts.push(conflicted);
  else if (CAN_CONFLICT.has(kind))
    verdicts.push({
      type: 'Conflicted',
      status: 'False',
      reason: 'NoConflict',
      message: 'No other resource claims the same.',
    });
  return verdicts;
}

export function findingsOf(kind: Kind, name: string, problems: Problems): Finding[] {
  return [
    ...problems.errors.map(({ field, message, remedy }) => ({
      severity: 'Error' as const,
      kind,
      name,
      field,
      message,
      remedy,
    })),
    ...problems.warnings.map((warning) => ({ severity: 'Warning' as const, kind, name, ...warning })),
  ];
}
