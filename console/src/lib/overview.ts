/** What other pages take from the overview: names of flows, milestones, what is open. Those who may not see it go without. */
import { useContext } from 'preact/hooks';
import type { Overview, Topic } from '../../../tracker/api/contract.ts';
import { useRead } from './read.ts';
import { isStaff, Session } from './session.ts';

export function useOverview(topics: readonly Topic[] = []): Overview | undefined {
  const me = useContext(Session);
  return useRead('/overview', { topics, off: !me || !isStaff(me) }).data;
}
