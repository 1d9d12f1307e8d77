/** One group of dead letters: its cause, an example, and what to do with all of them. */
import { useEffect, useState } from 'preact/hooks';
import type {
  ActResult,
  DeadLetterDetail,
  DeadLetterGroup,
  DeadLetter as Letter,
} from '../../../tracker/api/contract.ts';
import { act, Failure } from '../lib/api.ts';
import { documentName, plural } from '../lib/format.ts';
import { useRead } from '../lib/read.ts';
import { go } from '../lib/router.ts';
import { mayAct, useMe } from '../lib/session.ts';
import { ActDialog } from '../ui/act.tsx';
import { Button, Chip, Empty, Figure, Page, Panel, Read, Time, Trouble } from '../ui/parts.tsx';
import { Payloads } from '../ui/payloads.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { causeOf, placeOf } from './dead-letters.tsx';

const COLUMNS: readonly Column<Letter>[] = [
  { head: 'Document', cell: ({ type }) => (type ? documentName(type) : 'What was received') },
  {
    head: 'Numbers',
    cell: ({ keys }) =>
      keys
        .slice(0, 3)
        .map(({ value }) => value)
        .join(', ') || '–',
  },
  { head: 'From', cell: ({ source }) => source },
  { head: 'What it says', cell: ({ message }) => message, whole: true },
  { head: 'Attempts', num: true, cell: ({ attempt }) => attempt },
  { head: 'When', num: true, cell: ({ at }) => <Time at={at} /> },
];
const path = ({ document }: Letter): string => `/documents/${encodeURIComponent(document)}`;

export function DeadLetter({ fingerprint }: { fingerprint: string }) {
  const detail = useRead('/dead-letters/{fingerprint}', {
    params: { fingerprint },
    topics: ['dead-letters', 'documents'],
  });
  const { data, error } = detail;
  const back = { path: '/dead-letters', name: 'Dead letters' };
  if (!data && error?.problem.status === 404)
    return (
      <Page title="This group is empty" back={back}>
        <Empty title="All of it went on, or was discarded">
          <a class="button" href="/dead-letters">
            What is left
          </a>
        </Empty>
      </Page>
    );
  return (
    <Page
      title={data ? causeOf(data.group.class) : 'Dead letters'}
      back={back}
      lead={data && <Lead group={data.group} />}
    >
      <Read of={detail} lines={12}>
        {(data) => <Whole data={data} again={detail.again} />}
      </Read>
    </Page>
  );
}

const Lead = ({ group }: { group: DeadLetterGroup }) => (
  <span class="row">
    {group.state === 'Parked' ? <Chip tone="wait">Waits for a person</Chip> : <Chip tone="bad">Failed</Chip>}
    <span>{placeOf(group)}</span>
    <span class="mono">{group.code}</span>
  </span>
);

type Doing = 'replay' | 'discard' | 'park';

function Whole({ data: { group, letters, next }, again }: { data: DeadLetterDetail; again: () => void }) {
  const me = useMe();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [doing, setDoing] = useState<Doing>();
  const documents = letters.filter((letter) => chosen.has(letter.document)).map(({ document }) => document);
  const n = documents.length || group.count;
  return (
    <>
      <div class="problem">
        <strong>{group.message}</strong>
        {group.impact && <p>{group.impact}</p>}
        <p>
          <a href={`/documents/${encodeURIComponent(group.example)}`}>Open the example</a> for every step that it took,
          and to edit and resubmit it alone where it could be read.
        </p>
      </div>
      {group.count > 1 && (
        <div class="figures">
          <Figure label="Documents" value={group.count} />
          <Figure label="First" value={<Time at={group.firstAt} />} />
          <Figure label="Last" value={<Time at={group.lastAt} />} />
          <Figure label="Partners" value={group.partners.length} note={group.partners.join(', ')} />
        </div>
      )}
      <Panel>
        {mayAct(me) && (
          <div class="bulk" role="toolbar" aria-label="What to do with them">
            <Button small kind="first" icon="replays" onClick={() => setDoing('replay')}>
              Replay{' '}
              {documents.length > 0 ? `${documents.length} chosen` : group.count === 1 ? 'it' : `all ${group.count}`} …
            </Button>
            {group.state === 'DeadLettered' && (
              <Button small icon="hand" onClick={() => setDoing('park')}>
                Park …
              </Button>
            )}
            <Button small icon="cross" onClick={() => setDoing('discard')}>
              Discard …
            </Button>
          </div>
        )}
        <Table
          label="Documents of the group"
          columns={COLUMNS}
          rows={letters}
          rowKey={({ document }) => document}
          href={path}
          selection={{ chosen, set: setChosen }}
        />
        {next && (
          <div class="pager">
            The first {plural(letters.length, 'document')} of {group.count} are shown; acts without a choice are about
            all.
          </div>
        )}
      </Panel>
      {me.mayReadPayloads && <Example id={group.example} />}
      {doing && (
        <Act
          doing={doing}
          group={group}
          n={n}
          {...(documents.length > 0 && { documents })}
          onClose={() => setDoing(undefined)}
          onDone={() => {
            setChosen(new Set());
            again();
          }}
        />
      )}
    </>
  );
}

