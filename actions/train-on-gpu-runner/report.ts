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
  joinMarkdown,
  link,
  list,
  type Markdown,
  md,
  shortDigest,
  table,
} from '../../shared/report/markdown.ts';
import type { ReportSection } from '../../shared/report/section.ts';
import { moneyInShort } from '../../shared/report/training/money.ts';
import { moneyTable } from './cost/report-money.ts';
import { curvesTable } from './watch/curves.ts';

/** How a training run reads: what came of it, its metrics, then what it used and ran on. */
export function report(record: TrainingRun): ReportSection {
  const time = formatDuration(record.durationSeconds);
  const tail = {
    title: `Last lines of the output · ${record.outputTail.length}`,
    body: codeBlock(record.outputTail.join('\n')),
  };
  const failed = record.model === null;
  const curves = Object.keys(record.history ?? {}).length;
  const money = moneyInShort(record);
  const parts = [
    ...(curves > 0
      ? [{ title: `Metrics while it ran · ${curves}`, body: curvesTable(record.history!) }]
      : []),
    ...(money ? [{ title: `Money and energy · ${money}`, body: md`${moneyTable(record)}` }] : []),
    ...(record.job ? [{ title: `Training job · ${record.job.machine}`, body: jobTable(record.job) }] : []),
    ...(record.resources.samples > 0
      ? [{ title: `Use of the machine · ${time}`, body: resourceTable(record) }]
      : []),
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
    cell: failed ? CELLS[record.outcome] : time,
    heading: headingOf(record, time),
    summary: blocks(summarySentence(record, time), ...warningList(record), metricTable(record)),
    // What went wrong is the first thing to look for; of a good run the output is the last.
    details: [...(failed && hasOutput ? [tail] : []), ...parts, ...(!failed && hasOutput ? [tail] : [])],
    footer: [md`command ${code(record.command)}`, `backend ${record.backend}`],
  };
}

const CELLS: Record<TrainingRun['outcome'], string> = {
  ...{ succeeded: 'no model', failed: 'failed', 'timed-out': 'timed out', 'stopped-early': 'no model' },
  ...{ stalled: 'stalled', 'over-budget': 'over budget', interrupted: 'interrupted' },
  ...{ cancelled: 'cancelled', submitted: 'runs' },
};

function headingOf(record: TrainingRun, time: string): string {
  switch (record.outcome) {
    case 'succeeded':
      return `trained in ${time}`;
    case 'stopped-early':
      return record.model
        ? `trained in ${time}, ended early by rule`
        : `training ended early after ${time}, without a model`;
    case 'timed-out':
      return `training did not end within ${formatDuration(record.timeoutSeconds)}`;
    case 'stalled':
      return `training stalled after ${time}`;
    case 'over-budget':
      return `training was ended at its budget after ${time}`;
    case 'interrupted':
      return `training was interrupted after ${time}`;
    case 'cancelled':
      return 'training was cancelled';
    case 'submitted':
      return `training runs as ${record.job?.name ?? 'a job'}`;
    case 'failed':
      if (record.exitSignal) return `training was ended by ${record.exitSignal} after ${time}`;
      if (record.exitCode !== 0) return `training failed with exit status ${record.exitCode} after ${time}`;
      return `training left no model after ${time}`;
  }
}

function summarySentence(record: TrainingRun, time: string): Markdown {
  const { resumedFrom, resumedStep, heldSeconds } = record.checkpoints;
  const step = resumedStep === null || resumedStep === undefined ? '' : `, step ${formatNumber(resumedStep)}`;
  const told: Inline[] = [
    ...(resumedFrom === 'nothing' ? [] : [`It went on from checkpoints (from the ${resumedFrom}${step}).`]),
    ...(heldSeconds === undefined
      ? []
      : [
          `It stood still for ${formatDuration(heldSeconds)} in all, until its checkpoints were in the store.`,
        ]),
    ...(record.metricsProblem ? [`Metrics: ${record.metricsProblem}.`] : []),
    ...trackedRun(record),
  ];
  if (!record.model) return joinMarkdown([bold(record.reason), ...told]);
  const { digest, bytes, fileCount } = record.model;
  const files = `${formatNumber(fileCount)} ${fileCount === 1 ? 'file' : 'files'}, ${formatBytes(bytes)}`;
  const model = md`${bold(`Trained in ${time}`)}: model ${code(shortDigest(digest))} (${files}).`;
  return joinMarkdown([model, ...(record.stoppedBy ? [record.stoppedBy.reason] : []), ...told]);
}

function trackedRun({ tracking }: TrainingRun): Inline[] {
  if (!tracking) return [];
  const id = code(tracking.runId);
  return [md`It is the MLflow run ${tracking.url ? link(id, tracking.url) : id}.`];
}

function warningList({ warnings = [] }: TrainingRun): Inline[] {
  return warnings.length > 0 ? [list(warnings.map(({ message }) => `⚠️ ${message}`))] : [];
}

function jobTable({ name, machine, count, spot, ...job }: NonNullable<TrainingRun['job']>): Markdown {
  const seconds = (value: number | null) => (value === null ? '–' : formatDuration(value));
  return table(
    ['what', 'was'],
    [
      ['job', job.url ? link(code(name), job.url) : code(name)],
      ['machines', `${count} × ${machine}, ${spot ? 'spot' : 'on demand'}, ${job.region}`],
      ['trained', seconds(job.trainingSeconds)],
      ['billed', seconds(job.billableSeconds)],
      ...(job.interruptions === null ? [] : [['interruptions', formatNumber(job.interruptions)]]),
    ],
  );
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
  const rows: Inline[][] = record.job
    ? [['image', code(machine.release)]]
    : [
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
  rows.push(...originRows(record));
  if (record.data.length > 20) rows.push(['data', `and ${record.data.length - 20} more files`]);
  return table(['what', 'was'], rows);
}

function originRows({ reproduction: origin }: TrainingRun): Inline[][] {
  if (!origin) return [];
  const { commit, uncommitted, seed, packages, container } = origin;
  const changed =
    uncommitted && uncommitted.files > 0
      ? ` and ${formatNumber(uncommitted.files)} changed files that are in no commit`
      : '';
  return [
    ...(commit ? [['code', md`commit ${code(commit.slice(0, 12))}${changed}`]] : []),
    ...(seed === null ? [] : [['seed', String(seed)]]),
    ...packages.map(({ manager, count, digest }) => [
      `packages (${manager})`,
      md`${formatNumber(count)}, ${code(shortDigest(digest))}`,
    ]),
    ...(container ? [['container', code(container.image)]] : []),
  ];
}
