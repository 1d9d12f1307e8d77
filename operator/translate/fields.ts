/** Checks of single fields that several kinds share. The schema of the API makes most of them; folders may come without it. */
import { DURATION_HINT, parseDuration } from './durations.ts';
import type { Problems } from './problems.ts';

/** A duration in ms, or its default. */
export function durationMs(text: string | undefined, fallback: string, field: string, problems: Problems): number {
  const ms = parseDuration(text ?? fallback);
  if (ms !== undefined) return ms;
  problems.invalid(field, `"${text}" is not a duration`, DURATION_HINT);
  return parseDuration(fallback)!;
}

/** RabbitMQ takes its messages back from who holds one for 30 minutes, and gives them to another: an attempt must end long before. */
const LONGEST_ATTEMPT_MS = 600_000;

export function timeoutMs(text: string | undefined, fallback: string, field: string, problems: Problems): number {
  const ms = durationMs(text, fallback, field, problems);
  if (ms === 0) problems.invalid(field, 'nothing answers in no time', 'write at least 1s');
  if (ms > LONGEST_ATTEMPT_MS)
    problems.invalid(
      field,
      `"${text}" is longer than a message may be held`,
      'write 10m at most; what takes longer should be accepted at once, and answered by a document of its own',
    );
  return ms;
}

/** RFC 6901; '' is the whole document. */
export function expectPointer(text: unknown, field: string, problems: Problems): void {
  if (typeof text !== 'string' || !/^(\/([^~]|~[01])*)?$/.test(text))
    problems.invalid(field, `"${text}" is not a JSON pointer`, 'write it with slashes: /orders/0/lines');
}

export function expectUnique(items: readonly { name: string }[], field: string, problems: Problems): void {
  const seen = new Set<string>();
  items.forEach(({ name }, i) => {
    if (seen.has(name)) problems.invalid(`${field}[${i}].name`, `"${name}" occurs twice`, 'rename one of them');
    seen.add(name);
  });
}

/** The member of a union that is set; anything but exactly one is noted. */
export function oneOf<M extends string>(
  spec: Readonly<Partial<Record<M, unknown>>>,
  members: readonly M[],
  field: string,
  problems: Problems,
): M | undefined {
  const given = members.filter((member) => spec[member] !== undefined && spec[member] !== null);
  if (given.length === 1) return given[0];
  problems.invalid(
    field,
    given.length === 0 ? `none of ${members.join(', ')}` : `${given.join(' and ')} together`,
    `set exactly one of ${members.join(', ')}`,
  );
  return undefined;
}
