/** How documents flow between partners and systems, how fast, and in what state each part is. */
import { useEffect } from 'preact/hooks';
import type { ConnectorRow, HoldRow, IntegrationList, IntegrationRow } from '../../../tracker/api/contract.ts';
import { count, sentence } from '../lib/format.ts';
import { useRead } from '../lib/read.ts';
import { usePlace } from '../lib/router.ts';
import { FLOW } from '../lib/terms.ts';
import { Conditions } from '../ui/conditions.tsx';
import { FlowMap, sourceName, stagesOf, targetName } from '../ui/flow-map.tsx';
import { EndHold, HoldButton } from '../ui/hold.tsx';
import { Chip, Empty, Page, Panel, Read, Time } from '../ui/parts.tsx';
import { Spark } from '../ui/spark.tsx';
import { type Column, Table } from '../ui/table.tsx';

export function Integrations() {
  const list = useRead('/integrations', { topics: ['integrations', 'holds', 'documents'] });
  return (
    <Page title="Integrations" lead="Which documents go from where to where, how fast, and in what state each part is.">
      <Read of={list} lines={14}>
        {(data) => <Whole data={data} again={list.again} />}
      </Read>
    </Page>
  );
}

function Whole({ data: { items, connectors, holds }, again }: { data: IntegrationList; again: () => void }) {
  const { query } = usePlace();
  const name = query.get('name');
  useEffect(() => {
    if (name) document.getElementById(`integration-${name}`)?.scrollIntoView({ block: 'start' });
  }, [name]);
  if (items.length === 0)
    return (
      <Panel>
        <Empty title="No integration yet">
          <p>
            An Integration says from whom documents of a type come, and where they go: a source and its destinations, in
            some ten lines.
          </p>
          <pre>kubectl apply -f purchase-order.yaml</pre>
        </Empty>
      </Panel>
    );
  return (
    <>
      {holds.length > 0 && <Holds of={holds} again={again} />}
      <Panel title="The whole" note="dots are documents on the way" inside>
        <FlowMap flows={items} />
      </Panel>
      <div class="tiles">
        {items.map((one) => (
          <Card key={one.integration} of={one} chosen={one.integration === name} again={again} />
        ))}
      </div>
      <Panel title="Systems and channels">
        <Table label="Connectors" columns={CONNECTORS} rows={connectors} rowKey={(one) => one.name} />
      </Panel>
    </>
  );
}

function Holds({ of, again }: { of: readonly HoldRow[]; again: () => void }) {
  return (
    <Panel title="On hold" note="stopped by people">
      <Table
        label="Holds"
        rows={of}
        rowKey={({ name }) => name}
        columns={[
          {
            head: 'What',
            cell: ({ targetKind, targetName }) => (
              <b>{targetName === '*' ? `Every ${targetKind.toLowerCase()}` : `${targetKind} ${targetName}`}</b>
            ),
          },
          {
            head: 'Reason',
            cell: ({ reason, by, message }) => (
              <>
                {reason}
                {by && <small>by {by}</small>}
                {message && <small>{message}</small>}
              </>
            ),
            whole: true,
            bare: true,
          },
          {
            head: 'Standing',
            bare: true,
            cell: ({ active }) => (active ? <Chip tone="wait">On hold</Chip> : <Chip tone="plain">Not in force</Chip>),
          },
          { head: 'Since', num: true, cell: ({ createdAt }) => <Time at={createdAt} /> },
          { head: 'Until', num: true, cell: ({ until }) => (until ? <Time at={until} /> : 'let go') },
          {
            head: 'What one can do',
            silent: true,
            num: true,
            bare: true,
            cell: (hold) => <EndHold of={hold} onDone={again} />,
          },
        ]}
      />
    </Panel>
  );
}

function Card({ of, chosen, again }: { of: IntegrationRow; chosen: boolean; again: () => void }) {
  const [word, tone] = FLOW[of.state];
  const waiting = of.queues.reduce((sum, { messages }) => sum + messages, 0);
  const stuck = stagesOf(of).reduce((sum, { failed, parked }) => sum + failed + parked, 0);
  const hour = of.rate.reduce((sum, n) => sum + n, 0);
  return (
    <section class={`panel ${chosen ? 'chosen' : ''}`} id={`integration-${of.integration}`} data-row tabIndex={-1}>
      <header>
        <h2>{sentence(of.integration)}</h2>
        <Chip tone={tone}>{word}</Chip>
        <div class="more">
          {of.held.length === 0 && (
            <HoldButton small targetKind="Integration" targetName={of.integration} onDone={again} />
          )}
        </div>
      </header>
      <div class="in stack tight">
        <p class="muted">
          {sourceName(of)} → {of.destinations.map(targetName).join(', ')}
        </p>
        {(of.impact || (of.state !== 'Ready' && of.message)) && (
          <p class={of.state === 'Failed' ? 't-bad' : 't-warn'}>{of.impact ?? of.message}</p>
        )}
        <div class="row between rate">
          <div>
            <span class="figure-s num">{count(hour)}</span>
            <small class="muted">in the last hour</small>
          </div>
          <Spark values={of.rate} label={`Documents per minute of ${of.integration}, last hour`} />
        </div>
        <div class="row muted num">
          <span>{count(waiting)} waiting</span>
          <span>·</span>
          {stuck > 0 ? (
            <a class="underlined" href={`/dead-letters?integration=${of.integration}`}>
              {count(stuck)} failed or parked
            </a>
          ) : (
            <span>none failed</span>
          )}
        </div>
        <details>
          <summary>Conditions and queues</summary>
          <Conditions of={of.conditions} />
          <dl class="pairs">
            {of.queues.map(({ name, messages }) => (
              <>
                <dt key={name} class="mono">
                  {name}
                </dt>
                <dd class="num">{count(messages)}</dd>
              </>
            ))}
          </dl>
        </details>
      </div>
    </section>
  );
}

const CONNECTORS: readonly Column<ConnectorRow>[] = [
  { head: 'Name', cell: ({ name }) => <b>{name}</b> },
  { head: 'State', bare: true, cell: ({ state }) => <Chip tone={FLOW[state][1]}>{FLOW[state][0]}</Chip> },
  { head: 'Kind', cell: ({ kind }) => kind },
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
  { head: 'Used by', cell: ({ usedBy }) => usedBy.map(sentence).join(', ') },
];
