/** How far an order is. */
import type { Milestone } from '../../../tracker/api/contract.ts';
import { exact, sentence } from '../lib/format.ts';
import { Icon } from './icon.tsx';
import { Time } from './parts.tsx';

const said = ({ name, state, at, done, of }: Milestone): string =>
  `${sentence(name)}: ${state === 'Reached' ? `reached${at ? ` ${exact(Date.parse(at))}` : ''}` : state === 'Partly' ? `partly${of === undefined ? '' : `, ${done ?? 0} of ${of}`}` : 'not yet'}`;

/** One small mark per milestone, for rows; and what is to come next, which is not what came last where something was left out. */
export function MilestoneMarks({ of }: { of: readonly Milestone[] }) {
  const reached = of.filter(({ state }) => state === 'Reached').length;
  const next = of.find(({ state }) => state !== 'Reached');
  return (
    <span class="marks" title={of.map(said).join('\n')}>
      <span class="dots" aria-hidden="true">
        {of.map(({ name, state }) => (
          <i key={name} class={state} />
        ))}
      </span>
      <small>
        {next ? `next: ${sentence(next.name).toLowerCase()}` : 'all reached'}
        <span class="sr">
          , {reached} of {of.length} milestones
        </span>
      </small>
    </span>
  );
}

/** All of them, with times. */
export function MilestoneBar({ of }: { of: readonly Milestone[] }) {
  return (
    <ol class="milestones">
      {of.map(({ name, state, at, done, of: all, byHand }) => (
        <li key={name} class={state}>
          <span class="sign">
            {state === 'Reached' && <Icon name={byHand ? 'hand' : 'check'} size={13} width={2.6} />}
          </span>
          <span class="name">{sentence(name)}</span>
          <span class="when">
            {at && <Time at={at} />}
            {state !== 'Reached' && (all ? `${done ?? 0} of ${all}` : state === 'Partly' ? 'partly' : 'not yet')}
            {byHand && ' · by hand'}
          </span>
        </li>
      ))}
    </ol>
  );
}
