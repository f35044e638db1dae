/** A training in tables: what is needed to repeat it, what it ran on, how it was interrupted, what each GPU did. */
import type { TrainingRun } from '../../records/training-run.ts';
import { significant } from '../charts/chart.ts';
import { formatBytes, formatDuration, formatNumber, formatShare } from '../numbers.ts';
import { folded, type Html, html, htmlTable } from './html.ts';
import { digestCode } from './parts.ts';

type Row = [what: string, was: string | Html];

/** Files of data and lines of a table that are shown; the record has all. */
const MOST_FILES = 50;

export function reproductionTables(record: TrainingRun): Html {
  const { reproduction: origin, data } = record;
  const rows: Row[] = [
    ['command', html`<code>${record.command}</code>`],
    ...(origin ? originRows(origin) : []),
  ];
  const files = data
    .slice(0, MOST_FILES)
    .map(({ path, bytes, digest }) => [html`<code>${path}</code>`, formatBytes(bytes), digestCode(digest)]);
  const rest = data.length - MOST_FILES;
  const isSaid = origin?.commit
    ? html`<p class="soft"><code>operation: reproduce</code> with this record writes the script that does all of it again.</p>`
    : undefined;
  return folded('To do it again', [
    htmlTable('Code, command and environment', ['what', 'was'], rows),
    files.length > 0 ? htmlTable('Data', ['file', 'size', 'digest'], files, [1]) : undefined,
    rest > 0 ? html`<p class="soft">And ${formatNumber(rest)} more files.</p>` : undefined,
    hardwareTable(record),
    isSaid,
  ]);
}

function originRows(origin: NonNullable<TrainingRun['reproduction']>): Row[] {
  const { repository, commit, workingDirectory, uncommitted, seed, packages, container, cuda } = origin;
  const inFile = (path: string | null) => (path === null ? undefined : html`, in <code>${path}</code>`);
  return [
    ['repository', repository ?? 'not known'],
    ['commit', commit === null ? 'not known' : html`<code>${commit}</code>`],
    [
      'changes in no commit',
      uncommitted === null || uncommitted.files === 0
        ? 'none'
        : html`${formatNumber(uncommitted.files)} ${uncommitted.files === 1 ? 'file' : 'files'}, ${digestCode(uncommitted.digest)}${inFile(uncommitted.path)}`,
    ],
    ['folder', workingDirectory === null ? 'not known' : html`<code>${workingDirectory}</code>`],
    ['seed', seed === null ? 'not known' : String(seed)],
    ...packages.map(
      ({ manager, count, digest, path }): Row => [
        `packages (${manager})`,
        html`${formatNumber(count)}, ${digestCode(digest)}${inFile(path)}`,
      ],
    ),
    ...(container
      ? [['container', html`<code>${container.image}</code> ${digestCode(container.digest)}`] as Row]
      : []),
    ...(cuda ? [['CUDA', `toolkit ${cuda.toolkit ?? '–'}, of the driver ${cuda.driver ?? '–'}`] as Row] : []),
    ...origin.dataVersions.map(
      ({ system, name, version }): Row => [`data by ${system}`, html`${name}: <code>${version}</code>`],
    ),
  ];
}

function hardwareTable({ environment: machine }: TrainingRun): Html {
  const rows: Row[] = [
    ['system', [machine.platform, machine.release, machine.architecture].filter(Boolean).join(' ')],
    [
      'processor',
      `${machine.cpuCount} × ${machine.cpuModel || 'unknown'}, ${formatBytes(machine.memoryBytes)} of memory`,
    ],
    ...machine.gpus.map(
      ({ index, name, memoryTotalMiB, driverVersion }): Row => [
        `GPU ${index}`,
        `${name}, ${memoryTotalMiB === null ? 'memory not known' : formatBytes(memoryTotalMiB * 2 ** 20)}, driver ${driverVersion}`,
      ],
    ),
    ...(machine.gpuProblem ? [['GPU', `none: ${machine.gpuProblem}`] as Row] : []),
    ['Python', machine.python ?? 'none found'],
    ['Node', machine.node],
  ];
  return htmlTable('Hardware and system', ['what', 'was'], rows);
}

const CAME_FROM = {
  nothing: 'from the beginning',
  folder: 'its folder',
  cache: 'the cache',
  store: 'the store',
};

/** Checkpoints and interruptions, as rows of the facts. */
export function checkpointRows({ checkpoints, job }: TrainingRun): Row[] {
  const { kept, resumedFrom, store, resumedStep } = checkpoints;
  const step = typeof resumedStep === 'number' ? `, step ${significant(resumedStep)}` : '';
  return [
    [
      'began',
      resumedFrom === 'nothing' ? CAME_FROM.nothing : `from a checkpoint of ${CAME_FROM[resumedFrom]}${step}`,
    ],
    ['checkpoints', kept ? html`kept${store ? html` in <code>${store}</code>` : undefined}` : 'none kept'],
    ...(job && job.interruptions !== null
      ? [['taken away', job.interruptions === 1 ? 'once' : `${formatNumber(job.interruptions)} times`] as Row]
      : []),
    ...(job
      ? ([
          [
            'job',
            html`<code>${job.name}</code>, ${job.count} × ${job.machine}, ${job.spot ? 'spot' : 'on demand'}, ${job.region}`,
          ],
          [
            'trained and billed',
            `${formatDuration(job.trainingSeconds)}, ${formatDuration(job.billableSeconds)}`,
          ],
        ] as Row[])
      : []),
  ];
}

/** Means and highest samples of each GPU. */
export function gpuTable({ resources: { gpus } }: TrainingRun): Html | undefined {
  if (gpus.length === 0) return undefined;
  const pair = (summary: { mean: number; maximum: number } | null, write: (value: number) => string) =>
    summary === null ? '–' : `${write(summary.mean)}, ${write(summary.maximum)}`;
  const rows = gpus.map((gpu) => [
    String(gpu.index),
    pair(gpu.utilisation, (value) => `${formatNumber(value)} %`),
    pair(gpu.memoryUsedMiB, (value) => formatBytes(value * 2 ** 20)),
    pair(gpu.powerWatts, (value) => `${formatNumber(value)} W`),
    gpu.powerLimitWatts == null ? '–' : `${formatNumber(gpu.powerLimitWatts)} W`,
    pair(gpu.temperatureCelsius, (value) => `${formatNumber(value)} °C`),
    gpu.throttledShare === 0
      ? 'never'
      : `${formatShare(gpu.throttledShare, 0)}: ${gpu.throttleReasons.join(', ')}`,
  ]);
  const header = ['GPU', 'utilisation', 'memory', 'power', 'power limit', 'temperature', 'held back'];
  return htmlTable('GPUs: mean and highest', header, rows, [1, 2, 3, 4, 5]);
}
