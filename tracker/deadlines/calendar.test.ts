import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CalendarPlan } from '../plan.ts';
import { elapsedCalendar, momentOf, TooFar, workingCalendar } from './calendar.ts';
import { holidaysOf, regionsOf } from './holidays.ts';

const HOUR = 3_600_000;
const weekdays = [1, 2, 3, 4, 5];
const berlin = (more: Partial<CalendarPlan> = {}): CalendarPlan => ({
  timeZone: 'Europe/Berlin',
  shifts: [{ days: weekdays, from: 8 * 60, to: 17 * 60 }],
  dates: [],
  ...more,
});
const at = (text: string, zone = 'Europe/Berlin'): number => momentOf(text, zone)!;
const local = (ms: number, zone = 'Europe/Berlin'): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(ms);

describe('working time', () => {
  const add = (plan: CalendarPlan, text: string, hours: number) =>
    local(workingCalendar(plan).add(at(text, plan.timeZone), hours * HOUR), plan.timeZone);
  it.each([
    ['within a day', '2026-03-09T09:00', 3, '2026-03-09 12:00'],
    ['up to its very end', '2026-03-09T09:00', 8, '2026-03-09 17:00'],
    ['over a night', '2026-03-09T16:00', 2, '2026-03-10 09:00'],
    ['over a weekend', '2026-03-13T16:00', 2, '2026-03-16 09:00'],
    ['from a weekend', '2026-03-14T10:00', 1, '2026-03-16 09:00'],
    ['from before the shift', '2026-03-09T03:00', 1, '2026-03-09 09:00'],
  ])('%s', (_, from, hours, to) => {
    expect(add(berlin(), from, hours)).toBe(to);
  });
  it('holidays of a country, of its region, and of the house', () => {
    // 6 January is one in Bavaria, not in Berlin.
    expect(add(berlin({ country: 'DE', region: 'BY' }), '2026-01-05T16:00', 2)).toBe('2026-01-07 09:00');
    expect(add(berlin({ country: 'DE', region: 'BE' }), '2026-01-05T16:00', 2)).toBe('2026-01-06 09:00');
    expect(add(berlin({ country: 'DE', dates: ['2026-12-24'] }), '2026-12-23T16:00', 2)).toBe('2026-12-28 09:00');
  });
  it('a cut-off makes it the next day', () => {
    const plan = berlin({ cutOff: 15 * 60 });
    expect(add(plan, '2026-03-09T14:59', 1)).toBe('2026-03-09 15:59');
    expect(add(plan, '2026-03-09T15:00', 1)).toBe('2026-03-10 09:00');
    expect(add(plan, '2026-03-13T15:00', 1)).toBe('2026-03-16 09:00');
  });
  it('a night shift belongs to the day on which it begins', () => {
    const night = berlin({ shifts: [{ days: [5], from: 22 * 60, to: 6 * 60 }], dates: ['2026-03-14'] });
    expect(add(night, '2026-03-13T23:00', 6)).toBe('2026-03-14 05:00');
    expect(add(night, '2026-03-14T01:00', 1)).toBe('2026-03-14 02:00');
    expect(add(night, '2026-03-13T23:00', 8)).toBe('2026-03-20 23:00');
  });
  it('a night is an hour shorter or longer when clocks change', () => {
    const night = berlin({ shifts: [{ days: [6], from: 22 * 60, to: 6 * 60 }] });
    const hours = (from: string, to: string) => workingCalendar(night).between(at(from), at(to)) / HOUR;
    expect(hours('2026-03-28T12:00', '2026-03-29T12:00')).toBe(7);
    expect(hours('2026-10-24T12:00', '2026-10-25T12:00')).toBe(9);
    const whole = berlin({ shifts: [{ days: [7], from: 0, to: 1440 }] });
    expect(workingCalendar(whole).between(at('2026-03-28T00:00'), at('2026-03-31T00:00')) / HOUR).toBe(23);
    expect(workingCalendar(whole).between(at('2026-10-24T00:00'), at('2026-10-27T00:00')) / HOUR).toBe(25);
  });
  it('what overlaps counts once', () => {
    const plan = berlin({
      shifts: [
        { days: [1], from: 8 * 60, to: 17 * 60 },
        { days: [1], from: 12 * 60, to: 20 * 60 },
        { days: [7], from: 20 * 60, to: 10 * 60 },
      ],
    });
    expect(workingCalendar(plan).between(at('2026-03-08T12:00'), at('2026-03-09T23:00')) / HOUR).toBe(24);
  });
  it('gives up after ten years', () => {
    expect(() => workingCalendar(berlin()).add(0, 10 * 365 * 24 * HOUR)).toThrow(TooFar);
    expect(() => elapsedCalendar('UTC').add(8e15, 8e15)).toThrow(TooFar);
  });
});

