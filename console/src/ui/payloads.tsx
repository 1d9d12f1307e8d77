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

type Side = 'left' | 'right';

export function Payloads({ document, of }: { document: string; of: readonly PayloadRef[] }) {
  const [left, setLeft] = useFilter('left');
  const [right, setRight] = useFilter('right');
  const [view, setView] = useFilter('view');
  const kept = of.filter((each) => each.kept);
  const [a, b] = [chosen(of, left, kept[0]), chosen(of, right, kept[1])];
  const first = useRead('/documents/{id}/payloads/{n}', { params: { id: document, n: a?.n ?? 0 }, off: !a?.kept });
  const second = useRead('/documents/{id}/payloads/{n}', { params: { id: document, n: b?.n ?? 0 }, off: !b?.kept });
  if (!a)
    return (
      <Panel title="Contents">
        <Empty title="Nothing is kept of it">
          <p>
            What was taken in is kept for as long as its document type says. What could not be read never became a
            document: its bytes lie with the dead letter in the broker, and go on from there when it is replayed.
          </p>
        </Empty>
      </Panel>
    );
  const [one, two] =
    first.data && second.data && b
      ? compare(
          { text: inLines(first.data.text, a.contentType), contentType: a.contentType },
          { text: inLines(second.data.text, b.contentType), contentType: b.contentType },
        )
      : [plain(first.data && inLines(first.data.text, a.contentType)), plain(second.data?.text)];
  const options = of.map((each) => [String(each.n), nameOf(each)] as const);
  const wordy = a.words || b?.words;
  const words = view === 'words';
  return (
    <Panel
      title="Contents"
      note={b && 'underlined: only on this side'}
      more={
        wordy && (
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
      <div class={`sides ${b ? '' : 'one'}`}>
        <One side="left" of={a} document={document} options={options} onChange={setLeft}>
          {words && a.words ? (
            <InWords document={document} n={a.n} />
          ) : (
            <Read of={first}>{() => <Text pieces={one} side="left" label={nameOf(a)} />}</Read>
          )}
        </One>
        {b && (
          <One side="right" of={b} document={document} options={options} onChange={setRight}>
            {words && b.words ? (
              <InWords document={document} n={b.n} />
            ) : (
              <Read of={second}>{() => <Text pieces={two} side="right" label={nameOf(b)} />}</Read>
            )}
          </One>
        )}
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
  side: Side;
  of: PayloadRef;
  document: string;
  options: readonly (readonly [string, string])[];
  onChange: (value: string | undefined) => void;
  children: preact.ComponentChildren;
}
const One = ({ side, of, document, options, onChange, children }: OneProps) => (
  <div class="side">
    <div class="row between">
      <Select
        label={side === 'left' ? 'Shown at the left' : 'Shown at the right'}
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

const Text = ({ pieces, side, label }: { pieces: readonly Piece[]; side: Side; label: string }) => (
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
