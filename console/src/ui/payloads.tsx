/** What a document held at two places beside each other, with the values marked that only one of them has. */
import type { PayloadRef, WordSegment } from '../../../tracker/api/contract.ts';
import { address } from '../lib/api.ts';
import { compare, type Piece } from '../lib/compare.ts';
import { count } from '../lib/format.ts';
import { useRead } from '../lib/read.ts';
import { useFilter } from '../lib/router.ts';
import { Icon } from './icon.tsx';
import { Empty, Panel, Read, Segmented, Select } from './parts.tsx';

const STAGES: Record<PayloadRef['stage'], string> = {
  Received: 'As it came',
  Canonical: 'In our form',
  Sent: 'As it was sent',
};
const nameOf = ({ stage, destination, epoch }: PayloadRef): string =>
  STAGES[stage] +
  (stage === 'Sent' ? ` to ${destination.split('/').at(-1)}` : '') +
  (epoch > 0 ? `, ${epoch + 1}. time` : '');

/** From outside in, and out again: what came, our form, what was sent. */
const PANES = ['left', 'middle', 'right'] as const;
type Pane = (typeof PANES)[number];

/** What is shown without a choice: of each stage the last that is kept. */
const usual = (of: readonly PayloadRef[]): PayloadRef[] => {
  const kept = of.filter((each) => each.kept);
  const first = (['Received', 'Canonical', 'Sent'] as const).flatMap(
    (stage) => kept.find((each) => each.stage === stage) ?? [],
  );
  const [only] = first;
  // Sent to two, and nothing else is there to lay it beside.
  const second = first.length === 1 && kept.find((each) => each !== only);
  return second ? [...first, second] : first;
};

export function Payloads({ document, of }: { document: string; of: readonly PayloadRef[] }) {
  const filters = PANES.map((pane) => useFilter(pane));
  const [view, setView] = useFilter('view');
  const shown = usual(of);
  const refs = PANES.map((_, i) => chosen(of, filters[i]![0], shown[i] ?? (i === 0 ? of[0] : undefined)));
  const reads = refs.map((ref) =>
    useRead('/documents/{id}/payloads/{n}', { params: { id: document, n: ref?.n ?? 0 }, off: !ref?.kept }),
  );
  const panes = refs.flatMap((ref, i) =>
    ref ? [{ ref, read: reads[i]!, pane: PANES[i]!, choose: filters[i]![1] }] : [],
  );
  if (panes.length === 0)
    return (
      <Panel title="Contents">
        <Empty title="Nothing is kept of it">
          <p>
            What comes is kept for as long as the document type says, up to 1 MiB. What is larger lies with whoever sent
            it; here is its hash alone.
          </p>
        </Empty>
      </Panel>
    );
  const texts = panes.map(({ ref, read }) => ({
    text: read.data ? inLines(read.data.text, ref.contentType) : '',
    contentType: ref.contentType,
  }));
  const pieces = texts.map((text, i): readonly Piece[] => {
    const next = texts[i + 1];
    if (next) return text.text && next.text ? compare(text, next)[0] : plain(text.text);
    const before = texts[i - 1];
    return before?.text && text.text ? compare(before, text)[1] : plain(text.text);
  });
  const options = of.map((each) => [String(each.n), nameOf(each)] as const);
  const words = view === 'words';
  return (
    <Panel
      title="Contents"
      note={panes.length > 1 && 'underlined: not in the one beside it'}
      more={
        panes.some(({ ref }) => ref.words) && (
          <Segmented
            label="How it is shown"
            value={words ? 'words' : ''}
            options={[
              ['', 'As it stands'],
              ['words', 'With its words'],
            ]}
            onChange={(value) => setView(value || undefined)}
          />
        )
      }
    >
      <div class={`sides of${panes.length}`}>
        {panes.map(({ ref, read, pane, choose }, i) => (
          <One key={pane} pane={pane} of={ref} document={document} options={options} onChange={choose}>
            {words && ref.words ? (
              <InWords document={document} n={ref.n} />
            ) : (
              <Read of={read}>
                {() => <Text pieces={pieces[i]!} side={i === 0 ? 'left' : 'right'} label={nameOf(ref)} />}
              </Read>
            )}
          </One>
        ))}
      </div>
    </Panel>
  );
}
const chosen = (
  of: readonly PayloadRef[],
  n: string | undefined,
  otherwise: PayloadRef | undefined,
): PayloadRef | undefined => of.find((each) => String(each.n) === n) ?? otherwise;
/** A segment per line, where the interchange has none of its own. */
function inLines(text: string, contentType: string): string {
  if (!/edi|x12/i.test(contentType) || text.includes('\n')) return text;
  const end = text.startsWith('ISA') ? text.charAt(105) : text.startsWith('UNA') ? text.charAt(8) : "'";
  return text.replaceAll(end, `${end}\n`);
}
const plain = (text = ''): Piece[] => [{ text, alone: false }];

