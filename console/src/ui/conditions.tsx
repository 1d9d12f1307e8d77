import type { Condition } from '../../../tracker/api/contract.ts';
import { sentence } from '../lib/format.ts';
import { Chip } from './parts.tsx';

/** Conditions as `kubectl describe` knows them, said in words. */
export const Conditions = ({ of }: { of: readonly Condition[] }) => (
  <ul class="conditions">
    {of.map(({ type, status, reason, message }) => {
      const inverse = /^(Degraded|Conflicted|Stalled|Reconciling)$/.test(type);
      // What would be bad is told when it is so.
      if (inverse && status !== 'True') return null;
      const fine = status === (inverse ? 'False' : 'True');
      return (
        <li key={type}>
          <Chip tone={fine ? 'good' : status === 'Unknown' ? 'plain' : 'bad'}>{sentence(type)}</Chip>
          {!fine && (
            <small class="muted">
              {sentence(reason)}
              {message && `: ${message}`}
            </small>
          )}
        </li>
      );
    })}
  </ul>
);
