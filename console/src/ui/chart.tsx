/** Charts by uPlot, in the colours of the theme; the same figures are in a table for those who do not see it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useWidth } from '../lib/width.ts';

export interface Series {
  name: string;
  /** undefined: nothing is known of that time. */
  values: readonly (number | undefined)[];
  /** Name of a design token. */
  colour: string;
  bars?: boolean;
}
export interface ChartProps {
  label: string;
  /** Days. */
  x: readonly string[];
  series: readonly Series[];
  format: (value: number) => string;
  /** Of the scale. */
  top?: number;
  height?: number;
  /** Of things that are counted: no parts on the scale. */
  whole?: boolean;
}

/** A few weeks alone tell little of time: at least so many are shown. */
const WEEKS = 12;
const WEEK_MS = 7 * 86_400_000;
function padded(x: readonly string[], series: readonly Series[]): [x: readonly string[], series: readonly Series[]] {
  const missing = Math.max(0, WEEKS - x.length);
  if (x.length === 0 || missing === 0) return [x, series];
  const earlier = Array.from({ length: missing }, (_, i) =>
    new Date(Date.parse(x[0]!) - (missing - i) * WEEK_MS).toISOString().slice(0, 10),
  );
  const none = earlier.map(() => undefined);
  return [[...earlier, ...x], series.map((one) => ({ ...one, values: [...none, ...one.values] }))];
}

const HALF_WEEK = (3.5 * 86_400_000) / 1000;

export function Chart({ label, x: weeks, series: given, format, top, height = 190, whole = false }: ChartProps) {
  const [x, series] = padded(weeks, given);
  const [ref, width] = useWidth<HTMLDivElement>();
  const place = useRef<HTMLDivElement>(null);
  const [theme, setTheme] = useState(0);
  useEffect(() => {
    const listener = (): void => setTheme((n) => n + 1);
    addEventListener('themechange', listener);
    return () => removeEventListener('themechange', listener);
  }, []);
  const data = JSON.stringify([x, series.map(({ values }) => values)]);
  useEffect(() => {
    if (width === 0 || !place.current) return;
    const style = getComputedStyle(document.documentElement);
    const token = (name: string): string => style.getPropertyValue(name).trim();
    const axis = { stroke: token('--ink-3'), font: `11px ${token('--font')}`, ticks: { show: false } };
    const bars = uPlot.paths.bars!({ size: [0.62, 26], radius: 0.18 });
    const chart = new uPlot(
      {
        width,
        height,
        padding: [10, 18, 0, 0],
        legend: { show: series.length > 1, live: false },
        cursor: { y: false, points: { size: 7 } },
        scales: {
          // Half a week at both ends, so that the first and the last bar are whole.
          x: { time: true, range: (_self, min, max) => [min - HALF_WEEK, max + HALF_WEEK] },
          y: { range: (_self, _min, max) => [0, top ?? Math.max(1, max * 1.12)] },
        },
        series: [
          {},
          ...series.map(({ name, colour, bars: asBars }) => ({
            label: name,
            stroke: token(colour),
            width: asBars ? 0 : 2,
            fill: asBars ? token(colour) : `${token(colour)}1f`,
            ...(asBars && { paths: bars }),
            points: { show: !asBars && x.length < 30, size: 5, fill: token('--surface') },
            spanGaps: true,
          })),
        ],
        axes: [
          {
            ...axis,
            size: 28,
            grid: { show: false },
            values: (_self, splits) =>
              splits.map((at) =>
                new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' }).format(at * 1000),
              ),
            space: 64,
          },
          {
            ...axis,
            grid: { stroke: token('--line'), width: 1 },
            values: (_self, splits) => splits.map((value) => format(value)),
            size: 58,
            ...(whole && { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000] }),
            space: 36,
          },
        ],
        plugins: [tip(format, series)],
      },
      [
        x.map((day) => Date.parse(day) / 1000),
        ...series.map(({ values }) => values.map((value) => value ?? null)),
      ] as uPlot.AlignedData,
      place.current,
    );
    return () => chart.destroy();
  }, [data, width, theme]);
  return (
    <figure ref={ref} class="chart">
      <div ref={place} style={{ minHeight: `${height}px` }} aria-hidden="true" />
      <figcaption class="sr">
        {label}
        <table>
          <thead>
            <tr>
              <th>Week</th>
              {series.map(({ name }) => (
                <th key={name}>{name}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {x.map((day, i) => (
              <tr key={day}>
                <td>{day}</td>
                {series.map(({ name, values }) => (
                  <td key={name}>{values[i] === undefined ? 'not known' : format(values[i])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </figcaption>
    </figure>
  );
}

/** Says the values under the cursor. */
function tip(format: (value: number) => string, series: readonly Series[]): uPlot.Plugin {
  let box: HTMLDivElement;
  return {
    hooks: {
      init: (chart) => {
        box = document.createElement('div');
        box.className = 'tip';
        box.hidden = true;
        chart.over.append(box);
      },
      setCursor: (chart) => {
        const { idx, left = -1 } = chart.cursor;
        box.hidden = idx === null || idx === undefined || left < 0;
        if (box.hidden) return;
        const day = new Date(chart.data[0][idx!]! * 1000).toLocaleDateString('en-GB', {
          day: 'numeric',
          month: 'short',
        });
        box.textContent = [
          `Week of ${day}`,
          ...series.map(({ name, values }) => `${name}: ${values[idx!] === undefined ? '–' : format(values[idx!]!)}`),
        ].join('\n');
        const over = left > chart.over.clientWidth / 2;
        box.style.left = over ? 'auto' : `${left + 12}px`;
        box.style.right = over ? `${chart.over.clientWidth - left + 12}px` : 'auto';
      },
    },
  };
}
