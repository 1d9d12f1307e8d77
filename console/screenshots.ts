/**
 * `make screenshots`: the demo with its trouble, and each page of the console as docs/screenshots/*.png. The overview is taken in the
 * middle of the work, the others when it is done.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { startBrowser } from '../test/support/browser.ts';
import type { Me, Overview, TransactionDetail, TransactionList } from '../tracker/api/contract.ts';
import { withPalette } from './png.ts';

const ROOT = join(import.meta.dirname, '..');
const OUT = join(ROOT, 'docs/screenshots');
const ORDERS = process.argv[2] ?? '60';
const TALLEST = 1_500;

const demo = spawn(
  process.execPath,
  [
    '--no-warnings',
    join(ROOT, 'examples/inbound-distribution/demo.ts'),
    '--orders',
    ORDERS,
    '--kill',
    'none',
    '--keep',
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
let output = '';
const url = Promise.withResolvers<string>();
const settled = Promise.withResolvers<void>();
demo.once('exit', (code) => {
  url.reject(new Error(`the demo ended with ${code}:\n${output}`));
  settled.reject(new Error(`the demo ended with ${code}:\n${output}`));
});
settled.promise.catch(() => {});
createInterface({ input: demo.stdout }).on('line', (line) => {
  output += `${line}\n`;
  const console = /The console shows them: (http:\S+)/.exec(line);
  if (console) url.resolve(console[1]!);
  if (line.startsWith('Everything keeps running')) settled.resolve();
});

type Theme = 'light' | 'dark';
async function shoot(
  browser: Browser,
  base: string,
  name: string,
  path: string,
  theme: Theme,
  width = 1440,
): Promise<void> {
  const context = await browser.newContext({
    baseURL: base,
    viewport: { width, height: width < 500 ? 844 : 900 },
    colorScheme: theme,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
  });
  try {
    const page = await context.newPage();
    await page.goto(path);
    await page.locator('h1').waitFor();
    for (let quiet = 0; quiet < 3; quiet = (await page.locator('[aria-busy]').count()) === 0 ? quiet + 1 : 0)
      await sleep(150);
    const height = Math.min(TALLEST, await page.evaluate<number>('document.documentElement.scrollHeight'));
    await page.setViewportSize({ width, height: Math.max(height, width < 500 ? 844 : 640) });
    await sleep(200);
    const file = `${name}${theme === 'dark' ? '-dark' : ''}${width < 500 ? '-small' : ''}.png`;
    writeFileSync(join(OUT, file), withPalette(await page.screenshot()));
    process.stdout.write(`docs/screenshots/${file}\n`);
  } finally {
    await context.close();
  }
}

const browser = await startBrowser();
try {
  const base = await url.promise;
  const get = async <T>(path: string): Promise<T> => (await fetch(`${base}/api/v1${path}`)).json() as Promise<T>;
  const post = async (path: string, body: object): Promise<void> => {
    const { csrf } = await get<Me>('/me');
    const headers = { 'content-type': 'application/json', 'x-csrf-token': csrf };
    const answer = await fetch(`${base}/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  };
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });

  const half = async (): Promise<boolean> => {
    const [process] = (await get<Overview>('/overview')).processes;
    return (process?.milestones.find(({ name }) => name === 'Posted')?.reached ?? 0) > Number(ORDERS) * 0.35;
  };
  while (!(await half())) await sleep(250);
  for (const [theme, width] of [
    ['light', 1440],
    ['dark', 1440],
    ['light', 390],
  ] as const)
    await shoot(browser, base, 'overview', '/', theme, width);

  await settled.promise;
  const { items } = await get<TransactionList>('/transactions?exception=true&limit=100');
  const details = await Promise.all(
    items.map(({ process, key }) => get<TransactionDetail>(`/transactions/${process}/${key}`)),
  );
  // The one that has most to show.
  const rich = details.sort((a, b) => b.lines.length * 4 + b.exceptions - (a.lines.length * 4 + a.exceptions))[0]!;
  const documentOf = (type: string): string => rich.timeline.find((one) => one.type.startsWith(type))!.id;
  // Tried, and run no more than that: what a replay would do.
  await post('/replays', {
    mode: 'DryRun',
    reason: 'would the receipts go through again?',
    selector: { integration: 'receipt' },
  });
  const { items: groups } = await get<{ items: { fingerprint: string; count: number }[] }>('/dead-letters');
  const group = groups.sort((a, b) => b.count - a.count)[0]!;
  const pages: readonly (readonly [name: string, path: string, others?: readonly (readonly [Theme, number])[]])[] = [
    ['today', '/today?day=2026-03-09', [['light', 390]]],
    ['transactions', '/transactions'],
    [
      'transaction',
      `/transactions/${rich.process}/${rich.key}`,
      [
        ['dark', 1440],
        ['light', 390],
      ],
    ],
    ['document', `/documents/${documentOf('ship-notice')}`, [['light', 390]]],
    ['words', `/documents/${documentOf('purchase-order')}?view=words`],
    ['exceptions', '/exceptions', [['dark', 390]]],
    ['dead-letters', '/dead-letters'],
    ['dead-letter', `/dead-letters/${group.fingerprint}`],
    ['partners', '/partners'],
    ['partner', `/partners/${rich.partners[0]}`],
    ['integrations', '/integrations', [['dark', 1440]]],
    ['replays', '/replays'],
    ['measures', '/measures'],
    ['audit', '/audit'],
  ];
  for (const [name, path, others = []] of pages)
    for (const [theme, width] of [['light', 1440] as const, ...others])
      await shoot(browser, base, name, path, theme, width);
} finally {
  await browser.close();
  demo.removeAllListeners('exit');
  demo.kill('SIGINT');
  await new Promise((resolve) => (demo.exitCode === null ? demo.once('exit', resolve) : resolve(undefined)));
}
