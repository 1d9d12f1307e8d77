/** Holds: something is stopped by a person, with a reason, until a time or until it is let go. */
import { useState } from 'preact/hooks';
import type { HoldRequest, HoldRow } from '../../../tracker/api/contract.ts';
import { act } from '../lib/api.ts';
import { exact } from '../lib/format.ts';
import { mayAct, useMe } from '../lib/session.ts';
import { ActDialog } from './act.tsx';
import { Button } from './parts.tsx';

const DIRECTIONS: readonly (readonly [NonNullable<HoldRequest['direction']>, name: string, says: string])[] = [
  ['Outbound', 'Nothing goes out', 'Documents are taken in and checked; what is to be delivered waits in its queue.'],
  ['Inbound', 'Nothing is taken in', 'Who sends by HTTP is told to come again later (503), files stay where they are.'],
  ['Both', 'Neither', 'Nothing is taken in and nothing goes out.'],
];

type Target = Pick<HoldRequest, 'targetKind' | 'targetName'>;
export function HoldButton({ onDone, small, ...target }: Target & { onDone: () => void; small?: boolean }) {
  const me = useMe();
  const [open, setOpen] = useState(false);
  if (!mayAct(me)) return null;
  return (
    <>
      <Button icon="pause" onClick={() => setOpen(true)} {...(small && { small })}>
        Hold …
      </Button>
      {open && <HoldDialog {...target} onClose={() => setOpen(false)} onDone={onDone} />}
    </>
  );
}

function HoldDialog({ targetKind, targetName, onClose, onDone }: Target & { onClose: () => void; onDone: () => void }) {
  const [direction, setDirection] = useState<NonNullable<HoldRequest['direction']>>('Outbound');
  const [until, setUntil] = useState('');
  return (
    <ActDialog
      title={`Hold ${targetName}`}
      verb="Hold it"
      reason={{ placeholder: 'The ERP closes its month' }}
      onClose={onClose}
      run={async (reason) => {
        await act(
          'POST /holds',
          {},
          {
            targetKind,
            targetName,
            reason,
            direction,
            ...(until && { until: new Date(until).toISOString() }),
          },
        );
        onDone();
        return `${targetName} is on hold`;
      }}
    >
      <fieldset class="choices">
        <legend class="label">What is held</legend>
        {DIRECTIONS.map(([each, name, says]) => (
          <label key={each}>
            <input type="radio" name="direction" checked={direction === each} onChange={() => setDirection(each)} />
            <span>
              <strong>{name}</strong>
              <small class="muted">{says}</small>
            </span>
          </label>
        ))}
      </fieldset>
      <label class="field">
        <span>Until</span>
        <input
          class="input"
          type="datetime-local"
          value={until}
          onInput={(event) => setUntil(event.currentTarget.value)}
        />
        <small>
          {until ? `It ends by itself: ${exact(Date.parse(until))}` : 'Until somebody lets it go, if left empty.'}
        </small>
      </label>
      <p class="muted">Nothing is lost: what waits goes on when the hold ends.</p>
    </ActDialog>
  );
}

export function EndHold({ of, onDone }: { of: HoldRow; onDone: () => void }) {
  const me = useMe();
  const [open, setOpen] = useState(false);
  if (!mayAct(me)) return null;
  return (
    <>
      <Button small onClick={() => setOpen(true)}>
        Let it go …
      </Button>
      {open && (
        <ActDialog
          title={`Let ${of.targetName} go`}
          verb="Let it go"
          reason={false}
          onClose={() => setOpen(false)}
          run={async () => {
            await act('DELETE /holds/{name}', { name: of.name }, undefined);
            onDone();
            return `${of.targetName} goes on`;
          }}
        >
          <p>It was held: “{of.reason}”. Whatever waits is worked on at once, oldest first.</p>
        </ActDialog>
      )}
    </>
  );
}
