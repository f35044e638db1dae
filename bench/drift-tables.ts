/** Tables for the simulations of drift, of which it is known what moved. */
import type {
  CategoricalValues,
  ColumnValues,
  DriftTable,
  NumericValues,
} from '../actions/drift-check/table.ts';
import { randomGenerator } from '../shared/stats/random.ts';

const NUMBERS = 17;
const CATEGORIES = [5, 50, 1000];
const NAMES = new Map(
  CATEGORIES.map((size) => [size, Array.from({ length: size }, (_, value) => `v${value}`)]),
);

export interface Moved {
  /** Standard deviations by which the first column moves. */
  shift?: number;
  /** The column of so many categories, and the share of rows that moves into its first. */
  into?: { categories: number; share: number };
}

/** Standard normal numbers by Box & Muller, both of each pair. */
export function normalGenerator(random: () => number): () => number {
  const spare = new Float64Array(1);
  let hasSpare = false;
  return () => {
    hasSpare = !hasSpare;
    if (!hasSpare) return spare[0]!;
    const length = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    spare[0] = length * Math.sin(angle);
    return length * Math.cos(angle);
  };
}

export function numbers(rowCount: number, next: (row: number) => number): NumericValues {
  const values = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) values[row] = next(row);
  return { kind: 'numeric', values };
}

function categories(rowCount: number, size: number, random: () => number, share: number): CategoricalValues {
  const codes = new Int32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const value = Math.floor(random() * size);
    codes[row] = share > 0 && random() < share ? 0 : value;
  }
  return { kind: 'categorical', codes, names: NAMES.get(size)! };
}

/** 17 normal columns that know nothing of each other, and one each of 5, 50 and 1,000 categories. */
export function mixedTable(rowCount: number, seed: number, { shift = 0, into }: Moved = {}): DriftTable {
  const random = randomGenerator(seed);
  const normal = normalGenerator(random);
  const columns = new Map<string, ColumnValues>();
  for (let column = 0; column < NUMBERS; column++) {
    const move = column === 0 ? shift : 0;
    columns.set(
      `n${column}`,
      numbers(rowCount, () => normal() + move),
    );
  }
  for (const size of CATEGORIES) {
    const share = into?.categories === size ? into.share : 0;
    columns.set(`c${size}`, categories(rowCount, size, random, share));
  }
  return { rowCount, columns };
}

/**
 * Columns as they come: skewed, with ties, with nulls, constant, mostly zero, and pairs that depend on each other with
 * and without being correlated; and the three of categories.
 */
export function roughTable(rowCount: number, seed: number): DriftTable {
  const random = randomGenerator(seed);
  const normal = normalGenerator(random);
  const base = Array.from({ length: 4 }, () => numbers(rowCount, normal).values);
  const [one, two, three, four] = base as [Float64Array, Float64Array, Float64Array, Float64Array];
  const kinds: Record<string, (row: number) => number> = {
    normal: (row) => one[row]!,
    skewed: () => Math.exp(1.5 * normal()),
    heavy: () => normal() / (0.2 + Math.abs(normal())),
    count: () => Math.floor(-Math.log(1 - random()) * 2),
    flag: () => Number(random() < 0.03),
    constant: () => 7,
    withNulls: () => (random() < 0.2 ? Number.NaN : normal()),
    twinOfNormal: (row) => 0.6 * one[row]! + 0.8 * normal(),
    copyOfNormal: (row) => one[row]! + 0.1 * normal(),
    rounded: (row) => Math.round(two[row]!),
    countOfTwo: (row) => Math.floor(Math.exp(0.7 * two[row]! + 0.5 * normal())),
    spreadByThree: (row) => three[row]! * normal(),
    three: (row) => three[row]!,
    mostlyZero: (row) => (four[row]! < 0.8 ? 0 : Math.exp(four[row]!)),
    spreadByZero: (row) => (four[row]! < 0.8 ? 1 : 3) * normal(),
    nullsByFour: (row) => (four[row]! > 1 ? Number.NaN : normal()),
    square: (row) => two[row]! ** 2 + normal(),
  };
  const columns = new Map<string, ColumnValues>();
  for (const [name, next] of Object.entries(kinds)) columns.set(name, numbers(rowCount, next));
  for (const size of CATEGORIES) columns.set(`c${size}`, categories(rowCount, size, random, 0));
  return { rowCount, columns };
}

const valuesOf = (table: DriftTable, name: string): Float64Array =>
  (table.columns.get(name) as NumericValues).values;

/** The first two columns correlate by 0.6, until that `isLost`. */
export function tiedTable(rowCount: number, seed: number, isLost = false): DriftTable {
  const table = mixedTable(rowCount, seed);
  if (isLost) return table;
  const [first, second] = [valuesOf(table, 'n0'), valuesOf(table, 'n1')];
  for (let row = 0; row < rowCount; row++) second[row] = 0.6 * first[row]! + 0.8 * second[row]!;
  return table;
}

/** The second column spreads the more the further the first is from its middle, until that `isLost`: no correlation. */
export function spreadTable(rowCount: number, seed: number, isLost = false): DriftTable {
  const table = mixedTable(rowCount, seed);
  const normal = normalGenerator(randomGenerator(seed + 500_000_000));
  const [first, second] = [valuesOf(table, 'n0'), valuesOf(table, 'n1')];
  for (let row = 0; row < rowCount; row++) {
    const by = isLost ? normal() : first[row]!;
    second[row] = second[row]! * (Math.abs(by) > 0.6745 ? 1.6 : 0.4);
  }
  return table;
}

/** The sign of the third column is that of the product of the first two, until that `isLost`: any two are independent. */
export function crossedTable(rowCount: number, seed: number, isLost = false): DriftTable {
  const table = mixedTable(rowCount, seed);
  if (isLost) return table;
  const [first, second, third] = ['n0', 'n1', 'n2'].map((name) => valuesOf(table, name)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let row = 0; row < rowCount; row++)
    third[row] = Math.sign(first[row]! * second[row]!) * Math.abs(third[row]!);
  return table;
}
