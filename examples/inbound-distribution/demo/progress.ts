/** What a person sees while the demo runs: one line that is rewritten on a terminal, else a line every few seconds. */
import pc from 'picocolors';

const PLAIN_EVERY_MS = 5_000;

export interface Progress {
  /** Something happened that should stay on the screen. */
  say(text: string): void;
  /** The present state; rewritten in place. */
  show(text: string): void;
  end(): void;
}

export function openProgress(started: number, out: NodeJS.WriteStream = process.stdout): Progress {
  const live = out.isTTY === true;
  let line = '';
  let shownAt = 0;
  const clock = (): string => pc.dim(`${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s`);
  const wipe = (): void => void (live && line !== '' && out.write('\r\x1b[2K'));
  return {
    say(text) {
      wipe();
      out.write(`${clock()}  ${text}\n`);
      if (live && line !== '') out.write(line);
    },
    show(text) {
      if (!live && Date.now() - shownAt < PLAIN_EVERY_MS) return;
      shownAt = Date.now();
      wipe();
      line = `${clock()}  ${text}`;
      out.write(live ? line.slice(0, (out.columns ?? 120) + 9) : `${line}\n`);
    },
    end() {
      wipe();
      line = '';
    },
  };
}
