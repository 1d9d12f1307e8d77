/** What is wrong with a replay before anything is selected. Pure. */
import { checkPerson } from '../acts/check.ts';
import { ActError } from '../acts/contract.ts';
import type { ReplaySelector, ReplaySpec } from './contract.ts';

export const DEFAULT_RATE = 20;
export const DEFAULT_LIMIT = 100;
/** Above, always a second person: nobody may raise their own limit further. */
export const MAX_LIMIT = 1_000;
export const MAX_RATE = 1_000;

/** Throws ActError Invalid. */
export function checkSpec({ reason, requestedBy, mode, selector, ratePerSecond, limit, ttlMs }: ReplaySpec): void {
  checkPerson({ by: requestedBy, reason });
  if (mode !== 'DryRun' && mode !== 'Run') invalid(`mode is DryRun or Run, not ${mode}`);
  const problem = problemOf(selector);
  if (problem) invalid(problem);
  whole('ratePerSecond', ratePerSecond, 1, MAX_RATE);
  whole('limit', limit, 0, MAX_LIMIT);
  whole('ttl', ttlMs, 0, 366 * 86_400_000);
}

/** undefined: nothing is wrong with it. */
export function problemOf(selector: ReplaySelector): string | undefined {
  const { since, until, integration, destination, deadLetters, partner, documentType, keys, documents, mapping } =
    selector;
  const named = [integration, destination, deadLetters, partner, documentType, mapping].some(
    (value) => value !== undefined,
  );
  if (!named && !keys?.length && !documents?.length)
    return 'the selector is empty: name integration, deadLetters, partner, documentType, keys, documents or mapping';
  if (since !== undefined && until !== undefined && since >= until) return 'since must be before until';
  if (destination !== undefined && !destination.includes('/') && integration === undefined)
    return `destination ${destination}: name the integration too, or write <integration>/<destination>`;
  return undefined;
}

function whole(name: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined) return;
  if (!Number.isSafeInteger(value) || value < least || value > most)
    invalid(`${name} must be a whole number from ${least} to ${most}`);
}
function invalid(message: string): never {
  throw new ActError('Invalid', message);
}
