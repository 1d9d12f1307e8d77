/** The crossdock command, run as a person runs it. */
import { spawn } from 'node:child_process';

export interface Ran {
  code: number;
  out: string;
  error: string;
}
/** `env` over that of the tests; without colours, in UTC. */
export async function crossdock(args: readonly string[], input = '', env: Record<string, string> = {}): Promise<Ran> {
  const child = spawn(process.execPath, ['--no-warnings', 'cli/main.ts', ...args], {
    env: { ...process.env, NO_COLOR: '1', TZ: 'UTC', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(input);
  const read = async (stream: NodeJS.ReadableStream) => {
    let text = '';
    for await (const chunk of stream.setEncoding('utf8')) text += chunk;
    return text;
  };
  const [out, error, code] = await Promise.all([
    read(child.stdout),
    read(child.stderr),
    new Promise<number>((resolve) => child.once('close', (status) => resolve(status ?? -1))),
  ]);
  return { code, out, error };
}
