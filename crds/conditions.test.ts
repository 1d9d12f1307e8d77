import { expect, test } from 'vitest';
import { CONDITION_TYPES, CONDITIONS, isLegal, setCondition } from './conditions.ts';

const verdict = { type: 'Programmed', status: 'True', reason: 'Programmed', message: 'Applied.' } as const;
const at = (time: string): Date => new Date(`2026-11-24T${time}Z`);

test('the transition time moves when status, reason or message changes, and only then', () => {
  const first = setCondition(undefined, verdict, at('06:00:00.123'), 1);
  expect(first).toEqual([{ ...verdict, observedGeneration: 1, lastTransitionTime: '2026-11-24T06:00:00Z' }]);
  expect(setCondition(first, verdict, at('07:00:00'), 1)).toBe(first);
  expect(setCondition(first, verdict, at('07:00:00'), 2)).toEqual([{ ...first[0], observedGeneration: 2 }]);
  for (const change of [{ status: 'False', reason: 'BrokerUnavailable' }, { message: 'Applied twice.' }] as const)
    expect(setCondition(first, { ...verdict, ...change }, at('07:00:00'), 1)[0]?.lastTransitionTime).toBe(
      '2026-11-24T07:00:00Z',
    );
});

test('other conditions stay, in one order, and the input is not changed', () => {
  const one = Object.freeze(setCondition(undefined, { ...verdict, type: 'Ready', reason: 'Ready' }, at('06:00:00'), 1));
  const two = setCondition(one, verdict, at('06:00:00'), 1);
  expect(two.map(({ type }) => type)).toEqual(['Programmed', 'Ready']);
  expect(setCondition(setCondition([], verdict, at('06:00:00'), 1), one[0]!, at('06:00:00'), 1)).toEqual(two);
});

test('a long message is cut to what the schema takes', () => {
  const [condition] = setCondition([], { ...verdict, message: 'x'.repeat(9_999) }, at('06:00:00'), 1);
  expect(condition?.message).toHaveLength(4096);
  expect(setCondition([condition!], { ...verdict, message: 'x'.repeat(9_999) }, at('07:00:00'), 1)[0]).toBe(condition);
});

test('every type has reasons that are one CamelCase word with prose', () => {
  for (const type of CONDITION_TYPES)
    for (const [status, reasons] of Object.entries(CONDITIONS[type].reasons))
      for (const [reason, prose] of Object.entries(reasons as Record<string, string>)) {
        expect(reason).toMatch(/^[A-Z][A-Za-z]+$/);
        expect(prose).toMatch(/\.$/);
        expect(isLegal({ type, status: status as 'True', reason })).toBe(true);
      }
});

test('Ready takes the reasons of what it summarises, as they stand against it', () => {
  expect(isLegal({ type: 'Ready', status: 'False', reason: 'BrokerUnavailable' })).toBe(true);
  expect(isLegal({ type: 'Ready', status: 'False', reason: 'IdentifierConflict' })).toBe(true);
  expect(isLegal({ type: 'Ready', status: 'False', reason: 'NoConflict' })).toBe(false);
  expect(isLegal({ type: 'Ready', status: 'True', reason: 'Programmed' })).toBe(false);
  expect(isLegal({ type: 'Programmed', status: 'False', reason: 'TestsFailed' })).toBe(false);
  expect(isLegal({ type: 'Stalled', status: 'True', reason: 'RefNotFound' })).toBe(true);
  expect(isLegal({ type: 'Reconciling', status: 'True', reason: 'Pending' })).toBe(true);
  expect(isLegal({ type: 'Reconciling', status: 'False', reason: 'Pending' })).toBe(false);
  expect(isLegal({ type: 'Stalled', status: 'True', reason: 'Ready' })).toBe(false);
  expect(isLegal({ type: 'toString', status: 'False', reason: 'name' })).toBe(false);
});
