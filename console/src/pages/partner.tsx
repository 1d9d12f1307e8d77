/** One partner: its scorecard by week, how it is connected, and what does not agree with it. */
import type { PartnerDetail } from '../../../tracker/api/contract.ts';
import { count } from '../lib/format.ts';
import { useRead } from '../lib/read.ts';
import { FLOW } from '../lib/terms.ts';
import { Chart } from '../ui/chart.tsx';
import { Conditions } from '../ui/conditions.tsx';
import { ExceptionTable } from '../ui/exception-rows.tsx';
import { HoldButton } from '../ui/hold.tsx';
import { Chip, Empty, Figure, Page, Panel, Read, Time } from '../ui/parts.tsx';
import { ONBOARDING, percent, Share, seconds } from './partners.tsx';

export function Partner({ name }: { name: string }) {
  const detail = useRead('/partners/{name}', {
    params: { name },
    topics: ['transactions', 'exceptions', 'integrations', 'holds'],
  });
  const { data } = detail;
  return (
    <Page
      title={data?.displayName || name}
      back={{ path: '/partners', name: 'Partners' }}
      lead={
        data && (
          <span class="row">
            <Chip tone={FLOW[data.state][1]}>{FLOW[data.state][0]}</Chip>
            <span>{ONBOARDING[data.onboarding]}</span>
            {data.usage !== 'Unknown' && <span>{data.usage === 'Test' ? 'test documents' : 'real documents'}</span>}
            <span>{data.message}</span>
          </span>
        )
      }
      actions={
        data && (
          <>
            <a class="button" href={`/transactions?partner=${name}`}>
              Its orders
            </a>
            <HoldButton targetKind="Partner" targetName={name} onDone={detail.again} />
          </>
        )
      }
    >
      <Read of={detail} lines={12}>
        {(data) => <Whole data={data} />}
      </Read>
    </Page>
  );
}

function Whole({ data }: { data: PartnerDetail }) {
  const { scorecard: score, weeks } = data;
  return (
    <>
      <div class="figures">
        <Figure
          label="Orders"
          value={score.transactions}
          note={`${count(score.openTransactions)} open`}
          href={`/transactions?partner=${data.name}`}
        />
        <Figure label="In time" value={<Share of={score.onTime} />} note="of what was promised" />
        <Figure label="Ship notices right" value={<Share of={score.asnAccuracy} />} note="without any exception" />
        <Figure label="Confirms within" value={seconds(score.confirmationSeconds)} note="half of them faster" />
        <Figure label="Acknowledges within" value={seconds(score.acknowledgmentSeconds)} note="997, 999 or CONTRL" />
        <Figure
          label="Open exceptions"
          value={score.openExceptions}
          note={score.lastDocumentAt && <Time at={score.lastDocumentAt} before="last heard " />}
          href={`/exceptions?partner=${data.name}`}
        />
      </div>
      <div class="grid">
        <Panel class="w6" title="In time" note="share by week" inside>
          <Chart
            label="Share in time by week"
            x={weeks.map(({ week }) => week)}
            series={[{ name: 'In time', values: weeks.map(({ onTime }) => onTime), colour: '--flow-1' }]}
            format={percent}
            top={1}
          />
        </Panel>
        <Panel class="w6" title="Orders and exceptions" note="by week" inside>
          <Chart
            label="Orders and exceptions by week"
            x={weeks.map(({ week }) => week)}
            series={[
              { name: 'Orders', values: weeks.map(({ transactions }) => transactions), colour: '--flow-2', bars: true },
              { name: 'Exceptions', values: weeks.map(({ exceptions }) => exceptions), colour: '--warn-fill' },
            ]}
            format={count}
            whole
          />
        </Panel>
      </div>
      <div class="grid">
        <Panel class="w8" title="What does not agree">
          {data.exceptions.length > 0 ? (
            <ExceptionTable items={data.exceptions} of="Partner" />
          ) : (
            <Empty title="Everything agrees">
              <p>No open exception is about this partner.</p>
            </Empty>
          )}
        </Panel>
        <Panel class="w4" title="How it is connected" inside>
          <div class="stack">
            <dl class="pairs">
              <dt>Profile</dt>
              <dd>{data.profile ?? '–'}</dd>
              <dt>Channel</dt>
              <dd>{data.channel ?? '–'}</dd>
              <dt>Known as</dt>
              <dd>
                {data.identifiers.map((one) => (
                  <div class="mono" key={one}>
                    {one}
                  </div>
                ))}
              </dd>
              {data.documentTypes.length > 0 && (
                <>
                  <dt>Documents</dt>
                  <dd>{data.documentTypes.join(', ')}</dd>
                </>
              )}
            </dl>
            <Conditions of={data.conditions} />
          </div>
        </Panel>
      </div>
    </>
  );
}
