/**
 * drift-check on two samples of a million rows of 20 mixed columns, as the built action and as a process of its own:
 * from two CSV files to the record and the page. Beside it, on the same files and in the same run, the engine alone
 * (the floor), evidently's preset with its page, and NannyML's univariate drift, both without the free text.
 */
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildFloor } from './build-floor.ts';
import type { Benchmark } from './measure.ts';
import { buildInto, CORES, medianOf, type Run, runAction, TELL_PEAK, timed } from './run-action.ts';
import { writeWideTable } from './wide-tables.ts';

const ROWS = 1_000_000;
const FEW_ROWS = 10_000;
const ROUNDS = 3;
const DRIFT = 0.2;
const LIMITS = {
  timesFloor: 2.5,
  timesFasterThanEvidently: 10,
  timesFasterThanNannyml: 2,
  pageBytes: 500_000,
  /** 0.7 s where the floor takes 2.0 s. */
  fewRowsTimesFloor: 0.35,
};

interface Peer {
  version: string;
  seconds: number;
}

export async function benchmark(): Promise<Benchmark> {
  const folder = await mkdtemp(join(process.env.BENCH_FOLDER ?? tmpdir(), 'bench-drift-speed-'));
  try {
    return await measure(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string): Promise<Benchmark> {
  const at = (name: string): string => join(folder, name);
  for (const rows of [FEW_ROWS, ROWS]) {
    await writeWideTable([at(`reference-${rows}.csv`)], { rows, seed: 1 }, folder);
    await writeWideTable([at(`data-${rows}.csv`)], { rows, seed: 2, drift: DRIFT }, folder);
  }
  await writeFile(at('drift.yaml'), 'version: 1\ncolumns: {id: id}\n');
  await buildInto(at('dist'));
  const floorProgram = await buildFloor('drift-speed-floor', folder);
  const drift = (rows: number): Promise<Run> =>
    runAction(
      'drift-check',
      {
        name: 'speed',
        reference: at(`reference-${rows}.csv`),
        data: at(`data-${rows}.csv`),
        policy: at('drift.yaml'),
        comment: 'never',
      },
      { build: at('dist'), parent: folder, toolCache: at('tools') },
    );
  const files = [at(`reference-${ROWS}.csv`), at(`data-${ROWS}.csv`)];
  const env = { ...process.env, NML_DISABLE_USAGE_LOGGING: '1', PEAK_FILE: at('floor-peak') };
  const floor = (): number =>
    timed([process.execPath, TELL_PEAK, floorProgram, ...files], { cwd: folder, env }).seconds;
  const peer = (variable: string, program: string, ...more: string[]): Peer | undefined => {
    const python = process.env[variable];
    if (!python) return undefined;
    const words = [python, join(import.meta.dirname, program), ...files, ...more];
    const { seconds, output } = timed(words, { cwd: folder, env });
    return { seconds, version: output.trim().split('\n').at(-1)! };
  };

  // The first run has to fetch the engine.
  await drift(FEW_ROWS);
  const few: Run[] = [];
  const runs: Run[] = [];
  const floors: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    few.push(await drift(FEW_ROWS), await drift(FEW_ROWS));
    runs.push(await drift(ROWS));
    floors.push(floor());
  }
  // Once each: they take minutes, and are far away from their limits.
  const nannyml = peer('MLOPS_TEST_NANNYML', 'drift_speed_nannyml.py');
  const evidently = peer('MLOPS_TEST_EVIDENTLY', 'drift_speed_evidently.py', at('evidently.html'));
  return describe({
    seconds: medianOf(runs.map(({ seconds }) => seconds)),
    bytes: Math.max(...runs.map(({ bytes }) => bytes)),
    pageBytes: (await stat(join(runs[0]!.folder, 'mlops-records/report.html'))).size,
    secondsOfFewRows: medianOf(few.map(({ seconds }) => seconds)),
    floor: medianOf(floors),
    nannyml,
    evidently,
    evidentlyPage: evidently && (await stat(at('evidently.html'))).size,
  });
}

interface Found {
  seconds: number;
  bytes: number;
  pageBytes: number;
  secondsOfFewRows: number;
  floor: number;
  nannyml?: Peer;
  evidently?: Peer;
  evidentlyPage?: number;
}

function describe(found: Found): Benchmark {
  const { seconds, floor, nannyml, evidently } = found;
  const row = (name: string, took: number): string =>
    `| ${name} | ${(took / seconds).toFixed(2)} | ${took.toFixed(1)} s |`;
  const kilobytes = (bytes: number): string => `${Math.round(bytes / 1000).toLocaleString('en-GB')} kB`;
  const missing = (name: string): string => `| ${name}: not measured, its interpreter is not there | | |`;
  const rows = [
    row(
      `drift-check: every column, correlations, classifier, record, report and page (peak ${(found.bytes / 1e9).toFixed(2)} GB, page ${kilobytes(found.pageBytes)})`,
      seconds,
    ),
    row('the floor: both files loaded, and plain counts and moments of every column asked by SQL', floor),
    nannyml
      ? row(
          `NannyML ${nannyml.version}, univariate drift, without times and free text (one run)`,
          nannyml.seconds,
        )
      : missing('NannyML'),
    evidently
      ? row(
          `evidently ${evidently.version}, drift preset with its page (${kilobytes(found.evidentlyPage!)}), without times and free text (one run)`,
          evidently.seconds,
        )
      : missing('evidently'),
    `| drift-check on ${FEW_ROWS.toLocaleString('en-GB')} rows against as many | ${(found.secondsOfFewRows / seconds).toFixed(2)} | ${found.secondsOfFewRows.toFixed(2)} s |`,
  ];
  return {
    title: `Drift of ${ROWS / 1e6} million rows of 20 columns against as many, CSV, ${Math.min(CORES, availableParallelism())} cores (limits: ${LIMITS.timesFloor} times the floor, ${LIMITS.timesFasterThanEvidently} times faster than evidently, ${LIMITS.timesFasterThanNannyml} times than NannyML, a page of ${LIMITS.pageBytes / 1000} kB, ${LIMITS.fewRowsTimesFloor} times the floor on ${FEW_ROWS / 1000} thousand rows)`,
    table: ['| process | times drift-check | took |', '|---|--:|--:|', ...rows].join('\n'),
    withinLimit:
      seconds <= LIMITS.timesFloor * floor &&
      (!evidently || evidently.seconds >= LIMITS.timesFasterThanEvidently * seconds) &&
      (!nannyml || nannyml.seconds >= LIMITS.timesFasterThanNannyml * seconds) &&
      found.pageBytes <= LIMITS.pageBytes &&
      found.secondsOfFewRows <= LIMITS.fewRowsTimesFloor * floor,
  };
}
