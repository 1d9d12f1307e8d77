/** Filters that are worth a name. */
import { useState } from 'preact/hooks';
import { act } from '../lib/api.ts';
import { useRead } from '../lib/read.ts';
import { usePlace } from '../lib/router.ts';
import { mayAct, useMe } from '../lib/session.ts';
import { ActDialog } from './act.tsx';
import { Icon } from './icon.tsx';
import { Button } from './parts.tsx';

export function Views({ page, filters }: { page: string; filters: readonly string[] }) {
  const views = useRead('/views');
  const { query, path } = usePlace();
  const [saving, setSaving] = useState(false);
  const now = Object.fromEntries(filters.flatMap((name) => (query.get(name) ? [[name, query.get(name)!]] : [])));
  const own = (views.data?.items ?? []).filter((view) => view.page === page);
  return (
    <details class="menu-of">
      <summary class="button">
        <Icon name="star" size={16} />
        Views
      </summary>
      <div class="panel">
        {own.length === 0 && <p class="muted">Filters that you save under a name are kept here.</p>}
        {own.map((view) => (
          <div class="row between" key={`${view.owner}/${view.name}`}>
            <a href={`${path}?${new URLSearchParams(view.query)}`}>{view.name}</a>
            {view.own ? (
              <Button
                kind="plain"
                small
                icon="cross"
                label={`Delete the view ${view.name}`}
                onClick={() => void act('DELETE /views/{name}', { name: view.name }, undefined).then(views.again)}
              />
            ) : (
              <small class="muted">{view.owner}</small>
            )}
          </div>
        ))}
        <Button small onClick={() => setSaving(true)} disabled={Object.keys(now).length === 0}>
          Save these filters …
        </Button>
      </div>
      {saving && <Save page={page} query={now} onClose={() => setSaving(false)} onSaved={views.again} />}
    </details>
  );
}

function Save({
  page,
  query,
  onClose,
  onSaved,
}: {
  page: string;
  query: Record<string, string>;
  onClose: () => void;
  onSaved: () => void;
}) {
  const me = useMe();
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  return (
    <ActDialog
      title="Save these filters"
      verb="Save"
      reason={false}
      disabled={!name.trim()}
      onClose={onClose}
      run={async () => {
        await act('PUT /views/{name}', { name: name.trim() }, { page, query, ...(shared && { shared }) });
        onSaved();
        return `Saved as “${name.trim()}”`;
      }}
    >
      <label class="field">
        <span>Name</span>
        <input class="input" value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      {mayAct(me) && (
        <label class="row">
          <input type="checkbox" checked={shared} onChange={() => setShared(!shared)} />
          Everybody sees it
        </label>
      )}
    </ActDialog>
  );
}
