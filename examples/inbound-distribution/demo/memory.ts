/** Peak resident memory in MiB of running processes, where the system tells it (Linux). */
import { readFileSync } from 'node:fs';

export function peakMemory(pids: Record<string, number | undefined>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(pids).flatMap(([name, pid]) => {
      try {
        const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
        return kibibytes ? [[name, Math.round(Number(kibibytes) / 1024)]] : [];
      } catch {
        return [];
      }
    }),
  );
}
