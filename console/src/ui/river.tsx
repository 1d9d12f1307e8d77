/** Orders through their milestones: the coloured part is what got there, the pale part what has not yet. */
import type { MilestoneCount, ProcessSummary } from '../../../tracker/api/contract.ts';
import { count, sentence } from '../lib/format.ts';
import { useWidth } from '../lib/width.ts';

const HEIGHT = 112;
const NARROW = 640;
/** So that what little there is can be seen. */
const THINNEST = 3;

export function River({ process }: { process: ProcessSummary }) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const { milestones } = process;
  const narrow = width > 0 && width < NARROW;
  return (
    <div ref={ref} class={`river ${narrow ? 'narrow' : ''}`}>
      {width > 0 && (narrow ? <Levels process={process} /> : <Stream process={process} width={width} />)}
      {milestones.length === 0 && <p class="muted">This process has no milestones.</p>}
    </div>
  );
}

const totalOf = ({ reached, partly, open }: MilestoneCount): number => reached + partly + open;
const toGo = ({ partly, open }: MilestoneCount): number => partly + open;
/** Those that got to the milestone before and not to this one. */
const waiting = (all: readonly MilestoneCount[], i: number): number =>
  i === 0 ? 0 : Math.max(0, all[i - 1]!.reached - all[i]!.reached);
export const listOf = (process: string, missing: string): string =>
  `/transactions?${new URLSearchParams({ process, state: 'Open', missing })}`;

function Stream({ process: { process, milestones }, width }: { process: ProcessSummary; width: number }) {
  const column = width / milestones.length;
  const share = (of: number, all: number): number =>
    all === 0 || of === 0 ? 0 : Math.max(THINNEST, (of / all) * HEIGHT);
  const heights = milestones.map((one) => share(one.reached, totalOf(one)));
  const begun = milestones.map((one) => share(one.reached + one.partly, totalOf(one)));
  const whole = milestones.map(() => HEIGHT);
  const busiest = Math.max(0, ...milestones.map((_, i) => waiting(milestones, i)));
  return (
    <>
      <div class="steps">
        {milestones.map(({ name, reached }) => (
          <div class="step" key={name}>
            <span class="name">{sentence(name)}</span>
            <span class="value">{count(reached)}</span>
          </div>
        ))}
      </div>
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} height={HEIGHT} aria-hidden="true">
        <defs>
          <linearGradient id="river" x1="0" x2="1">
            <stop offset="0" stop-color="var(--flow-1)" />
            <stop offset="1" stop-color="var(--flow-2)" />
          </linearGradient>
        </defs>
        <path d={ribbon(whole, column)} fill="var(--flow-ghost)" />
        <path d={ribbon(begun, column)} fill="url(#river)" opacity="0.28" />
        <path d={ribbon(heights, column)} fill="url(#river)" />
        {[-0.25, 0, 0.25].map((at) => (
          <path
            key={at}
            class="current"
            style={{ animationDelay: `${at * 3}s` }}
            d={curve(
              heights.map((height) => HEIGHT / 2 + at * height),
              column,
            )}
          />
        ))}
      </svg>
      <div class="steps under" style={{ marginTop: 'var(--s2)' }}>
        {milestones.map((one, i) => {
          const wait = waiting(milestones, i);
          return (
            <div class="step" key={one.name}>
              {toGo(one) > 0 ? (
                <a class="rest" href={listOf(process, one.name)}>
                  {count(toGo(one))} to go
                </a>
              ) : (
                <span class="rest">all</span>
              )}
              {wait > 0 && wait === busiest && <span class="wait">{count(wait)} wait here</span>}
            </div>
          );
        })}
      </div>
    </>
  );
}

function Levels({ process: { process, milestones } }: { process: ProcessSummary }) {
  return (
    <>
      {milestones.map((one) => {
        const percent = (n: number) => `${(n / Math.max(1, totalOf(one))) * 100}%`;
        return (
          <div class="level" key={one.name}>
            <span class="name">{sentence(one.name)}</span>
            <span>
              <span class="value">{count(one.reached)}</span>{' '}
              {toGo(one) > 0 && (
                <a class="rest" href={listOf(process, one.name)}>
                  {count(toGo(one))} to go
                </a>
              )}
            </span>
            <span class="bar" aria-hidden="true">
              <i style={{ width: percent(one.reached) }} />
              <i style={{ width: percent(one.partly) }} />
            </span>
          </div>
        );
      })}
    </>
  );
}

/** Flat over a milestone, a slope between two. */
const FLAT = 0.22;
function curve(ys: readonly number[], column: number): string {
  const parts = [`M0 ${ys[0]}`];
  for (const [i, y] of ys.entries()) {
    const middle = (i + 0.5) * column;
    const next = ys[i + 1];
    const to = next === undefined ? ys.length * column : middle + FLAT * column;
    parts.push(`L${to} ${y}`);
    if (next === undefined) break;
    const end = middle + (1 - FLAT) * column;
    const half = (to + end) / 2;
    parts.push(`C${half} ${y} ${half} ${next} ${end} ${next}`);
  }
  return parts.join('');
}
function ribbon(heights: readonly number[], column: number): string {
  const upper = curve(
    heights.map((height) => (HEIGHT - height) / 2),
    column,
  );
  const back = heights.map((height) => (HEIGHT + height) / 2);
  const right = heights.length * column;
  const lower = curve([...back].reverse(), column);
  // The lower bank is the same walk from the right end.
  const mirrored = lower.replace(/(-?[\d.]+) (-?[\d.]+)/g, (_, x: string, y: string) => `${right - Number(x)} ${y}`);
  return `${upper}L${mirrored.slice(1)}Z`;
}
