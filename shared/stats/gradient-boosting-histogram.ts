/** Sums per bin of the rows of one node, and the best split that they show. */
import type { BinnedColumn } from './gradient-boosting-bins.ts';

/** Places per bin in a histogram: sum of gradients, sum of second derivatives, number of rows. */
const PLACES = 3;
/** A side with less curvature than this has no stable value. */
const LEAST_HESSIAN = 1e-3;

/** The three places of every bin of every column; missing values are the last bin of a column. */
export type Histogram = Float64Array;

export interface Slopes {
  /** Per row, the derivative of the loss by the raw prediction, times the row's weight. */
  gradients: Float64Array;
  hessians: Float64Array;
}

/** Where the bins of each column begin in a histogram, and its size. */
export interface Layout {
  starts: Int32Array;
  size: number;
}

export interface Totals {
  gradient: number;
  hessian: number;
  rows: number;
}

export interface Split {
  column: number;
  /** Bins up to and with this one go left; the last bin of values: only the missing go right. */
  bin: number;
  missingLeft: boolean;
  gain: number;
  left: Totals;
  right: Totals;
}

export function layoutOf(columns: readonly BinnedColumn[]): Layout {
  const starts = new Int32Array(columns.length);
  let size = 0;
  columns.forEach(({ thresholds }, column) => {
    starts[column] = size;
    size += PLACES * (thresholds.length + 2);
  });
  return { starts, size };
}

/** Sums over the rows `order[first..end)`. */
export function buildHistogram(
  columns: readonly BinnedColumn[],
  layout: Layout,
  { gradients, hessians }: Slopes,
  order: Uint32Array,
  first: number,
  end: number,
): Histogram {
  const histogram = new Float64Array(layout.size);
  // Copied together, so that each column walks over neighbours.
  const count = end - first;
  const gradient = new Float64Array(count);
  const hessian = new Float64Array(count);
  for (let at = 0; at < count; at++) {
    gradient[at] = gradients[order[first + at]!]!;
    hessian[at] = hessians[order[first + at]!]!;
  }
  columns.forEach(({ bins }, column) => {
    const start = layout.starts[column]!;
    for (let at = 0; at < count; at++) {
      const place = start + PLACES * bins[order[first + at]!]!;
      histogram[place]! += gradient[at]!;
      histogram[place + 1]! += hessian[at]!;
      histogram[place + 2]! += 1;
    }
  });
  return histogram;
}

/** What is left of a parent's sums when one child's are taken away; written over the parent's. */
export function subtractHistogram(parent: Histogram, child: Histogram): Histogram {
  for (let place = 0; place < parent.length; place++) parent[place]! -= child[place]!;
  return parent;
}

/** How much a node's loss falls by taking its best value. */
const score = (gradient: number, hessian: number): number => (gradient * gradient) / (hessian + 1e-15);

/**
 * The split with the largest gain, the first of equals; undefined where none gains. Missing values are tried on
 * either side.
 */
export function findSplit(
  columns: readonly BinnedColumn[],
  layout: Layout,
  histogram: Histogram,
  totals: Totals,
  minLeafRows: number,
): Split | undefined {
  const before = score(totals.gradient, totals.hessian);
  let best: Split | undefined;
  let bestGain = 0;
  for (let column = 0; column < columns.length; column++) {
    const { thresholds, hasMissing } = columns[column]!;
    const start = layout.starts[column]!;
    const lastBin = thresholds.length;
    for (const missingLeft of hasMissing ? [false, true] : [false]) {
      const missing = start + PLACES * (lastBin + 1);
      let gradient = missingLeft ? histogram[missing]! : 0;
      let hessian = missingLeft ? histogram[missing + 1]! : 0;
      let rows = missingLeft ? histogram[missing + 2]! : 0;
      // Only with the missing on the right there is something beyond the last bin.
      const until = hasMissing && !missingLeft ? lastBin : lastBin - 1;
      for (let bin = 0; bin <= until; bin++) {
        const place = start + PLACES * bin;
        gradient += histogram[place]!;
        hessian += histogram[place + 1]!;
        rows += histogram[place + 2]!;
        if (rows < minLeafRows || hessian < LEAST_HESSIAN) continue;
        const right = {
          gradient: totals.gradient - gradient,
          hessian: totals.hessian - hessian,
          rows: totals.rows - rows,
        };
        if (right.rows < minLeafRows || right.hessian < LEAST_HESSIAN) break;
        const gain = score(gradient, hessian) + score(right.gradient, right.hessian) - before;
        if (gain <= bestGain) continue;
        bestGain = gain;
        best = { column, bin, missingLeft, gain, left: { gradient, hessian, rows }, right };
      }
    }
    // Without missing values in training, later ones go where most rows went.
    if (best?.column === column && !hasMissing) best.missingLeft = best.left.rows > best.right.rows;
  }
  return best;
}
