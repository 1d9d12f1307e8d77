/** Problems of one envelope or transaction, gathered with their places. What X12 and EDIFACT share. */
import type { Interchange, Problem } from './format.ts';
import type { Places } from './text.ts';

type Severity = Problem['severity'];
interface Noted<Code extends string, Note> extends Problem {
  code: Code;
  syntax?: Note;
}

/** Problems that one transaction may have before the rest is only counted. */
const LIMIT = 1000;

export class Reporter<Code extends string, Note extends { element?: number }> {
  readonly problems: Noted<Code, Note>[] = [];
  private readonly places: Places;
  private readonly severityOf: (code: Code) => Severity;
  private readonly tooMany: Code;

  /** `tooMany`: said once, where there are more than can be listed. */
  constructor(places: Places, severityOf: (code: Code) => Severity, tooMany: Code) {
    this.places = places;
    this.severityOf = severityOf;
    this.tooMany = tooMany;
  }

  add(code: Code, message: string, segment?: { id: string; at: number; number: number }, syntax?: Note): void {
    if (this.isFull()) return;
    const capped = this.problems.length === LIMIT;
    const kind = capped ? this.tooMany : code;
    const problem: Noted<Code, Note> = {
      code: kind,
      message: capped ? `more than ${LIMIT} problems: the rest is not listed` : message,
      severity: this.severityOf(kind),
      place: segment
        ? { ...this.places.of(segment.at), segment: segment.number, segmentId: segment.id.slice(0, 20) }
        : {},
    };
    if (syntax && !capped) {
      problem.syntax = syntax;
      if (syntax.element) problem.place.element = syntax.element;
    }
    this.problems.push(problem);
  }

  /** For what has no segment: an offset in the text. */
  addAt(code: Code, message: string, offset: number): void {
    if (this.isFull()) return;
    this.problems.push({ code, message, severity: this.severityOf(code), place: this.places.of(offset) });
  }

  isFull(): boolean {
    return this.problems.length > LIMIT;
  }
}

export type EnvelopeErrors = 'Reject' | 'Warn' | 'Accept';

/**
 * Applies a partner's policy for wrong counts and control numbers to an interchange that was decoded with the default: the same object,
 * problems replaced.
 */
export function withPolicy<I extends Interchange>(
  interchange: I,
  policy: EnvelopeErrors,
  isEnvelope: (code: string) => boolean,
): I {
  if (policy === 'Reject') return interchange;
  const apply = (problems: Problem[]): Problem[] => {
    if (policy === 'Accept') return problems.filter(({ code }) => !isEnvelope(code));
    return problems.map((problem) => (isEnvelope(problem.code) ? { ...problem, severity: 'Warning' } : problem));
  };
  interchange.problems = apply(interchange.problems);
  for (const group of interchange.groups) {
    group.problems = apply(group.problems);
    for (const transaction of group.transactions) transaction.problems = apply(transaction.problems);
  }
  return interchange;
}
