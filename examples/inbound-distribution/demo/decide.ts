/** A clerk decides about what does not agree, and the ERP's ledger must say that it did as it was told, once. */
import type { Line } from '../simulators/ledger.ts';
import type { Accounts } from './accounts.ts';
import type { Business } from './business.ts';

/** What the ERP writes down when it did it. */
const DONE = { DebitNote: 'debit-notes', ReleaseInvoice: 'invoice-releases' } as const;
export interface Decision {
  key: string;
  line: string;
  /** Of the exception. */
  id: string;
  process: string;
  resolution: keyof typeof DONE;
}

/** Of broken pieces: the first is charged to the supplier, the second is paid all the same. Orders with one exception only. */
export function decisionsOf({ exceptions }: Pick<Business, 'exceptions'>): Decision[] {
  const alone = exceptions.filter(
    ({ key, kind }) => kind === 'Damaged' && exceptions.filter((other) => other.key === key).length === 1,
  );
  const wanted = Object.keys(DONE) as (keyof typeof DONE)[];
  return alone
    .slice(0, wanted.length)
    .map(({ key, line, id, process }, i) => ({ key, line, id, process, resolution: wanted[i]! }));
}

/** What is not as decided: each must be done by the ERP exactly once, closed in Crossdock, and its order count as matched. */
export function checkDecisions(
  decisions: readonly Decision[],
  lines: readonly Line[],
  { exceptions, transactions }: Pick<Business, 'exceptions' | 'transactions'>,
): string[] {
  return decisions.flatMap(({ key, line, id, resolution }) => {
    const done = `${DONE[resolution]} ${key}/${line}`;
    const effects = lines.filter(
      (one) => one.kind === 'Effect' && one.type === 'settlement' && one.key === done,
    ).length;
    const matched = transactions.find((one) => one.key === key)?.reached.includes('Matched');
    return [
      ...(effects === 1 ? [] : [`${resolution} of ${key}: the ERP did it ${effects} times`]),
      ...(exceptions.some((one) => one.key === key && one.id === id) ? [`${resolution} of ${key}: still open`] : []),
      ...(matched ? [] : [`${resolution} of ${key}: the order does not count as matched`]),
    ];
  });
}

/** Resolves with what is wrong after `withinMs`, or with nothing as soon as all is as decided. */
export async function decide(
  accounts: Accounts,
  lines: () => Line[],
  withinMs: number,
  pause: () => Promise<void>,
): Promise<{ decisions: Decision[]; wrong: string[] }> {
  const decisions = decisionsOf(await accounts.business());
  if (decisions.length === 0) return { decisions, wrong: ['nothing arrived broken that could be decided about'] };
  for (const decision of decisions) await accounts.resolve(decision);
  for (const end = Date.now() + withinMs; ; ) {
    const wrong = checkDecisions(decisions, lines(), await accounts.business());
    if (wrong.length === 0 || Date.now() > end) return { decisions, wrong };
    await pause();
  }
}
