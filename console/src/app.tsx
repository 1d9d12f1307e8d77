/** The frame of the console, and which page an address is. */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Me } from '../../tracker/api/contract.ts';
import { Failure, onLogout, read, remember } from './lib/api.ts';
import { setAhead } from './lib/clock.ts';
import { connect } from './lib/live.ts';
import { go, usePlace } from './lib/router.ts';
import { maySee, Session } from './lib/session.ts';
import { Login } from './pages/login.tsx';
import { Overview } from './pages/overview.tsx';
import { Toasts } from './ui/act.tsx';
import { Bones, Button, Empty, Page, Trouble } from './ui/parts.tsx';
import { Shell } from './ui/shell.tsx';

/** Its properties are the parts of the address that its pattern names. */
type View = ComponentType<object>;
/** Pages but the first come when they are wanted. */
function page<P extends object>(load: () => Promise<ComponentType<P>>): View {
  let Loaded: View | undefined;
  return (matched: object) => {
    const [state, set] = useState<'here' | 'coming' | 'lost'>(Loaded ? 'here' : 'coming');
    useEffect(() => {
      if (Loaded) return;
      load().then(
        (loaded) => {
          Loaded = loaded as unknown as View;
          set('here');
        },
        (error) => {
          console.error(error);
          set('lost');
        },
      );
    }, []);
    if (state === 'lost')
      return (
        <Empty title="This page could not be loaded">
          <p>Crossdock may have been upgraded since this tab was opened.</p>
          <Button onClick={() => location.reload()}>Load anew</Button>
        </Empty>
      );
    return Loaded ? <Loaded {...matched} /> : <Bones lines={10} />;
  };
}

const PAGES: readonly (readonly [path: string, page: View])[] = [
  ['/', Overview],
  ['/today', page(async () => (await import('./pages/today.tsx')).Today)],
  ['/transactions', page(async () => (await import('./pages/transactions.tsx')).Transactions)],
  ['/transactions/:process/:id', page(async () => (await import('./pages/transaction.tsx')).Transaction)],
  ['/documents/:id', page(async () => (await import('./pages/document.tsx')).Document)],
  ['/exceptions', page(async () => (await import('./pages/exceptions.tsx')).Exceptions)],
  ['/dead-letters', page(async () => (await import('./pages/dead-letters.tsx')).DeadLetters)],
  ['/dead-letters/:fingerprint', page(async () => (await import('./pages/dead-letter.tsx')).DeadLetter)],
  ['/partners', page(async () => (await import('./pages/partners.tsx')).Partners)],
  ['/partners/:name', page(async () => (await import('./pages/partner.tsx')).Partner)],
  ['/integrations', page(async () => (await import('./pages/integrations.tsx')).Integrations)],
  ['/replays', page(async () => (await import('./pages/replays.tsx')).Replays)],
  ['/measures', page(async () => (await import('./pages/measures.tsx')).Measures)],
  ['/audit', page(async () => (await import('./pages/audit.tsx')).Audit)],
];

function find(path: string): { Found: View; matched: object } | undefined {
  const parts = path.split('/');
  for (const [pattern, Found] of PAGES) {
    const names = pattern.split('/');
    if (names.length !== parts.length) continue;
    const matched: Record<string, string> = {};
    const fits = names.every((name, i) => {
      if (!name.startsWith(':')) return name === parts[i];
      const value = decoded(parts[i]!);
      matched[name.slice(1)] = value;
      return value !== '';
    });
    if (fits) return { Found, matched };
  }
  return undefined;
}

/** '' where it is no encoding. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}

const RETRY_MS = 3_000;

export function App() {
  const [me, setMe] = useState<Me>();
  const [error, setError] = useState<Failure>();
  const { path } = usePlace();

  const enter = (): void => {
    read('/me').then(
      (now) => {
        remember(now);
        setAhead(Date.parse(now.now) - Date.now());
        setError(undefined);
        setMe(now);
        connect();
      },
      (failure: Error) => {
        if (!(failure instanceof Failure)) throw failure;
        setError(failure);
        if (failure.problem.status === 0 || failure.problem.status === 503) setTimeout(enter, RETRY_MS);
      },
    );
  };
  useEffect(enter, []);
  // A session that ends, ends in the middle of a page: whoever logs in again is back on it.
  useEffect(() => onLogout(setError), []);
  const elsewhere = me !== undefined && path === '/' && !maySee(me, path);
  useEffect(() => {
    if (elsewhere) go('/transactions', { replace: true });
  }, [elsewhere]);

  if (error?.problem.status === 401) return <Login ways={error.problem.login} onEnter={enter} />;
  const found = find(path);
  return (
    <Session.Provider value={me}>
      <Shell>
        {me === undefined ? (
          error ? (
            <Trouble error={error} again={enter} />
          ) : (
            <Bones lines={10} />
          )
        ) : elsewhere ? null : !maySee(me, path) ? (
          <Page title="Not for your role">
            <Empty title={path}>
              <p>
                This page shows the whole business; you see{' '}
                {me.partner ? `what concerns ${me.partner}` : 'a part of it'}. Whoever gives roles can change that.
              </p>
            </Empty>
          </Page>
        ) : found ? (
          <found.Found key={path} {...found.matched} />
        ) : (
          <Page title="There is no such page">
            <Empty title={path}>
              <p>
                The address may be of an older version. What you look for can be found by its number, in the field
                above.
              </p>
            </Empty>
          </Page>
        )}
      </Shell>
      <Toasts />
    </Session.Provider>
  );
}
