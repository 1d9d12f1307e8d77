/** CPU of a process and of those that it started, from /proc: µs of user and system time, the ended children's included. */
import { readdirSync, readFileSync } from 'node:fs';

/** Of a clock tick, which is a hundredth of a second on Linux. */
const MICROS = 10_000;

export function cpuOfTree(root: number): number {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        // The command, in parentheses, may hold spaces.
        const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ');
        const [parent, user, system, childUser, childSystem] = [1, 11, 12, 13, 14].map((at) => Number(fields[at]));
        return [{ pid: Number(pid), parent, ticks: user! + system! + childUser! + childSystem! }];
      } catch {
        return [];
      }
    });
  const ticks = (pid: number): number =>
    processes.reduce(
      (sum, each) => sum + (each.pid === pid ? each.ticks : 0) + (each.parent === pid ? ticks(each.pid) : 0),
      0,
    );
  return ticks(root) * MICROS;
}
