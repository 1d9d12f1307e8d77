/** Who sends what to whom: documents between partners and systems as they are now. */
import type { Flow, FlowDestination, Stage } from '../../../tracker/api/contract.ts';
import { count, plural, sentence } from '../lib/format.ts';
import { FLOW } from '../lib/terms.ts';
import { useWidth } from '../lib/width.ts';
import { Chip } from './parts.tsx';

const ROW = 62;
const BOX = 46;
const NARROW = 700;

export const sourceName = ({ source: { kind, name, system } }: Flow): string =>
  kind === 'Partners'
    ? 'Suppliers'
    : kind === 'Events'
      ? 'Other flows'
      : kind === 'Resolutions'
        ? 'People'
        : nameOf(system ?? name ?? 'Our systems');
export const targetName = ({ to: { kind, name } }: FlowDestination): string =>
  kind === 'Partner' ? (name ? nameOf(name) : 'Suppliers') : nameOf(name ?? 'A system');
/** Short names are abbreviations: ERP, WMS. */
const nameOf = (name: string): string => (name.length <= 4 ? name.toUpperCase() : sentence(name));

const sum = (stages: readonly Stage[], of: 'inFlight' | 'today' | 'failed' | 'parked'): number =>
  stages.reduce((total, stage) => total + stage[of], 0);
export const stagesOf = ({ inbox, destinations }: Flow): Stage[] => [inbox, ...destinations.map(({ stage }) => stage)];

export function FlowMap({ flows }: { flows: readonly Flow[] }) {
  const [ref, width] = useWidth<HTMLDivElement>();
  return (
    <div ref={ref}>
      {width > 0 && (width < NARROW ? <Narrow flows={flows} /> : <Wide flows={flows} width={width} />)}
    </div>
  );
}

interface End {
  name: string;
  y: number;
  flows: number;
}
/** Ends at the mean height of what leads to them, moved apart where they would overlap. */
function place(links: readonly (readonly [name: string, row: number])[], height: number): Map<string, End> {
  const ends = [...Map.groupBy(links, ([name]) => name)]
    .map(([name, all]): End => {
      const mean = all.reduce((total, [, row]) => total + row, 0) / all.length;
      return { name, y: mean * ROW + ROW / 2, flows: new Set(all.map(([, row]) => row)).size };
    })
    .sort((a, b) => a.y - b.y);
  for (const [i, end] of ends.entries()) if (i > 0) end.y = Math.max(end.y, ends[i - 1]!.y + ROW);
  const over = (ends.at(-1)?.y ?? 0) + ROW / 2 - height;
  if (over > 0) for (const end of ends) end.y = Math.max(ROW / 2, end.y - over);
  return new Map(ends.map((end) => [end.name, end]));
}
const thickness = (documents: number): number => 3 + Math.min(15, Math.log2(1 + documents) * 1.7);

function Wide({ flows, width }: { flows: readonly Flow[]; width: number }) {
  const rows = flows.flatMap((flow, row) => flow.destinations.map((to) => ({ flow, row, to })));
  const left = flows.map((flow, row) => [sourceName(flow), row] as const);
  const right = rows.map(({ to, row }) => [targetName(to), row] as const);
  const height = Math.max(flows.length, new Set(right.map(([name]) => name)).size) * ROW;
  const [sources, targets] = [place(left, height), place(right, height)];
  const side = Math.min(170, width * 0.21);
  const middle = Math.min(300, width * 0.31);
  const [from, to] = [(width - middle) / 2, (width + middle) / 2];
  const path = (x1: number, y1: number, x2: number, y2: number): string => {
    const half = (x1 + x2) / 2;
    return `M${x1} ${y1}C${half} ${y1} ${half} ${y2} ${x2} ${y2}`;
  };
  const centre = (row: number): number => row * ROW + ROW / 2;
  const tone = (state: Flow['state'], stage: Stage): string =>
    stage.failed > 0 || state === 'Failed' ? 'failing' : state === 'Held' ? 'held' : '';
  return (
    <div class="map" style={{ height: `${height}px` }}>
      <svg width={width} height={height} aria-hidden="true">
        {flows.map((flow, row) => {
          const d = path(side, sources.get(sourceName(flow))!.y, from, centre(row));
          return (
            <g key={flow.integration}>
              <path d={d} class={tone(flow.state, flow.inbox)} stroke-width={thickness(flow.inbox.today)} />
              {flow.inbox.inFlight > 0 && <path d={d} class="moving" stroke-width={4} />}
            </g>
          );
        })}
        {rows.map(({ flow, row, to: destination }) => {
          const d = path(to, centre(row), width - side, targets.get(targetName(destination))!.y);
          return (
            <g key={`${flow.integration}/${destination.name}`}>
              <path
                d={d}
                class={tone(flow.state, destination.stage)}
                stroke-width={thickness(destination.stage.today)}
              />
              {destination.stage.inFlight > 0 && <path d={d} class="moving" stroke-width={4} />}
            </g>
          );
        })}
      </svg>
      {[...sources.values()].map(({ name, y, flows: n }) => (
        <EndBox key={name} name={name} note={`${plural(n, 'kind')} of document`} style={box(0, y - BOX / 2, side)} />
      ))}
      {[...targets.values()].map(({ name, y, flows: n }) => (
        <EndBox
          key={name}
          name={name}
          note={`${plural(n, 'kind')} of document`}
          style={box(width - side, y - BOX / 2, side)}
        />
      ))}
      {flows.map((flow, row) => (
        <FlowBox key={flow.integration} flow={flow} style={box(from, centre(row) - BOX / 2, middle)} />
      ))}
      {rows.map(({ flow, row, to: destination }) => (
        <Badge
          key={`${flow.integration}/${destination.name}`}
          integration={flow.integration}
          stage={destination.stage}
          style={point(to + 6, centre(row))}
        />
      ))}
      {flows.map((flow, row) => (
        <Badge
          key={flow.integration}
          integration={flow.integration}
          stage={flow.inbox}
          style={point(from - 6, centre(row))}
        />
      ))}
    </div>
  );
}

