/**
 * The whole gate on a million paired predictions, as the built action and as a process of its own: from two Parquet
 * files to the record, the report and the kept predictions. Beside it, on the same files, scikit-learn's numbers
 * without any interval, and the intervals by a paired bootstrap over scikit-learn.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEngine, quoteText } from '../shared/data/engine.ts';
import type { Benchmark } from './measure.ts';
import { buildInto, CORES, medianOf, onCores, type Run, runAction } from './run-action.ts';

const ROWS = 1_000_000;
const ROUNDS = 5;
const LIMITS = { seconds: 4, bytes: 1e9, timesFasterThanBootstrap: 100 };
/** What the intervals of a bootstrap are made of. */
const REPLICATES = 1000;
/** What are run of them here. */
const REPLICATES_RUN = 2;

const METRICS = [
  'accuracy',
  'balanced_accuracy',
  'precision',
  'recall',
  'f1',
  'matthews_corrcoef',
  'roc_auc',
  'average_precision',
  'log_loss',
  'brier_score_loss',
];

const POLICY = `version: 1
task: binary
metrics:
${METRICS.map((name) => `  - {name: ${name}, min_absolute_change: -0.02}`).join('\n')}
slices:
  - {feature_keys: [segment], metrics: [${METRICS.join(', ')}], min_absolute_change: -0.02}
`;

export async function benchmark(): Promise<Benchmark> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-gate-speed-'));
  try {
    await makeFiles(folder);
    await buildInto(join(folder, 'dist'));
    // The first run may have to fetch the engine.
    await runGate(folder);
    const runs: Run[] = [];
    for (let round = 0; round < ROUNDS; round++) runs.push(await runGate(folder));
    const peer = runPeer(folder);
    return describe(
      medianOf(runs.map(({ seconds }) => seconds)),
      Math.max(...runs.map(({ bytes }) => bytes)),
      peer,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Two models of nearly one quality; the files have their rows in different orders. */
async function makeFiles(folder: string): Promise<void> {
  const engine = await openEngine({ cacheFolder: folder, temporaryFolder: folder, env: process.env });
  const noise = (salt: number): string => `(hash(i * ${salt}) / 18446744073709551616.0 - 0.5)`;
  await engine.run(`CREATE TABLE drawn AS SELECT i AS id, (hash(i * 7) % 10 < 3)::INTEGER AS y_true,
    'segment ' || (hash(i * 17) % 10) AS segment, hash(i * 19) AS place,
    1 / (1 + exp(0.8 - 1.6 * y_true - 2.5 * ${noise(11)})) AS champion,
    1 / (1 + exp(0.8 - 1.6 * y_true - 2.4 * ${noise(11)} - 0.5 * ${noise(13)})) AS challenger
    FROM range(${ROWS}) rows(i)`);
  const write = (columns: string, order: string, name: string): Promise<void> =>
    engine.run(
      `COPY (SELECT ${columns} FROM drawn ORDER BY ${order}) TO ${quoteText(join(folder, name))} (FORMAT parquet)`,
    );
  await write(
    'id, y_true, (challenger >= 0.5)::INTEGER AS y_pred, challenger AS y_score, segment',
    'id',
    'challenger.parquet',
  );
  await write('id, (champion >= 0.5)::INTEGER AS y_pred, champion AS y_score', 'place', 'champion.parquet');
  engine.close();
  await writeFile(join(folder, 'gate.yaml'), POLICY);
}

function runGate(folder: string): Promise<Run> {
  return runAction(
    'evaluate-gate',
    {
      name: 'speed',
      predictions: join(folder, 'challenger.parquet'),
      'baseline-predictions': join(folder, 'champion.parquet'),
      policy: join(folder, 'gate.yaml'),
      'policy-from': 'file',
      comment: 'never',
    },
    { build: join(folder, 'dist'), parent: folder, toolCache: join(folder, 'tools') },
  );
}

interface Peer {
  /** Seconds that scikit-learn takes for the ten numbers of both models, without slices. */
  numbers: number;
  /** Seconds of one replicate of the bootstrap, on all rows and in ten slices. */
  replicate: number;
  version: string;
}

/** Undefined where no interpreter has scikit-learn. */
function runPeer(folder: string): Peer | undefined {
  const python = process.env.MLOPS_TEST_PYTHON;
  if (!python) return undefined;
  const [program, ...rest] = onCores([
    python,
    join(import.meta.dirname, 'gate_speed_sklearn.py'),
    join(folder, 'challenger.parquet'),
    join(folder, 'champion.parquet'),
    String(REPLICATES_RUN),
  ]);
  return JSON.parse(execFileSync(program!, rest, { encoding: 'utf8' })) as Peer;
}

function describe(seconds: number, bytes: number, peer: Peer | undefined): Benchmark {
  const row = (name: string, took: number): string =>
    `| ${name} | ${(took / seconds).toFixed(took < 10 ? 2 : 0)} | ${took.toFixed(1)} |`;
  const bootstrap = peer && peer.replicate * REPLICATES;
  const rows = [
    row(
      `the gate: ten metrics with intervals, on all rows and in ten slices (${(bytes / 1e9).toFixed(2)} GB)`,
      seconds,
    ),
    ...(peer && bootstrap !== undefined
      ? [
          row(
            `scikit-learn ${peer.version}: the ten numbers of both models, no slices, no intervals`,
            peer.numbers,
          ),
          row(
            `paired bootstrap of the same over scikit-learn, ${REPLICATES} replicates (from ${REPLICATES_RUN} that were run)`,
            bootstrap,
          ),
        ]
      : ['| scikit-learn: not measured, since MLOPS_TEST_PYTHON names no interpreter | | |']),
  ];
  const { timesFasterThanBootstrap, ...own } = LIMITS;
  return {
    title: `Gate on ${ROWS / 1e6} million paired predictions, ${Math.min(CORES, availableParallelism())} cores (limit ${own.seconds} s, ${own.bytes / 1e9} GB, ${timesFasterThanBootstrap} times faster than the bootstrap)`,
    table: ['| process | times the gate | seconds |', '|---|--:|--:|', ...rows].join('\n'),
    withinLimit:
      seconds <= own.seconds &&
      bytes <= own.bytes &&
      (bootstrap === undefined || bootstrap / seconds >= timesFasterThanBootstrap),
  };
}
