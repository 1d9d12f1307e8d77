/** Documents sent on again, many at once: what was meant, what came of each. */
import { useState } from 'preact/hooks';
import type { ReplayRequest, ReplayRow, ReplaySelector } from '../../../tracker/api/contract.ts';
import { act, Failure } from '../lib/api.ts';
import { count, plural, sentence } from '../lib/format.ts';
import { useRead } from '../lib/read.ts';
import { mayAct, useMe } from '../lib/session.ts';
import { REPLAY } from '../lib/terms.ts';
import { ActDialog, Modal } from '../ui/act.tsx';
import { Button, Chip, Empty, Page, Panel, Read, Time, Trouble } from '../ui/parts.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { CAUSES } from './dead-letters.tsx';

export function Replays() {
  const me = useMe();
  const list = useRead('/replays', { topics: ['replays'] });
  const [open, setOpen] = useState(false);
  return (
    <Page
      title="Replays"
      lead="Documents that are sent on again after a cause was mended. Effects that happened do not happen twice."
      actions={
        mayAct(me) && (
          <Button kind="first" icon="replays" onClick={() => setOpen(true)}>
            New replay …
          </Button>
        )
      }
    >
      <Panel>
        <Read of={list} lines={8}>
          {({ items }) =>
            items.length > 0 ? (
              <Table label="Replays" columns={columns(list.again)} rows={items} rowKey={({ name }) => name} />
            ) : (
              <Empty title="Nothing was replayed yet">
                <p>
                  After an outage, or when a mapping was wrong, a replay sends on all documents that it touched: chosen
                  by integration, cause, partner and time, tried without effect first, at a rate that the receiver
                  bears.
                </p>
                <p>
                  For one group of failures with the same cause,{' '}
                  <a href="/dead-letters">replay it from the dead letters</a>.
                </p>
              </Empty>
            )
          }
        </Read>
      </Panel>
      {open && <NewReplay onClose={() => setOpen(false)} onDone={list.again} />}
    </Page>
  );
}

const said = (selector: ReplaySelector): string =>
  Object.entries(selector)
    .map(
      ([name, value]) =>
        `${sentence(name).toLowerCase()} ${Array.isArray(value) ? value.join(', ') : name === 'since' || name === 'until' ? String(value).slice(0, 16).replace('T', ' ') : value}`,
    )
    .join(' · ');

const columns = (again: () => void): readonly Column<ReplayRow>[] => [
  {
    head: 'Reason',
    cell: ({ reason, by }) => (
      <>
        <span class="strong">{reason}</span>
        {by && <small>by {by}</small>}
      </>
    ),
  },
  {
    head: 'Standing',
    bare: true,
    cell: ({ state, mode, message }) => (
      <span class="row">
        <Chip tone={REPLAY[state][1]} {...(message && { title: message })}>
          {REPLAY[state][0]}
        </Chip>
        {mode === 'DryRun' && <Chip tone="plain">Tried only</Chip>}
      </span>
    ),
  },
  {
    head: 'What',
    whole: true,
    bare: true,
    cell: ({ selector, message }) => (
      <>
        {said(selector)}
        {message && <small>{message}</small>}
      </>
    ),
  },
  {
    head: 'Progress',
    cell: ({ mode, selected, done, failed }) =>
      mode === 'DryRun' ? (
        <span class="num">{plural(selected, 'document')} meant</span>
      ) : (
        <span class="progress">
          <span class="meter" aria-hidden="true">
            <i class="good" style={{ flex: done }} />
            <i class="bad" style={{ flex: failed }} />
            <i style={{ flex: Math.max(0, selected - done - failed) }} />
          </span>
          <small class="num">
            {count(done)} of {count(selected)}
            {failed > 0 && <b class="t-bad"> · {count(failed)} failed</b>}
          </small>
        </span>
      ),
  },
  { head: 'Begun', num: true, cell: ({ createdAt }) => <Time at={createdAt} /> },
  {
    head: 'What one can do',
    silent: true,
    bare: true,
    num: true,
    cell: (replay) => <More of={replay} again={again} />,
  },
];

