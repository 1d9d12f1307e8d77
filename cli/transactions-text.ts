/** A business transaction for people: its milestones in one line each, its order lines as a grid, what does not agree. */
import Table from 'cli-table3';
import pc from 'picocolors';
import type { Objective } from '../tracker/deadlines/read.ts';
import type { Exception, Transaction } from '../tracker/transactions.ts';
import { objectiveLines } from './objectives-text.ts';
import { amount, DENSE, dateTime } from './text.ts';

export function transactionText(
  transaction: Transaction,
  exceptions: readonly Exception[],
  objectives: readonly Objective[] = [],
  now = Date.now(),
): string {
  const { process: name, key, state, milestones, lines, problems } = transaction;
  const paint = state === 'Complete' ? pc.green : state === 'Cancelled' ? pc.yellow : pc.bold;
  const width = Math.max(0, ...milestones.map((milestone) => milestone.name.length));
  const marks = { Reached: pc.green('✓'), Partly: pc.yellow('◐'), Open: pc.dim('○') };
  const steps = milestones.map(({ name: step, state: reached, at, done, of }) => {
    const counted = of !== undefined && (of > 1 || done !== of) ? `  ${done} of ${of}` : '';
    return `  ${marks[reached]} ${step.padEnd(width)}  ${at === undefined ? pc.dim(of === undefined ? 'not yet' : 'not yet'.padEnd(19)) : dateTime(at)}${pc.dim(counted)}`;
  });
  const disagreements = exceptions.map(
    ({ kind, line, expected, actual, money, currency, owner, closedAt }) =>
      `  ${closedAt === undefined ? pc.red('✗') : pc.dim('✓ closed')} line ${line}: ${kind}, expected ${expected}, is ${actual}${money ? ` (${amount(money)} ${currency ?? ''})`.replace(' )', ')') : ''}${owner ? `, ${owner}` : ''}`,
  );
  const grid = lines.length > 0 ? [gridOf(lines)] : [];
  return `${[`${pc.bold(key)}  ${name}: ${paint(state)}`, ...steps, ...objectiveLines(objectives, now), ...grid, ...disagreements, ...problems.map((text) => `  ${pc.yellow('!')} ${text}`)].join('\n')}\n`;
}

function gridOf(lines: Transaction['lines']): string {
  const types = [...new Set(lines.flatMap(({ quantities }) => Object.keys(quantities)))].sort();
  const table = new Table({
    head: ['line', 'item', 'ordered', ...types.map((type) => type.replace(/\.v\d+$/, '')), 'price'],
    style: { head: [], border: [] },
    chars: DENSE,
  });
  for (const { id, item = '', unit = '', ordered, quantities, price, currency } of lines)
    table.push([
      id,
      item,
      `${ordered} ${unit}`.trim(),
      ...types.map((type) => {
        const { quantity, damaged } = quantities[type] ?? {};
        return quantity === undefined ? '' : damaged ? `${quantity} ${pc.red(`+${damaged} damaged`)}` : quantity;
      }),
      price ? `${amount(price)} ${currency ?? ''}`.trim() : '',
    ]);
  return table.toString();
}
