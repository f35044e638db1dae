/**
 * `operation: calibrate` on the flights of the example: its champion and a retrain with another seed, 1,000 draws.
 * With zero margins the gate must fail an equal model no more often than its confidence promises, where `new >= old`
 * refuses every second one; and the example's own policy must let most of them pass. `npm run bench -- gate-calibrate`
 * needs python3 and, the first time, a network for the example's packages.
 */

import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { definition } from '../actions/evaluate-gate/main.ts';
import { preparePythonEnvironment } from '../shared/programs/python-environment.ts';
import type { Calibrate } from '../shared/records/evaluation.ts';
import { RecordFolder } from '../shared/records/folder.ts';
import { describePart } from '../shared/report/evaluation/names.ts';
import { readInputs } from '../shared/runtime/inputs.ts';
import { silentLog } from '../shared/testing/silent-log.ts';
import type { Benchmark } from './measure.ts';

const EXAMPLE = join(import.meta.dirname, '../workflows-examples/flight-delays');
const DATA = join(EXAMPLE, 'data/2001-01-gate.parquet');
const DRAWS = 1000;
/** The example's seed, and another. */
const SEEDS = [7, 8];
/** 2.5 % fail by right; more than this of 1,000 does so once in a hundred times. */
const MOST_FAILS = 0.037;
const PLAIN = { least: 0.45, most: 0.55 };
/** What the example's margins were chosen for. */
const LEAST_PASSES = 0.9;

const ZERO_MARGINS = `version: 1
task: binary
columns: {id: flight_id, y_true: late}
metrics:
  - {name: roc_auc, min_absolute_change: 0}
  - {name: log_loss, min_absolute_change: 0}
`;

const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'mlops-actions');
const progress = (message: string): void => void process.stderr.write(`${message}\n`);

export async function benchmark(): Promise<Benchmark> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-calibrate-'));
  try {
    const [champion, retrain] = await trainTwice(folder);
    await writeFile(join(folder, 'zero.yaml'), ZERO_MARGINS);
    const judge = (policy: string): Promise<Calibrate> =>
      calibrateBy({ policy, predictions: retrain!, 'baseline-predictions': champion!, data: DATA }, folder);
    const zero = await judge(join(folder, 'zero.yaml'));
    const own = await judge(join(EXAMPLE, 'gate.yaml'));
    const isWithin =
      zero.shares.fail <= MOST_FAILS &&
      zero.metrics.every(
        ({ plainComparisonFails }) =>
          plainComparisonFails >= PLAIN.least && plainComparisonFails <= PLAIN.most,
      ) &&
      own.shares.fail <= MOST_FAILS &&
      own.shares.pass >= LEAST_PASSES;
    return {
      title: `Calibrate on the flights, ${DRAWS.toLocaleString('en')} draws of equal models (fails ≤ 3.7 %, plain 45–55 %, the example passes ≥ 90 %), in percent`,
      table: [
        '| policy | | pass | cannot tell | fail | `new >= old` refuses |',
        '|---|---|--:|--:|--:|--:|',
        ...linesOf('zero margins', zero),
        ...linesOf("the example's", own),
      ].join('\n'),
      withinLimit: isWithin,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @returns the paths of both models' predictions. */
async function trainTwice(folder: string): Promise<string[]> {
  const code = join(EXAMPLE, 'code');
  const { bin } = await preparePythonEnvironment({
    requirements: join(code, 'requirements.txt'),
    cacheFolder,
    progress,
  });
  const python = (words: string[], env: Record<string, string>): void => {
    execFileSync(join(bin, 'python'), words, {
      cwd: code,
      env: { ...process.env, ...env, PYTHONDONTWRITEBYTECODE: '1' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  };
  return SEEDS.map((seed) => {
    const [model, predictions] = [join(folder, `model-${seed}`), join(folder, `predictions-${seed}.csv`)];
    python(['-c', `import train; train.SEED = ${seed}; train.main()`], {
      DATA: join(EXAMPLE, 'data/2001-01-train.parquet'),
      PARAM_MODEL: 'gradient-boosting',
      MODEL_DIR: model,
    });
    python(['predict.py'], { DATA, MODEL_DIR: model, PREDICTIONS: predictions });
    return predictions;
  });
}

async function calibrateBy(given: Record<string, string>, folder: string): Promise<Calibrate> {
  const all: Record<string, string> = {
    name: 'flight-delays',
    operation: 'calibrate',
    draws: String(DRAWS),
    'policy-from': 'file',
    ...given,
  };
  const log = { ...silentLog, warning: progress, error: progress };
  const temporaryFolder = join(folder, 'temporary');
  await mkdir(temporaryFolder, { recursive: true });
  const { record } = await definition.run(
    readInputs(definition.inputs, (name) => all[name]),
    {
      log,
      signal: new AbortController().signal,
      env: process.env,
      now: () => new Date(),
      source: { repository: null, commit: null, runUrl: null },
      records: new RecordFolder(join(folder, 'records'), 'flight-delays'),
      temporaryFolder,
      cacheFolder,
      saveState: () => undefined,
    },
  );
  if (record.kind !== 'Evaluation' || !record.calibrate) throw new TypeError('calibrate gave no shares');
  progress(record.reason);
  return record.calibrate;
}

function linesOf(policy: string, { shares, metrics, plainComparisonFails }: Calibrate): string[] {
  const line = (words: string[], numbers: number[]): string =>
    `| ${[...words, ...numbers.map((share) => (share * 100).toFixed(1))].join(' | ')} |`;
  return [
    line([policy, '**the gate**'], [shares.pass, shares.inconclusive, shares.fail, plainComparisonFails]),
    ...metrics.map((metric) =>
      line(
        [policy, describePart(metric)],
        [metric.pass, metric.inconclusive, metric.fail, metric.plainComparisonFails],
      ),
    ),
  ];
}
