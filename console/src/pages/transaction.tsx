/** One order: how far it is, line by line, what does not agree, and every document that it is made of. */
import { useState } from 'preact/hooks';
import type { Objective, OrderLine, TransactionDetail } from '../../../tracker/api/contract.ts';
import { act } from '../lib/api.ts';
import { day, exact, money, quantity, sentence } from '../lib/format.ts';
import { useRead } from '../lib/read.ts';
import { mayAct, useMe } from '../lib/session.ts';
import { OBJECTIVE, TRANSACTION } from '../lib/terms.ts';
import { ActDialog } from '../ui/act.tsx';
import { ExceptionActs } from '../ui/exception-acts.tsx';
import { ExceptionTable } from '../ui/exception-rows.tsx';
import { Links } from '../ui/links.tsx';
import { MilestoneBar } from '../ui/milestones.tsx';
import { Button, Chip, Page, Panel, Read, Sum, Time } from '../ui/parts.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { Timeline } from '../ui/timeline.tsx';

export function Transaction({ process, id }: { process: string; id: string }) {
  const detail = useRead('/transactions/{process}/{key}', {
    params: { process, key: id },
    topics: ['transactions', 'exceptions', 'documents'],
  });
  const { data } = detail;
  return (
    <Page
      title={id}
      back={{ path: '/transactions', name: 'Transactions' }}
      lead={data && <Lead data={data} />}
      actions={data && <Actions data={data} onDone={detail.again} />}
    >
      <Read of={detail} lines={14}>
        {(data) => <Whole data={data} again={detail.again} />}
      </Read>
    </Page>
  );
}

const Lead = ({ data }: { data: TransactionDetail }) => (
  <span class="row">
    <Chip tone={TRANSACTION[data.state][1]}>{TRANSACTION[data.state][0]}</Chip>
    {data.late && <Chip tone="bad">Late</Chip>}
    {data.partners.map((name) => (
      <a key={name} href={`/partners/${name}`}>
        {name}
      </a>
    ))}
    {data.shipTo && <span>to {data.shipTo}</span>}
    {data.expectedOn && <span>expected on {day(Date.parse(data.expectedOn))}</span>}
    {data.value.length > 0 && (
      <span>
        worth <Sum of={data.value} />
      </span>
    )}
  </span>
);

function Actions({ data, onDone }: { data: TransactionDetail; onDone: () => void }) {
  const me = useMe();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Links of={data.links} />
      {mayAct(me) && (
        <Button icon="hand" onClick={() => setOpen(true)}>
          Record a fact
        </Button>
      )}
      {open && <FactDialog data={data} onClose={() => setOpen(false)} onDone={onDone} />}
    </>
  );
}

function Whole({ data, again }: { data: TransactionDetail; again: () => void }) {
  const open = data.exceptionItems.filter(({ closedAt }) => closedAt === undefined);
  return (
    <>
      {data.problems.length > 0 && (
        <div class="problem warn">
          <strong>Not all of its documents could be read</strong>
          {data.problems.map((problem) => (
            <p key={problem}>{problem}</p>
          ))}
        </div>
      )}
      <Panel inside>
        <MilestoneBar of={data.milestones} />
      </Panel>
      {data.exceptionItems.length > 0 && (
        <Panel
          title={open.length > 0 ? 'What does not agree' : 'What did not agree'}
          more={open.length > 0 && <ExceptionActs of={open} small onDone={again} />}
        >
          <ExceptionTable items={data.exceptionItems} of="Order" />
        </Panel>
      )}
      <Panel title="Lines" note="quantities as the documents say them">
        {data.lines.length > 0 ? (
          <Table label="Order lines" wide columns={LINES} rows={data.lines} rowKey={({ id }) => id} />
        ) : (
          <p class="in muted">No order with lines has come yet.</p>
        )}
      </Panel>
      <div class="grid">
        <Panel class="w8" title="Documents" note="across all systems, in order of time">
          <Timeline documents={data.timeline} />
        </Panel>
        <div class="w4 stack" style={{ alignContent: 'start' }}>
          <Promises of={data.objectives} />
          <Facts data={data} />
        </div>
      </div>
    </>
  );
}

