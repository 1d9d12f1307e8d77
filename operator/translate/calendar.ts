/** Calendars of partners and of the Organization → what the tracker counts by. */
import type { Calendar } from '../../crds/generated/types.ts';
import { nearest } from '../../crds/nearest.ts';
import { workingCalendar } from '../../tracker/deadlines/calendar.ts';
import { regionsOf } from '../../tracker/deadlines/holidays.ts';
import type { CalendarPlan } from '../../tracker/plan.ts';
import type { Problems } from './problems.ts';

const TIME = /^([01]\d|2[0-3]):[0-5]\d$|^24:00$/;
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
/** Any time will do: whether a calendar has working hours is no matter of the year. */
const SOME_DAY = Date.UTC(2026, 0, 1);

/** undefined where something is wrong with it, which is noted. */
export function translateCalendar(calendar: Calendar, field: string, problems: Problems): CalendarPlan | undefined {
  const before = problems.errors.length;
  const { timeZone, workingHours, holidays = {}, cutOff } = calendar;
  if (timeZone === undefined)
    problems.invalid(`${field}.timeZone`, 'a calendar without time zone', 'write one, e.g. Europe/Berlin');
  else if (!isTimeZone(timeZone)) {
    const near = nearest(timeZone, Intl.supportedValuesOf('timeZone'));
    problems.invalid(
      `${field}.timeZone`,
      `there is no time zone "${timeZone}"`,
      near ? `did you mean "${near}"?` : 'write one of the IANA database, e.g. Europe/Berlin',
    );
  }
  if (workingHours === undefined || workingHours.length === 0)
    problems.invalid(`${field}.workingHours`, 'a calendar without working hours', 'write the shifts');
  const shifts = (workingHours ?? []).map(({ days, from, to }, i) => {
    if (from === to)
      problems.invalid(
        `${field}.workingHours[${i}]`,
        `a shift cannot end when it begins (${from})`,
        'write from "00:00" to "24:00" for a whole day',
      );
    return { days: days.map((day) => DAYS.indexOf(day) + 1).sort(), from: minutes(from), to: minutes(to) };
  });
  for (const [at, time] of [
    ...(workingHours ?? []).flatMap(({ from, to }, i): [string, string][] => [
      [`workingHours[${i}].from`, from],
      [`workingHours[${i}].to`, to],
    ]),
    ...(cutOff === undefined ? [] : [['cutOff', cutOff] as const]),
  ])
    if (!TIME.test(time)) problems.invalid(`${field}.${at}`, `"${time}" is no time of day`, 'write it as "08:00"');
  if (shifts.some(({ days }) => days.length === 0 || days.includes(0)))
    problems.invalid(`${field}.workingHours`, 'a shift without days', `write days of ${DAYS.join(', ')}`);
  const { country, region, dates = [] } = holidays;
  expectPlace(country, region, `${field}.holidays`, problems);
  dates.forEach((date, i) => {
    if (Number.isNaN(Date.parse(date)) || new Date(date).toISOString().slice(0, 10) !== date)
      problems.invalid(`${field}.holidays.dates[${i}]`, `there is no day ${date}`, 'correct it');
  });
  if (problems.errors.length > before) return undefined;
  const plan: CalendarPlan = {
    timeZone: timeZone!,
    shifts,
    ...(cutOff !== undefined && { cutOff: minutes(cutOff) }),
    ...(country !== undefined && { country }),
    ...(region !== undefined && { region }),
    dates: [...dates].sort(),
  };
  if (hasWorkingTime(plan)) return plan;
  problems.invalid(`${field}.workingHours`, 'nobody ever works by this calendar', 'its shifts are all on holidays');
  return undefined;
}

const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return !/^[+-]/.test(name);
  } catch {
    return false;
  }
}

function expectPlace(country: string | undefined, region: string | undefined, field: string, problems: Problems): void {
  if (country === undefined) {
    if (region !== undefined) problems.invalid(`${field}.region`, 'a region is one of a country', 'add country');
    return;
  }
  const regions = regionsOf(country);
  if (!regions)
    problems.invalid(
      `${field}.country`,
      `no holidays are known of country "${country}"`,
      'write its ISO code, e.g. DE',
    );
  else if (region !== undefined && !regions.includes(region))
    problems.invalid(
      `${field}.region`,
      `no holidays are known of region "${region}" of ${country}`,
      regions.length > 0 ? `known are: ${regions.slice(0, 20).join(', ')}` : 'leave it out, and name days in dates',
    );
}

function hasWorkingTime(plan: CalendarPlan): boolean {
  const calendar = workingCalendar({ ...plan, dates: [] });
  return calendar.between(SOME_DAY, SOME_DAY + 366 * 86_400_000) > 0;
}
