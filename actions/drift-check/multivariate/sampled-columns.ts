/** Some rows of both sides, the same on every run, and their columns as numbers. */
import { randomGenerator } from '../../../shared/stats/random.ts';
import { asCategories, type CategoricalValues, type ColumnValues } from '../table.ts';

/** @returns `wanted` rows of `count` in ascending order, or all. */
export function drawRows(count: number, wanted: number, seed: number): Uint32Array {
  if (count <= wanted) return Uint32Array.from({ length: count }, (_, row) => row);
  const random = randomGenerator(seed);
  const drawn = new Set<number>();
  // Floyd's sampling: every subset is as likely as every other.
  for (let last = count - wanted; last < count; last++) {
    const row = Math.floor(random() * (last + 1));
    drawn.add(drawn.has(row) ? last : row);
  }
  return Uint32Array.from(drawn).sort();
}

/** The rows of a numeric column; infinite values become NaN, as nulls are. */
export function gatherNumbers(values: Float64Array, rows: Uint32Array): Float64Array {
  return Float64Array.from(rows, (row) => (Number.isFinite(values[row]!) ? values[row]! : Number.NaN));
}

export interface EncodedColumn {
  name: string;
  reference: Float64Array;
  data: Float64Array;
}

/**
 * A column of both sides as numbers for a classifier. Categories become their rank by frequency in both sides together,
 * ties by their text, so that the number knows nothing of the side; null is NaN.
 */
export function encodeColumn(
  name: string,
  before: ColumnValues,
  now: ColumnValues,
  rows: { reference: Uint32Array; data: Uint32Array },
): EncodedColumn {
  if (before.kind === 'numeric' && now.kind === 'numeric') {
    return {
      name,
      reference: gatherNumbers(before.values, rows.reference),
      data: gatherNumbers(now.values, rows.data),
    };
  }
  const [first, second] = [asCategories(before), asCategories(now)];
  const counts = new Map<string, number>();
  const count = ({ codes, names }: CategoricalValues, at: Uint32Array) => {
    for (const row of at) {
      const code = codes[row]!;
      if (code >= 0) counts.set(names[code]!, (counts.get(names[code]!) ?? 0) + 1);
    }
  };
  count(first, rows.reference);
  count(second, rows.data);
  const ranked = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const rank = new Map(ranked.map(([value], at) => [value, at]));
  const encode = ({ codes, names }: CategoricalValues, at: Uint32Array) =>
    Float64Array.from(at, (row) => (codes[row]! < 0 ? Number.NaN : rank.get(names[codes[row]!]!)!));
  return { name, reference: encode(first, rows.reference), data: encode(second, rows.data) };
}
