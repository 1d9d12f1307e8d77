/** Numbers, money and times as people read them. Decimal text is never turned into a float to be shown. */

const GROUP = /\B(?=(\d{3})+(?!\d))/g;

export const count = (value: number): string => String(Math.round(value)).replace(GROUP, ',');

/** Decimal text with groups; at most `digits` behind the point where given, without rounding what is exact. */
export function decimal(text: string, digits?: number): string {
  const [whole = '0', fraction = ''] = text.split('.');
  const kept = digits === undefined ? fraction : fraction.padEnd(digits, '0');
  const grouped = whole.replace(GROUP, ',');
  return kept ? `${grouped}.${kept}` : grouped;
}

export const money = (amount: string, currency?: string): string => {
  const text = decimal(amount, 2);
  return currency ? `${text} ${currency}` : text;
};

/** Quantities without zeros that say nothing. */
export const quantity = (text: string): string => decimal(text.includes('.') ? text.replace(/\.?0+$/, '') : text);

const UNITS: readonly [ms: number, one: string][] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
];

/** `3 h 20 min`, `4 d`, `12 s`: two units at most. */
export function duration(ms: number): string {
  const total = Math.max(0, ms);
  for (const [i, [size, one]] of UNITS.entries()) {
    if (total < size) continue;
    const big = Math.floor(total / size);
    const next = UNITS[i + 1];
    if (!next || big >= 10) return `${big} ${one}`;
    const small = Math.floor((total - big * size) / next[0]);
    return small > 0 ? `${big} ${one} ${small} ${next[1]}` : `${big} ${one}`;
  }
  return total === 0 ? '0 s' : `${total < 10 ? total.toFixed(1) : Math.round(total)} ms`;
}

/** One unit: `3 h ago`, `in 20 min`, `now`. */
export function relative(at: number, now: number): string {
  const distance = at - now;
  const size = Math.abs(distance);
  if (size < 5_000) return 'now';
  const [ms, one] = UNITS.find(([each]) => size >= each) ?? UNITS.at(-1)!;
  const text = `${Math.floor(size / ms)} ${one}`;
  return distance < 0 ? `${text} ago` : `in ${text}`;
}

const EXACT = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  year: 'numeric',
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
  timeZoneName: 'short',
});
const CLOCK = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});
const DAY = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short' });

const DATE = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });

/** A calendar day, whatever the time zone here: `30 Nov 2026`. */
export const date = (calendarDay: string): string => DATE.format(Date.parse(calendarDay));
export const exact = (at: number): string => EXACT.format(at);
export const clock = (at: number): string => CLOCK.format(at);
export const day = (at: number): string => DAY.format(at);

/** `OrderIsOpen` and `order-is-open` as `order is open`; capitals of abbreviations stay. */
export function words(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .replace(/[-_]/g, ' ')
    .split(' ')
    .map((word) => (/^[A-Z]{2,}$/.test(word) ? word : word.toLowerCase()))
    .join(' ');
}
export const sentence = (name: string): string => {
  const text = words(name);
  return text.charAt(0).toUpperCase() + text.slice(1);
};
/** `ship-notice.v1` as `Ship notice`. */
export const documentName = (type: string): string => sentence(type.replace(/\.v\d+$/, ''));

export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;
