/** How it went, by week and partner: the same figures as the metrics. */
import type { MeasureRow, MeasuresQuery } from '../../../tracker/api/contract.ts';
import { count, date as dateOf, duration } from '../lib/format.ts';
import { useRead } from '../lib/read.ts';
import { setFilters, usePlace } from '../lib/router.ts';
import { Chart } from '../ui/chart.tsx';
import { Csv, PartnerFilter } from '../ui/lists.tsx';
import { Empty, Figure, Page, Panel, Read } from '../ui/parts.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { percent, Share } from './partners.tsx';

export function Measures() {
  const { query } = usePlace();
  const asked = Object.fromEntries(
    (['from', 'to', 'partner'] as const).map((name) => [name, query.get(name) ?? undefined]),
  ) as MeasuresQuery;
  const measures = useRead('/measures', { query: asked });
  const date = (name: 'from' | 'to') => (
    <label class="row muted">
      {name}
      <input
        class="input"
        type="date"
        value={asked[name] ?? ''}
        onChange={(event) => setFilters({ [name]: event.currentTarget.value })}
      />
    </label>
  );
  return (
    <Page title="Measures" lead="How it went, by week and partner." actions={<Csv of="/measures" query={asked} />}>
      <div class="filters">
        <PartnerFilter />
        {date('from')}
        {date('to')}
      </div>
      <Read of={measures} lines={12}>
        {({ rows }) =>
          rows.length > 0 ? (
            <Whole rows={rows} />
          ) : (
            <Panel>
              <Empty title="Nothing to measure yet">
                <p>
                  As soon as orders are released, received and invoiced, their times, exceptions and what people did by
                  hand are counted here by week.
                </p>
              </Empty>
            </Panel>
          )
        }
      </Read>
    </Page>
  );
}

export interface Week {
  week: string;
  transactions: number;
  invoiceHolds: number;
  exceptions: number;
  touches: number;
  /** Of all orders, each partner by its number of them. */
  compliance?: number;
  /** Seconds: median of the partners' medians, by their number of receipts. */
  posting?: number;
}
/** Weeks over all partners. */
export function byWeek(rows: readonly MeasureRow[]): Week[] {
  return [...Map.groupBy(rows, ({ week }) => week)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([week, all]) => {
      const sum = (of: (row: MeasureRow) => number): number => all.reduce((total, row) => total + of(row), 0);
      const judged = all.filter(({ compliance }) => compliance !== undefined);
      const weight = judged.reduce((total, row) => total + row.transactions, 0);
      const posted = all.flatMap(({ receiptToPosting }) => receiptToPosting ?? []).sort((a, b) => a.median - b.median);
      const receipts = posted.reduce((total, row) => total + row.count, 0);
      let passed = 0;
      const middle = posted.find((row) => {
        passed += row.count;
        return passed * 2 >= receipts;
      });
      return {
        week,
        transactions: sum((row) => row.transactions),
        invoiceHolds: sum((row) => row.invoiceHolds),
        exceptions: sum((row) => row.exceptions),
        touches: sum((row) => row.touches),
        ...(judged.length > 0 && {
          compliance:
            weight === 0
              ? judged[0]!.compliance!
              : judged.reduce((total, row) => total + row.compliance! * row.transactions, 0) / weight,
        }),
        ...(middle && { posting: middle.median }),
      };
    });
}
const seconds = (value: number): string => (value === 0 ? '0' : duration(value * 1000));

function Whole({ rows }: { rows: readonly MeasureRow[] }) {
  const weeks = byWeek(rows);
  const x = weeks.map(({ week }) => week);
  const last = weeks.at(-1)!;
  return (
    <>
      <div class="figures">
        <Figure label="Orders" value={last.transactions} note={`in the week of ${dateOf(last.week)}`} />
        <Figure
          label="Receipt to posting"
          value={last.posting === undefined ? '–' : seconds(last.posting)}
          note="half of them faster"
        />
        <Figure label="In time" value={<Share of={last.compliance} />} note="of what was promised" />
        <Figure label="Invoices held" value={last.invoiceHolds} note="orders with an exception about one" />
        <Figure label="Done by hand" value={last.touches} note="acts of people" />
      </div>
      <div class="grid">
        <Panel class="w6" title="From receipt to posting" note="median, from the dock to the ERP" inside>
          <Chart
            label="Receipt to posting by week"
            x={x}
            format={seconds}
            series={[{ name: 'Receipt to posting', colour: '--flow-1', values: weeks.map(({ posting }) => posting) }]}
          />
        </Panel>
        <Panel class="w6" title="In time" note="share of what suppliers promised" inside>
          <Chart
            label="Share in time by week"
            x={x}
            format={percent}
            top={1}
            series={[{ name: 'In time', colour: '--flow-2', values: weeks.map(({ compliance }) => compliance) }]}
          />
        </Panel>
        <Panel class="w6" title="Invoices held" note="orders with an exception about an invoice" inside>
          <Chart
            label="Invoices held and exceptions by week"
            x={x}
            format={count}
            whole
            series={[
              {
                name: 'Exceptions',
                colour: '--warn-fill',
                values: weeks.map(({ exceptions }) => exceptions),
                bars: true,
              },
              { name: 'Invoices held', colour: '--bad-fill', values: weeks.map(({ invoiceHolds }) => invoiceHolds) },
            ]}
          />
        </Panel>
        <Panel class="w6" title="Done by hand" note="replays, resolutions, facts, resubmissions" inside>
          <Chart
            label="Acts of people by week"
            x={x}
            format={count}
            whole
            series={[{ name: 'Acts', colour: '--wait', values: weeks.map(({ touches }) => touches), bars: true }]}
          />
        </Panel>
      </div>
      <Panel title="By week and partner" note={rows.length > SHOWN ? `the latest ${SHOWN} rows; the CSV has all` : ''}>
        <Table
          label="Measures by week and partner"
          columns={COLUMNS}
          rows={[...rows]
            .sort((a, b) => (a.week < b.week ? 1 : a.week > b.week ? -1 : a.partner < b.partner ? -1 : 1))
            .slice(0, SHOWN)}
          rowKey={({ week, partner }) => `${week} ${partner}`}
        />
      </Panel>
    </>
  );
}
const SHOWN = 24;
const COLUMNS: readonly Column<MeasureRow>[] = [
  { head: 'Week of', cell: ({ week }) => <span class="nowrap">{dateOf(week)}</span> },
  { head: 'Partner', cell: ({ partner }) => partner || <span class="muted">not known</span> },
  { head: 'Orders', num: true, cell: ({ transactions }) => count(transactions) },
  { head: 'Complete', num: true, cell: ({ complete }) => count(complete) },
  { head: 'Receipt to posting', num: true, cell: ({ receiptToPosting: of }) => (of ? seconds(of.median) : '–') },
  { head: 'In time', num: true, cell: ({ compliance }) => <Share of={compliance} /> },
  { head: 'Invoices held', num: true, cell: ({ invoiceHolds }) => count(invoiceHolds) },
  { head: 'Exceptions', num: true, cell: ({ exceptions }) => count(exceptions) },
  { head: 'By hand', num: true, cell: ({ touches }) => count(touches) },
];
