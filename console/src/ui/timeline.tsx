/** Documents in order of time, each as an arrow from who sent it to whom it went. */
import type { Account, Acknowledgment, Flow, TimelineDocument } from '../../../tracker/api/contract.ts';
import { clock, day, documentName, exact, sentence } from '../lib/format.ts';
import { useOverview } from '../lib/overview.ts';
import { DOCUMENT } from '../lib/terms.ts';
import { useWidth } from '../lib/width.ts';
import { sourceName, targetName } from './flow-map.tsx';
import { Chip, Time, type Tone } from './parts.tsx';

const LANE = 92;
const NARROW = 620;
const SUPPLIER = 'Supplier';

const short = (name: string): string => (name.length <= 4 ? name.toUpperCase() : sentence(name));
/** A system's document has the integration as its source that took it in. */
export function sourceOf({ origin, source, type }: TimelineDocument, flows: readonly Flow[]): string {
  if (origin === 'partner') return SUPPLIER;
  const flow = flows.find(({ integration }) => integration === source);
  if (!flow) return short(source);
  // Not what it takes in: what a system that it delivers to answered.
  const answered = !flow.documentTypes.includes(type.replace('.', '-'));
  const to = flow.destinations.find((each) => each.to.kind === 'System');
  return answered && to ? targetName(to) : sourceName(flow);
}
/** Accounts of destinations: intake and inboxes are ways, not ends. */
const ends = ({ accounts }: TimelineDocument): Account[] =>
  accounts.filter(({ destination }) => destination.includes('/'));

function partyOf(destination: string, flows: readonly Flow[]): string {
  const [integration, name] = destination.split('/');
  const to = flows.find((flow) => flow.integration === integration)?.destinations.find((each) => each.name === name);
  if (!to) return short(name ?? destination);
  return to.to.kind === 'Partner' ? SUPPLIER : targetName(to);
}

const ACKNOWLEDGED: Record<Acknowledgment['state'], readonly [string, Tone]> = {
  Expected: ['Receipt awaited', 'plain'],
  Received: ['Receipt came', 'good'],
  Accepted: ['Accepted by 997', 'good'],
  AcceptedWithErrors: ['Accepted with errors', 'warn'],
  PartiallyAccepted: ['Accepted in part', 'warn'],
  Rejected: ['Rejected by 997', 'bad'],
  Overdue: ['No 997 came', 'bad'],
};

export function Timeline({ documents }: { documents: readonly TimelineDocument[] }) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const flows = useOverview()?.flows ?? [];
  const rows = documents.map((document) => ({
    document,
    from: sourceOf(document, flows),
    to: ends(document).map((account) => ({ account, party: partyOf(account.destination, flows) })),
  }));
  // The supplier left, the ERP right, as goods and papers go.
  const parties = [...new Set(rows.flatMap(({ from, to }) => [from, ...to.map(({ party }) => party)]))].sort(
    (a, b) => rank(a) - rank(b),
  );
  const lanes = width >= NARROW;
  const style = { '--lanes': `${parties.length * LANE}px` };
  return (
    <div ref={ref} class={`timeline ${lanes ? 'lanes' : ''}`} style={style}>
      {lanes && (
        <div class="parties" aria-hidden="true">
          {parties.map((party) => (
            <span key={party}>{party}</span>
          ))}
        </div>
      )}
      <ol>
        {rows.map(({ document, from, to }, i) => {
          const before = documents[i - 1];
          const at = Date.parse(document.at);
          const newDay = !before || day(Date.parse(before.at)) !== day(at);
          return (
            <li key={document.id} data-row tabIndex={-1} onKeyDown={openOnEnter}>
              <time dateTime={document.at} title={exact(at)} class="num">
                {newDay && <span>{day(at)}</span>}
                {clock(at)}
              </time>
              <div class="what">
                <a class="strong" href={`/documents/${encodeURIComponent(document.id)}`}>
                  {documentName(document.type)}
                </a>
                <span class="row">
                  {document.state && <Chip tone={DOCUMENT[document.state][1]}>{DOCUMENT[document.state][0]}</Chip>}
                  {document.acknowledgment && (
                    <span title={document.acknowledgment.message}>
                      <Chip tone={ACKNOWLEDGED[document.acknowledgment.state][1]}>
                        {ACKNOWLEDGED[document.acknowledgment.state][0]}
                      </Chip>
                    </span>
                  )}
                </span>
                <small class="muted">
                  {from} → {to.length > 0 ? to.map(({ party }) => party).join(', ') : 'kept'}
                  {document.revision?.action && ` · ${document.revision.action.toLowerCase()}`}
                </small>
                {to.map(
                  ({ account }) =>
                    account.error && (
                      <small class="t-bad" key={account.destination}>
                        {account.error.message}
                        {account.nextAt && <Time at={account.nextAt} before=" · again " />}
                      </small>
                    ),
                )}
              </div>
              {lanes && <Arrow parties={parties} from={from} to={to} />}
            </li>
          );
        })}
      </ol>
    </div>
  );
}
const rank = (party: string): number => (party === SUPPLIER ? 0 : party === 'ERP' ? 2 : 1);
function openOnEnter(event: KeyboardEvent): void {
  if (event.key === 'Enter' && event.target === event.currentTarget)
    (event.currentTarget as HTMLElement).querySelector('a')?.click();
}

const COLOURS: Partial<Record<Tone, string>> = {
  good: 'var(--flow-1)',
  bad: 'var(--bad-fill)',
  warn: 'var(--warn-fill)',
  wait: 'var(--wait)',
  info: 'var(--flow-2)',
};
function Arrow({
  parties,
  from,
  to,
}: {
  parties: readonly string[];
  from: string;
  to: readonly { account: Account; party: string }[];
}) {
  const x = (party: string): number => (parties.indexOf(party) + 0.5) * LANE;
  const width = parties.length * LANE;
  return (
    <svg width={width} height={44} class="arrows" aria-hidden="true">
      {parties.map((party) => (
        <line key={party} x1={x(party)} x2={x(party)} y1={-40} y2={84} class="lane" />
      ))}
      {to.map(({ account, party }, i) => {
        const y = 22 + (i - (to.length - 1) / 2) * 10;
        const colour = COLOURS[account.state ? DOCUMENT[account.state][1] : 'plain'] ?? 'var(--line-strong)';
        const [start, end] = [x(from), x(party)];
        const sign = end >= start ? 1 : -1;
        const there = account.state === 'Delivered';
        const tip = there ? end - sign * 5 : start + (end - start) * 0.6;
        return (
          <g
            key={account.destination}
            stroke={colour}
            fill="none"
            stroke-width="2"
            stroke-linecap="round"
            stroke-linejoin="round"
          >
            <path d={`M${start} ${y}H${tip}`} stroke-dasharray={account.state === 'InFlight' ? '1 6' : undefined} />
            {there ? (
              <path d={`M${tip - sign * 5} ${y - 5}L${tip} ${y}L${tip - sign * 5} ${y + 5}`} />
            ) : (
              <path d={`M${tip - 4} ${y - 4}l8 8M${tip - 4} ${y + 4}l8 -8`} />
            )}
          </g>
        );
      })}
      <circle cx={x(from)} cy={22} r={4} fill="var(--ink-2)" />
    </svg>
  );
}
