/** What a person can do about exceptions, one or many at once. */
import { useState } from 'preact/hooks';
import type { ExceptionActKind, ExceptionItem, Money, Resolution } from '../../../tracker/api/contract.ts';
import { act } from '../lib/api.ts';
import { now } from '../lib/clock.ts';
import { plural, sentence } from '../lib/format.ts';
import { mayAct, useMe } from '../lib/session.ts';
import { ActDialog } from './act.tsx';
import { Button, Sum } from './parts.tsx';

const VERBS: Record<ExceptionActKind, string> = {
  Assign: 'Assign',
  Comment: 'Comment',
  Snooze: 'Snooze',
  Escalate: 'Escalate',
  Resolve: 'Resolve',
};

/** What can be decided about all of them. */
export const inCommon = (of: readonly ExceptionItem[]): Resolution[] => {
  const [first, ...others] = of.map(({ resolutions }) => resolutions);
  return (first ?? []).filter((one) =>
    others.every((all) =>
      all.some(
        ({ name, result, integration }) =>
          name === one.name && result === one.result && integration === one.integration,
      ),
    ),
  );
};
const says = ({ result, integration }: Resolution): string =>
  `${result === 'Settled' ? 'The difference is settled, and the order counts as matched.' : 'It leaves this list; the order stays unmatched until a document settles it.'} ${
    integration === undefined ? 'No system is told.' : `Told by the integration ${integration}.`
  }`;

export const sumOf = (items: readonly ExceptionItem[]): Money[] => {
  const byCurrency = Map.groupBy(
    items.flatMap(({ money }) => money ?? []),
    ({ currency }) => currency,
  );
  return [...byCurrency].map(([currency, all]) => ({ currency, amount: addAll(all.map(({ amount }) => amount)) }));
};
/** Exact sums of decimal text. */
export function addAll(amounts: readonly string[]): string {
  const places = Math.max(0, ...amounts.map((text) => text.split('.')[1]?.length ?? 0));
  const total = amounts.reduce((sum, text) => {
    const [whole = '0', fraction = ''] = text.split('.');
    return sum + BigInt(whole + fraction.padEnd(places, '0'));
  }, 0n);
  if (places === 0) return String(total);
  const digits = String(total < 0n ? -total : total).padStart(places + 1, '0');
  return `${total < 0n ? '-' : ''}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

export interface ExceptionActsProps {
  of: readonly ExceptionItem[];
  small?: boolean;
  onDone(): void;
}
export function ExceptionActs({ of, small, onDone }: ExceptionActsProps) {
  const me = useMe();
  const [kind, setKind] = useState<ExceptionActKind>();
  if (!mayAct(me)) return null;
  return (
    <>
      {(Object.keys(VERBS) as ExceptionActKind[]).map((each) => (
        <Button
          key={each}
          {...(small && { small })}
          {...(each === 'Resolve' && { kind: 'first' as const })}
          onClick={() => setKind(each)}
        >
          {VERBS[each]}
        </Button>
      ))}
      {kind && <Dialog kind={kind} of={of} onClose={() => setKind(undefined)} onDone={onDone} />}
    </>
  );
}

/** Local date and time as `<input type="datetime-local">` writes them. */
const inHours = (hours: number): string => {
  const at = new Date(now() + hours * 3_600_000);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};

function Dialog({
  kind,
  of,
  onClose,
  onDone,
}: {
  kind: ExceptionActKind;
  of: readonly ExceptionItem[];
  onClose: () => void;
  onDone: () => void;
}) {
  const me = useMe();
  const [owner, setOwner] = useState(of[0]?.owner ?? me.user);
  const [until, setUntil] = useState(() => inHours(24));
  const resolutions = inCommon(of);
  const [resolution, setResolution] = useState(resolutions[0]?.name);
  const many = plural(of.length, 'exception');
  return (
    <ActDialog
      title={`${VERBS[kind]}: ${many}`}
      verb={VERBS[kind]}
      reason={{
        label: kind === 'Resolve' ? 'Reason' : 'Comment',
        optional: kind === 'Assign' || kind === 'Snooze' || kind === 'Escalate',
        placeholder: kind === 'Resolve' ? 'Credit note 4711 agreed with Ms Wu' : '',
      }}
      disabled={(kind === 'Assign' && !owner.trim()) || (kind === 'Resolve' && !resolution)}
      onClose={onClose}
      run={async (text) => {
        const result = await act(
          'POST /exceptions/acts',
          {},
          {
            kind,
            exceptions: of.map(({ process, key, id, openedAt }) => ({ process, key, id, openedAt })),
            ...(text && { text }),
            ...(kind === 'Assign' && { owner: owner.trim() }),
            ...(kind === 'Snooze' && { until: new Date(until).toISOString() }),
            ...(kind === 'Resolve' && resolution && { resolution }),
          },
        );
        onDone();
        const failed =
          result.failed.length > 0 ? `, ${result.failed.length} refused: ${result.failed[0]!.message}` : '';
        return `${VERBS[kind]}: ${plural(result.done, 'exception')} done${failed}`;
      }}
    >
      <div class="effect">
        <strong>
          {of.length <= 4
            ? of.map(({ key, line }) => `${key}${line && ` line ${line}`}`).join(', ')
            : `${many} of ${plural(new Set(of.map(({ key }) => key)).size, 'order')}`}
        </strong>
        <span>
          At stake: <Sum of={sumOf(of)} none="no amount known" />
        </span>
      </div>
      {kind === 'Assign' && (
        <label class="field">
          <span>New owner</span>
          <input class="input" value={owner} onInput={(event) => setOwner(event.currentTarget.value)} />
        </label>
      )}
      {kind === 'Snooze' && (
        <label class="field">
          <span>Until</span>
          <input
            class="input"
            type="datetime-local"
            required
            value={until}
            onInput={(event) => setUntil(event.currentTarget.value)}
          />
          <small>It leaves the list and comes back then.</small>
        </label>
      )}
      {kind === 'Escalate' && <p>It is marked for all to see, until it is closed.</p>}
      {kind === 'Resolve' && (
        <fieldset class="choices">
          <legend class="label">What shall happen</legend>
          {resolutions.map((each) => (
            <label key={each.name}>
              <input
                type="radio"
                name="resolution"
                checked={resolution === each.name}
                onChange={() => setResolution(each.name)}
              />
              <span>
                <strong>{sentence(each.name)}</strong>
                <small class="muted">{says(each)}</small>
              </span>
            </label>
          ))}
          {resolutions.length === 0 && <p>Nothing can be decided about all of them alike: resolve them apart.</p>}
          <small class="muted">It holds for these figures: others open the exception again.</small>
        </fieldset>
      )}
    </ActDialog>
  );
}
