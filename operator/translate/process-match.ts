/** A match of a BusinessProcess: its sides must be read in full, and its tolerances become decimals. */
import type { DateTolerancePlan, MatchPlan, ReadingPlan, Side, TolerancePlan } from '../../tracker/plan.ts';
import { PROCESS } from './defaults.ts';
import { durationMs } from './fields.ts';
import type { ProcessShop } from './process.ts';
import { expectName, oneOfThese } from './process-names.ts';
import { translateResolutions } from './process-resolutions.ts';
import type { ResourceOf } from './world-index.ts';

type Match = NonNullable<ResourceOf<'BusinessProcess'>['spec']['matches']>[number];
type Bound = { over?: string; under?: string } | undefined;

export function translateMatch(shop: ProcessShop, process: string, match: Match, field: string): MatchPlan {
  const { problems, readings } = shop;
  const { name, compare, per, tolerance = {}, exception = {} } = match;
  const sides: Partial<Record<Side, ReadingPlan>> = {};
  for (const side of ['ordered', 'shipped', 'received', 'invoiced'] as const) {
    const ref = compare[side]?.documentTypeRef;
    if (!compare[side]) continue;
    const at = `${field}.compare.${side}.documentTypeRef.name`;
    const reading = readings.get(ref?.name ?? '');
    const role = side === 'ordered' ? 'Order' : 'Fact';
    if (!reading)
      problems.invalid(
        at,
        `"${ref?.name}" is not in spec.documents`,
        oneOfThese(ref?.name ?? '', [...readings.keys()]),
      );
    else if (reading.plan.role !== role)
      problems.invalid(at, `its role is ${reading.plan.role}, but ${side} needs ${role}`, 'name another document type');
    else if (reading.plan.lines === undefined)
      problems.invalid(at, 'nothing says how its lines are read', 'add lines, key and quantity in spec.documents');
    else {
      sides[side] = reading.plan;
      if (per !== undefined && (side === 'shipped' || side === 'received'))
        expectName(reading.type.part.schema, reading.plan.lines, per, `${field}.per`, problems);
    }
  }
  const { ordered, invoiced } = sides;
  if (per !== undefined && !(compare.shipped && compare.received))
    problems.invalid(`${field}.per`, 'it pairs shipped and received', 'compare both, or remove it');
  if (tolerance.price && ordered && invoiced && !(ordered.price && invoiced.price))
    problems.invalid(`${field}.tolerance.price`, 'ordered and invoiced say no price', 'add price in spec.documents');
  if (
    tolerance.date &&
    ordered &&
    !(ordered.date && Object.values(sides).some((side) => side !== ordered && side.date))
  )
    problems.invalid(`${field}.tolerance.date`, 'ordered and another side say no date', 'add date in spec.documents');
  const date = dateOf(shop, tolerance.date, `${field}.tolerance.date`);
  const { severity = PROCESS.severity, owner, due, calendar, resolutions } = exception;
  if (calendar !== undefined && due === undefined)
    problems.invalid(`${field}.exception.calendar`, 'nothing is due', 'add due, or take calendar out');
  return {
    name,
    compare: Object.fromEntries(Object.entries(sides).map(([side, { type }]) => [side, type])),
    ...(per !== undefined && { per }),
    tolerance: {
      ...bounds('quantity', tolerance.quantity),
      ...bounds('price', tolerance.price),
      ...(date && { date }),
    },
    exception: {
      severity,
      ...(owner !== undefined && { owner }),
      ...(due !== undefined && { dueMs: durationMs(due, '1s', `${field}.exception.due`, problems) }),
      ...(calendar !== undefined && { calendar }),
      ...(resolutions && {
        resolutions: translateResolutions(shop, process, resolutions, `${field}.exception.resolutions`),
      }),
    },
  };
}

const bounds = <K extends 'quantity' | 'price'>(name: K, bound: Bound): { [k in K]?: TolerancePlan } => {
  if (!bound) return {};
  const plan: TolerancePlan = {};
  if (bound.over !== undefined) plan.over = boundOf(bound.over);
  if (bound.under !== undefined) plan.under = boundOf(bound.under);
  return { [name]: plan } as { [k in K]?: TolerancePlan };
};
const boundOf = (text: string): { absolute: string } | { percent: string } =>
  text.endsWith('%') ? { percent: text.slice(0, -1) } : { absolute: text };

function dateOf({ problems }: ProcessShop, bound: Bound, field: string): DateTolerancePlan | undefined {
  if (!bound) return undefined;
  const { over, under } = bound;
  return {
    ...(over !== undefined && { overMs: durationMs(over, '1d', `${field}.over`, problems) }),
    ...(under !== undefined && { underMs: durationMs(under, '1d', `${field}.under`, problems) }),
  };
}
