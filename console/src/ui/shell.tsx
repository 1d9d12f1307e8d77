/** Navigation at the left, search at the top, the page between. */
import type { ComponentChildren } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import { act } from '../lib/api.ts';
import { count } from '../lib/format.ts';
import { listenToKeys, PLACES } from '../lib/keys.ts';
import { useLive } from '../lib/live.ts';
import { useOverview } from '../lib/overview.ts';
import { go, usePlace } from '../lib/router.ts';
import { maySee, Session } from '../lib/session.ts';
import { type Theme, useTheme } from '../lib/theme.ts';
import { Modal } from './act.tsx';
import { Icon, type IconName } from './icon.tsx';
import { Button } from './parts.tsx';

export const Mark = () => (
  <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
    <rect width="32" height="32" rx="8" fill="var(--accent)" />
    <path
      d="M7 11h7l4 10h7M7 21h7l1.400-3.500M18 11h7M16.600 14.500 18 11"
      fill="none"
      stroke="var(--accent-ink)"
      stroke-width="2.600"
      stroke-linecap="round"
      stroke-linejoin="round"
    />
  </svg>
);

type Item = readonly [path: string, name: string, icon: IconName, tally?: 'exceptions' | 'dead'];
const NAVIGATION: readonly (readonly [group: string | undefined, items: readonly Item[]])[] = [
  [
    undefined,
    [
      ['/', 'Overview', 'overview'],
      ['/today', 'Today', 'today'],
      ['/transactions', 'Transactions', 'transactions'],
    ],
  ],
  [
    'To do',
    [
      ['/exceptions', 'Exceptions', 'exceptions', 'exceptions'],
      ['/dead-letters', 'Dead letters', 'dead', 'dead'],
      ['/replays', 'Replays', 'replays'],
    ],
  ],
  [
    'Who and how',
    [
      ['/partners', 'Partners', 'partners'],
      ['/integrations', 'Integrations', 'integrations'],
    ],
  ],
  [
    'Looking back',
    [
      ['/measures', 'Measures', 'measures'],
      ['/audit', 'Audit', 'audit'],
    ],
  ],
];

const THEMES: readonly (readonly [Theme, string, IconName])[] = [
  ['system', 'As the system has it', 'auto'],
  ['light', 'Light', 'sun'],
  ['dark', 'Dark', 'moon'],
];

export function Shell({ children }: { children: ComponentChildren }) {
  const me = useContext(Session);
  const { path } = usePlace();
  const [open, setOpen] = useState(false);
  const [help, setHelp] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const live = useLive();
  useEffect(() => setOpen(false), [path]);
  useEffect(() => {
    if (!open) return;
    const close = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') setOpen(false);
    };
    addEventListener('keydown', close);
    return () => removeEventListener('keydown', close);
  }, [open]);
  useEffect(() => listenToKeys({ search: () => field.current?.focus(), help: () => setHelp(true) }), []);

  return (
    <div class={`shell ${open ? 'open' : ''}`}>
      <a class="skip" href="#main">
        To the page
      </a>
      <aside class="rail">
        <a class="brand" href="/">
          <Mark /> Crossdock
        </a>
        <Navigation path={path} />
        <footer>
          <ThemeSwitch />
          {me && <Who />}
        </footer>
      </aside>
      {open && <button type="button" class="veil" aria-label="Close the navigation" onClick={() => setOpen(false)} />}
      <div class="grow">
        <header class="top">
          <div class="menu">
            <Button icon="menu" kind="plain" label="Navigation" expanded={open} onClick={() => setOpen(!open)} />
          </div>
          <Find field={field} />
          <div class="grow" />
          <span
            class={`live ${live ? 'on' : ''}`}
            title={
              live ? 'What changes is shown as it happens' : 'No connection at the moment: what you see may be old'
            }
          >
            <span>{live ? 'Live' : 'Not live'}</span>
          </span>
          <Button kind="plain" label="Help: keys" title="Keys (?)" onClick={() => setHelp(true)}>
            ?
          </Button>
        </header>
        <main id="main" tabIndex={-1}>
          {children}
        </main>
      </div>
      {help && <Help onClose={() => setHelp(false)} />}
    </div>
  );
}

