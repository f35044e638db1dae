/** Differences between challenger and champion with their intervals and limits, one metric a row. */
import type { MetricResult } from '../../records/evaluation.ts';
import { ARROWS } from '../evaluation/heat.ts';
import { describePart, metricDecimals } from '../evaluation/names.ts';
import { formatInterval, formatSigned } from '../numbers.ts';
import { type Html, html } from '../page/html.ts';
import { at, type ChartTools, label } from './chart.ts';
import { guide, PLOT, rowChart, whisker } from './rows.ts';

const MOST_ROWS = 24;

/** The best end of the interval, as an improvement. */
function improvementEnd(metric: MetricResult): number {
  const [low, high] = metric.interval ?? [0, 0];
  return metric.direction === 'higher' ? high : -low;
}

/**
 * Limits of the change as values of the improvement. A limit of the metric's own value is no place on this axis, and
 * a largest change is drawn only where the interval comes near it: it is far from all others.
 */
function limitPlaces(metric: MetricResult, improvement: number): number[] {
  return metric.limits.flatMap((limit) => {
    if (limit.clearance === null) return [];
    if (limit.kind === 'max_absolute_change') return isNearJump(metric) ? [limit.limit] : [];
    return limit.kind.startsWith('min_') ? [improvement - limit.clearance] : [];
  });
}

const isNearJump = (metric: MetricResult): boolean =>
  metric.limits.some(
    (limit) => limit.kind === 'max_absolute_change' && improvementEnd(metric) > limit.limit / 2,
  );

/**
 * Every row has its own scale, with no difference in the middle and better to the right whatever the metric's
 * direction, so that metrics of different units stand under one another.
 */
export function forestPlot(tools: ChartTools, metrics: readonly MetricResult[]): Html {
  const drawn = metrics
    .filter((metric) => metric.difference !== null && metric.interval !== null)
    .slice(0, MOST_ROWS);
  if (drawn.length === 0) return html``;
  const zero = (PLOT.left + PLOT.right) / 2;
  const hasLimits = drawn.some((metric) => limitPlaces(metric, 0).length > 0);
  return rowChart(tools, {
    title: 'Challenger minus champion, with intervals',
    description: `Differences of ${drawn.map(describePart).join('; ')}. Each row has its own scale; better is to the right.`,
    head: (bottom) =>
      html`${guide(zero, bottom, 'equal', 'middle')}${label(PLOT.left, 9, '← worse', '')}${label(PLOT.right, 9, 'better →', '', 'end')}`,
    rows: drawn.map((metric) => {
      const decimals = metricDecimals(metric);
      return {
        name: `${describePart(metric)} ${ARROWS[metric.direction]}`,
        draw: (y) => drawDifference(tools, metric, y),
        numbers: `${formatSigned(metric.difference, decimals)} ${formatInterval(...metric.interval!, decimals)}`,
      };
    }),
    foot: hasLimits
      ? (top) =>
          html`<text class="limit-name" x="0" y="${top + 16}">┆ limit: the interval has to stay to its right${drawn.some(isNearJump) ? ' (of a jump: left)' : ''}</text>`
      : undefined,
    footHeight: hasLimits ? 20 : 0,
  });
}

function drawDifference(tools: ChartTools, metric: MetricResult, y: number): Html {
  const sign = metric.direction === 'higher' ? 1 : -1;
  const improvement = sign * metric.difference!;
  const ends = metric.interval!.map((end) => sign * end).sort((a, b) => a - b) as [number, number];
  const limits = limitPlaces(metric, improvement);
  const reach = Math.max(...[...ends, ...limits, improvement].map(Math.abs), 1e-12) * 1.1;
  const x = tools.linear([-reach, reach], [PLOT.left, PLOT.right]);
  const tone = metric.verdict === 'fail' || metric.waiver ? 'bad' : 'challenger';
  return html`${whisker(tone, x(ends[0]), x(improvement), x(ends[1]), y)}${limits.map(
    (limit) => html`<path class="limit" d="M${at(x(limit))} ${at(y - 9)}v18"/>`,
  )}`;
}
