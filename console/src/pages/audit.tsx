/** Who did what, and why. Nothing here can be changed. */
import type { AuditEntry, AuditQuery } from '../../../tracker/api/contract.ts';
import { sentence } from '../lib/format.ts';
import { useRead } from '../lib/read.ts';
import { setFilters, usePlace } from '../lib/router.ts';
import { Csv, Pager } from '../ui/lists.tsx';
import { Chip, Empty, Page, Panel, Read, Time } from '../ui/parts.tsx';
import { type Column, Table } from '../ui/table.tsx';

/** Where what an act was about is shown, as the audit names it. */
export function pathOf(target: string): string | undefined {
  const [kind, first, second] = target.replace(/^\//, '').split('/') as [string, string?, string?];
  const at = (...parts: string[]): string => `/${parts.map((part) => encodeURIComponent(part)).join('/')}`;
  if ((kind === 'Exception' || kind === 'Transaction' || kind === 'transactions') && first && second)
    return at('transactions', first, second);
  if (kind === 'documents' && first) return at('documents', first);
  if (kind === 'dead-letters' && first) return at('dead-letters', first);
  if (kind === 'Partner' && first) return at('partners', first);
  return { Replay: '/replays', Hold: '/integrations', Integration: '/integrations' }[kind];
}
function Target({ of }: { of: string }) {
  const path = pathOf(of);
  if (!of) return <span class="muted">–</span>;
  return path ? <a href={path}>{of}</a> : of;
}

const COLUMNS: readonly Column<AuditEntry>[] = [
  { head: 'Who', cell: ({ actor }) => <b>{actor}</b> },
  { head: 'Did', cell: ({ act }) => sentence(act) },
  { head: 'To', cell: ({ target }) => <Target of={target} />, whole: true },
  { head: 'Why', cell: ({ reason }) => reason ?? <span class="muted">–</span>, whole: true },
  {
    head: 'Outcome',
    bare: true,
    cell: ({ outcome }) => (
      <Chip tone={outcome === 'Done' ? 'good' : outcome === 'Refused' ? 'warn' : 'bad'}>{outcome}</Chip>
    ),
  },
  { head: 'When', num: true, cell: ({ at }) => <Time at={at} /> },
];

export function Audit() {
  const { query } = usePlace();
  const asked = Object.fromEntries(
    (['actor', 'act', 'target', 'cursor'] as const).map((name) => [name, query.get(name) ?? undefined]),
  ) as AuditQuery;
  const list = useRead('/audit', { query: asked, topics: ['audit'] });
  return (
    <Page
      title="Audit"
      lead="Who did what, and why; also what was refused. Entries are only ever added."
      actions={<Csv of="/audit" query={asked} />}
    >
      <div class="filters">
        {(['actor', 'target'] as const).map((name) => (
          <input
            key={name}
            class="input"
            aria-label={name === 'actor' ? 'Who' : 'To what'}
            placeholder={name === 'actor' ? 'Who' : 'To what'}
            value={asked[name] ?? ''}
            onChange={(event) => setFilters({ [name]: event.currentTarget.value.trim(), cursor: undefined })}
          />
        ))}
      </div>
      <Panel>
        <Read of={list} lines={10}>
          {({ items, next }) =>
            items.length > 0 ? (
              <>
                <Table label="Acts" columns={COLUMNS} rows={items} rowKey={({ id }) => id} />
                <Pager next={next} />
              </>
            ) : (
              <Empty title="Nobody did anything yet">
                <p>
                  Every act of a person is written down here: replays, resolutions, holds, facts by hand, with the
                  reason that was given.
                </p>
              </Empty>
            )
          }
        </Read>
      </Panel>
    </Page>
  );
}
