/** One document: what became of it, what it held before and after mapping, and what can be done about it. */
import { useState } from 'preact/hooks';
import type { DocumentDetail, Entry, PayloadRef } from '../../../tracker/api/contract.ts';
import { act } from '../lib/api.ts';
import { documentName, sentence } from '../lib/format.ts';
import { useOverview } from '../lib/overview.ts';
import { useRead } from '../lib/read.ts';
import { isStaff, mayAct, useMe } from '../lib/session.ts';
import { DOCUMENT } from '../lib/terms.ts';
import { ActDialog } from '../ui/act.tsx';
import { Links } from '../ui/links.tsx';
import { transactionPath } from '../ui/orders.tsx';
import { Button, Chip, Page, Panel, Read, Time } from '../ui/parts.tsx';
import { Payloads } from '../ui/payloads.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { sourceOf } from '../ui/timeline.tsx';

export function Document({ id }: { id: string }) {
  const detail = useRead('/documents/{id}', { params: { id }, topics: ['documents'] });
  const { data } = detail;
  const [first] = data?.transactions ?? [];
  return (
    <Page
      title={data ? documentName(data.type) : 'Document'}
      back={first ? { path: transactionPath(first), name: first.key } : { path: '/transactions', name: 'Transactions' }}
      lead={data && <Lead data={data} />}
      actions={
        data && (
          <>
            <Links of={data.links} />
            <Acts data={data} onDone={detail.again} />
          </>
        )
      }
    >
      <Read of={detail} lines={14}>
        {(data) => <Whole data={data} />}
      </Read>
    </Page>
  );
}

const Lead = ({ data }: { data: DocumentDetail }) => {
  const flows = useOverview()?.flows ?? [];
  return (
    <span class="row">
      {data.state && <Chip tone={DOCUMENT[data.state][1]}>{DOCUMENT[data.state][0]}</Chip>}
      <span>from {data.origin === 'partner' ? data.source : sourceOf(data, flows)}</span>
      <Time at={data.at} />
    </span>
  );
};

function Whole({ data }: { data: DocumentDetail }) {
  const me = useMe();
  const failed = data.accounts.filter(({ error }) => error !== undefined);
  const kin = [
    ...data.ancestors.map((one) => ({ ...one, how: 'made of' })),
    ...data.descendants.map((one) => ({ ...one, how: 'led to' })),
  ];
  return (
    <>
      {failed.map(({ destination, error, state }) => (
        <div class={`problem ${state === 'DeadLettered' ? '' : 'warn'}`} key={destination}>
          <strong>{error!.message}</strong>
          <dl>
            <dt>Where</dt>
            <dd>{destination || 'when it was received'}</dd>
            <dt>What kind</dt>
            <dd>
              {sentence(error!.class)} ({error!.code})
            </dd>
          </dl>
          {isStaff(me) && (state === 'DeadLettered' || state === 'Parked') && (
            <p>
              Mend the cause, then send it on from <a href={groupsPath(destination, error!.class)}>its group</a> with
              all that failed for the same cause.
            </p>
          )}
        </div>
      ))}
      <Contents data={data} />
      <div class="grid">
        <Panel class="w8" title="Step by step">
          <Table label="What happened to it" columns={ENTRIES} rows={data.entries} rowKey={({ id }) => id} />
        </Panel>
        <Panel class="w4" title="What it is" inside>
          <dl class="pairs">
            {data.transactions.map((one) => (
              <Pair key={one.key} name="Belongs to">
                <a href={transactionPath(one)}>{one.key}</a>
              </Pair>
            ))}
            {[...Map.groupBy(data.keys, ({ name }) => name)].map(([name, keys]) => (
              <Pair key={name} name={KEYS[name] ?? sentence(name)}>
                {keys.slice(0, SHOWN_KEYS).map(({ value }) => (
                  <div key={value}>
                    <a href={`/transactions?${new URLSearchParams({ q: value })}`}>{value}</a>
                  </div>
                ))}
                {keys.length > SHOWN_KEYS && <span class="muted">and {keys.length - SHOWN_KEYS} more</span>}
              </Pair>
            ))}
            {kin.map(({ id, type, at, how }) => (
              <Pair key={id} name={how}>
                <a href={`/documents/${encodeURIComponent(id)}`}>{documentName(type)}</a> <Time at={at} />
              </Pair>
            ))}
            <Pair name="Type">{data.type}</Pair>
            {data.revision && (
              <Pair name="Revision">
                {data.revision.sequence} {data.revision.action}
              </Pair>
            )}
            <Pair name="Id">
              <span class="mono">{data.id}</span>
            </Pair>
            {data.traceId && (
              <Pair name="Trace">
                <span class="mono">{data.traceId}</span>
              </Pair>
            )}
          </dl>
        </Panel>
      </div>
    </>
  );
}
const groupsPath = (destination: string, cause: string): string =>
  `/dead-letters?${new URLSearchParams({ ...(destination && { integration: destination.split('/')[0]! }), class: cause })}`;
/** A pallet list may have hundreds. */
const SHOWN_KEYS = 6;
const KEYS: Record<string, string> = { sscc: 'SSCC' };
const Pair = ({ name, children }: { name: string; children: preact.ComponentChildren }) => (
  <>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </>
);

