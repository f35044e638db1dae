/**
 * validate-data with 45 checks on tables of 20 mixed columns, as the built action and as a process of its own: from the
 * file to the profile, the failing rows and the report. Beside it, on the same file and in the same run, the engine
 * alone (the floor), Great Expectations and pandera; then each from a fresh runner, few rows, and the memory of many.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildFloor } from './build-floor.ts';
import type { Benchmark } from './measure.ts';
import { buildInto, CORES, medianOf, type Run, runAction, timed } from './run-action.ts';
import { CHECKS, CONTRACT } from './validate-speed-checks.ts';
import { writeWideTable } from './wide-tables.ts';

const ROWS = 1_000_000;
const FEW_ROWS = 10_000;
const MANY_ROWS = 5_000_000;
/** So many that a busy moment of the machine is in no median. */
const ROUNDS = 9;
const LIMITS = {
  timesFloor: 2.5,
  timesFasterThanGreatExpectations: 3,
  freshTimes: { 'great-expectations': 10, pandera: 5 },
  /** 0.7 s where the floor takes 0.9 s. */
  fewRowsTimesFloor: 0.78,
  bytesOfMany: { csv: 700e6, parquet: 400e6 },
};

/** A data tool of Python: the pip requirements are those of scripts/peers.json. */
const PEERS = [
  {
    name: 'great-expectations',
    title: 'Great Expectations',
    program: 'validate_speed_great_expectations.py',
  },
  { name: 'pandera', title: 'pandera', program: 'validate_speed_pandera.py' },
] as const;

interface Measured {
  floor: number;
  seconds: number;
  freshSeconds: number;
  secondsOfFewRows: number;
  bytes: number;
  bytesOfMany: { csv: number; parquet: number };
  peers: { name: (typeof PEERS)[number]['name']; title: string; seconds: number; freshSeconds: number }[];
}