type Style = Record<string, string>;
const point = (left: number, top: number): Style => ({ left: `${left}px`, top: `${top}px` });
const box = (left: number, top: number, width: number): Style => ({
  ...point(left, top),
  width: `${width}px`,
  height: `${BOX}px`,
});
const EndBox = ({ name, note, style }: { name: string; note: string; style: Style }) => (
  <div class="end" style={style}>
    {name}
    <small>{note}</small>
  </div>
);
function FlowBox({ flow, style }: { flow: Flow; style: Style }) {
  const stages = stagesOf(flow);
  const inFlight = sum(stages, 'inFlight');
  const [word, tone] = FLOW[flow.state];
  return (
    <a
      class="flow"
      style={style}
      href={`/integrations?name=${flow.integration}`}
      title={flow.impact ?? flow.message ?? word}
    >
      <span class="strong">
        <i class={`dot ${tone}`} />
        {sentence(flow.integration)}
        {flow.state !== 'Ready' && <span class="sr">{word}</span>}
      </span>
      <small class="num">
        {count(flow.inbox.today)} today{inFlight > 0 && ` · ${count(inFlight)} on the way`}
        {flow.state !== 'Ready' && ` · ${word.toLowerCase()}`}
      </small>
    </a>
  );
}
function Badge({ stage, integration, style }: { stage: Stage; integration: string; style: Style }) {
  if (stage.failed + stage.parked === 0) return null;
  const text = [
    stage.failed > 0 && `${count(stage.failed)} failed`,
    stage.parked > 0 && `${count(stage.parked)} parked`,
  ];
  return (
    <a
      class={`badge ${stage.failed > 0 ? 'bad' : 'wait'}`}
      style={style}
      href={`/dead-letters?integration=${integration}`}
    >
      {text.filter(Boolean).join(' · ')}
    </a>
  );
}

function Narrow({ flows }: { flows: readonly Flow[] }) {
  return (
    <ul class="flow-list">
      {flows.map((flow) => {
        const stages = stagesOf(flow);
        const [word, tone] = FLOW[flow.state];
        const stuck = sum(stages, 'failed') + sum(stages, 'parked');
        return (
          <li key={flow.integration}>
            <div class="row between">
              <a class="strong" href={`/integrations?name=${flow.integration}`}>
                {sentence(flow.integration)}
              </a>
              <Chip tone={tone}>{word}</Chip>
            </div>
            <span class="muted">
              {sourceName(flow)} → {flow.destinations.map(targetName).join(', ')}
            </span>
            <span class="num muted">
              {count(flow.inbox.today)} today · {count(sum(stages, 'inFlight'))} on the way
              {stuck > 0 && (
                <>
                  {' · '}
                  <a class="underlined" href={`/dead-letters?integration=${flow.integration}`}>
                    {count(stuck)} failed or parked
                  </a>
                </>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
