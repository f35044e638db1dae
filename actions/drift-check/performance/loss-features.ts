/** Features as numbers for a model of the loss. */
import { asCategories, type CategoricalValues, type DriftTable } from '../table.ts';

export interface EncodedColumns {
  /**
   * Columns of both sides, one of them the prediction; categories become their mean loss in the training rows, so
   * that similar ones lie together.
   * @param training rows of the reference. @param losses theirs, in the same order.
   */
  fit(training: readonly number[], losses: Float64Array): { reference: Float64Array[]; data: Float64Array[] };
}

/** A category's mean is drawn to that of all rows as if by so many rows of these. */
const PRIOR_ROWS = 10;

/** Columns that one side lacks, or has of another kind, are left out. */
export function encodeFeatures(
  { reference, data }: { reference: DriftTable; data: DriftTable },
  names: readonly string[],
): EncodedColumns {
  const numbers: { reference: Float64Array; data: Float64Array }[] = [
    { reference: reference.predictions!, data: data.predictions! },
  ];
  const categories: { before: CategoricalValues; now: CategoricalValues }[] = [];
  for (const name of names) {
    const [before, now] = [reference.columns.get(name), data.columns.get(name)];
    if (!before || !now) continue;
    if (before.kind === 'numeric' && now.kind === 'numeric') {
      numbers.push({ reference: before.values, data: now.values });
    } else if (before.kind === 'categorical') {
      categories.push({ before, now: asCategories(now) });
    }
  }
  return {
    fit(training, losses) {
      const encoded = categories.map((pair) => encodeCategory(pair, training, losses));
      const all = [...numbers, ...encoded];
      return {
        reference: all.map((column) => column.reference),
        data: all.map((column) => column.data),
      };
    },
  };
}

function encodeCategory(
  { before, now }: { before: CategoricalValues; now: CategoricalValues },
  training: readonly number[],
  losses: Float64Array,
): { reference: Float64Array; data: Float64Array } {
  const sums = new Float64Array(before.names.length);
  const counts = new Float64Array(before.names.length);
  let sum = 0;
  training.forEach((row, at) => {
    sum += losses[at]!;
    const code = before.codes[row]!;
    if (code < 0) return;
    sums[code]! += losses[at]!;
    counts[code]!++;
  });
  const mean = sum / Math.max(1, training.length);
  const byName = new Map(
    before.names.map((name, code) => [
      name,
      counts[code] === 0 ? Number.NaN : (sums[code]! + PRIOR_ROWS * mean) / (counts[code]! + PRIOR_ROWS),
    ]),
  );
  // What was never seen in training is as good as missing.
  const encode = ({ codes, names }: CategoricalValues): Float64Array => {
    const values = names.map((name) => byName.get(name) ?? Number.NaN);
    return Float64Array.from(codes, (code) => (code < 0 ? Number.NaN : values[code]!));
  };
  return { reference: encode(before), data: encode(now) };
}
