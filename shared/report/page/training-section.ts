/** Training on the page: what was run, what came of it and what it used. */
import type { TrainingRun } from '../../records/training-run.ts';
import { type ChartTools, significant } from '../charts/chart.ts';
import { resourceCharts } from '../charts/resources.ts';
import { formatBytes, formatDuration, formatNumber } from '../numbers.ts';
import { folded, type Html, html, htmlTable } from './html.ts';
import { digestCode } from './parts.ts';

export function trainingBody(tools: ChartTools, record: TrainingRun): Html {
  const { model, environment, resources } = record;
  const facts: [string, string | Html][] = [
    ['outcome', `${record.outcome}, exit code ${record.exitCode}`],
    ['time', formatDuration(record.durationSeconds)],
    ['command', html`<code>${record.command}</code>`],
    ...(model
      ? [
          [
            'model',
            html`${digestCode(model.digest)}, ${formatNumber(model.fileCount)} files, ${formatBytes(model.bytes)}`,
          ] as [string, Html],
        ]
      : []),
    ['machine', `${environment.cpuCount} × ${environment.cpuModel}, ${formatBytes(environment.memoryBytes)}`],
    ['GPU', environment.gpus.map((gpu) => gpu.name).join(', ') || environment.gpuProblem || 'none'],
    ['memory at most', formatBytes(resources.memoryBytes?.maximum)],
  ];
  const metrics = Object.entries(record.metrics).map(([name, value]) => [
    name,
    typeof value === 'number' ? significant(value) : value,
  ]);
  const parameters = Object.entries(record.params).map(([name, value]) => [name, JSON.stringify(value)]);
  return html`${htmlTable('Run', ['what', 'value'], facts)}${metrics.length > 0 ? htmlTable('Metrics that training wrote', ['metric', 'value'], metrics, [1]) : undefined}${
    record.metricsProblem ? html`<p>${record.metricsProblem}</p>` : undefined
  }${parameters.length > 0 ? folded(`${parameters.length} parameters`, htmlTable('Parameters', ['parameter', 'value'], parameters)) : undefined}${resourceCharts(tools, resources.series)}${
    record.outputTail.length > 0 && record.outcome !== 'succeeded'
      ? folded(
          'Last lines of output',
          html`<pre class="scroll" tabindex="0">${record.outputTail.slice(-40).join('\n')}</pre>`,
        )
      : undefined
  }`;
}
