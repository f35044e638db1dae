/**
 * How often the search for weak slices reports something where nothing is, and how often it ranks first what was
 * planted: tables of ten features whose error rate is the same everywhere, or 20 points higher in one slice of two
 * features that holds 4.5 % of the rows. `npm run bench -- slices`; ends with 1 when a share is out of its range.
 */
import { performance } from 'node:perf_hooks';
import type { ExploredFeature } from '../actions/evaluate-gate/discovery/cell-table.ts';
import { searchSlices } from '../actions/evaluate-gate/discovery/slice-search.ts';
import { randomGenerator } from '../shared/stats/random.ts';
import type { Benchmark } from './measure.ts';

const TABLES = 500;
const ROWS = 5000;
/** Shares of each feature's values; of the first two features the first values make the planted slice. */
const SHARES = [
  [0.225, 0.4, 0.375],
  [0.2, 0.2, 0.2, 0.2, 0.2],
  [0.5, 0.5],
  [0.7, 0.2, 0.1],
  [0.25, 0.25, 0.25, 0.25],
  [0.2, 0.2, 0.2, 0.2, 0.2],
  [0.3, 0.3, 0.2, 0.1, 0.1],
  [0.9, 0.1],
  [0.34, 0.33, 0.33],
  [0.2, 0.2, 0.2, 0.2, 0.2],
];
const BASE_RATE = 0.15;
const MORE_ERROR = 0.2;

export interface SimulatedTable {
  features: ExploredFeature[];
  loss: Float64Array;
}

/** @param lossOf a row's loss, given whether it lies in the planted slice. */
function simulate(random: () => number, lossOf: (planted: boolean) => number): SimulatedTable {
  const features = SHARES.map((shares, index): ExploredFeature => {
    const limits = shares.map((_, value) => shares.slice(0, value + 1).reduce((sum, one) => sum + one, 0));
    const codes = Uint8Array.from({ length: ROWS }, () => {
      const drawn = random();
      const value = limits.findIndex((limit) => drawn < limit);
      return value < 0 ? shares.length - 1 : value;
    });
    return { name: `feature ${index}`, codes, labels: shares.map((_, value) => `value ${value}`) };
  });
  const [a, b] = features;
  const loss = Float64Array.from({ length: ROWS }, (_, row) =>
    lossOf(a!.codes[row] === 0 && b!.codes[row] === 0),
  );
  return { features, loss };
}

/** How many of the tables have a first slice that satisfies the condition. */
function share(
  tables: number,
  lossOf: (random: () => number) => (planted: boolean) => number,
  isIt: (features: Record<string, string>) => boolean,
): number {
  let count = 0;
  for (let seed = 1; seed <= tables; seed++) {
    const random = randomGenerator(seed);
    const [first] = searchSlices({
      ...simulate(random, lossOf(random)),
      minSamples: 100,
      falseDiscoveryRate: 0.05,
      confidence: 0.95,
      limit: 1,
    });
    if (first && isIt(first.features)) count++;
  }
  return count / tables;
}

const wrong =
  (more: number) =>
  (random: () => number) =>
  (planted: boolean): number =>
    random() < BASE_RATE + (planted ? more : 0) ? 1 : 0;

/** Skewed, as absolute errors are. */
const absoluteError = (random: () => number) => (): number => -Math.log(1 - random());

const isPlanted = (features: Record<string, string>): boolean =>
  Object.keys(features).length === 2 &&
  features['feature 0'] === 'value 0' &&
  features['feature 1'] === 'value 0';

/** The shares, of so many tables each. */
export function simulateSlices(tables: number) {
  return {
    falseWrongLabels: share(tables, wrong(0), () => true),
    falseAbsoluteErrors: share(tables, absoluteError, () => true),
    plantedFirst: share(tables, wrong(MORE_ERROR), isPlanted),
  };
}

export async function benchmark(): Promise<Benchmark> {
  const begin = performance.now();
  const shares = simulateSlices(TABLES);
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
  return {
    title: `Weak slices: ${TABLES} tables of ${ROWS} rows and ${SHARES.length} features each, in ${seconds} s`,
    table: [
      '| tables | share | limit |',
      '|---|--:|--:|',
      `| nothing planted, wrong labels: one is reported | ${percent(shares.falseWrongLabels)} | ≤ 5 % |`,
      `| nothing planted, absolute errors: one is reported | ${percent(shares.falseAbsoluteErrors)} | ≤ 5 % |`,
      `| 20 points more error in 4.5 % of the rows: ranked first | ${percent(shares.plantedFirst)} | ≥ 95 % |`,
    ].join('\n'),
    withinLimit:
      shares.falseWrongLabels <= 0.05 && shares.falseAbsoluteErrors <= 0.05 && shares.plantedFirst >= 0.95,
  };
}
