/** What lists have around them: filters that are on or off, the choice of a partner, pages, and the way to take them along. */
import { address, type GetPath } from '../lib/api.ts';
import { useRead } from '../lib/read.ts';
import { setFilters, usePlace, withFilters } from '../lib/router.ts';
import { Icon } from './icon.tsx';
import { Select } from './parts.tsx';

/** Filters of the address; a change begins at the first page. */
export const setFilter =
  (name: string) =>
  (value: string | undefined): void =>
    setFilters({ [name]: value, cursor: undefined });

export function Toggle({ name, label }: { name: string; label: string }) {
  const on = usePlace().query.get(name) === 'true';
  return (
    <button type="button" class="button" aria-pressed={on} onClick={() => setFilter(name)(on ? undefined : 'true')}>
      {on && <Icon name="check" size={13} width={2.4} />}
      {label}
    </button>
  );
}

export function PartnerFilter() {
  const { query } = usePlace();
  const partners = useRead('/partners').data?.items ?? [];
  return (
    <Select
      label="Partner"
      all="All partners"
      value={query.get('partner') ?? undefined}
      options={partners.map(({ name, displayName }) => [name, displayName || name])}
      onChange={setFilter('partner')}
    />
  );
}

export function Pager({ next }: { next: string | undefined }) {
  const cursor = usePlace().query.has('cursor');
  if (!next && !cursor) return null;
  return (
    <div class="pager">
      {cursor && <a href={withFilters({ cursor: undefined })}>First page</a>}
      {next && (
        <a class="button small" href={withFilters({ cursor: next })}>
          Next page
        </a>
      )}
    </div>
  );
}

export const Csv = ({ of, query = {} }: { of: GetPath; query?: object }) => (
  <a class="button" href={address(of, {}, { ...query, format: 'csv' })} download={`${of.slice(1)}.csv`}>
    <Icon name="down" size={16} />
    CSV
  </a>
);
