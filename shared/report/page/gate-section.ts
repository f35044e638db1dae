/** The gate on the page: every number of champion and challenger, differences, slices, curves, groups, speed. */
import type { Evaluation, FairnessGroup } from '../../records/evaluation.ts';
import { calibrationChart } from '../charts/calibration.ts';
import type { ChartTools } from '../charts/chart.ts';
import { forestPlot } from '../charts/forest.ts';
import { attributionChart, calibrateChart, fairnessChart, weakSliceChart } from '../charts/groups.ts';
import { latencyChart } from '../charts/latency.ts';
import { precisionRecallChart, rocChart } from '../charts/model-curves.ts';
import { rowsText } from '../evaluation/names.ts';
import {
  calibrateAdvice,
  drawsShare,
  loadText,
  rankedAttributions,
  thresholdText,
} from '../evaluation/sentences.ts';
import { formatNumber, formatShare } from '../numbers.ts';
import { confusionTables } from './confusion-tables.ts';
import {
  attributionTable,
  calibrateTable,
  groupTable,
  heatTableOf,
  judgementNotes,
  metricTable,
  policyChange,
  waiverTable,
  weakSliceTable,
} from './gate-tables.ts';
import { folded, type Html, html } from './html.ts';
import { addressCode, digestCode, noteList } from './parts.ts';

export function gateBody(tools: ChartTools, record: Evaluation): Html {
  const own = record.metrics.filter((metric) => metric.block === 'metrics');
  const others = record.metrics.filter((metric) => metric.block !== 'metrics');
  return html`${policyChange(record)}${againstText(record)}${calibrateBody(tools, record)}${
    own.length > 0 ? metricTable('Metrics', own) : undefined
  }${others.length > 0 ? metricTable('Other limits of the policy', others) : undefined}${columns(
    forestPlot(tools, own),
  )}${waiverTable(record.waivers)}${slicesBody(tools, record)}${fairnessBody(tools, record)}${scoresBody(tools, record)}${speedBody(tools, record)}${attributionsBody(tools, record)}${noteList(record.notes)}${folded('How it was judged', noteList(judgementNotes(record)))}`;
}

/** Charts beside one another where there is room; nothing without any. */
const columns = (...charts: (Html | undefined)[]): Html | undefined => {
  const drawn = charts.filter((chart) => chart !== undefined && chart.text !== '');
  return drawn.length > 0 ? html`<div class="charts">${drawn}</div>` : undefined;
};

const part = (title: string, ...body: (Html | undefined)[]): Html | undefined =>
  body.some((piece) => piece !== undefined && piece.text !== '') ? html`<h4>${title}</h4>${body}` : undefined;

function againstText(record: Evaluation): Html {
  const { baseline } = record;
  if (record.calibrate) return html``;
  if (baseline.status === 'missing') return html`<p>No champion to compare with: ${baseline.why}</p>`;
  const rows = rowsText(record);
  return html`<p>Champion ${digestCode(baseline.digest)}${baseline.from ? html` from ${addressCode(baseline.from)}` : undefined}${
    rows === '' ? undefined : html`, on ${rows}`
  }. The challenger is <strong class="challenger">orange</strong>, the champion <strong class="champion">blue</strong> in all charts.</p>`;
}

function calibrateBody(tools: ChartTools, { calibrate, verdict }: Evaluation): Html | undefined {
  if (!calibrate) return undefined;
  return html`<p>An equal model would be refused in <strong>${drawsShare(calibrate.shares.fail, calibrate.draws)}</strong> of ${formatNumber(calibrate.draws)} draws, and by a plain comparison of the numbers in ${formatShare(calibrate.plainComparisonFails)}. ${calibrateAdvice(calibrate, verdict)}</p>${calibrateTable(calibrate)}${columns(calibrateChart(tools, calibrate))}`;
}

function slicesBody(tools: ChartTools, record: Evaluation): Html {
  const { slices, weakSlices: weak } = record;
  const order = ['fail', 'warn', 'inconclusive', 'missing', 'not_judged', 'pass'];
  const sorted = [...slices].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  const judged =
    slices.length > 0
      ? html`${heatTableOf(record)}${folded(
          'Slices in numbers',
          html`${metricTable('Slices', sorted)}${columns(forestPlot(tools, sorted))}`,
        )}`
      : undefined;
  const found = weak
    ? weak.found.length > 0
      ? html`<p>Found, not judged: where the challenger has more ${weak.loss} than elsewhere, among ${weak.features.join(', ')}, alone and in pairs.</p>${columns(weakSliceChart(tools, weak.loss, weak.found))}${folded('Weak slices in numbers', weakSliceTable(weak))}`
      : html`<p>None found among ${weak.features.join(', ')}, alone and in pairs.</p>`
    : undefined;
  return html`${part('Slices', judged)}${part('Weak slices', found)}`;
}

function fairnessBody(tools: ChartTools, { fairnessGroups: groups }: Evaluation): Html | undefined {
  if (groups.length === 0) return undefined;
  const byChart = new Map<string, FairnessGroup[]>();
  for (const group of groups) {
    const key = JSON.stringify([group.metric, Object.keys(group.group)]);
    byChart.set(key, [...(byChart.get(key) ?? []), group]);
  }
  const charts = [...byChart.values()].map((ofMetric) => fairnessChart(tools, ofMetric));
  return part('Groups', columns(...charts), folded('Groups in numbers', groupTable(groups)));
}

function scoresBody(tools: ChartTools, record: Evaluation): Html | undefined {
  const { curves, confusion, thresholdSuggestion: threshold } = record;
  return part(
    'What the scores are worth',
    curves
      ? columns(rocChart(tools, curves), precisionRecallChart(tools, curves), calibrationChart(tools, curves))
      : undefined,
    threshold ? html`<p>${thresholdText(threshold)}</p>` : undefined,
    confusion ? confusionTables(confusion) : undefined,
  );
}

function speedBody(tools: ChartTools, { load, metrics }: Evaluation): Html | undefined {
  if (!load) return undefined;
  return part('Speed', html`<p>${loadText(load)}</p>`, columns(latencyChart(tools, load, metrics)));
}

function attributionsBody(tools: ChartTools, record: Evaluation): Html | undefined {
  const ranked = rankedAttributions(record.attributions ?? []);
  if (ranked.length === 0) return undefined;
  return part(
    'Explanations',
    columns(attributionChart(tools, ranked)),
    folded('Attributions in numbers', attributionTable(ranked)),
  );
}