const n = (text: string | undefined) => (text === undefined ? <span class="muted">–</span> : quantity(text));
/** Marked where it is not what was ordered. */
const beside = (of: (line: OrderLine) => string | undefined) => (line: OrderLine) => {
  const text = of(line);
  return text !== undefined && Number(text) !== Number(line.ordered) ? <b class="t-warn">{n(text)}</b> : n(text);
};
const LINES: readonly Column<OrderLine>[] = [
  { head: 'Line', cell: ({ id }) => id },
  { head: 'Item', cell: ({ item }) => <span class="num">{item ?? '–'}</span> },
  { head: 'Price', num: true, cell: ({ price, currency }) => (price ? money(price, currency) : '–') },
  { head: 'Ordered', num: true, cell: ({ ordered, unit }) => `${quantity(ordered)} ${unit ?? ''}` },
  { head: 'Confirmed', num: true, cell: beside(({ confirmed }) => confirmed) },
  { head: 'Shipped', num: true, cell: beside(({ shipped }) => shipped) },
  { head: 'Received', num: true, cell: beside(({ received }) => received) },
  {
    head: 'Damaged',
    num: true,
    cell: ({ damaged }) =>
      damaged !== undefined && Number(damaged) > 0 ? <b class="t-bad">{n(damaged)}</b> : n(undefined),
  },
  { head: 'Invoiced', num: true, cell: beside(({ invoiced }) => invoiced) },
  {
    head: 'Open',
    num: true,
    cell: ({ open }) => (Number(open) > 0 ? <b>{quantity(open)}</b> : <span class="muted">0</span>),
  },
];

function Promises({ of }: { of: readonly Objective[] }) {
  if (of.length === 0) return null;
  return (
    <Panel title="Promises" inside>
      <ul class="stack">
        {of.map(({ policy, name, to, from, status, dueAt, at, message }) => (
          <li key={`${policy}/${name}`}>
            <div class="row between">
              <span class="strong">{sentence(name)}</span>
              <Chip tone={OBJECTIVE[status][1]}>{OBJECTIVE[status][0]}</Chip>
            </div>
            <small class="muted">
              {from ? `${sentence(from)} to ${sentence(to).toLowerCase()}` : sentence(to)} ·{' '}
              {at ? <Time at={at} before="met " /> : <Time at={dueAt} before="due " />}
              {message && ` · ${message}`}
            </small>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Facts({ data: { facts } }: { data: TransactionDetail }) {
  if (facts.length === 0) return null;
  return (
    <Panel title="Said by people" inside>
      <ul class="stack">
        {facts.map((fact) => (
          <li key={fact.id}>
            <span class="strong">{sentence(fact.milestone)}</span> “{fact.reason}”
            <br />
            <small class="muted">
              {fact.by}, <Time at={fact.at} />
              {fact.lines && `, lines ${fact.lines.join(', ')}`}
            </small>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function FactDialog({ data, onClose, onDone }: { data: TransactionDetail; onClose: () => void; onDone: () => void }) {
  const open = data.milestones.filter(({ state }) => state !== 'Reached');
  const [milestone, setMilestone] = useState(open[0]?.name ?? data.milestones[0]?.name ?? '');
  const [at, setAt] = useState('');
  return (
    <ActDialog
      title={`Record a fact about ${data.key}`}
      verb="Record it"
      reason={{ label: 'How it is known', placeholder: 'Confirmed by phone, Ms Wu' }}
      disabled={!milestone}
      onClose={onClose}
      run={async (reason) => {
        await act(
          'POST /transactions/{process}/{key}/facts',
          { process: data.process, key: data.key },
          { milestone, reason, ...(at && { at: new Date(at).toISOString() }) },
        );
        onDone();
        return `${sentence(milestone)} recorded for ${data.key}`;
      }}
    >
      <p>
        What a person knows counts as if a document had said it. The document may still come; then it counts instead.
      </p>
      <label class="field">
        <span>What happened</span>
        <select class="input" value={milestone} onChange={(event) => setMilestone(event.currentTarget.value)}>
          {data.milestones.map(({ name, state }) => (
            <option key={name} value={name}>
              {sentence(name)}
              {state === 'Reached' ? ' (reached already)' : ''}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>When</span>
        <input class="input" type="datetime-local" value={at} onInput={(event) => setAt(event.currentTarget.value)} />
        <small>Now, if left empty. {at && exact(Date.parse(at))}</small>
      </label>
    </ActDialog>
  );
}
