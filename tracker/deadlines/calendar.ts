/**
 * Working time of a calendar, pure: shifts of local days as moments of the world, whatever its clocks do. A shift belongs to the day on
 * which it begins; what overlaps counts once. Times are epoch ms.
 */
import { Temporal } from 'temporal-polyfill';
import type { CalendarPlan } from '../plan.ts';
import { holidaysOf } from './holidays.ts';

export interface Calendar {
  readonly timeZone: string;
  /** When `ms` of the calendar's time after `at` are over. */
  add(at: number, ms: number): number;
  /** The latest moment from which there are `ms` of its time up to `at`. */
  subtract(at: number, ms: number): number;
  /** Its time from `from` to `to`, as `add` counts it; 0 where `to` is not after `from`. */
  between(from: number, to: number): number;
}
/** A deadline beyond what a calendar is asked for. */
export class TooFar extends Error {
  override name = 'TooFar';
  constructor() {
    super('it is more than ten years away');
  }
}

type Segment = readonly [from: number, to: number];

const DAY_MS = 86_400_000;
const HORIZON_DAYS = 3_660;
const LAST = 253_402_300_800_000;

/** Every hour counts. */
export function elapsedCalendar(timeZone: string): Calendar {
  const within = (at: number): number => {
    if (Math.abs(at) > LAST) throw new TooFar();
    return at;
  };
  return {
    timeZone,
    add: (at, ms) => within(at + ms),
    subtract: (at, ms) => within(at - ms),
    between: (from, to) => Math.max(0, to - from),
  };
}

export function workingCalendar(plan: CalendarPlan): Calendar {
  const { timeZone, shifts, cutOff, country, region, dates } = plan;
  const closed = new Set(dates);
  const isHoliday = country === undefined ? () => false : holidaysOf(country, region);
  const known = new Map<number, readonly Segment[]>();
  const starts = new Map<number, number>();

  /** Days are counted from 1970-01-01 of the local calendar. */
  const dayOf = (at: number): number =>
    Math.floor(
      at / DAY_MS +
        Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).offsetNanoseconds / (DAY_MS * 1e6),
    );
  const moment = (day: number, minutes: number): number =>
    dateOf(day + Math.floor(minutes / 1440))
      .toPlainDateTime({ hour: Math.floor((minutes % 1440) / 60), minute: minutes % 60 })
      .toZonedDateTime(timeZone).epochMilliseconds;
  const startOf = (day: number): number => {
    const start = starts.get(day) ?? dateOf(day).toZonedDateTime(timeZone).epochMilliseconds;
    starts.set(day, start);
    return start;
  };
  const raw = (day: number): readonly Segment[] => {
    const cached = known.get(day);
    if (cached) return cached;
    const date = dateOf(day);
    const text = date.toString();
    const own: Segment[] =
      closed.has(text) || isHoliday(text)
        ? []
        : shifts
            .filter(({ days }) => days.includes(date.dayOfWeek))
            .map(({ from, to }): Segment => [moment(day, from), moment(day, to > from ? to : to + 1440)]);
    const merged: [number, number][] = [];
    for (const [from, to] of own.sort((a, b) => a[0] - b[0])) {
      const last = merged.at(-1);
      if (last && from <= last[1]) last[1] = Math.max(last[1], to);
      else if (to > from) merged.push([from, to]);
    }
    known.set(day, merged);
    return merged;
  };
  /** Without what the night shifts of the day before cover: all that they cover of this day is one stretch from its beginning. */
  const segments = (day: number): Segment[] => {
    const covered = Math.max(Number.NEGATIVE_INFINITY, ...raw(day - 1).map(([, to]) => to));
    return raw(day).flatMap(([from, to]): Segment[] => (to > covered ? [[Math.max(from, covered), to]] : []));
  };
  const begin = (at: number): number => {
    if (cutOff === undefined) return at;
    const day = dayOf(at);
    return at >= moment(day, cutOff) ? Math.max(at, startOf(day + 1)) : at;
  };

  return {
    timeZone,
    add(at, ms) {
      const start = begin(at);
      let left = ms;
      const first = dayOf(start) - 1;
      for (let day = first; day < first + HORIZON_DAYS; day++)
        for (const [from, to] of segments(day)) {
          if (to <= start) continue;
          const since = Math.max(from, start);
          if (to - since >= left) return since + left;
          left -= to - since;
        }
      throw new TooFar();
    },
    subtract(at, ms) {
      let left = ms;
      const last = dayOf(at);
      for (let day = last; day > last - HORIZON_DAYS; day--)
        for (const [from, to] of segments(day).reverse()) {
          if (from >= at) continue;
          const until = Math.min(to, at);
          if (until - from >= left) return until - left;
          left -= until - from;
        }
      throw new TooFar();
    },
    between(from, to) {
      const start = begin(from);
      if (to <= start) return 0;
      let sum = 0;
      const last = dayOf(to);
      if (last - dayOf(start) > HORIZON_DAYS) throw new TooFar();
      for (let day = dayOf(start) - 1; day <= last; day++)
        for (const [since, until] of segments(day)) sum += Math.max(0, Math.min(until, to) - Math.max(since, start));
      return sum;
    },
  };
}

const dateOf = (day: number): Temporal.PlainDate => EPOCH.add({ days: day });
const EPOCH = Temporal.PlainDate.from('1970-01-01');

const DATE = /^\d{4}-\d{2}-\d{2}$/;
/**
 * The moment that a document means by a text: RFC 3339, or a date (its first moment) or a date with time in the time zone.
 * undefined: it is none of these.
 */
export function momentOf(text: string, timeZone: string): number | undefined {
  try {
    if (DATE.test(text)) return Temporal.PlainDate.from(text).toZonedDateTime(timeZone).epochMilliseconds;
    if (/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(text))
      return Temporal.PlainDateTime.from(text).toZonedDateTime(timeZone).epochMilliseconds;
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    return undefined;
  }
}
