/** Who is at the console. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Me } from '../../../tracker/api/contract.ts';

export const Session = createContext<Me | undefined>(undefined);

/** Only below App, which shows nothing before it knows. */
export const useMe = (): Me => useContext(Session)!;
export const mayAct = (me: Me): boolean => me.roles.includes('Operator');
export const isStaff = (me: Me): boolean => mayAct(me) || me.roles.includes('Viewer');

/** Of the whole business: a partner, who sees its own alone, has none of these. */
const STAFF = ['/', '/dead-letters', '/replays', '/integrations'];
/** As the API will answer: a page that would be refused is not asked for, since refusals are written down. */
export const maySee = (me: Me, path: string): boolean => {
  const within = (page: string): boolean => path === page || (page !== '/' && path.startsWith(`${page}/`));
  return within('/audit') ? mayAct(me) : isStaff(me) || !STAFF.some(within);
};