interface OneProps {
  pane: Pane;
  of: PayloadRef;
  document: string;
  options: readonly (readonly [string, string])[];
  onChange: (value: string | undefined) => void;
  children: preact.ComponentChildren;
}
const One = ({ pane, of, document, options, onChange, children }: OneProps) => (
  <div class="side">
    <div class="row between">
      <Select
        label={`Shown ${pane === 'middle' ? 'in the middle' : `at the ${pane}`}`}
        value={String(of.n)}
        options={options}
        onChange={onChange}
      />
      <span class="row muted">
        <small>
          {of.contentType.split(';')[0]} · <span class="num">{count(of.bytes)}</span> bytes
        </small>
        {of.kept && (
          <a
            class="button small"
            href={address('/documents/{id}/payloads/{n}', { id: document, n: of.n }, { view: 'raw' })}
            download
          >
            <Icon name="down" size={14} />
            Download
          </a>
        )}
      </span>
    </div>
    {of.kept ? children : <p class="muted">It is not kept any more, or was too large; its hash is {of.hash}.</p>}
  </div>
);

const Text = ({ pieces, side, label }: { pieces: readonly Piece[]; side: 'left' | 'right'; label: string }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
  <section class={`payload ${side === 'left' ? 'before' : 'after'}`} tabIndex={0} aria-label={label}>
    <pre>{pieces.map(({ text, alone }, i) => (alone ? <mark key={i}>{text}</mark> : text))}</pre>
  </section>
);

function InWords({ document, n }: { document: string; n: number }) {
  const payload = useRead('/documents/{id}/payloads/{n}', { params: { id: document, n }, query: { view: 'words' } });
  return (
    <Read of={payload}>
      {({ words }) =>
        words ? (
          <div class="words">
            <p class="muted">{words.format}</p>
            <ol>
              {words.segments.map((segment) => (
                <Segment key={segment.position} of={segment} />
              ))}
            </ol>
          </div>
        ) : (
          <p class="muted">Nothing is known of this format’s words.</p>
        )
      }
    </Read>
  );
}
const Segment = ({ of: { tag, name, raw, level, elements } }: { of: WordSegment }) => (
  <li style={{ paddingLeft: `${level * 0.9}rem` }}>
    <span class="row">
      <b class="mono">{tag}</b>
      <span class="strong">{name}</span>
    </span>
    <code class="raw">{raw}</code>
    <dl>
      {elements
        .filter(({ value }) => value !== '')
        .map(({ ref, name, value, meaning }) => (
          <div key={ref}>
            <dt>
              {name ?? 'Element'} <span class="mono muted">{ref}</span>
            </dt>
            <dd>
              <span class="mono">{value}</span> {meaning && <span class="muted">= {meaning}</span>}
            </dd>
          </div>
        ))}
    </dl>
  </li>
);
