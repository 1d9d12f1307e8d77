/** What an answer means: the destination's outcomes first, then the status. */
import type { SinkAnswer } from '../connectors/connector.ts';
import { DocumentError } from '../errors.ts';
import type { Expression } from '../mapping/mapping.ts';
import { keyOf } from '../mapping/tables.ts';
import type { OutcomePlan } from '../plan.ts';

export interface Verdict {
  result: 'Delivered' | 'Retry' | 'Park' | 'DeadLetter';
  /** The other side definitely did not take the effect. */
  definite: boolean;
  error?: DocumentError;
  afterMs?: number;
  answer?: SinkAnswer;
  detail?: Record<string, string | number>;
}

export interface CompiledOutcome {
  plan: OutcomePlan;
  when: Expression;
  /** Key of the row that is waited for. */
  releaseKey?: Expression;
}

export async function judge(answer: SinkAnswer, outcomes: readonly CompiledOutcome[]): Promise<Verdict> {
  const seen = { status: answer.status, headers: answer.headers, body: answer.body };
  for (const { plan, when, releaseKey } of outcomes) {
    if ((await when.evaluate(seen, { tables: {} })) !== true) continue;
    if (plan.result === 'Delivered') return { result: 'Delivered', definite: false, answer };
    return {
      result: plan.result,
      definite: true,
      answer,
      ...(plan.afterMs !== undefined && { afterMs: plan.afterMs }),
      error: refusal(
        answer,
        plan.result === 'Park' ? 'Park' : 'DeadLetter',
        plan.owner,
        waitsFor(plan, releaseKey, seen),
      ),
    };
  }
  const { status } = answer;
  if (status >= 200 && status < 300) return { result: 'Delivered', definite: false, answer };
  const later = status === 408 || status === 425 || status === 429 || status >= 500;
  if (!later) return { result: 'DeadLetter', definite: status >= 400, answer, error: refusal(answer, 'DeadLetter') };
  return {
    result: 'Retry',
    definite: false,
    answer,
    ...(answer.retryAfterMs !== undefined && { afterMs: answer.retryAfterMs }),
    error: new DocumentError({
      class: 'DeliveryFailed',
      code: `http.${status}`,
      message: `The other side answered ${status}${saying(answer)}`,
      retryable: true,
    }),
  };
}

/** An answer that does not name the row waits for a person. */
function waitsFor({ releaseWhen }: OutcomePlan, key: Expression | undefined, seen: unknown): DocumentError['waitsFor'] {
  const value = key?.evaluate(seen, { tables: {} });
  if (!releaseWhen || value === undefined || value === null) return undefined;
  return { table: releaseWhen.table, key: keyOf(Array.isArray(value) ? value : [value]) };
}

const refusal = (
  answer: SinkAnswer,
  disposition: 'Park' | 'DeadLetter',
  owner?: string,
  waits?: DocumentError['waitsFor'],
): DocumentError => {
  const code = (answer.body as { code?: unknown } | undefined)?.code;
  return new DocumentError({
    class: 'BusinessRejected',
    code: typeof code === 'string' ? code.slice(0, 80) : `http.${answer.status}`,
    message: `The other side refused it with ${answer.status}${saying(answer)}`,
    definite: true,
    disposition,
    ...(owner && { owner }),
    ...(waits && { waitsFor: waits }),
  });
};

/** The answer's own words, shortened: people search by them. */
function saying({ body }: SinkAnswer): string {
  if (body === undefined || body === null || body === '') return '';
  const { detail, message, title, code } = (typeof body === 'object' ? body : {}) as Record<string, unknown>;
  const said = detail ?? message ?? title ?? code ?? body;
  return `: ${(typeof said === 'string' ? said : JSON.stringify(said)).slice(0, 300)}`;
}
