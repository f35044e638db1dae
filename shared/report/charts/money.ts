/** What a training cost, beside its estimate and under its budget. */
import type { TrainingRun } from '../../records/training-run.ts';
import { type Html, html } from '../page/html.ts';
import { formatUsd } from '../training/money.ts';
import { at, axisBottom, type ChartTools } from './chart.ts';
import { bar, type NamedRow, rowChart, WIDE_PLOT } from './rows.ts';

/** Nothing where there are no two amounts to compare. */
export function moneyChart(tools: ChartTools, { cost }: TrainingRun): Html | undefined {
  if (!cost) return undefined;
  const { estimateUsd, actualUsd, budgetUsd, spotSavingShare: saving } = cost;
  const onDemand =
    actualUsd === null || saving === null || saving === 0 || saving >= 1 ? null : actualUsd / (1 - saving);
  const isOver = actualUsd !== null && budgetUsd !== null && actualUsd > budgetUsd;
  const amounts = [
    { name: 'estimated before', usd: estimateUsd, tone: 'plain' },
    { name: isOver ? 'cost, over the budget' : 'cost', usd: actualUsd, tone: isOver ? 'bad' : 'challenger' },
    { name: 'the same time on demand', usd: onDemand, tone: 'plain' },
  ].flatMap(({ usd, ...amount }) => (usd === null ? [] : [{ ...amount, usd }]));
  if (amounts.length === 0 || amounts.length + (budgetUsd === null ? 0 : 1) < 2) return undefined;
  const most = Math.max(...amounts.map(({ usd }) => usd), budgetUsd ?? 0, 0.01);
  const x = tools.linear([0, most], [WIDE_PLOT.left, WIDE_PLOT.right]);
  const rows = amounts.map(
    ({ name, usd, tone }): NamedRow => ({
      name,
      draw: (y) => bar(tone, x(0), x(usd), y - 3.5),
      numbers: formatUsd(usd),
    }),
  );
  return rowChart(tools, {
    title: 'Cost',
    description: `${amounts.map(({ name, usd }) => `${name} ${formatUsd(usd)}`).join(', ')}${budgetUsd === null ? '' : `, budget ${formatUsd(budgetUsd)}`}.`,
    // Behind the bars, over all rows.
    head: (bottom) =>
      budgetUsd === null
        ? undefined
        : html`<path class="limit" d="M${at(x(budgetUsd))} 16V${at(bottom)}"/><text class="limit-name" x="${at(x(budgetUsd))}" y="11" text-anchor="${x(budgetUsd) < 60 ? 'start' : x(budgetUsd) > 170 ? 'end' : 'middle'}">budget ${formatUsd(budgetUsd)}</text>`,
    rows,
    foot: (top) => axisBottom(x, top, 'US dollars', 4),
    footHeight: 34,
  });
}