function Example({ id }: { id: string }) {
  const { data } = useRead('/documents/{id}', { params: { id } });
  return data ? <Payloads document={id} of={data.payloads} /> : null;
}

const TEXTS: Record<Doing, { title: string; verb: string; says: string; done: string }> = {
  replay: {
    title: 'Replay',
    verb: 'Replay them',
    says: 'They go on from where they failed, with today’s mappings and addresses. An effect that happened already does not happen twice.',
    done: 'sent on',
  },
  park: {
    title: 'Park',
    verb: 'Park them',
    says: 'They leave the failures and wait for a person. Nothing is sent and nothing is lost.',
    done: 'parked',
  },
  discard: {
    title: 'Discard',
    verb: 'Discard them',
    says: 'They are taken out of the dead letters for good. What they held stays in the archive as long as it is kept.',
    done: 'discarded',
  },
};

interface ActPropsOfGroup {
  doing: Doing;
  group: DeadLetterGroup;
  n: number;
  documents?: string[];
  onClose(): void;
  onDone(): void;
}
function Act({ doing, group, n, documents, onClose, onDone }: ActPropsOfGroup) {
  const { title, verb, says, done } = TEXTS[doing];
  const endpoint = `POST /dead-letters/{fingerprint}/${doing}` as const;
  const params = { fingerprint: group.fingerprint };
  const [trial, setTrial] = useState<ActResult>();
  const [error, setError] = useState<Failure>();
  useEffect(() => {
    act(endpoint, params, { reason: 'what would happen', dryRun: true, ...(documents && { documents }) }).then(
      setTrial,
      (failure) => failure instanceof Failure && setError(failure),
    );
  }, []);
  return (
    <ActDialog
      title={`${title} ${plural(n, 'document')}`}
      verb={verb}
      danger={doing === 'discard'}
      disabled={trial === undefined || trial.selected === 0}
      reason={{ placeholder: doing === 'replay' ? 'Mapping mended, INC-4711' : '' }}
      onClose={onClose}
      run={async (reason) => {
        const result = await act(endpoint, params, { reason, ...(documents && { documents }) });
        onDone();
        if (result.failed.length === 0 && !documents) go('/dead-letters');
        return `${plural(result.done, 'document')} ${done}${result.failed.length > 0 ? `, ${result.failed.length} not: ${result.failed[0]!.message}` : ''}`;
      }}
    >
      <p>{says}</p>
      {error && <Trouble error={error} />}
      <div class="effect" aria-live="polite">
        <strong>What would happen</strong>
        {trial ? (
          <>
            <span>
              {plural(trial.selected, 'document')} would be {done}.
            </span>
            {trial.failed.map(({ id, message }) => (
              <span key={id} class="t-warn">
                {message}
              </span>
            ))}
          </>
        ) : (
          <span class="muted">{error ? 'It could not be tried.' : 'Trying it without doing it …'}</span>
        )}
      </div>
    </ActDialog>
  );
}