function More({ of, again }: { of: ReplayRow; again: () => void }) {
  const me = useMe();
  const [open, setOpen] = useState<'outcomes' | 'cancel' | 'approve'>();
  const going = of.state === 'Running' || of.state === 'Pending' || of.state === 'AwaitingApproval';
  const close = (): void => setOpen(undefined);
  return (
    <span class="row" style={{ justifyContent: 'flex-end' }}>
      {of.outcomes.length > 0 && (
        <Button small onClick={() => setOpen('outcomes')}>
          Outcomes
        </Button>
      )}
      {of.state === 'AwaitingApproval' && mayAct(me) && of.by !== me.user && (
        <Button small kind="first" onClick={() => setOpen('approve')}>
          Approve …
        </Button>
      )}
      {going && mayAct(me) && (
        <Button small onClick={() => setOpen('cancel')}>
          Cancel …
        </Button>
      )}
      {open === 'outcomes' && (
        <Modal title="Outcomes" onClose={close}>
          <div>
            <h2>What came of each</h2>
            <ul class="stack tight">
              {of.outcomes.map(({ document, outcome, message }) => (
                <li key={document} class="row between">
                  <a class="mono" href={`/documents/${encodeURIComponent(document)}`}>
                    {document.slice(0, 24)}
                  </a>
                  <span>
                    {sentence(outcome)}
                    {message && <span class="muted"> · {message}</span>}
                  </span>
                </li>
              ))}
            </ul>
            <div class="do">
              <Button kind="first" onClick={close}>
                Close
              </Button>
            </div>
          </div>
        </Modal>
      )}
      {open === 'approve' && (
        <ActDialog
          title="Approve the replay"
          verb="Approve it"
          reason={false}
          onClose={close}
          run={async () => {
            await act('POST /replays/{name}/approve', { name: of.name }, undefined);
            again();
            return 'Approved: it begins';
          }}
        >
          <p>
            {of.by ?? 'Somebody'} wants {plural(of.selected, 'document')} sent on again: “{of.reason}”. So many need a
            second person.
          </p>
        </ActDialog>
      )}
      {open === 'cancel' && (
        <ActDialog
          title="Cancel the replay"
          verb="Cancel it"
          danger
          onClose={close}
          run={async (reason) => {
            await act('POST /replays/{name}/cancel', { name: of.name }, { reason });
            again();
            return 'Cancelled: what was sent on stays so';
          }}
        >
          <p>
            {count(of.done)} of {count(of.selected)} were sent on and stay so. The others stay where they are.
          </p>
        </ActDialog>
      )}
    </span>
  );
}

/** Tried first: only what a dry run selected can be run. */
function NewReplay({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const [selector, setSelector] = useState<ReplaySelector>({});
  const [rate, setRate] = useState('20');
  const [trial, setTrial] = useState<{ of: string; row: ReplayRow }>();
  const [trouble, setTrouble] = useState<Failure>();
  const integrations = useRead('/integrations').data?.items ?? [];
  const partners = useRead('/partners').data?.items ?? [];
  const request = (mode: ReplayRequest['mode'], reason: string): ReplayRequest => ({
    mode,
    reason,
    selector,
    ...(rate && { ratePerSecond: Number(rate) }),
  });
  const set = (name: keyof ReplaySelector, value: string | undefined): void => {
    const { [name]: _, ...rest } = selector;
    setSelector(value ? { ...rest, [name]: value } : rest);
  };
  const text = JSON.stringify(selector);
  const list = useRead('/replays', { topics: ['replays'] }).data?.items ?? [];
  const mine = trial?.of === text ? trial.row : undefined;
  // It is tried apart from this request: its row in the list tells when it is done.
  const tried = list.find(({ name }) => name === mine?.name) ?? mine;
  const trying = tried?.state === 'Pending' || tried?.state === 'Running';
  const attempt = (): void => {
    setTrouble(undefined);
    act('POST /replays', {}, request('DryRun', 'what would happen')).then(
      (row) => {
        setTrial({ of: text, row });
        onDone();
      },
      (failure) => failure instanceof Failure && setTrouble(failure),
    );
  };
  const choice = (name: keyof ReplaySelector, label: string, options: readonly (readonly [string, string])[]) => (
    <label class="field">
      <span>{label}</span>
      <select
        class="input"
        value={(selector[name] as string | undefined) ?? ''}
        onChange={(event) => set(name, event.currentTarget.value)}
      >
        <option value="">any</option>
        {options.map(([value, each]) => (
          <option key={value} value={value}>
            {each}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <ActDialog
      title="New replay"
      verb="Replay them"
      disabled={!tried || trying || tried.selected === 0}
      reason={{ placeholder: 'ERP outage of 20 November, INC-4711' }}
      onClose={onClose}
      run={async (reason) => {
        await act('POST /replays', {}, request('Run', reason));
        onDone();
        return `A replay of ${plural(tried!.selected, 'document')} has begun`;
      }}
    >
      <div class="two">
        {choice(
          'integration',
          'Integration',
          integrations.map(({ integration }) => [integration, sentence(integration)]),
        )}
        {choice('class', 'Cause', Object.entries(CAUSES))}
        {choice(
          'partner',
          'Partner',
          partners.map(({ name, displayName }) => [name, displayName || name]),
        )}
        <label class="field">
          <span>Documents per second</span>
          <input
            class="input"
            type="number"
            min="1"
            max="1000"
            value={rate}
            onInput={(event) => setRate(event.currentTarget.value)}
          />
        </label>
        {(['since', 'until'] as const).map((name) => (
          <label class="field" key={name}>
            <span>{name === 'since' ? 'Failed since' : 'Failed until'}</span>
            <input
              class="input"
              type="datetime-local"
              onInput={(event) =>
                set(name, event.currentTarget.value && new Date(event.currentTarget.value).toISOString())
              }
            />
          </label>
        ))}
      </div>
      {trouble && <Trouble error={trouble} />}
      <div class="effect" aria-live="polite">
        {tried ? (
          <>
            <strong>
              {trying
                ? 'Trying it without doing it …'
                : `${plural(tried.selected, 'document')} would be sent on again.`}
            </strong>
            {!trying && tried.message && <span>{tried.message}</span>}
          </>
        ) : (
          <span>Try it first: nothing is sent, and you see what is meant.</span>
        )}
        <div>
          <Button small disabled={trying} onClick={attempt}>
            Try it
          </Button>
        </div>
      </div>
    </ActDialog>
  );
}
