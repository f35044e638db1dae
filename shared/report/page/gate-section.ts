/** The gate on the page: every metric of champion and challenger, differences, curves. */
import type { Evaluation, MetricResult } from '../../records/evaluation.ts';
import type { ChartTools } from '../charts/chart.ts';
import { forestPlot, metricName } from '../charts/forest.ts';
import { calibrationChart, rocChart } from '../charts/model-curves.ts';
import { limitText } from '../limit-text.ts';
import { decimalsForInterval, formatInterval, formatNumber, formatSigned, verdictWord } from '../numbers.ts';
import { folded, type Html, html, htmlTable } from './html.ts';
import { addressCode, digestCode, noteList, verdictMark } from './parts.ts';

export function gateBody(tools: ChartTools, record: Evaluation): Html {
  const { baseline, curves } = record;
  const compared = baseline.status === 'compared';
  const against = compared
    ? html`<p>Champion ${digestCode(baseline.digest)}${baseline.from ? html` from ${addressCode(baseline.from)}` : undefined}${
        record.rows === null ? undefined : html`, on the same ${formatNumber(record.rows)} rows`
      }. The challenger is <strong>orange</strong>, the champion <strong>blue</strong> in all charts.</p>`
    : html`<p>No champion to compare with: ${baseline.why}</p>`;
  const slices = [...record.slices].sort((a, b) => severity(b) - severity(a));
  return html`${against}${metricTable('Metrics', record.metrics)}${forestPlot(tools, record.metrics)}${
    curves
      ? html`<div class="charts">${rocChart(tools, curves)}${calibrationChart(tools, curves)}</div>`
      : undefined
  }${slices.length > 0 ? folded(`${slices.length} slices`, html`${metricTable('Slices', slices)}${forestPlot(tools, slices)}`) : undefined}${noteList(record.notes)}`;
}

function severity(metric: MetricResult): number {
  return ['pass', 'not_judged', 'missing', 'warn', 'inconclusive', 'fail'].indexOf(metric.verdict);
}

function metricTable(caption: string, metrics: readonly MetricResult[]): Html {
  const explained = metrics.some((metric) => metric.why);
  const rows = metrics.map((metric) => {
    const decimals = metric.interval ? decimalsForInterval(...metric.interval) : 4;
    return [
      html`${metricName(metric)}\u00a0${metric.direction === 'higher' ? '↑' : '↓'}`,
      formatNumber(metric.champion, decimals),
      formatNumber(metric.challenger, decimals),
      formatSigned(metric.difference, decimals),
      metric.interval ? formatInterval(metric.interval[0], metric.interval[1], decimals) : '–',
      metric.limits.map(
        (limit, index) =>
          html`${index > 0 ? html`<br>` : undefined}<span class="nowrap">${limitText(metric, limit)}</span>`,
      ),
      html`${verdictMark(metric.verdict)} <span class="nowrap">${metric.word === verdictWord(metric.verdict) ? '' : metric.word}</span>`,
      ...(explained ? [metric.why] : []),
    ];
  });
  const header = [
    'metric',
    'champion',
    'challenger',
    'difference',
    'interval',
    'limit',
    'verdict',
    ...(explained ? ['why'] : []),
  ];
  return htmlTable(caption, header, rows, [1, 2, 3, 4]);
}
