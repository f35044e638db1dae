/** Training on the page: what was run, what came of it, how it went, what it used and cost, and how to repeat it. */
import type { TrainingRun } from '../../records/training-run.ts';
import { type ChartTools, significant } from '../charts/chart.ts';
import { metricCurves } from '../charts/metric-curves.ts';
import { moneyChart } from '../charts/money.ts';
import { resourceCharts } from '../charts/resources.ts';
import { formatBytes, formatDuration, formatNumber } from '../numbers.ts';
import { moneyRows } from '../training/money.ts';
import { noticedBy } from '../training/noticed.ts';
import { folded, type Html, html, htmlTable } from './html.ts';
import { digestCode } from './parts.ts';
import { checkpointRows, gpuTable, reproductionTables } from './training-tables.ts';

export function trainingBody(tools: ChartTools, record: TrainingRun): Html {
  const metrics = Object.entries(record.metrics).map(([name, value]) => [
    name,
    typeof value === 'number' ? significant(value) : value,
  ]);
  const parameters = Object.entries(record.params).map(([name, value]) => [name, JSON.stringify(value)]);
  return html`${htmlTable('Run', ['what', 'value'], runFacts(record))}${
    metrics.length > 0
      ? htmlTable('Metrics that training wrote', ['metric', 'value'], metrics, [1])
      : undefined
  }${record.metricsProblem ? html`<p>${record.metricsProblem}</p>` : undefined}${noticedList(record)}${metricCurves(tools, record)}${resourceCharts(tools, record)}${gpuTable(record)}${moneyPart(tools, record)}${
    parameters.length > 0
      ? folded(`${parameters.length} parameters`, htmlTable('Parameters', ['parameter', 'value'], parameters))
      : undefined
  }${reproductionTables(record)}${
    record.outputTail.length > 0 && record.outcome !== 'succeeded'
      ? folded(
          'Last lines of output',
          html`<pre class="scroll" tabindex="0">${record.outputTail.slice(-40).join('\n')}</pre>`,
        )
      : undefined
  }`;
}

function runFacts(record: TrainingRun): [string, string | Html][] {
  const { model, tracking, timeoutSeconds } = record;
  const end = record.exitSignal ? `, ended by ${record.exitSignal}` : `, exit code ${record.exitCode}`;
  const limit = timeoutSeconds === null ? '' : ` of at most ${formatDuration(timeoutSeconds)}`;
  return [
    ['outcome', `${record.outcome.replaceAll('-', ' ')}${record.outcome === 'submitted' ? '' : end}`],
    ['time', `${formatDuration(record.durationSeconds)}${limit}`],
    ['command', html`<code>${record.command}</code>`],
    ...(model
      ? [
          [
            'model',
            html`${digestCode(model.digest)}, ${formatNumber(model.fileCount)} ${model.fileCount === 1 ? 'file' : 'files'}, ${formatBytes(model.bytes)}`,
          ] as [string, Html],
        ]
      : []),
    ['on', `${record.backend}: ${machineText(record)}`],
    ...checkpointRows(record),
    ...(tracking
      ? [
          [
            'MLflow run',
            html`<code>${tracking.runId}</code> of ${tracking.experiment}, <code>${tracking.server}</code>`,
          ] as [string, Html],
        ]
      : []),
  ];
}

function machineText({ environment, job }: TrainingRun): string {
  if (job) return `${job.count} × ${job.machine}`;
  const names = new Map<string, number>();
  for (const { name } of environment.gpus) names.set(name, (names.get(name) ?? 0) + 1);
  const gpus = [...names].map(([name, count]) => (count === 1 ? name : `${count} × ${name}`));
  const none = environment.gpuProblem ? `no GPU (${environment.gpuProblem})` : 'no GPU';
  return `${environment.cpuCount} × ${environment.cpuModel || 'unknown processor'}, ${formatBytes(environment.memoryBytes)}; ${gpus.join(', ') || none}`;
}

/** Warnings and what ended the training, numbered as in the charts over time. */
function noticedList(record: TrainingRun): Html | undefined {
  const noticed = noticedBy(record);
  if (noticed.length === 0) return undefined;
  return html`<h4>Noticed while it ran</h4><ol>${noticed.map(
    ({ title, text, atSeconds }) =>
      html`<li><strong>${title}</strong> at ${formatDuration(atSeconds)}: ${text}</li>`,
  )}</ol>`;
}

function moneyPart(tools: ChartTools, record: TrainingRun): Html | undefined {
  const rows = moneyRows(record);
  if (rows.length === 0) return undefined;
  return html`<h4>Money and energy</h4><div class="charts">${moneyChart(tools, record)}${htmlTable('Money and energy', ['what', 'was'], rows)}</div>`;
}
