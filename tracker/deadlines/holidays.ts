/** Public holidays of countries and their regions. */
import Holidays from 'date-holidays';

const DAY_MS = 86_400_000;
const YEARS = new Map<string, ReadonlySet<string>>();
const COUNTRIES = new Map<string, Holidays>();

/** Whether a date (`2026-12-25`) is one. */
export function holidaysOf(country: string, region?: string): (date: string) => boolean {
  const place = `${country}-${region ?? ''}`;
  return (date) => {
    const year = date.slice(0, 4);
    const key = `${place} ${year}`;
    const known = YEARS.get(key) ?? daysOf(calendarOf(country, region), Number(year));
    YEARS.set(key, known);
    return known.has(date);
  };
}

/** Regions of a country; undefined where no country has this code. */
export function regionsOf(country: string): readonly string[] | undefined {
  const all = new Holidays();
  if (!Object.hasOwn(all.getCountries(), country)) return undefined;
  return Object.keys(all.getStates(country) ?? {}).map((region) => region.toUpperCase());
}

function calendarOf(country: string, region: string | undefined): Holidays {
  const place = `${country}-${region ?? ''}`;
  const known = COUNTRIES.get(place) ?? (region === undefined ? new Holidays(country) : new Holidays(country, region));
  COUNTRIES.set(place, known);
  return known;
}

/** Days whose noon is within one: some begin in the evening before, some last several days. */
function daysOf(calendar: Holidays, year: number): ReadonlySet<string> {
  const days = new Set<string>();
  for (const one of [year - 1, year].flatMap((each) => calendar.getHolidays(each) ?? [])) {
    if (one.type !== 'public') continue;
    const from = Date.parse(`${one.date.slice(0, 19).replace(' ', 'T')}Z`);
    const to = from + (one.end.getTime() - one.start.getTime());
    for (let noon = Math.floor(from / DAY_MS) * DAY_MS + DAY_MS / 2; noon < to; noon += DAY_MS)
      if (noon >= from) days.add(new Date(noon).toISOString().slice(0, 10));
  }
  return days;
}
