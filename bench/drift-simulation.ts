/**
 * How often the default rule of drift-check alarms where nothing moved, and how often it finds what did: a mixed table
 * of 20 columns, three of them of 5, 50 and 1,000 categories. `npm run bench -- drift-simulation`; ends with 1 when a
 * share is out of its range.
 */
import { performance } from 'node:perf_hooks';
import { assess } from '../actions/drift-check/assess.ts';
import type { ChunkSize } from '../actions/drift-check/chunks.ts';
import type { DriftTable } from '../actions/drift-check/table.ts';
import { driftPolicySchema } from '../shared/records/drift-policy.ts';
import { randomGenerator } from '../shared/stats/random.ts';
import { describeLine, isWithin, type Line, share } from './drift-simulation-line.ts';
import { simulateTogether } from './drift-simulation-together.ts';
import { type Moved, mixedTable, normalGenerator, numbers } from './drift-tables.ts';
import type { Benchmark } from './measure.ts';

/** Single columns alone: what they show together has lines of its own. */
const COLUMNS_ALONE = driftPolicySchema.parse({ version: 1, multivariate: false, correlations: false });

function drifting(reference: DriftTable, data: DriftTable, chunk?: ChunkSize): string[] {
  const options = {
    policy: COLUMNS_ALONE,
    metrics: [],
    importance: new Map<string, number>(),
    times: [],
    chunk,
  };
  return assess(reference, data, options)
    .columns.filter((column) => column.status === 'drifts')
    .map((column) => column.name);
}

const found = (pairs: number, rows: number, column: string, moved: Moved): number =>
  share(pairs, (pair) =>
    drifting(mixedTable(rows, 2 * pair), mixedTable(rows, 2 * pair + 1, moved)).includes(column),
  );

const alarms = (pairs: number, rows: number): number =>
  share(pairs, (pair) => drifting(mixedTable(rows, 2 * pair), mixedTable(rows, 2 * pair + 1)).length > 0);

/** AR(1) by `memory`, of deviation 1: ten reference chunks of 500 rows, and `later` after them, moved by `shift`. */
function chunkAlarms(series: number, memory: number, later = 1, shift = 0): number {
  return share(series, (seed) => {
    const normal = normalGenerator(randomGenerator(seed));
    const fresh = Math.sqrt(1 - memory ** 2);
    let state = normal();
    const next = (rowCount: number, move: number): DriftTable => {
      const column = numbers(rowCount, () => {
        state = memory * state + fresh * normal();
        return state + move;
      });
      return { rowCount, columns: new Map([['x', column]]) };
    };
    return drifting(next(5000, 0), next(500 * later, shift), { by: 'rows', size: 500 }).length > 0;
  });
}

/** A rhythm that a chunk holds twice, beside noise: ten reference chunks of 500 rows, and three after them. */
function rhythmAlarms(series: number): number {
  return share(series, (seed) => {
    const random = randomGenerator(seed);
    const normal = normalGenerator(random);
    const phase = 2 * Math.PI * random();
    let at = 0;
    const next = (rowCount: number): DriftTable => {
      const column = numbers(rowCount, () => normal() + 1.5 * Math.sin((2 * Math.PI * at++) / 250 + phase));
      return { rowCount, columns: new Map([['x', column]]) };
    };
    return drifting(next(5000), next(1500), { by: 'rows', size: 500 }).length > 0;
  });
}

/** @param effort 1 for the numbers of pairs that the rule was settled by; less for a quick look. */
export function simulateDrift(effort: number, say: (line: Line) => void = () => undefined): Line[] {
  const lines: Line[] = [];
  const add = (what: string, pairs: number, limit: Line['limit'], of: (pairs: number) => number) => {
    const wanted = Math.max(1, Math.round(pairs * effort));
    const line = { what, pairs: wanted, share: of(wanted), limit };
    lines.push(line);
    say(line);
  };
  const quiet = { most: 0.05 };
  add('nothing moved, n = 500: any column alarms', 1000, quiet, (pairs) => alarms(pairs, 500));
  add('nothing moved, n = 20,000', 200, quiet, (pairs) => alarms(pairs, 20_000));
  add('nothing moved, n = 500,000', 40, quiet, (pairs) => alarms(pairs, 500_000));
  add('0.3 sd in one of 20 columns, n = 500: found', 500, { least: 0.8 }, (pairs) =>
    found(pairs, 500, 'n0', { shift: 0.3 }),
  );
  add('0.2 sd, n = 2,000: found', 300, { least: 0.95 }, (pairs) => found(pairs, 2000, 'n0', { shift: 0.2 }));
  for (const categories of [5, 1000]) {
    add(`30 % of rows into one of ${categories} categories, n = 500: found`, 300, { least: 0.95 }, (pairs) =>
      found(pairs, 500, `c${categories}`, { into: { categories, share: 0.3 } }),
    );
  }
  add('0.01 sd, n = 1,000,000: any column alarms', 5, { most: 0 }, (pairs) =>
    share(
      pairs,
      (pair) =>
        drifting(mixedTable(1_000_000, 2 * pair), mixedTable(1_000_000, 2 * pair + 1, { shift: 0.01 }))
          .length > 0,
    ),
  );
  for (const memory of [0.9, 0.5])
    add(`AR(1), φ = ${memory}, 10 reference chunks of 500: the next alarms`, 1000, quiet, (pairs) =>
      chunkAlarms(pairs, memory),
    );
  add('AR(1), φ = 0.9, moved by 0.7 sd, three chunks: found', 300, { least: 0.8 }, (pairs) =>
    chunkAlarms(pairs, 0.9, 3, 0.7),
  );
  add(
    'a rhythm of half a chunk, 10 reference chunks of 500: the next three alarm',
    1000,
    quiet,
    rhythmAlarms,
  );
  for (const line of simulateTogether(effort)) {
    lines.push(line);
    say(line);
  }
  return lines;
}

export async function benchmark(): Promise<Benchmark> {
  const begin = performance.now();
  const lines = simulateDrift(1, (line) => process.stderr.write(`${describeLine(line)}\n`));
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  return {
    title: `Drift: the default rule on tables of 20 columns, in ${seconds} s`,
    table: ['| tables | pairs | share | limit |', '|---|--:|--:|--:|', ...lines.map(describeLine)].join('\n'),
    withinLimit: lines.every(isWithin),
  };
}
