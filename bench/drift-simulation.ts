/**
 * How often the default rule of drift-check alarms where nothing moved, and how often it finds what did: a mixed table
 * of 20 columns, three of them of 5, 50 and 1,000 categories. `npm run bench -- drift-simulation`; ends with 1 when a
 * share is out of its range.
 */
import { performance } from 'node:perf_hooks';
import { assess } from '../actions/drift-check/assess.ts';
import type { ChunkSize } from '../actions/drift-check/chunks.ts';
import type { ColumnValues, DriftTable } from '../actions/drift-check/table.ts';
import { driftPolicySchema } from '../shared/records/drift-policy.ts';
import { randomGenerator } from '../shared/stats/random.ts';
import type { Benchmark } from './measure.ts';

const NUMBERS = 17;
const CATEGORIES = [5, 50, 1000];
const POLICY = driftPolicySchema.parse({ version: 1 });
const ALL_ROWS = driftPolicySchema.parse({ version: 1, multivariate: { rows: 5000 } });
/** Where only single columns are looked at: the rest takes time. */
const COLUMNS_ALONE = driftPolicySchema.parse({ version: 1, multivariate: false, correlations: false });

interface Moved {
  /** Standard deviations by which the first column moves. */
  shift?: number;
  /** The column of so many categories, and the share of rows that moves into its first. */
  into?: { categories: number; share: number };
}

