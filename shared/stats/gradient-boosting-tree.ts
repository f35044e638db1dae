/** One tree of gradient boosting, grown leaf by leaf where the loss falls most. */
import type { BinnedColumn } from './gradient-boosting-bins.ts';
import {
  buildHistogram,
  findSplit,
  type Histogram,
  layoutOf,
  type Slopes,
  type Split,
  subtractHistogram,
  type Totals,
} from './gradient-boosting-histogram.ts';

export interface TreeOptions {
  /** The most leaves, at least 2. */
  leaves: number;
  minLeafRows: number;
  learningRate: number;
}

/** Nodes as columns of numbers; node 0 is the root. */
export interface Tree {
  /** The column that decides; −1 in a leaf. */
  column: Int32Array;
  /** Values up to and with this one go left. */
  threshold: Float64Array;
  missingLeft: Uint8Array;
  left: Int32Array;
  right: Int32Array;
  /** What a leaf adds to the raw prediction. */
  value: Float64Array;
}

interface Node {
  first: number;
  end: number;
  totals: Totals;
  split?: Split;
  histogram?: Histogram;
  left?: number;
  right?: number;
}

/**
 * Grows a tree on all rows and adds its values to their raw predictions.
 * @param order the rows in any order; they are put in that of the leaves.
 * @param importance the gain of each split is added to its column's.
 */
export function growTree(
  columns: readonly BinnedColumn[],
  slopes: Slopes,
  options: TreeOptions,
  order: Uint32Array,
  raw: Float64Array,
  importance: Float64Array,
): Tree {
  const layout = layoutOf(columns);
  const build = (node: Node): Histogram =>
    buildHistogram(columns, layout, slopes, order, node.first, node.end);
  const search = (node: Node): void => {
    node.split =
      node.totals.rows < 2 * options.minLeafRows
        ? undefined
        : findSplit(columns, layout, node.histogram!, node.totals, options.minLeafRows);
    if (!node.split) node.histogram = undefined;
  };

  const root: Node = { first: 0, end: order.length, totals: sumSlopes(slopes) };
  root.histogram = build(root);
  search(root);
  const nodes: Node[] = [root];
  const open = root.split ? [root] : [];
  const spare = new Uint32Array(order.length);
  for (let leaves = 1; leaves < options.leaves && open.length > 0; leaves++) {
    const node = takeBest(open);
    const split = node.split!;
    importance[split.column]! += split.gain;
    const middle = partition(columns[split.column]!, split, order, node, spare);
    const left: Node = { first: node.first, end: middle, totals: split.left };
    const right: Node = { first: middle, end: node.end, totals: split.right };
    // Only the smaller child is counted; the other one is what remains.
    const [small, large] = split.left.rows < split.right.rows ? [left, right] : [right, left];
    small.histogram = build(small);
    large.histogram = subtractHistogram(node.histogram!, small.histogram);
    node.histogram = undefined;
    node.left = nodes.push(left) - 1;
    node.right = nodes.push(right) - 1;
    for (const child of [left, right]) {
      search(child);
      if (child.split) open.push(child);
    }
  }
  return finish(columns, nodes, options, order, raw);
}

function sumSlopes({ gradients, hessians }: Slopes): Totals {
  let gradient = 0;
  let hessian = 0;
  for (let row = 0; row < gradients.length; row++) {
    gradient += gradients[row]!;
    hessian += hessians[row]!;
  }
  return { gradient, hessian, rows: gradients.length };
}

function takeBest(open: Node[]): Node {
  let best = 0;
  for (let at = 1; at < open.length; at++) if (open[at]!.split!.gain > open[best]!.split!.gain) best = at;
  return open.splice(best, 1)[0]!;
}

/** Puts the node's rows in order, those that go left first. @returns where those that go right begin. */
function partition(
  { thresholds, bins }: BinnedColumn,
  { bin, missingLeft }: Split,
  order: Uint32Array,
  { first, end }: Node,
  spare: Uint32Array,
): number {
  const missing = thresholds.length + 1;
  let middle = first;
  let waiting = 0;
  for (let at = first; at < end; at++) {
    const row = order[at]!;
    const own = bins[row]!;
    if (own === missing ? missingLeft : own <= bin) order[middle++] = row;
    else spare[waiting++] = row;
  }
  order.set(spare.subarray(0, waiting), middle);
  return middle;
}

function finish(
  columns: readonly BinnedColumn[],
  nodes: readonly Node[],
  { learningRate }: TreeOptions,
  order: Uint32Array,
  raw: Float64Array,
): Tree {
  const tree: Tree = {
    column: new Int32Array(nodes.length).fill(-1),
    threshold: new Float64Array(nodes.length),
    missingLeft: new Uint8Array(nodes.length),
    left: new Int32Array(nodes.length),
    right: new Int32Array(nodes.length),
    value: new Float64Array(nodes.length),
  };
  nodes.forEach((node, index) => {
    if (node.left !== undefined && node.right !== undefined) {
      const { column, bin, missingLeft } = node.split!;
      tree.column[index] = column;
      tree.threshold[index] = columns[column]!.thresholds[bin] ?? Number.POSITIVE_INFINITY;
      tree.missingLeft[index] = Number(missingLeft);
      tree.left[index] = node.left;
      tree.right[index] = node.right;
      return;
    }
    const { gradient, hessian } = node.totals;
    const value = (-learningRate * gradient) / (hessian + 1e-15);
    tree.value[index] = value;
    for (let at = node.first; at < node.end; at++) raw[order[at]!]! += value;
  });
  return tree;
}

/** Adds a tree's values to the raw predictions of rows. @param columns as in training, NaN for missing. */
export function addTree(tree: Tree, columns: readonly Float64Array[], raw: Float64Array): void {
  const { column, threshold, missingLeft, left, right, value } = tree;
  for (let row = 0; row < raw.length; row++) {
    let node = 0;
    while (column[node]! >= 0) {
      const own = columns[column[node]!]![row]!;
      const goesLeft = Number.isNaN(own) ? missingLeft[node] === 1 : own <= threshold[node]!;
      node = goesLeft ? left[node]! : right[node]!;
    }
    raw[row]! += value[node]!;
  }
}