function Navigation({ path }: { path: string }) {
  const me = useContext(Session);
  const data = useOverview(['exceptions', 'dead-letters', 'transactions']);
  const tallies = data && {
    exceptions: { n: data.exceptions.open, bad: data.exceptions.overdue > 0 },
    dead: { n: data.deadLetters.count + data.parked.count, bad: data.deadLetters.count > 0 },
  };
  return (
    <nav aria-label="Pages">
      {NAVIGATION.map(([group, items]) => [group, items.filter(([to]) => !me || maySee(me, to))] as const)
        .filter(([, items]) => items.length > 0)
        .map(([group, items]) => (
          <div key={group}>
            {group && <h2>{group}</h2>}
            {items.map(([to, name, icon, kind]) => {
              const here = to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`);
              const tally = kind && tallies?.[kind];
              return (
                <a key={to} href={to} aria-current={here ? 'page' : undefined}>
                  <Icon name={icon} />
                  {name}
                  {tally && tally.n > 0 && <span class={`tally ${tally.bad ? 'bad' : ''}`}>{count(tally.n)}</span>}
                </a>
              );
            })}
          </div>
        ))}
    </nav>
  );
}

/** Any number of the business, or a pasted list of them. */
function Find({ field }: { field: { current: HTMLInputElement | null } }) {
  const { path, query } = usePlace();
  const [text, setText] = useState('');
  useEffect(() => setText(path === '/transactions' ? (query.get('q') ?? '') : ''), [path, query]);
  return (
    <search class="find">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const q = text.trim();
          if (q) go(`/transactions?${new URLSearchParams({ q })}`);
        }}
      >
        <Icon name="search" size={16} />
        <input
          ref={field}
          aria-label="Find an order, shipment, SSCC, lot or any other number"
          placeholder="Find any number: order, shipment, SSCC, lot …"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onPaste={(event) => {
            // A list copied from a sheet has a number per line; a one-line field would run them together.
            const pasted = event.clipboardData?.getData('text') ?? '';
            if (!/[\r\n\t]/.test(pasted.trim())) return;
            event.preventDefault();
            const q = pasted.trim().split(/\s+/).join(' ');
            go(`/transactions?${new URLSearchParams({ q })}`);
          }}
        />
        <kbd>/</kbd>
      </form>
    </search>
  );
}

function ThemeSwitch() {
  const [theme, setTheme] = useTheme();
  return (
    <fieldset class="segmented" style={{ margin: 0, width: 'max-content' }}>
      <legend class="sr">Colours</legend>
      {THEMES.map(([each, name, icon]) => (
        <button
          key={each}
          type="button"
          title={name}
          aria-label={name}
          aria-pressed={theme === each}
          onClick={() => setTheme(each)}
        >
          <Icon name={icon} size={15} />
        </button>
      ))}
    </fieldset>
  );
}

function Who() {
  const me = useContext(Session)!;
  const may = me.roles.includes('Operator') ? 'may act' : me.partner ? `for ${me.partner}` : 'may look';
  return (
    <div>
      <div class="strong">{me.displayName}</div>
      <div>
        {me.namespace} · {may}
      </div>
      {me.session !== 'Local' && me.session !== 'Bearer' && (
        <Button
          kind="plain"
          small
          onClick={() => {
            void act('DELETE /session', {}, undefined).finally(() => location.assign('/'));
          }}
        >
          Log out
        </Button>
      )}
    </div>
  );
}

const KEYS: readonly (readonly [string, string])[] = [
  ['/', 'find any number'],
  ['j  k', 'next, previous row'],
  ['Enter', 'open the row'],
  ['x', 'choose the row'],
  ['Esc', 'leave a field, close what is open'],
  ['?', 'this list'],
];
function Help({ onClose }: { onClose: () => void }) {
  return (
    <Modal title="Keys" onClose={onClose}>
      <div>
        <h2>Keys</h2>
        <div class="keys">
          <dl class="pairs">
            {KEYS.map(([key, what]) => (
              <>
                <dt key={key}>
                  {key.split('  ').map((one) => (
                    <kbd key={one}>{one}</kbd>
                  ))}
                </dt>
                <dd>{what}</dd>
              </>
            ))}
          </dl>
          <dl class="pairs">
            {PLACES.map(({ letter, name }) => (
              <>
                <dt key={letter}>
                  <kbd>g</kbd> <kbd>{letter}</kbd>
                </dt>
                <dd>{name}</dd>
              </>
            ))}
          </dl>
        </div>
        <div class="do">
          <Button kind="first" onClick={onClose}>
            Close
          </Button>
        </div>
      </div>
    </Modal>
  );
}
