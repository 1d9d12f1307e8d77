/** Who one is, and how one logs in. */
import type { Role, Time } from './base.ts';

export interface LoginWays {
  /** Local users: POST session. */
  password: boolean;
  /** Where to send the browser, with `?return=/path`. */
  oidc?: string;
}
/** GET me */
export interface Me {
  /** Name that acts are written down with. */
  user: string;
  displayName: string;
  roles: Role[];
  /** Partner that a user with the role Partner acts for, and sees nothing beyond. */
  partner?: string;
  mayReadPayloads: boolean;
  /** Local: `crossdock dev` on loopback, nobody logs in. */
  session: 'Local' | 'Password' | 'OIDC' | 'Bearer';
  namespace: string;
  /** To be sent as X-CSRF-Token with every request but GET. */
  csrf: string;
  expiresAt?: Time;
  /** The tracker's clock now. */
  now: Time;
}
/** POST session; answers Me. */
export interface LoginRequest {
  /** @minLength 1 @maxLength 128 */
  user: string;
  /** @minLength 1 @maxLength 1024 */
  password: string;
}
