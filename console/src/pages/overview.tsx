/** Everything at a glance: how orders stand, what is late, what is at risk, and where documents are stuck. */
import type { Overview as Data, ProcessSummary, SlaSummary } from '../../../tracker/api/contract.ts';
import { count, sentence } from '../lib/format.ts';
import { useRead } from '../lib/read.ts';
import { useFilter } from '../lib/router.ts';
import { FlowMap } from '../ui/flow-map.tsx';
import { BigSum, Empty, Figure, Page, Panel, Read, Segmented, Time } from '../ui/parts.tsx';
import { River } from '../ui/river.tsx';

const TOPICS = ['documents', 'transactions', 'exceptions', 'dead-letters', 'integrations', 'holds'] as const;

export function Overview() {
  const overview = useRead('/overview', { topics: TOPICS });
  return (
    <Page title="Overview" lead="From release to invoice: how every order stands, now.">
      <Read of={overview} lines={14}>
        {(data) => <Whole data={data} />}
      </Read>
    </Page>
  );
}

function Whole({ data }: { data: Data }) {
  const [chosen, choose] = useFilter('process');
  const process = data.processes.find((one) => one.process === chosen) ?? data.processes[0];
  return (
    <>
      {data.troubles.length > 0 && (
        <div class="problem warn" role="status">
          <strong>What you see may not be whole</strong>
          {data.troubles.map((trouble) => (
            <p key={trouble}>{trouble}</p>
          ))}
        </div>
      )}
      <Figures data={data} {...(process && { process })} />
      <Panel
        title={process ? `Orders on their way: ${process.process}` : 'Orders on their way'}
        {...(process && {
          note: `${count(process.open)} open, ${count(process.complete)} complete${process.cancelled ? `, ${count(process.cancelled)} cancelled` : ''}`,
        })}
        more={
          data.processes.length > 1 &&
          process && (
            <Segmented
              label="Process"
              value={process.process}
              options={data.processes.map((one) => [one.process, one.process] as const)}
              onChange={choose}
            />
          )
        }
      >
        {process ? (
          <div class="in">
            <River process={process} />
          </div>
        ) : (
          <Empty title="No business process yet">
            <p>
              A BusinessProcess says which documents make an order complete, from release to invoice. Apply one, and
              every order is followed from its first document on.
            </p>
            <pre>kubectl apply -f process.yaml</pre>
          </Empty>
        )}
      </Panel>
      <div class="grid">
        <Panel
          class="w8"
          title="Between the systems"
          note="dots are documents on the way"
          more={<a href="/integrations">All integrations</a>}
        >
          {data.flows.length > 0 ? (
            <div class="in">
              <FlowMap flows={data.flows} />
            </div>
          ) : (
            <Empty title="No integration yet">
              <p>An Integration takes documents from partners or systems and delivers them to others.</p>
            </Empty>
          )}
        </Panel>
        <Panel class="w4" title="Promises" note="in the last 30 days" more={<a href="/measures">Measures</a>}>
          <Promises sla={data.sla} />
        </Panel>
      </div>
    </>
  );
}

function Figures({ data, process }: { data: Data; process?: ProcessSummary }) {
  const { exceptions, atRisk, deadLetters, parked, inFlight } = data;
  const open = data.processes.reduce((total, one) => total + one.open, 0);
  const late = data.processes.reduce((total, one) => total + one.late, 0);
  const of = process ? `/transactions?state=Open` : '/transactions';
  return (
    <div class="figures">
      <Figure
        label="Open orders"
        value={open}
        href={of}
        note={late > 0 ? <b class="t-bad">{count(late)} late</b> : 'none late'}
      />
      <Figure
        label="Orders at risk"
        value={atRisk.orders}
        tone={atRisk.orders > 0 ? 'warn' : undefined}
        href="/transactions?atRisk=true"
        note="late, or with an open exception"
      />
      <Figure
        label="Money at risk"
        value={<BigSum of={atRisk.money} />}
        tone={atRisk.money.length > 0 ? 'warn' : undefined}
        href="/exceptions?sort=-money"
        note="in open exceptions"
      />
      <Figure
        label="Exceptions to mend"
        value={exceptions.open}
        tone={exceptions.overdue > 0 ? 'bad' : undefined}
        href="/exceptions"
        note={
          exceptions.overdue > 0
            ? `${count(exceptions.overdue)} overdue · ${count(exceptions.unassigned)} without owner`
            : `${count(exceptions.unassigned)} without owner`
        }
      />
      <Figure
        label="Failed documents"
        value={deadLetters.count}
        tone={deadLetters.count > 0 ? 'bad' : undefined}
        href="/dead-letters"
        note={
          <>
            {deadLetters.oldestAt ? <Time at={deadLetters.oldestAt} before="oldest " /> : 'none'}
            {parked.count > 0 && ` · ${count(parked.count)} parked`}
          </>
        }
      />
      <Figure
        label="On the way now"
        value={inFlight.count}
        note={inFlight.oldestAt ? <Time at={inFlight.oldestAt} before="oldest " /> : 'all delivered'}
      />
    </div>
  );
}

function Promises({ sla }: { sla: readonly SlaSummary[] }) {
  if (sla.length === 0)
    return (
      <Empty title="Nothing promised yet">
        <p>
          An SLAPolicy says by when a milestone must be reached, and warns before it is late, also when no document
          comes at all.
        </p>
      </Empty>
    );
  return (
    <ul class="promises in">
      {sla.map(({ policy, objective, pending, warning, breached, met, metLate }) => {
        const done = met + metLate;
        const late = breached + metLate;
        const all = Math.max(1, done + breached);
        const share = done + breached === 0 ? undefined : met / all;
        return (
          <li key={`${policy}/${objective}`}>
            <div class="row between">
              <span class="strong">{sentence(objective)}</span>
              <span class="num strong">{share === undefined ? '–' : `${Math.floor(share * 100)} %`}</span>
            </div>
            <span class="meter" aria-hidden="true">
              <i class="good" style={{ flex: met }} />
              <i class="warn" style={{ flex: metLate }} />
              <i class="bad" style={{ flex: breached }} />
            </span>
            <span class="muted num">
              {count(met)} in time ·{' '}
              {breached > 0 ? (
                <a class="underlined" href="/transactions?late=true">
                  {count(late)} late
                </a>
              ) : (
                `${count(late)} late`
              )}{' '}
              · {count(pending + warning)} running
              {warning > 0 && (
                <>
                  {' · '}
                  <b class="t-warn">{count(warning)} due soon</b>
                </>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
