/** Differences between challenger and champion with their intervals and limits, one metric a row. */
import type { MetricResult } from '../../records/evaluation.ts';
import { decimalsForInterval, formatSigned } from '../numbers.ts';
import { type Html, html } from '../page/html.ts';
import { at, type ChartTools, figure } from './chart.ts';

const ROW = 40;
const LEFT = 200;
const RIGHT = 545;

/** How a metric with its slice is called in one line. */
export function metricName(metric: Pick<MetricResult, 'name' | 'slice'>): string {
  const slice = Object.entries(metric.slice ?? {}).map(([feature, value]) => `${feature} = ${value}`);
  return [metric.name, ...slice].join(', ');
}

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
    if (limit.kind === 'max_absolute_change')
      return improvementEnd(metric) > limit.limit / 2 ? [limit.limit] : [];
    return limit.kind.startsWith('min_') ? [improvement - limit.clearance] : [];
  });
}

/**
 * Every row has its own scale, with no difference in the middle and better to the right whatever the metric's
 * direction, so that metrics of different units stand under one another.
 */
export function forestPlot(tools: ChartTools, metrics: readonly MetricResult[]): Html {
  const drawn = metrics
    .filter((metric) => metric.difference !== null && metric.interval !== null)
    .slice(0, 24);
  if (drawn.length === 0) return html``;
  const height = 34 + ROW * drawn.length + 24;
  const rows = drawn.map((metric, index) => {
    const sign = metric.direction === 'higher' ? 1 : -1;
    const middle = 34 + ROW * index + ROW / 2;
    const improvement = sign * metric.difference!;
    const ends = metric.interval!.map((end) => sign * end).sort((a, b) => a - b);
    const limits = limitPlaces(metric, improvement);
    const reach =
      Math.max(...ends.map(Math.abs), ...limits.map(Math.abs), Math.abs(improvement), 1e-12) * 1.15;
    const x = tools.linear([-reach, reach], [LEFT, RIGHT]);
    const decimals = decimalsForInterval(...metric.interval!);
    const tone = metric.verdict === 'fail' ? 'bad' : 'challenger';
    const [low, high] = metric.interval!;
    const name = metricName(metric);
    const shown = name.length > 32 ? `${name.slice(0, 31)}…` : name;
    return html`<g><text class="name" x="0" y="${at(middle)}" dy="0.32em">${shown} ${metric.direction === 'higher' ? '↑' : '↓'}</text><path class="${tone} stroke" stroke-width="2" d="M${at(x(ends[0]!))} ${at(middle)}H${at(x(ends[1]!))}M${at(x(ends[0]!))} ${at(middle - 4)}v8M${at(x(ends[1]!))} ${at(middle - 4)}v8"/><circle class="${tone} fill" cx="${at(x(improvement))}" cy="${at(middle)}" r="4.5"/>${limits.map(
      (limit) => html`<path class="limit" d="M${at(x(limit))} ${at(middle - 13)}v26"/>`,
    )}<text x="${RIGHT + 10}" y="${at(middle - 6)}" dy="0.32em">${formatSigned(metric.difference, decimals)}</text><text x="${RIGHT + 10}" y="${at(middle + 8)}" dy="0.32em">[${formatSigned(low, decimals)}, ${formatSigned(high, decimals)}]</text></g>`;
  });
  const jump = drawn.some((metric) =>
    metric.limits.some(
      (limit) => limit.kind === 'max_absolute_change' && improvementEnd(metric) > limit.limit / 2,
    ),
  );
  const zero = (LEFT + RIGHT) / 2;
  const body = html`<path class="axis" d="M${zero} 26V${height - 22}"/><text x="${zero}" y="18" text-anchor="middle">no difference</text><text x="${LEFT}" y="18">← worse</text><text x="${RIGHT}" y="18" text-anchor="end">better →</text>${rows}<text class="limit-name" x="${LEFT}" y="${height - 6}">┆ limit of the policy: the interval has to stay to its right${jump ? ' (of a largest change: to its left)' : ''}</text>`;
  return figure(
    tools,
    {
      width: 700,
      height,
      wide: true,
      title: 'Challenger minus champion, with intervals',
      description: `Differences of ${drawn.map(metricName).join('; ')}. Each row has its own scale; better is to the right.`,
    },
    body,
  );
}
