/** Looks at this machine's processes by /proc; those that are dead and not yet reaped do not count. */
import { readdirSync, readFileSync } from 'node:fs';

interface Found {
  pid: number;
  group: number;
  command: string;
}

export function livingProcesses(): Found[] {
  const found: Found[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      // pid (name) state parent group …; the name may hold spaces and parentheses.
      const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state === 'Z' || state === 'X') continue;
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      found.push({ pid: Number(entry), group: Number(group), command });
    } catch {
      // Gone in between.
    }
  }
  return found;
}
