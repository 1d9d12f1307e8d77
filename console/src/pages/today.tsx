/** What comes in these days, and whether it was announced; which orders nobody confirmed. */
import type { Arrival, ArrivalsAt, Today as Data, Unconfirmed } from '../../../tracker/api/contract.ts';
import { count, plural } from '../lib/format.ts';
import { useRead } from '../lib/read.ts';
import { setFilters, useFilter, usePlace } from '../lib/router.ts';
import { ASN, OBJECTIVE } from '../lib/terms.ts';
import { OrderTable } from '../ui/orders.tsx';
import { Button, Chip, Empty, Page, Panel, Read, Segmented, Sum, Time } from '../ui/parts.tsx';
import type { Column } from '../ui/table.tsx';

const SHOWN = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long', timeZone: 'UTC' });
const SHORT = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' });
const shift = (day: string, by: number): string =>
  new Date(Date.parse(day) + by * 86_400_000).toISOString().slice(0, 10);

const ARRIVALS: readonly Column<Arrival>[] = [
  { head: 'Order', cell: ({ key }) => key },
  {
    head: 'Ship notice',
    bare: true,
    cell: ({ asn, received }) => (
      <span class="row">
        {received && <Chip tone="good">Arrived</Chip>}
        {(!received || asn === 'Mismatched') && <Chip tone={ASN[asn][1]}>{ASN[asn][0]}</Chip>}
      </span>
    ),
  },
  { head: 'Expected', cell: ({ expectedOn }) => <span class="nowrap">{SHORT.format(Date.parse(expectedOn))}</span> },
  { head: 'Partner', cell: ({ partners }) => partners.join(', ') },
  { head: 'Shipments', cell: ({ shipments }) => shipments.join(', ') || '–' },
  {
    head: 'Lines announced',
    num: true,
    cell: ({ lines, announced }) => (
      <span class={announced < lines ? 't-warn' : ''}>
        {announced} of {lines}
      </span>
    ),
  },
  { head: 'Notice due', num: true, cell: ({ asn, dueAt }) => <Time at={asn === 'Absent' ? dueAt : undefined} /> },
];
/** What somebody must ask about comes first. */
const URGENCY: Record<Arrival['asn'], number> = { Absent: 0, Mismatched: 1, Present: 2 };
const urgency = ({ asn, received }: Arrival): number => URGENCY[asn] + (received ? 3 : 0);
const UNCONFIRMED: readonly Column<Unconfirmed>[] = [
  { head: 'Order', cell: ({ key }) => key },
  {
    head: 'Standing',
    bare: true,
    cell: ({ status }) => status && <Chip tone={OBJECTIVE[status][1]}>{OBJECTIVE[status][0]}</Chip>,
  },
  { head: 'Partner', cell: ({ partners }) => partners.join(', ') },
  { head: 'Value', num: true, cell: ({ value }) => <Sum of={value} /> },
  { head: 'Released', num: true, cell: ({ releasedAt }) => <Time at={releasedAt} /> },
  { head: 'Due', num: true, cell: ({ dueAt }) => <Time at={dueAt} /> },
];

export function Today() {
  const { query } = usePlace();
  const day = query.get('day') ?? undefined;
  const [days = '1', setDays] = useFilter('days');
  const today = useRead('/today', {
    query: { ...(day && { day }), days: Number(days) },
    topics: ['transactions', 'exceptions'],
  });
  const from = today.data?.day ?? day ?? new Date().toISOString().slice(0, 10);
  return (
    <Page
      title={day ? SHOWN.format(Date.parse(day)) : 'Today'}
      lead="What the warehouses expect, and whether it was announced."
      actions={
        <>
          <Segmented
            label="Days"
            value={days}
            options={[
              ['1', 'One day'],
              ['3', 'Three days'],
              ['7', 'A week'],
            ]}
            onChange={(value) => setDays(value === '1' ? undefined : value)}
          />
          <Button onClick={() => setFilters({ day: shift(from, -1) })}>← Before</Button>
          {day && <Button onClick={() => setFilters({ day: undefined })}>Today</Button>}
          <Button onClick={() => setFilters({ day: shift(from, 1) })}>After →</Button>
        </>
      }
    >
      <Read of={today} lines={12}>
        {(data) => <Whole data={data} />}
      </Read>
    </Page>
  );
}

function Whole({ data: { arrivals, unconfirmed } }: { data: Data }) {
  return (
    <>
      {arrivals.length === 0 && (
        <Panel title="Arrivals">
          <Empty title="Nothing is expected">
            <p>
              An order is expected on the day that it asks for (the date of its lines). Look at the days after, or at
              orders that are open.
            </p>
            <a class="button" href="/transactions?state=Open&missing=Received">
              Open orders that have not arrived
            </a>
          </Empty>
        </Panel>
      )}
      {arrivals.map((at) => (
        <Warehouse key={at.shipTo} of={at} />
      ))}
      <Panel
        title="Not confirmed"
        note={unconfirmed.length > 0 ? `${plural(unconfirmed.length, 'order')} that the supplier has not answered` : ''}
      >
        {unconfirmed.length > 0 ? (
          <OrderTable label="Orders not confirmed" columns={UNCONFIRMED} rows={unconfirmed} />
        ) : (
          <Empty title="Every order is confirmed">
            <p>Orders that were released and not answered by their supplier are listed here, those due first.</p>
          </Empty>
        )}
      </Panel>
    </>
  );
}

function Warehouse({ of: { shipTo, present, absent, mismatched, expected } }: { of: ArrivalsAt }) {
  return (
    <Panel
      title={shipTo || 'Arrivals'}
      note={plural(expected.length, 'order')}
      more={
        <>
          <Chip tone="good">{count(present)} announced</Chip>
          {mismatched > 0 && <Chip tone="warn">{count(mismatched)} do not agree</Chip>}
          {absent > 0 && <Chip tone="bad">{count(absent)} without ship notice</Chip>}
        </>
      }
    >
      <OrderTable
        label={`Arrivals at ${shipTo || 'all places'}`}
        columns={ARRIVALS}
        rows={[...expected].sort((a, b) => urgency(a) - urgency(b))}
      />
    </Panel>
  );
}