function normalGenerator(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function mixedTable(rowCount: number, seed: number, { shift = 0, into }: Moved = {}): DriftTable {
  const random = randomGenerator(seed);
  const normal = normalGenerator(random);
  const columns = new Map<string, ColumnValues>();
  for (let column = 0; column < NUMBERS; column++) {
    const move = column === 0 ? shift : 0;
    columns.set(`n${column}`, {
      kind: 'numeric',
      values: Float64Array.from({ length: rowCount }, () => normal() + move),
    });
  }
  for (const size of CATEGORIES) {
    const names = Array.from({ length: size }, (_, value) => `v${value}`);
    const share = into?.categories === size ? into.share : 0;
    const codes = Int32Array.from({ length: rowCount }, () => {
      const value = Math.floor(random() * size);
      return share > 0 && random() < share ? 0 : value;
    });
    columns.set(`c${size}`, { kind: 'categorical', codes, names });
  }
  return { rowCount, columns };
}

function judge(reference: DriftTable, data: DriftTable, policy = COLUMNS_ALONE, chunk?: ChunkSize) {
  return assess(reference, data, { policy, metrics: [], importance: new Map(), times: [], chunk });
}

function drifting(...given: Parameters<typeof judge>): string[] {
  return judge(...given)
    .columns.filter((column) => column.status === 'drifts')
    .map((column) => column.name);
}

/** The share of pairs for which `holds`; the number of a pair is its seed. */
function share(pairs: number, holds: (pair: number) => boolean): number {
  let count = 0;
  for (let pair = 1; pair <= pairs; pair++) if (holds(pair)) count++;
  return count / pairs;
}

const found = (pairs: number, rows: number, column: string, moved: Moved): number =>
  share(pairs, (pair) =>
    drifting(mixedTable(rows, 2 * pair), mixedTable(rows, 2 * pair + 1, moved)).includes(column),
  );

const alarms = (pairs: number, rows: number): number =>
  share(pairs, (pair) => drifting(mixedTable(rows, 2 * pair), mixedTable(rows, 2 * pair + 1)).length > 0);

/** AR(1) with φ = 0.9: ten reference chunks of 500 rows, and one chunk after them. */
function chunkAlarms(series: number): number {
  return share(series, (seed) => {
    const normal = normalGenerator(randomGenerator(seed));
    let state = normal() / Math.sqrt(1 - 0.81);
    const next = (rowCount: number): DriftTable => {
      const values = Float64Array.from({ length: rowCount }, () => {
        state = 0.9 * state + normal();
        return state;
      });
      return { rowCount, columns: new Map([['x', { kind: 'numeric', values }]]) };
    };
    return drifting(next(5000), next(500), COLUMNS_ALONE, { by: 'rows', size: 500 }).length > 0;
  });
}

/** Two columns that keep their distributions and lose their correlation of 0.6. */
function untied(rowCount: number, seed: number): DriftTable {
  const table = mixedTable(rowCount, seed);
  const [first, second] = ['n0', 'n1'].map((name) => table.columns.get(name) as { values: Float64Array });
  for (let row = 0; row < rowCount; row++)
    second!.values[row] = 0.6 * first!.values[row]! + 0.8 * second!.values[row]!;
  return table;
}

/** Of tables without drift: how often the classifier and the correlations alarm, and where the area lies. */
function togetherAlarms(pairs: number, rows: number) {
  let [multivariate, correlations, area] = [0, 0, 0];
  for (let pair = 1; pair <= pairs; pair++) {
    const one = judge(mixedTable(rows, 2 * pair), mixedTable(rows, 2 * pair + 1), POLICY);
    if (one.multivariate!.pValue! <= 0.05) multivariate++;
    if (one.correlations!.status === 'drifts') correlations++;
    area += one.multivariate!.auc! / pairs;
  }
  return { multivariate: multivariate / pairs, correlations: correlations / pairs, area };
}

/** Of tables whose two columns no longer go together: what is found, and by which columns. */
function togetherFound(pairs: number, rows: number) {
  let [multivariate, named, correlations, columns] = [0, 0, 0, 0];
  for (let pair = 1; pair <= pairs; pair++) {
    const one = judge(untied(rows, 2 * pair), mixedTable(rows, 2 * pair + 1), ALL_ROWS);
    if (one.multivariate!.status === 'drifts') {
      multivariate++;
      const telling = one.multivariate!.columns.slice(0, 2).map(({ name }) => name);
      if (telling.sort().join() === 'n0,n1') named++;
    }
    if (one.correlations!.largest[0]?.columns.join() === 'n0,n1' && one.correlations!.largest[0].changed)
      correlations++;
    if (one.columns.some(({ status }) => status === 'drifts')) columns++;
  }
  return {
    multivariate: multivariate / pairs,
    named: named / pairs,
    correlations: correlations / pairs,
    columns: columns / pairs,
  };
}

interface Line {
  what: string;
  pairs: number;
  share: number;
  limit: { least?: number; most?: number };
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
  add('AR(1), φ = 0.9, 10 reference chunks of 500: the next alarms', 1000, quiet, chunkAlarms);
  for (const [rows, pairs] of [
    [500, 400],
    [5000, 200],
  ] as const) {
    const wanted = Math.max(1, Math.round(pairs * effort));
    const together = togetherAlarms(wanted, rows);
    const size = rows.toLocaleString('en-GB');
    add(`nothing moved, n = ${size}: the classifier's p ≤ 0.05`, pairs, quiet, () => together.multivariate);
    add(`nothing moved, n = ${size}: mean AUC`, pairs, { least: 0.49, most: 0.51 }, () => together.area);
    add(`nothing moved, n = ${size}: a correlation alarms`, pairs, quiet, () => together.correlations);
  }
  const together = togetherFound(Math.max(1, Math.round(100 * effort)), 5000);
  const untiedPair = 'a correlation of 0.6 is gone, 5,000 rows';
  add(`${untiedPair}: any column alarms`, 100, quiet, () => together.columns);
  add(`${untiedPair}: the classifier finds it`, 100, { least: 0.9 }, () => together.multivariate);
  add(`${untiedPair}: and names the two columns first`, 100, { least: 0.9 }, () => together.named);
  add(`${untiedPair}: the pair has the largest change`, 100, { least: 0.95 }, () => together.correlations);
  return lines;
}

const isWithin = ({ share: value, limit }: Line): boolean =>
  value >= (limit.least ?? 0) && value <= (limit.most ?? 1);

function describeLine(line: Line): string {
  const isArea = line.what.endsWith('AUC');
  const format = (value: number): string => (isArea ? value.toFixed(3) : `${(100 * value).toFixed(1)} %`);
  const { least, most } = line.limit;
  const limit = [
    ...(least === undefined ? [] : [`≥ ${format(least)}`]),
    ...(most === undefined ? [] : [`≤ ${format(most)}`]),
  ].join(', ');
  return `| ${line.what} | ${line.pairs} | ${format(line.share)} | ${limit} |`;
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
