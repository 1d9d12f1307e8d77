/** Partners and how well it goes with each. */
import type { PartnerRow } from '../../../tracker/api/contract.ts';
import { count, duration } from '../lib/format.ts';
import { useRead } from '../lib/read.ts';
import { FLOW } from '../lib/terms.ts';
import { Csv } from '../ui/lists.tsx';
import { Chip, Empty, Page, Panel, Read, Time } from '../ui/parts.tsx';
import { type Column, Table } from '../ui/table.tsx';

export const ONBOARDING: Record<PartnerRow['onboarding'], string> = {
  Declared: 'Declared',
  Testing: 'Testing',
  Live: 'At work',
};
export const percent = (share: number | undefined): string =>
  share === undefined ? '–' : `${Math.floor(share * 1000) / 10} %`;
/** Good from 95 %, bad under 85 %. */
export const Share = ({ of }: { of: number | undefined }) =>
  of === undefined ? (
    <span class="muted">–</span>
  ) : (
    <span class={of >= 0.95 ? 't-good' : of < 0.85 ? 't-bad' : 't-warn'}>{percent(of)}</span>
  );
export const seconds = (value: number | undefined): string => (value === undefined ? '–' : duration(value * 1000));

const COLUMNS: readonly Column<PartnerRow>[] = [
  { head: 'Partner', cell: ({ displayName, name }) => displayName || name },
  {
    head: 'State',
    bare: true,
    cell: ({ state, message, usage, onboarding }) => (
      <span class="row">
        <Chip tone={FLOW[state][1]} {...(message && { title: message })}>
          {FLOW[state][0]}
        </Chip>
        {usage === 'Test' && <Chip tone="plain">Test</Chip>}
        {onboarding !== 'Live' && usage !== 'Test' && <Chip tone="plain">{ONBOARDING[onboarding]}</Chip>}
      </span>
    ),
  },
  { head: 'Orders', num: true, cell: ({ scorecard }) => count(scorecard.transactions) },
  { head: 'Open', num: true, cell: ({ scorecard }) => count(scorecard.openTransactions) },
  { head: 'Confirms within', num: true, cell: ({ scorecard }) => seconds(scorecard.confirmationSeconds) },
  { head: 'Acknowledges within', num: true, cell: ({ scorecard }) => seconds(scorecard.acknowledgmentSeconds) },
  { head: 'Notices right', num: true, cell: ({ scorecard }) => <Share of={scorecard.asnAccuracy} /> },
  { head: 'In time', num: true, cell: ({ scorecard }) => <Share of={scorecard.onTime} /> },
  { head: 'Exceptions', num: true, cell: ({ scorecard }) => count(scorecard.openExceptions) },
  {
    head: 'Failed',
    num: true,
    cell: ({ scorecard }) => (scorecard.deadLetters > 0 ? <b class="t-bad">{scorecard.deadLetters}</b> : '0'),
  },
  { head: 'Last heard', num: true, cell: ({ scorecard }) => <Time at={scorecard.lastDocumentAt} /> },
];

export function Partners() {
  const list = useRead('/partners', { topics: ['transactions', 'exceptions', 'integrations'] });
  return (
    <Page title="Partners" lead="How well it goes with each, over the last 90 days." actions={<Csv of="/partners" />}>
      <Panel>
        <Read of={list} lines={8}>
          {({ items }) =>
            items.length > 0 ? (
              <Table
                label="Partners"
                columns={COLUMNS}
                rows={items}
                rowKey={({ name }) => name}
                href={({ name }) => `/partners/${name}`}
              />
            ) : (
              <Empty title="No partner yet">
                <p>A Partner is about ten lines of YAML: its profile, its identifiers, its channel.</p>
                <pre>kubectl apply -f partners.yaml</pre>
              </Empty>
            )
          }
        </Read>
      </Panel>
    </Page>
  );
}
