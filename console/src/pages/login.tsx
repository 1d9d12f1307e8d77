import { useEffect, useState } from 'preact/hooks';
import type { LoginWays } from '../../../tracker/api/contract.ts';
import { act, Failure } from '../lib/api.ts';
import { Button, Trouble } from '../ui/parts.tsx';
import { Mark } from '../ui/shell.tsx';

/** For those whom the API does not know yet. */
export function Login({ ways, onEnter }: { ways: LoginWays | undefined; onEnter: () => void }) {
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [error, setError] = useState<Failure>();
  useEffect(() => {
    document.title = 'Log in · Crossdock';
  }, []);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      await act('POST /session', {}, { user, password });
      onEnter();
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      setError(failure);
    }
  };
  const back = encodeURIComponent(location.pathname + location.search);
  return (
    <main class="login">
      <form class="panel" onSubmit={submit}>
        <span class="brand">
          <Mark /> Crossdock
        </span>
        <h1>Log in</h1>
        {error && <Trouble error={error} />}
        {ways?.oidc && (
          <a class="button first" href={`${ways.oidc}?return=${back}`} target="_self">
            Log in with your company’s account
          </a>
        )}
        {(ways?.password ?? true) && (
          <>
            <label class="field">
              <span>User</span>
              <input
                class="input"
                autocomplete="username"
                required
                value={user}
                onInput={(event) => setUser(event.currentTarget.value)}
              />
            </label>
            <label class="field">
              <span>Password</span>
              <input
                class="input"
                type="password"
                autocomplete="current-password"
                required
                value={password}
                onInput={(event) => setPassword(event.currentTarget.value)}
              />
            </label>
            <Button submit {...(!ways?.oidc && { kind: 'first' as const })}>
              Log in
            </Button>
          </>
        )}
      </form>
    </main>
  );
}
