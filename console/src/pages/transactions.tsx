/** Orders: found by any number, filtered, kept as views, taken along as a file. */
import { useState } from 'preact/hooks';
import type { TransactionList, TransactionRow, TransactionsQuery } from '../../../tracker/api/contract.ts';
import { plural, sentence } from '../lib/format.ts';
import { useOverview } from '../lib/overview.ts';
import { useRead } from '../lib/read.ts';
import { go, usePlace } from '../lib/router.ts';
import { TRANSACTION } from '../lib/terms.ts';
import { Modal } from '../ui/act.tsx';
import { Icon } from '../ui/icon.tsx';
import { Csv, Pager, PartnerFilter, setFilter, Toggle } from '../ui/lists.tsx';
import { MilestoneMarks } from '../ui/milestones.tsx';
import { OrderTable } from '../ui/orders.tsx';
import { Button, Chip, Empty, Page, Panel, Read, Segmented, Select, Sum, Time } from '../ui/parts.tsx';
import type { Column } from '../ui/table.tsx';
import { Views } from '../ui/views.tsx';

const FILTERS = [
  'process',
  'q',
  'state',
  'partner',
  'late',
  'exception',
  'atRisk',
  'missing',
  'from',
  'to',
  'sort',
] as const;

const COLUMNS: readonly Column<TransactionRow>[] = [
  { head: 'Order', cell: ({ key }) => key },
  {
    head: 'State',
    cell: (row) => (
      <span class="row">
        <Chip tone={TRANSACTION[row.state][1]}>{TRANSACTION[row.state][0]}</Chip>
        {row.late && <Chip tone="bad">Late</Chip>}
        {row.warning && !row.late && <Chip tone="warn">Due soon</Chip>}
      </span>
    ),
    bare: true,
  },
  { head: 'Milestones', cell: ({ milestones }) => <MilestoneMarks of={milestones} /> },
  { head: 'Partner', cell: ({ partners }) => partners.join(', ') },
  {
    head: 'Exceptions',
    num: true,
    cell: ({ exceptions }) => (exceptions > 0 ? <b class="t-warn">{exceptions}</b> : <span class="muted">0</span>),
  },
  { head: 'At risk', num: true, cell: ({ atRisk }) => <Sum of={atRisk} /> },
  { head: 'Value', num: true, cell: ({ value }) => <Sum of={value} /> },
  { head: 'Opened', num: true, cell: ({ openedAt }) => <Time at={openedAt} /> },
  { head: 'Changed', num: true, cell: ({ changedAt }) => <Time at={changedAt} /> },
];

export function Transactions() {
  const { query } = usePlace();
  const asked = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? undefined])) as TransactionsQuery & {
    [name: string]: string | undefined;
  };
  const cursor = query.get('cursor') ?? undefined;
  const filter = {
    ...asked,
    ...(asked.from && { from: `${asked.from}T00:00:00.000Z` }),
    ...(asked.to && { to: `${asked.to}T00:00:00.000Z` }),
  } as TransactionsQuery;
  const list = useRead('/transactions', {
    query: { ...filter, ...(cursor && { cursor }) },
    topics: ['transactions', 'exceptions'],
  });
  const filtered = FILTERS.some((name) => name !== 'sort' && query.has(name));
  return (
    <Page
      title="Transactions"
      lead="One row per order, with all documents that belong to it."
      actions={
        <>
          <PasteList />
          <Views page="transactions" filters={FILTERS} />
          <Csv of="/transactions" query={filter} />
        </>
      }
    >
      <Filters asked={asked} />
      <Panel>
        <Read of={list} lines={12}>
          {(data) => <Rows data={data} filtered={filtered} />}
        </Read>
      </Panel>
    </Page>
  );
}

