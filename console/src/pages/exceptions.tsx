/** The work list: what does not agree, by when it must be settled, and who does it. */
import { useState } from 'preact/hooks';
import type { ExceptionList, ExceptionsQuery } from '../../../tracker/api/contract.ts';
import { count, plural } from '../lib/format.ts';
import { useRead } from '../lib/read.ts';
import { usePlace } from '../lib/router.ts';
import { useMe } from '../lib/session.ts';
import { ExceptionActs, sumOf } from '../ui/exception-acts.tsx';
import { ExceptionTable, exceptionKey } from '../ui/exception-rows.tsx';
import { Csv, Pager, PartnerFilter, setFilter, Toggle } from '../ui/lists.tsx';
import { Empty, Page, Panel, Read, Segmented, Select, Sum } from '../ui/parts.tsx';
import { Views } from '../ui/views.tsx';

const FILTERS = ['process', 'key', 'partner', 'kind', 'severity', 'owner', 'state', 'overdue', 'sort'] as const;

export function Exceptions() {
  const { query } = usePlace();
  const asked: Record<string, string | undefined> = Object.fromEntries(
    FILTERS.map((name) => [name, query.get(name) ?? undefined]),
  );
  const cursor = query.get('cursor') ?? undefined;
  const filter = asked as ExceptionsQuery;
  const list = useRead('/exceptions', { query: { ...filter, ...(cursor && { cursor }) }, topics: ['exceptions'] });
  return (
    <Page
      title="Exceptions"
      lead="Orders, deliveries and invoices that do not agree. What agrees again closes by itself."
      actions={
        <>
          <Views page="exceptions" filters={FILTERS} />
          <Csv of="/exceptions" query={filter} />
        </>
      }
    >
      <Filters asked={asked} />
      <Panel>
        <Read of={list} lines={12}>
          {(data) => <Rows data={data} again={list.again} />}
        </Read>
      </Panel>
    </Page>
  );
}

function Rows({ data, again }: { data: ExceptionList; again: () => void }) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const { items, next, total } = data;
  const of = items.filter((item) => chosen.has(exceptionKey(item)));
  if (items.length === 0)
    return (
      <Empty title="Nothing to settle">
        <p>
          When a quantity, price or date of an order, its receipt and its invoice do not agree within the tolerances of
          the BusinessProcess, it is listed here, with what is at stake and by when it must be settled.
        </p>
      </Empty>
    );
  return (
    <>
      <div class="bulk" role="toolbar" aria-label="Chosen exceptions">
        {of.length === 0 ? (
          <span class="muted">
            {plural(total, 'exception')}. Choose rows to act on them together<span class="by-key"> (x)</span>.
          </span>
        ) : (
          <>
            <span class="strong">
              {count(of.length)} chosen · <Sum of={sumOf(of)} none="no amount" />
            </span>
            <ExceptionActs
              of={of}
              small
              onDone={() => {
                setChosen(new Set());
                again();
              }}
            />
          </>
        )}
      </div>
      <ExceptionTable items={items} selection={{ chosen, set: setChosen }} />
      <Pager next={next} />
    </>
  );
}

function Filters({ asked }: { asked: Record<string, string | undefined> }) {
  const me = useMe();
  return (
    <div class="filters">
      <Segmented
        label="State"
        value={asked.state ?? ''}
        options={[
          ['', 'Open'],
          ['Snoozed', 'Snoozed'],
          ['Closed', 'Closed'],
          ['All', 'All'],
        ]}
        onChange={(value) => setFilter('state')(value || undefined)}
      />
      <Segmented
        label="Owner"
        value={asked.owner ?? ''}
        options={[
          ['', 'Anybody’s'],
          [me.user, 'Mine'],
          ['-', 'Nobody’s'],
        ]}
        onChange={(value) => setFilter('owner')(value || undefined)}
      />
      <Toggle name="overdue" label="Overdue" />
      <Select
        label="Severity"
        all="Any severity"
        value={asked.severity}
        options={[
          ['Critical', 'Critical'],
          ['Warning', 'Warning'],
          ['Info', 'Note'],
        ]}
        onChange={setFilter('severity')}
      />
      <PartnerFilter />
      <Select
        label="Order of rows"
        all="Due first"
        value={asked.sort}
        options={[
          ['-money', 'Most at stake first'],
          ['-opened', 'Newest first'],
          ['opened', 'Oldest first'],
        ]}
        onChange={setFilter('sort')}
      />
    </div>
  );
}
