/** The chart's alerts, by promtool: the rules are sound, fire when they should, and lead to a runbook that is there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { run } from '../../standalone/process.ts';
import { obtainPrometheus } from '../support/prometheus.ts';

const ROOT = join(import.meta.dirname, '../..');
const ALERTS = join(ROOT, 'charts/crossdock/files/alerts.yaml');
interface Rules {
  groups: { rules: { alert: string; annotations: Record<string, string> }[] }[];
}
const rules = (parse(readFileSync(ALERTS, 'utf8')) as Rules).groups.flatMap((group) => group.rules);

it('pass promtool, and fire when they should and only then', async () => {
  const { promtool } = await obtainPrometheus();
  await run(promtool, ['check', 'rules', ALERTS]);
  const tests = join(import.meta.dirname, 'alerts_test.yaml');
  expect(await run(promtool, ['test', 'rules', tests])).toContain('SUCCESS');
  const tested = readFileSync(tests, 'utf8');
  for (const { alert } of rules) expect(tested).toMatch(new RegExp(`alertname: ${alert}\\n\\s+exp_alerts: \\[\\{`));
});

it.each(rules.map(({ alert, annotations }) => [alert, annotations.runbook_url!] as const))(
  '%s has a runbook',
  (alert, url) => {
    const [file, anchor] = url.split('#');
    expect(anchor).toBe(alert.toLowerCase());
    expect(readFileSync(join(ROOT, file!), 'utf8')).toMatch(new RegExp(`^#+ ${alert}$`, 'm'));
  },
);
