/** Who calls, and what it may see. */
import type { Me, Role } from '../contract.ts';

export interface Who {
  user: string;
  displayName: string;
  roles: readonly Role[];
  /** Of a user with the role Partner and no other: the only partner that it sees. */
  partner?: string;
  mayReadPayloads: boolean;
}

/** What a caller is confined to; undefined: it sees all. */
export const partnerOf = ({ roles, partner }: Who): string | undefined =>
  roles.includes('Viewer') || roles.includes('Operator') ? undefined : (partner ?? '');

/** Why such a person cannot be let in; undefined: it can. */
export function unfit({ roles, partner }: Pick<Who, 'roles' | 'partner'>): string | undefined {
  if (roles.length === 0) return 'no role of this console is among your rights';
  if (roles.includes('Partner') && roles.length > 1) return 'Partner and another role at once';
  if (roles.includes('Partner') && !partner) return 'the role Partner without the name of a partner';
  return undefined;
}

export interface Caller {
  who: Who;
  session: Me['session'];
  /** Absent for bearer tokens, which need none. */
  csrf?: string;
  expiresAt?: number;
}
