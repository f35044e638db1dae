import type { TrainingRun } from '../../shared/records/training-run.ts';
import {
  blocks,
  bold,
  code,
  codeBlock,
  formatBytes,
  formatDuration,
  formatNumber,
  type Inline,
  type Markdown,
  md,
  shortDigest,
  table,
} from '../../shared/report/markdown.ts';
import type { ReportSection } from '../../shared/report/section.ts';

/** How a training run reads: what came of it, its metrics, then what it used and ran on. */
export function report(record: TrainingRun): ReportSection {
  const time = formatDuration(record.durationSeconds);
  const tail = {
    title: `Last lines of the output · ${record.outputTail.length}`,
    body: codeBlock(record.outputTail.join('\n')),
  };
  const failed = record.model === null;
  const parts = [
    { title: `Use of the machine · ${time}`, body: resourceTable(record) },
    ...(Object.keys(record.params).length > 0
      ? [{ title: `Parameters · ${Object.keys(record.params).length}`, body: paramTable(record) }]
      : []),
    { title: 'Environment and data', body: environmentTable(record) },
  ];
  const hasOutput = record.outputTail.length > 0;
  return {
    action: 'train-on-gpu-runner',
    name: record.name,
    verdict: record.verdict,
    cell: failed ? (record.outcome === 'timed-out' ? 'timed out' : 'failed') : time,
    heading: headingOf(record, time),
    summary: blocks(summarySentence(record, time), metricTable(record)),
    // What went wrong is the first thing to look for; of a good run the output is the last.
    details: [...(failed && hasOutput ? [tail] : []), ...parts, ...(!failed && hasOutput ? [tail] : [])],
    footer: [md`command ${code(record.command)}`, `backend ${record.backend}`],
  };
}

function headingOf(record: TrainingRun, time: string): string {
  if (record.outcome === 'succeeded') return `trained in ${time}`;
  if (record.outcome === 'timed-out')
    return `training did not end within ${formatDuration(record.timeoutSeconds)}`;
  if (record.exitSignal) return `training was ended by ${record.exitSignal} after ${time}`;
  if (record.exitCode !== 0) return `training failed with exit status ${record.exitCode} after ${time}`;
  return `training left no model after ${time}`;
}

function summarySentence(record: TrainingRun, time: string): Markdown {
  const resumed =
    record.checkpoints.resumedFrom === 'nothing'
      ? ''
      : ` It went on from checkpoints (from the ${record.checkpoints.resumedFrom}).`;
  const problem = record.metricsProblem ? ` Metrics: ${record.metricsProblem}.` : '';
  if (!record.model) return md`${bold(record.reason)}${resumed}${problem}`;
  const { digest, bytes, fileCount } = record.model;
  const files = `${formatNumber(fileCount)} ${fileCount === 1 ? 'file' : 'files'}, ${formatBytes(bytes)}`;
  return md`${bold(`Trained in ${time}`)}: model ${code(shortDigest(digest))} (${files}).${resumed}${problem}`;
}

function metricTable(record: TrainingRun): Inline {
  const metrics = Object.entries(record.metrics);
  if (metrics.length === 0) return '';
  return table(
    ['metric, as the command reports it', 'value'],
    metrics.map(([name, value]) => [name, typeof value === 'number' ? significant(value) : `⚠️ ${value}`]),
    ['left', 'right'],
  );
}

/** Four significant digits; whole numbers whole: the command's own numbers have no interval to round by. */
function significant(value: number): string {
  const magnitude = Math.abs(value);
  if (value !== 0 && (magnitude < 1e-4 || magnitude >= 1e9)) return value.toExponential(3).replace('-', '−');
  const decimals = Number.isInteger(value) ? 0 : Math.max(0, 3 - Math.floor(Math.log10(magnitude)));
  const shown = formatNumber(value, Math.min(decimals, 10));
  return shown.includes('.') ? shown.replace(/\.?0+$/, '') : shown;
}

function resourceTable(record: TrainingRun): Markdown {
  const { cpuSeconds, cpuPercent, memoryBytes, gpus } = record.resources;
  const percent = (value: number | undefined) => (value === undefined ? '–' : `${formatNumber(value)} %`);
  const wholeRun = cpuSeconds === null ? undefined : (100 * cpuSeconds) / record.durationSeconds;
  const meanCpu = Number.isFinite(wholeRun) ? wholeRun : cpuPercent?.mean;
  const rows: Inline[][] = [
    ['CPU (100 % is one core)', percent(meanCpu), percent(cpuPercent?.maximum)],
    ['memory', formatBytes(memoryBytes?.mean), formatBytes(memoryBytes?.maximum)],
  ];
  for (const gpu of gpus) {
    const bytes = (mebibytes: number | undefined) =>
      formatBytes(mebibytes === undefined ? undefined : mebibytes * 2 ** 20);
    const unit = (value: number | undefined, sign: string) =>
      value === undefined ? '–' : `${formatNumber(value)} ${sign}`;
    const label = `GPU ${gpu.index}`;
    rows.push(
      [`${label} utilisation`, percent(gpu.utilisation?.mean), percent(gpu.utilisation?.maximum)],
      [`${label} memory`, bytes(gpu.memoryUsedMiB?.mean), bytes(gpu.memoryUsedMiB?.maximum)],
      [`${label} power`, unit(gpu.powerWatts?.mean, 'W'), unit(gpu.powerWatts?.maximum, 'W')],
      [
        `${label} temperature`,
        unit(gpu.temperatureCelsius?.mean, '°C'),
        unit(gpu.temperatureCelsius?.maximum, '°C'),
      ],
    );
    if (gpu.throttleReasons.length > 0) {
      rows.push([`${label} slowed down`, percent(gpu.throttledShare * 100), gpu.throttleReasons.join(', ')]);
    }
  }
  return table(['resource', 'mean', 'highest'], rows, ['left', 'right', 'right']);
}

function paramTable(record: TrainingRun): Markdown {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  return table(
    ['parameter', 'value'],
    Object.entries(record.params).map(([name, value]) => [name, text(value)]),
  );
}

function environmentTable(record: TrainingRun): Markdown {
  const { environment: machine } = record;
  const rows: Inline[][] = [
    ['system', `${machine.platform} ${machine.release}, ${machine.architecture}`],
    [
      'processor',
      `${machine.cpuCount} × ${machine.cpuModel || 'unknown'}, ${formatBytes(machine.memoryBytes)} of memory`,
    ],
    ['Python', machine.python ?? 'none found'],
  ];
  for (const gpu of machine.gpus) {
    const memory = formatBytes(gpu.memoryTotalMiB === null ? null : gpu.memoryTotalMiB * 2 ** 20);
    rows.push([`GPU ${gpu.index}`, `${gpu.name}, ${memory}, driver ${gpu.driverVersion}`]);
  }
  if (machine.gpuProblem) rows.push(['GPU', `none: ${machine.gpuProblem}`]);
  for (const file of record.data.slice(0, 20)) {
    rows.push([
      md`data ${code(file.path)}`,
      md`${formatBytes(file.bytes)}, ${code(shortDigest(file.digest))}`,
    ]);
  }
  if (record.data.length > 20) rows.push(['data', `and ${record.data.length - 20} more files`]);
  return table(['what', 'was'], rows);
}
