/** What acts have in common: who and why must be said, within bounds. */
import { ActError, type Person } from './contract.ts';

const MAX_REASON = 512;
const MAX_NAME = 128;

export function checkPerson({ by, reason }: Person): void {
  checkText('by', by, MAX_NAME);
  checkText('reason', reason, MAX_REASON);
}

export function checkText(name: string, value: string | undefined, longest: number): void {
  if (value === undefined || value.trim() === '') throw new ActError('Invalid', `${name} is missing`);
  if (value.length > longest) throw new ActError('Invalid', `${name} is longer than ${longest} characters`);
}
