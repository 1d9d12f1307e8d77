/** Documents that could not go on, grouped by cause: mend the cause once, and send the whole group on. */
import type { DeadLetterGroup, DeadLettersQuery } from '../../../tracker/api/contract.ts';
import { plural, sentence } from '../lib/format.ts';
import { useRead } from '../lib/read.ts';
import { setFilters, usePlace } from '../lib/router.ts';
import { Chip, Empty, Page, Panel, Read, Segmented, Select, Time } from '../ui/parts.tsx';
import { type Column, Table } from '../ui/table.tsx';

export const CAUSES: Record<string, string> = {
  DecodeFailed: 'Could not be read',
  ValidationFailed: 'Does not keep the rules',
  MappingFailed: 'Could not be mapped',
  ReferenceDataMissing: 'Something is not known yet',
  DeliveryFailed: 'Could not be delivered',
  BusinessRejected: 'The receiver refused it',
  AccessDenied: 'Access denied',
  DuplicateDocument: 'Two with one number',
  SignatureInvalid: 'Signature is not valid',
  DecryptionFailed: 'Could not be decrypted',
  AcknowledgmentOverdue: 'No acknowledgment came',
};
export const causeOf = (name: string): string => CAUSES[name] ?? sentence(name);
export const placeOf = ({ integration, destination }: DeadLetterGroup): string =>
  destination.includes('/')
    ? `${sentence(integration)} to ${destination.split('/').at(-1)}`
    : integration
      ? sentence(integration)
      : 'When it was received';

const COLUMNS: readonly Column<DeadLetterGroup>[] = [
  {
    head: 'Cause',
    cell: ({ class: kind, code }) => (
      <>
        {causeOf(kind)}
        <small>{code}</small>
      </>
    ),
  },
  {
    head: 'What it says',
    whole: true,
    bare: true,
    cell: ({ message, impact }) => (
      <>
        {message}
        {impact && <small class="t-warn">{impact}</small>}
      </>
    ),
  },
  { head: 'Where', cell: placeOf },
  { head: 'Partners', cell: ({ partners }) => partners.join(', ') || '–' },
  {
    head: 'Standing',
    bare: true,
    cell: ({ state }) =>
      state === 'Parked' ? <Chip tone="wait">Waits for a person</Chip> : <Chip tone="bad">Failed</Chip>,
  },
  { head: 'Documents', num: true, cell: ({ count }) => <b>{count}</b> },
  { head: 'First', num: true, cell: ({ firstAt }) => <Time at={firstAt} /> },
  { head: 'Last', num: true, cell: ({ lastAt }) => <Time at={lastAt} /> },
];

export function DeadLetters() {
  const { query } = usePlace();
  const asked = Object.fromEntries(
    (['state', 'integration', 'partner', 'class'] as const).map((name) => [name, query.get(name) ?? undefined]),
  ) as DeadLettersQuery;
  const groups = useRead('/dead-letters', { query: asked, topics: ['dead-letters', 'documents'] });
  const all = useRead('/dead-letters', { topics: ['dead-letters'] });
  const of = (name: (group: DeadLetterGroup) => string[]) => [...new Set((all.data?.items ?? []).flatMap(name))].sort();
  const set = (name: string) => (value: string | undefined) => setFilters({ [name]: value });
  return (
    <Page
      title="Dead letters"
      lead="Documents that could not go on, grouped by cause. Nothing is lost: mend the cause, then send the group on."
    >
      <div class="filters">
        <Segmented
          label="State"
          value={asked.state ?? ''}
          options={[
            ['', 'All'],
            ['DeadLettered', 'Failed'],
            ['Parked', 'Waits for a person'],
          ]}
          onChange={(value) => set('state')(value || undefined)}
        />
        <Select
          label="Integration"
          all="All integrations"
          value={asked.integration}
          options={of(({ integration }) => (integration ? [integration] : [])).map((name) => [name, sentence(name)])}
          onChange={set('integration')}
        />
        <Select
          label="Partner"
          all="All partners"
          value={asked.partner}
          options={of(({ partners }) => partners).map((name) => [name, name])}
          onChange={set('partner')}
        />
        <Select
          label="Cause"
          all="Any cause"
          value={asked.class}
          options={of((group) => [group.class]).map((name) => [name, causeOf(name)])}
          onChange={set('class')}
        />
      </div>
      <Panel>
        <Read of={groups} lines={8}>
          {({ items }) =>
            items.length > 0 ? (
              <>
                <Table
                  label="Groups of dead letters"
                  columns={COLUMNS}
                  rows={items}
                  rowKey={({ fingerprint, state }) => `${fingerprint} ${state}`}
                  href={({ fingerprint }) => `/dead-letters/${encodeURIComponent(fingerprint)}`}
                />
                <div class="pager">
                  {plural(
                    items.reduce((sum, { count }) => sum + count, 0),
                    'document',
                  )}{' '}
                  in {plural(items.length, 'group')}
                </div>
              </>
            ) : (
              <Empty title="Every document went on">
                <p>
                  What cannot be read, checked, mapped or delivered waits here, grouped by its cause, until somebody
                  sends it on or discards it with a reason.
                </p>
              </Empty>
            )
          }
        </Read>
      </Panel>
    </Page>
  );
}