export async function benchmark(): Promise<Benchmark> {
  const folder = await mkdtemp(join(process.env.BENCH_FOLDER ?? tmpdir(), 'bench-validate-speed-'));
  try {
    return describe(await measure(folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string): Promise<Measured> {
  const at = (name: string): string => join(folder, name);
  const csv = (rows: number): string => at(`table-${rows}.csv`);
  for (const rows of [FEW_ROWS, ROWS]) await writeWideTable([csv(rows)], { rows, seed: 1 }, folder);
  const many = { csv: csv(MANY_ROWS), parquet: at('many.parquet') };
  await writeWideTable([many.csv, many.parquet], { rows: MANY_ROWS, seed: 1 }, folder);
  await writeFile(at('contract.yaml'), CONTRACT);
  await buildInto(at('dist'));
  const floorProgram = await buildFloor('validate-speed-floor', folder);
  const validate = (data: string, toolCache = at('tools')): Promise<Run> =>
    runAction(
      'validate-data',
      { name: 'speed', data, contract: at('contract.yaml'), comment: 'never', 'fail-on': 'none' },
      { build: at('dist'), parent: folder, toolCache },
    );

  // The engine comes from the npm registry.
  const fresh = await validate(csv(ROWS), at('empty-tools'));
  await validate(csv(FEW_ROWS));
  const [few, runs, floors]: [Run[], Run[], number[]] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    few.push(await validate(csv(FEW_ROWS)));
    runs.push(await validate(csv(ROWS)));
    floors.push(
      timed([process.execPath, floorProgram, csv(ROWS)], { cwd: folder, env: process.env }).seconds,
    );
  }
  return {
    floor: medianOf(floors),
    seconds: medianOf(runs.map(({ seconds }) => seconds)),
    freshSeconds: fresh.seconds,
    secondsOfFewRows: medianOf(few.map(({ seconds }) => seconds)),
    bytes: Math.max(...runs.map(({ bytes }) => bytes)),
    bytesOfMany: {
      csv: (await validate(many.csv)).bytes,
      parquet: (await validate(many.parquet)).bytes,
    },
    peers: await measurePeers(folder, csv(ROWS)),
  };
}

/** Once each: they take minutes, and are far away from their limits. */
async function measurePeers(folder: string, data: string): Promise<Measured['peers']> {
  const pins = JSON.parse(await readFile(join(import.meta.dirname, '../scripts/peers.json'), 'utf8'));
  return PEERS.flatMap(({ name, title, program }) => {
    const installed = process.env[`MLOPS_TEST_${name.replaceAll('-', '_').toUpperCase()}`];
    const pip = process.env.MLOPS_TEST_PYTHON;
    if (!installed || !pip) return [];
    const options = { cwd: folder, env: process.env };
    const { seconds } = timed([installed, join(import.meta.dirname, program), data], options);
    // As a workflow does it; pip's own cache is as warm as the last run left it.
    const install = [pip, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    const { seconds: installSeconds } = timed(
      [...install, '--target', join(folder, name), ...pins['data-tools'][name]],
      options,
    );
    return [{ name, title, seconds, freshSeconds: installSeconds + seconds }];
  });
}

function describe(found: Measured): Benchmark {
  const { seconds, floor, freshSeconds, bytesOfMany, peers } = found;
  const row = (what: string, took: number, unit = seconds): string =>
    `| ${what} | ${(took / unit).toFixed(2)} | ${took.toFixed(1)} s |`;
  const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
  const rows = [
    row(
      `validate-data: ${CHECKS} checks, profile, failing rows and report (${megabytes(found.bytes)})`,
      seconds,
    ),
    row('the floor: the same checks in one SQL statement by hand', floor),
    ...peers.map((peer) => row(`${peer.title}: the same checks`, peer.seconds)),
    ...peers.map((peer) =>
      row(
        `${peer.title}, installed first, against validate-data that fetches its engine (${freshSeconds.toFixed(1)} s)`,
        peer.freshSeconds,
        freshSeconds,
      ),
    ),
    row(`validate-data on ${FEW_ROWS.toLocaleString('en-GB')} rows`, found.secondsOfFewRows),
    `| validate-data on ${MANY_ROWS / 1e6} million rows: memory, CSV | | ${megabytes(bytesOfMany.csv)} |`,
    `| validate-data on ${MANY_ROWS / 1e6} million rows: memory, Parquet | | ${megabytes(bytesOfMany.parquet)} |`,
  ];
  const isFaster = peers.every(
    (peer) =>
      peer.freshSeconds >= LIMITS.freshTimes[peer.name] * freshSeconds &&
      (peer.name !== 'great-expectations' ||
        peer.seconds >= LIMITS.timesFasterThanGreatExpectations * seconds),
  );
  return {
    title: `${CHECKS} checks on ${ROWS / 1e6} million rows of 20 columns, CSV, ${Math.min(CORES, availableParallelism())} cores (limits: ${LIMITS.timesFloor} times the floor, ${LIMITS.timesFasterThanGreatExpectations} times faster than Great Expectations; from a fresh runner ${LIMITS.freshTimes['great-expectations']} times, and ${LIMITS.freshTimes.pandera} times than pandera; ${LIMITS.fewRowsTimesFloor} times the floor on ${FEW_ROWS / 1000} thousand rows; ${LIMITS.bytesOfMany.csv / 1e6} MB of CSV, ${LIMITS.bytesOfMany.parquet / 1e6} MB of Parquet)`,
    table: ['| process | times | took |', '|---|--:|--:|', ...rows].join('\n'),
    withinLimit:
      peers.length === PEERS.length &&
      isFaster &&
      seconds <= LIMITS.timesFloor * floor &&
      found.secondsOfFewRows <= LIMITS.fewRowsTimesFloor * floor &&
      bytesOfMany.csv <= LIMITS.bytesOfMany.csv &&
      bytesOfMany.parquet <= LIMITS.bytesOfMany.parquet,
  };
}