function Contents({ data }: { data: DocumentDetail }) {
  const me = useMe();
  if (!me.mayReadPayloads)
    return (
      <Panel title="Contents" inside>
        <p class="muted">
          What documents hold is shown to those with the right to read payloads. Ask whoever gives roles.
        </p>
      </Panel>
    );
  return <Payloads document={data.id} of={data.payloads} />;
}

const OUTCOMES: Record<string, string> = {
  Accepted: 'Accepted',
  Routed: 'Given to its destinations',
  Retrying: 'Failed, tried again later',
  Replayed: 'Sent on again',
};
const ENTRIES: readonly Column<Entry>[] = [
  { head: 'When', cell: ({ at }) => <Time at={at} />, width: '7rem' },
  {
    head: 'What',
    whole: true,
    cell: (entry) => (
      <>
        <span class="strong">
          {OUTCOMES[entry.outcome] ?? DOCUMENT[entry.outcome as keyof typeof DOCUMENT]?.[0] ?? sentence(entry.outcome)}
        </span>
        {entry.attempt > 1 && <span class="muted"> · attempt {entry.attempt}</span>}
        {entry.error && <small class="t-bad">{entry.error.message}</small>}
        {entry.error?.violations?.map(({ field, message }) => (
          <small key={`${field} ${message}`}>
            <span class="mono">{field}</span> {message}
          </small>
        ))}
        {entry.by && (
          <small>
            by {entry.by}: “{entry.reason}”
          </small>
        )}
        {entry.detail && (
          <small>
            {Object.entries(entry.detail)
              .map(([name, value]) => `${name} ${String(value).replace(/@([0-9a-f]{8})[0-9a-f]+$/, '@$1')}`)
              .join(' · ')}
          </small>
        )}
      </>
    ),
  },
  { head: 'Where', cell: ({ destination }) => destination || 'received' },
];

function Acts({ data, onDone }: { data: DocumentDetail; onDone: () => void }) {
  const me = useMe();
  const [doing, setDoing] = useState<'resubmit' | 'resend'>();
  if (!mayAct(me)) return null;
  const canonical = data.payloads.findLast(({ stage, kept }) => stage === 'Canonical' && kept);
  const close = (): void => setDoing(undefined);
  return (
    <>
      {data.mayResend && (
        <Button icon="replays" onClick={() => setDoing('resend')}>
          Send again
        </Button>
      )}
      {data.mayResubmit && canonical && (
        <Button kind="first" onClick={() => setDoing('resubmit')}>
          Edit and resubmit
        </Button>
      )}
      {doing === 'resend' && <Resend data={data} onClose={close} onDone={onDone} />}
      {doing === 'resubmit' && canonical && (
        <Resubmit data={data} payload={canonical} onClose={close} onDone={onDone} />
      )}
    </>
  );
}

function Resend({ data, onClose, onDone }: { data: DocumentDetail; onClose: () => void; onDone: () => void }) {
  const destinations = data.accounts
    .map(({ destination }) => destination)
    .filter((destination) => destination.includes('/'));
  const [destination, setDestination] = useState(destinations[0] ?? '');
  return (
    <ActDialog
      title="Send it again"
      verb="Send it again"
      disabled={!destination}
      onClose={onClose}
      run={async (reason) => {
        await act('POST /documents/{id}/resend', { id: data.id }, { destination, reason });
        onDone();
        return `On its way again to ${destination}`;
      }}
    >
      <p>
        It goes out once more, as a new effect: a receiver that took it already takes it twice unless it knows the
        number.
      </p>
      <label class="field">
        <span>To</span>
        <select class="input" value={destination} onChange={(event) => setDestination(event.currentTarget.value)}>
          {destinations.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
    </ActDialog>
  );
}

function Resubmit({
  data,
  payload,
  onClose,
  onDone,
}: {
  data: DocumentDetail;
  payload: PayloadRef;
  onClose: () => void;
  onDone: () => void;
}) {
  const [text, setText] = useState<string>();
  const before = useRead('/documents/{id}/payloads/{n}', { params: { id: data.id, n: payload.n } });
  const now = text ?? before.data?.text;
  const trouble = now === undefined ? undefined : problemOf(now);
  const redacted = before.data?.redacted ?? [];
  return (
    <ActDialog
      title="Edit and resubmit"
      verb="Resubmit"
      wide
      disabled={now === undefined || trouble !== undefined || redacted.length > 0}
      onClose={onClose}
      run={async (reason) => {
        const result = await act('POST /documents/{id}/resubmit', { id: data.id }, { payload: now!, reason });
        onDone();
        return result.document ? 'Taken in as a new document of the same order' : 'Resubmitted';
      }}
    >
      <p>
        It is taken in as a new document that this one led to: checked by the rules of its type, then given to every
        integration that wants it.
      </p>
      {redacted.length > 0 && (
        <p class="t-warn">
          It holds sensitive fields that are not shown ({redacted.join(', ')}), so it cannot be edited here.
        </p>
      )}
      <label class="field">
        <span>{documentName(data.type)} as JSON</span>
        <textarea
          class="input code"
          spellcheck={false}
          value={now ?? ''}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <small class={trouble ? 't-bad' : ''}>{trouble ?? 'It is JSON.'}</small>
      </label>
    </ActDialog>
  );
}
function problemOf(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return `This is not JSON: ${(error as Error).message}`;
  }
}
