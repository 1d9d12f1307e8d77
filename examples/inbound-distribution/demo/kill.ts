/** The trouble that the demo itself makes: SIGKILL in the middle of the work, then the same part again. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Victim {
  name: string;
  /** Part of all deliveries that is done when it is killed. */
  at: number;
  kill(): Promise<void>;
  restart(): Promise<void>;
}
export interface KillOptions {
  /** 0 to 1. */
  done(): number;
  /** Nothing is killed after this. */
  signal: AbortSignal;
  onEvent(victim: Victim, event: 'killed' | 'back'): void;
}

/** One after another, each at its time. */
export async function killInTurn(victims: readonly Victim[], { done, signal, onEvent }: KillOptions): Promise<void> {
  for (const victim of [...victims].sort((a, b) => a.at - b.at)) {
    while (done() < victim.at) {
      if (signal.aborted) return;
      await sleep(20);
    }
    onEvent(victim, 'killed');
    await victim.kill();
    await victim.restart();
    onEvent(victim, 'back');
  }
}
