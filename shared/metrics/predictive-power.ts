/**
 * How well one column alone tells a label, cross-validated: the idea of the predictive power score (Wetschoreck et al.
 * 2020, `ppscore`), with a table of the column's cells as the model. Each cell predicts what the other folds say of it.
 */

/** How many rows of one cell of the column, in one fold, have one label. */
export interface ClassCell {
  cell: string;
  /** 0 to folds − 1. */
  fold: number;
  /** Index of the label among the classes, in their order. */
  label: number;
  count: number;
}

/** Sums of the label over the rows of one cell of the column in one fold. */
export interface NumberCell {
  cell: string;
  fold: number;
  count: number;
  sum: number;
  sumOfSquares: number;
}

/**
 * (F₁ − naive) / (1 − naive), F₁ weighted by the classes' rows, of out-of-fold predictions; 0 where that is negative.
 * Naive is the better of two guesses that know no column: always the most frequent class, and classes drawn by their
 * shares p, whose F₁ is Σp². A cell that the other folds lack predicts their most frequent class; of equally frequent
 * classes the first.
 * @returns 0 to 1, or null where there is one class or none.
 */
export function predictivePowerOfClasses(
  cells: readonly ClassCell[],
  classes: number,
  folds: number,
): number | null {
  const total = Array.from({ length: classes }, () => 0);
  const byFold = Array.from({ length: folds }, () => Array.from({ length: classes }, () => 0));
  const table = new Map<string, number[][]>();
  for (const { cell, fold, label, count } of cells) {
    total[label]! += count;
    byFold[fold]![label]! += count;
    const counts =
      table.get(cell) ?? Array.from({ length: folds }, () => Array.from({ length: classes }, () => 0));
    counts[fold]![label]! += count;
    table.set(cell, counts);
  }
  if (total.filter((count) => count > 0).length < 2) return null;
  const majority = total.indexOf(Math.max(...total));
  const hits = Array.from({ length: classes }, () => 0);
  const predicted = Array.from({ length: classes }, () => 0);
  for (const counts of table.values()) {
    const whole = total.map((_, label) => counts.reduce((sum, fold) => sum + fold[label]!, 0));
    for (const [fold, own] of counts.entries()) {
      const tested = own.reduce((sum, count) => sum + count, 0);
      if (tested === 0) continue;
      const others = whole.map((count, label) => count - own[label]!);
      const known = others.some((count) => count > 0)
        ? others
        : total.map((count, label) => count - byFold[fold]![label]!);
      const guess = known.indexOf(Math.max(...known));
      predicted[guess]! += tested;
      hits[guess]! += own[guess]!;
    }
  }
  const rows = total.reduce((sum, count) => sum + count, 0);
  const always = weightedF1(
    total.map((count, label) => (label === majority ? count : 0)),
    total.map((_, label) => (label === majority ? rows : 0)),
    total,
  );
  const naive = Math.max(
    always,
    total.reduce((sum, count) => sum + (count / rows) ** 2, 0),
  );
  return Math.max(0, (weightedF1(hits, predicted, total) - naive) / (1 - naive));
}

function weightedF1(
  hits: readonly number[],
  predicted: readonly number[],
  actual: readonly number[],
): number {
  const rows = actual.reduce((sum, count) => sum + count, 0);
  return actual.reduce((sum, count, label) => {
    const both = predicted[label]! + count;
    return both === 0 ? sum : sum + (count / rows) * ((2 * hits[label]!) / both);
  }, 0);
}

/**
 * 1 − squared error of out-of-fold means / squared error of the mean of all, which is R²; 0 where it is negative. A
 * cell that the other folds lack predicts their mean. Give the label centred, so that no digits are lost.
 * @returns 0 to 1, or null where the label is constant or there are fewer than two rows.
 */
export function predictivePowerOfNumbers(cells: readonly NumberCell[], folds: number): number | null {
  const none = (): { count: number; sum: number } => ({ count: 0, sum: 0 });
  const total = { ...none(), sumOfSquares: 0 };
  const byFold = Array.from({ length: folds }, none);
  const byCell = new Map<string, { count: number; sum: number }>();
  for (const { cell, fold, count, sum, sumOfSquares } of cells) {
    const whole = byCell.get(cell) ?? none();
    for (const to of [total, byFold[fold]!, whole]) {
      to.count += count;
      to.sum += sum;
    }
    total.sumOfSquares += sumOfSquares;
    byCell.set(cell, whole);
  }
  if (total.count < 2) return null;
  const spread = total.sumOfSquares - (total.sum * total.sum) / total.count;
  if (!(spread > 1e-12 * total.sumOfSquares)) return null;
  let error = 0;
  for (const { cell, fold, count, sum, sumOfSquares } of cells) {
    const whole = byCell.get(cell)!;
    const isKnown = whole.count > count;
    const others = isKnown ? whole : total;
    const own = isKnown ? { count, sum } : byFold[fold]!;
    const guess = others.count === own.count ? 0 : (others.sum - own.sum) / (others.count - own.count);
    error += sumOfSquares - 2 * guess * sum + guess * guess * count;
  }
  return Math.max(0, 1 - error / spread);
}
