/** What the API is given by whoever runs it. */
import type pg from 'pg';
import type { Log } from '../../runtime/telemetry/log.ts';
import type { Office } from '../acts/contract.ts';
import type { TrackerPlan } from '../plan.ts';
import type { OidcOptions } from './auth/oidc.ts';
import type { LocalUser } from './auth/users.ts';
import type { Limits } from './limits.ts';
import type { Surroundings } from './surroundings.ts';

export interface Login {
  /** Whoever comes by loopback is this Operator: `crossdock dev` alone. */
  local?: { user: string };
  users?: readonly LocalUser[];
  oidc?: OidcOptions;
}

export interface ApiOptions {
  namespace: string;
  database: pg.Pool;
  log: Log;
  /** Undefined before there is one. */
  plan(): TrackerPlan | undefined;
  /** Undefined while the broker is not known. */
  office(): Office | undefined;
  surroundings: Surroundings;
  login: Login;
  /** Origin as browsers know it: `https://crossdock.example.com`. Without it loopback names alone are answered. */
  publicUrl?: string;
  /** Folder of the console's built files. */
  console?: string;
  limits?: Limits;
  /** What keeps figures from being up to date; for people. */
  troubles?(): string[];
}