describe('whatever the calendar', () => {
  const shift = fc.record({
    days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 7 }),
    from: fc.integer({ min: 0, max: 1439 }),
    to: fc.integer({ min: 1, max: 1440 }),
  });
  const calendars = fc
    .record(
      {
        timeZone: fc.constantFrom(
          'Europe/Berlin',
          'America/St_Johns',
          'Australia/Lord_Howe',
          'UTC',
          'Asia/Tehran',
          'America/Santiago',
        ),
        shifts: fc.array(
          shift.filter(({ from, to }) => (to - from + 1440) % 1440 >= 60),
          { minLength: 1, maxLength: 4 },
        ),
        dates: fc.constantFrom([], ['2026-03-29', '2026-10-25']),
        cutOff: fc.integer({ min: 0, max: 1439 }),
        country: fc.constantFrom('DE', 'US'),
      },
      { requiredKeys: ['timeZone', 'shifts', 'dates'] },
    )
    .map((plan) => workingCalendar({ ...plan, dates: [...plan.dates] } as CalendarPlan));
  // Around both changes of clocks.
  const times = fc.oneof(
    fc.integer({ min: Date.UTC(2026, 2, 26), max: Date.UTC(2026, 3, 8) }),
    fc.integer({ min: Date.UTC(2026, 9, 22), max: Date.UTC(2026, 10, 3) }),
  );
  const spans = fc.integer({ min: 1, max: 60 * HOUR });

  it('between is the inverse of add, and of subtract where no cut-off is', () => {
    fc.assert(
      fc.property(calendars, times, spans, (calendar, from, ms) => {
        const to = calendar.add(from, ms);
        expect(calendar.between(from, to)).toBe(ms);
        expect(calendar.between(from, to - 1)).toBe(ms - 1);
      }),
      { numRuns: 300 },
    );
  });
  it('later starts end no earlier, longer times end later', () => {
    fc.assert(
      fc.property(calendars, times, spans, fc.integer({ min: 0, max: 72 * HOUR }), (calendar, from, ms, more) => {
        expect(calendar.add(from + more, ms)).toBeGreaterThanOrEqual(calendar.add(from, ms));
        expect(calendar.add(from, ms + 1 + more)).toBeGreaterThan(calendar.add(from, ms));
      }),
      { numRuns: 300 },
    );
  });
  it('subtract gives the latest start', () => {
    fc.assert(
      fc.property(calendars, times, spans, (calendar, to, ms) => {
        const from = calendar.subtract(to, ms);
        expect(calendar.subtract(to, ms + 1)).toBeLessThan(from);
        expect(calendar.subtract(to + 1, ms)).toBeGreaterThanOrEqual(from);
      }),
      { numRuns: 300 },
    );
  });
});

describe('what a document means by a time', () => {
  it.each([
    ['2026-03-09', '2026-03-08T23:00:00.000Z'],
    ['2026-03-09T10:00', '2026-03-09T09:00:00.000Z'],
    ['2026-03-09T10:00:00', '2026-03-09T09:00:00.000Z'],
    ['2026-03-09T10:00:00Z', '2026-03-09T10:00:00.000Z'],
    ['2026-03-09T10:00:00+05:30', '2026-03-09T04:30:00.000Z'],
    ['2026-02-30', undefined],
    ['soon', undefined],
    ['', undefined],
  ])('%s', (text, moment) => {
    const ms = momentOf(text, 'Europe/Berlin');
    expect(ms === undefined ? undefined : new Date(ms).toISOString()).toBe(moment);
  });
});

it('knows holidays, and what it does not know', () => {
  expect(holidaysOf('DE')('2026-12-25')).toBe(true);
  expect(holidaysOf('DE')('2026-12-24')).toBe(false);
  expect(holidaysOf('US')('2026-07-03')).toBe(true);
  expect(regionsOf('DE')).toContain('BY');
  expect(regionsOf('XX')).toBeUndefined();
});