function Rows({ data, filtered }: { data: TransactionList; filtered: boolean }) {
  const { items, next, notFound = [] } = data;
  return (
    <>
      {notFound.length > 0 && (
        <div class="problem warn" style={{ margin: 'var(--s4)' }}>
          <strong>{plural(notFound.length, 'number')} of your list not found</strong>
          <p class="mono">{notFound.join(', ')}</p>
        </div>
      )}
      {items.length > 0 ? (
        <OrderTable label="Orders" columns={COLUMNS} rows={items} />
      ) : (
        <Empty title={filtered ? 'No order fits' : 'No order yet'}>
          {filtered ? (
            <>
              <p>
                Nothing carries such a number, or the filters leave nothing. Numbers may be given from their beginning:
                PO-10 finds PO-1001.
              </p>
              <a class="button" href="/transactions">
                All orders
              </a>
            </>
          ) : (
            <p>The first document with an order number begins one: usually the purchase order that the ERP releases.</p>
          )}
        </Empty>
      )}
      <Pager next={next} />
    </>
  );
}

function Filters({ asked }: { asked: Record<string, string | undefined> }) {
  const processes = useOverview()?.processes ?? [];
  const milestones = (processes.find(({ process }) => process === asked.process) ?? processes[0])?.milestones ?? [];
  return (
    <div class="filters">
      <Segmented
        label="State"
        value={asked.state ?? ''}
        options={[
          ['', 'All'],
          ['Open', 'Open'],
          ['Complete', 'Complete'],
          ['Cancelled', 'Cancelled'],
        ]}
        onChange={(value) => setFilter('state')(value || undefined)}
      />
      <Toggle name="late" label="Late" />
      <Toggle name="exception" label="With exception" />
      <Toggle name="atRisk" label="At risk" />
      {processes.length > 1 && (
        <Select
          label="Process"
          all="All processes"
          value={asked.process}
          options={processes.map(({ process }) => [process, process])}
          onChange={setFilter('process')}
        />
      )}
      {milestones.length > 0 && (
        <Select
          label="Milestone that is missing"
          all="At any milestone"
          value={asked.missing}
          options={milestones.map(({ name }) => [name, `Not yet ${sentence(name).toLowerCase()}`])}
          onChange={setFilter('missing')}
        />
      )}
      <PartnerFilter />
      <span class="row">
        {(['from', 'to'] as const).map((name) => (
          <label class="row muted" key={name}>
            {name === 'from' ? 'from' : 'before'}
            <input
              class="input"
              type="date"
              value={asked[name] ?? ''}
              onChange={(event) => setFilter(name)(event.currentTarget.value)}
            />
          </label>
        ))}
      </span>
      <Select
        label="Order of rows"
        all="Last changed first"
        value={asked.sort}
        options={[
          ['-opened', 'Newest first'],
          ['opened', 'Oldest first'],
          ['key', 'By number'],
        ]}
        onChange={setFilter('sort')}
      />
      {asked.q && (
        <button
          type="button"
          class="chip info"
          onClick={() => setFilter('q')(undefined)}
          aria-label="Remove the search"
        >
          {asked.q.length > 40 ? `${asked.q.split(/[\s,;]+/).length} numbers` : `“${asked.q}”`}{' '}
          <Icon name="cross" size={12} />
        </button>
      )}
    </div>
  );
}

function PasteList() {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  return (
    <>
      <Button icon="copy" onClick={() => setOpen(true)}>
        Paste a list
      </Button>
      {open && (
        <Modal title="Paste a list" onClose={() => setOpen(false)}>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              setOpen(false);
              const q = text
                .trim()
                .split(/[\s,;]+/)
                .join(' ');
              if (q) go(`/transactions?${new URLSearchParams({ q })}`);
            }}
          >
            <h2>Paste a list</h2>
            <label class="field">
              <span>Numbers from a sheet or a mail: orders, shipments, SSCCs, lots, mixed as they are</span>
              <textarea class="input code" value={text} onInput={(event) => setText(event.currentTarget.value)} />
              <small>Apart by spaces, commas or new lines. What is not found is said.</small>
            </label>
            <div class="do">
              <Button onClick={() => setOpen(false)}>Back</Button>
              <Button submit kind="first" disabled={!text.trim()}>
                Find them
              </Button>
            </div>
          </form>
        </Modal>
      )}
    </>
  );
}
