/** The work list: what does not agree, by when it must be settled, and who does it. */
import { useState } from 'preact/hooks';
import type { ExceptionList, ExceptionsQuery } from '../../../tracker/api/contract.ts';
import { address } from '../lib/api.ts';
import { count, plural } from '../lib/format.ts';
import { useRead } from '../lib/read.ts';
import { setFilters, usePlace, withFilters } from '../lib/router.ts';
import { useMe } from '../lib/session.ts';
import { ExceptionActs, sumOf } from '../ui/exception-acts.tsx';
import { EXCEPTION_COLUMNS, exceptionKey } from '../ui/exception-rows.tsx';
import { Icon } from '../ui/icon.tsx';
import { Empty, Page, Panel, Read, Segmented, Select, Sum } from '../ui/parts.tsx';
import { Table } from '../ui/table.tsx';
import { Views } from '../ui/views.tsx';
import { transactionPath } from './transactions.tsx';

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
          <a class="button" href={address('/exceptions', {}, { ...filter, format: 'csv' })} download="exceptions.csv">
            <Icon name="down" size={16} />
            CSV
          </a>
        </>
      }
    >
      <Filters asked={asked} />
      <Panel>
        <Read of={list} lines={12}>
          {(data) => <Rows data={data} cursor={cursor} again={list.again} />}
        </Read>
      </Panel>
    </Page>
  );
}

function Rows({ data, cursor, again }: { data: ExceptionList; cursor: string | undefined; again: () => void }) {
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
          <span class="muted">{plural(total, 'exception')}. Choose rows to act on them together (x).</span>
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
      <Table
        label="Exceptions"
        columns={EXCEPTION_COLUMNS}
        rows={items}
        rowKey={exceptionKey}
        href={transactionPath}
        selection={{ chosen, set: setChosen }}
      />
      {(next || cursor) && (
        <div class="pager">
          {cursor && <a href={withFilters({ cursor: undefined })}>First page</a>}
          {next && (
            <a class="button small" href={withFilters({ cursor: next })}>
              Next page
            </a>
          )}
        </div>
      )}
    </>
  );
}

function Filters({ asked }: { asked: Record<string, string | undefined> }) {
  const me = useMe();
  const partners = useRead('/partners');
  const set = (name: string) => (value: string | undefined) => setFilters({ [name]: value, cursor: undefined });
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
        onChange={(value) => set('state')(value || undefined)}
      />
      <Segmented
        label="Owner"
        value={asked.owner ?? ''}
        options={[
          ['', 'Anybody’s'],
          [me.user, 'Mine'],
          ['-', 'Nobody’s'],
        ]}
        onChange={(value) => set('owner')(value || undefined)}
      />
      <button
        type="button"
        class="button"
        aria-pressed={asked.overdue === 'true'}
        onClick={() => set('overdue')(asked.overdue === 'true' ? undefined : 'true')}
      >
        {asked.overdue === 'true' && <Icon name="check" size={13} width={2.4} />}
        Overdue
      </button>
      <Select
        label="Severity"
        all="Any severity"
        value={asked.severity}
        options={[
          ['Critical', 'Critical'],
          ['Warning', 'Warning'],
          ['Info', 'Note'],
        ]}
        onChange={set('severity')}
      />
      <Select
        label="Partner"
        all="All partners"
        value={asked.partner}
        options={(partners.data?.items ?? []).map(({ name, displayName }) => [name, displayName])}
        onChange={set('partner')}
      />
      <Select
        label="Order of rows"
        all="Due first"
        value={asked.sort}
        options={[
          ['-money', 'Most at stake first'],
          ['-opened', 'Newest first'],
          ['opened', 'Oldest first'],
        ]}
        onChange={set('sort')}
      />
    </div>
  );
}
