/** Exceptions as rows: what, of which order, what it costs, who has it, by when. */
import type { ExceptionItem } from '../../../tracker/api/contract.ts';
import { quantity, sentence } from '../lib/format.ts';
import { DOCUMENT, kindName, SEVERITY } from '../lib/terms.ts';
import { transactionPath } from './orders.tsx';
import { Chip, Sum, Time } from './parts.tsx';
import { type Column, Table, type TableProps } from './table.tsx';

export const exceptionKey = ({ process, key, id, openedAt }: ExceptionItem): string =>
  `${process} ${key} ${id} ${openedAt}`;

/** Numbers of articles stay as they are. */
const number = (kind: string, text: string): string =>
  kind !== 'OtherItem' && /^-?\d+(\.\d+)?$/.test(text) ? quantity(text) : text;

function What({ of }: { of: ExceptionItem }) {
  const last = of.acts.findLast(({ kind, text }) => kind === 'Comment' || text);
  return (
    <>
      <span class="strong">{kindName(of.kind)}</span>
      <small>
        {of.line && `line ${of.line}: `}expected <b class="num">{number(of.kind, of.expected)}</b>, there is{' '}
        <b class="num">{number(of.kind, of.actual)}</b>
      </small>
      {last?.text && (
        <small>
          {last.by}: “{last.text}”
        </small>
      )}
      {of.told && (
        <small>
          Told by {of.told.integration}:{' '}
          {of.told.state ? (
            <a class="underlined" href={`/documents/${of.told.document}`}>
              {DOCUMENT[of.told.state][0].toLowerCase()}
            </a>
          ) : (
            'on its way'
          )}
        </small>
      )}
    </>
  );
}
const decided = ({ acts }: ExceptionItem): string => {
  const resolution = acts.findLast(({ kind }) => kind === 'Resolve')?.resolution;
  return resolution === undefined ? 'Resolved' : sentence(resolution);
};
const Standing = ({ of }: { of: ExceptionItem }) => (
  <span class="row">
    {of.closedAt ? (
      <Chip tone="good">{of.closedBy === 'Person' ? decided(of) : 'Closed by itself'}</Chip>
    ) : (
      <Chip tone={SEVERITY[of.severity][1]}>{SEVERITY[of.severity][0]}</Chip>
    )}
    {of.escalated && !of.closedAt && <Chip tone="bad">Escalated</Chip>}
    {of.snoozedUntil && !of.closedAt && (
      <Chip tone="plain" sign="pause">
        <Time at={of.snoozedUntil} before="back " />
      </Chip>
    )}
  </span>
);
const Due = ({ of: { dueAt, overdue, closedAt } }: { of: ExceptionItem }) =>
  closedAt ? (
    <Time at={closedAt} before="closed " />
  ) : overdue ? (
    <b class="t-bad">
      <Time at={dueAt} />
    </b>
  ) : (
    <Time at={dueAt} />
  );

const COLUMNS: readonly Column<ExceptionItem>[] = [
  { head: 'Order', cell: ({ key }) => key },
  { head: 'What does not agree', cell: (item) => <What of={item} />, whole: true, bare: true },
  { head: 'Standing', cell: (item) => <Standing of={item} />, bare: true, whole: true },
  { head: 'Partner', cell: ({ partners }) => partners.join(', ') },
  { head: 'Owner', cell: ({ owner }) => owner ?? <span class="muted">nobody</span> },
  { head: 'At stake', num: true, cell: ({ money }) => <Sum of={money ? [money] : []} /> },
  { head: 'Due', num: true, cell: (item) => <Due of={item} /> },
];

/** What the page is about already is left out. */
export interface ExceptionTableProps extends Pick<TableProps<ExceptionItem>, 'selection'> {
  items: readonly ExceptionItem[];
  of?: 'Order' | 'Partner';
}
export function ExceptionTable({ items, of, selection }: ExceptionTableProps) {
  const columns = COLUMNS.filter(({ head }) => head !== of && (of !== 'Order' || head !== 'Partner'));
  return (
    <Table
      label="Exceptions"
      columns={columns}
      rows={items}
      rowKey={exceptionKey}
      {...(of !== 'Order' && { href: transactionPath })}
      {...(selection && { selection })}
    />
  );
}
