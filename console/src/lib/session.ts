/** Who is at the console. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Me } from '../../../tracker/api/contract.ts';

export const Session = createContext<Me | undefined>(undefined);

/** Only below App, which shows nothing before it knows. */
export const useMe = (): Me => useContext(Session)!;
export const mayAct = (me: Me): boolean => me.roles.includes('Operator');
