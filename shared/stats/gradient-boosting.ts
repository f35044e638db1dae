/**
 * Gradient boosted trees on histograms (Friedman 2001; Ke et al. 2017), for one number or the probability of one of
 * two labels: the algorithm of scikit-learn's HistGradientBoosting without early stopping and regularisation.
 * The same rows and the same seed give the same model to the last bit.
 */
import { binColumns } from './gradient-boosting-bins.ts';
import { addTree, growTree, type Tree } from './gradient-boosting-tree.ts';

/** A bin of its own is kept for missing values, and a byte holds 256. */
const MOST_BINS = 255;

export interface GradientBoostingOptions {
  /** One array per feature; NaN is missing, infinite values are larger or smaller than all others. */
  columns: readonly Float64Array[];
  /** `binary`: 1 or 0; `squared`: any finite number. */
  target: Float64Array;
  objective: 'binary' | 'squared';
  /** Finite and not negative, of a positive sum. Undefined: all 1. */
  weights?: Float64Array;
  /** Number of trees. */
  rounds?: number;
  /** In (0, 1]. */
  learningRate?: number;
  /** The most leaves of a tree, at least 2. */
  leaves?: number;
  /** Bins per column, 2 to 255. */
  bins?: number;
  minLeafRows?: number;
  /** Chooses the rows by which columns are binned, where there are more than 200,000. */
  seed?: number;
}

export interface GradientBoosting {
  /**
   * The probability of 1 (`binary`) or the number (`squared`), one per row.
   * @param columns as in training. @throws RangeError when their number or their lengths differ.
   */
  predict(columns: readonly Float64Array[]): Float64Array;
  /** Share of the loss that each column's splits took away; all 0 where no split was made. */
  importance: Float64Array;
}

/** @throws RangeError without rows, and for lengths, targets, weights or options out of their range. */
export function fitGradientBoosting(options: GradientBoostingOptions): GradientBoosting {
  const { rounds = 100, learningRate = 0.1, leaves = 31, bins = MOST_BINS, minLeafRows = 20 } = options;
  requireOptions({ rounds, learningRate, leaves, bins, minLeafRows });
  requireRows(options);
  const { columns, target, objective, weights, seed = 1 } = options;
  const isBinary = objective === 'binary';
  const mean = weightedMean(target, weights);
  const importance = new Float64Array(columns.length);
  // Nothing is to be learnt from one value, and its log-odds would be infinite.
  const constant = onlyTarget(target, weights);
  const start = isBinary && constant === undefined ? Math.log(mean / (1 - mean)) : (constant ?? mean);
  const trees: Tree[] = [];
  if (constant === undefined) {
    const binned = binColumns(columns, weights, bins, seed);
    const count = target.length;
    const raw = new Float64Array(count).fill(start);
    const slopes = { gradients: new Float64Array(count), hessians: new Float64Array(count) };
    const order = new Uint32Array(count);
    for (let round = 0; round < rounds; round++) {
      computeSlopes(slopes, raw, target, weights, isBinary);
      for (let row = 0; row < count; row++) order[row] = row;
      trees.push(growTree(binned, slopes, { leaves, minLeafRows, learningRate }, order, raw, importance));
    }
  }
  const gained = importance.reduce((sum, gain) => sum + gain, 0);
  return {
    importance: gained > 0 ? importance.map((gain) => gain / gained) : importance,
    predict: (given) => {
      const count = lengthOf(given, columns.length);
      const raw = new Float64Array(count).fill(start);
      for (const tree of trees) addTree(tree, given, raw);
      return isBinary && constant === undefined ? raw.map(logistic) : raw;
    },
  };
}

const logistic = (raw: number): number => 1 / (1 + Math.exp(-raw));

function computeSlopes(
  { gradients, hessians }: { gradients: Float64Array; hessians: Float64Array },
  raw: Float64Array,
  target: Float64Array,
  weights: Float64Array | undefined,
  isBinary: boolean,
): void {
  for (let row = 0; row < raw.length; row++) {
    const weight = weights ? weights[row]! : 1;
    const predicted = isBinary ? logistic(raw[row]!) : raw[row]!;
    gradients[row] = weight * (predicted - target[row]!);
    hessians[row] = weight * (isBinary ? predicted * (1 - predicted) : 1);
  }
}

function weightedMean(target: Float64Array, weights: Float64Array | undefined): number {
  let sum = 0;
  let total = 0;
  for (let row = 0; row < target.length; row++) {
    const weight = weights ? weights[row]! : 1;
    sum += weight * target[row]!;
    total += weight;
  }
  return sum / total;
}

/** The only target among the rows with weight; undefined where there are several. */
function onlyTarget(target: Float64Array, weights: Float64Array | undefined): number | undefined {
  const first = target.find((_, row) => weights?.[row] !== 0);
  return target.every((value, row) => value === first || weights?.[row] === 0) ? first : undefined;
}

function lengthOf(columns: readonly Float64Array[], wanted: number): number {
  if (columns.length !== wanted) {
    throw new RangeError(`the model knows ${wanted} columns, and ${columns.length} are given`);
  }
  const [first] = columns;
  if (columns.some((column) => column.length !== first!.length)) {
    throw new RangeError('the columns are of different lengths');
  }
  return first!.length;
}

function requireRows({ columns, target, objective, weights }: GradientBoostingOptions): void {
  if (columns.length === 0 || target.length === 0) throw new RangeError('there is no column or no row');
  if ([...columns, ...(weights ? [weights] : [])].some((column) => column.length !== target.length)) {
    throw new RangeError('columns, target and weights are of different lengths');
  }
  for (const value of target) {
    const isUsable = objective === 'binary' ? value === 0 || value === 1 : Number.isFinite(value);
    if (!isUsable) throw new RangeError(`${value} is no target of the objective ${objective}`);
  }
  let total = 0;
  for (const weight of weights ?? []) {
    if (!(weight >= 0 && Number.isFinite(weight))) throw new RangeError(`${weight} is no weight`);
    total += weight;
  }
  if (weights && !(total > 0)) throw new RangeError('all weights are 0');
}

function requireOptions(
  given: Record<'rounds' | 'learningRate' | 'leaves' | 'bins' | 'minLeafRows', number>,
): void {
  const isWhole = (value: number, least: number, most = Number.MAX_SAFE_INTEGER): boolean =>
    Number.isInteger(value) && value >= least && value <= most;
  const usable = {
    rounds: isWhole(given.rounds, 1),
    learningRate: given.learningRate > 0 && given.learningRate <= 1,
    leaves: isWhole(given.leaves, 2),
    bins: isWhole(given.bins, 2, MOST_BINS),
    minLeafRows: isWhole(given.minLeafRows, 1),
  };
  for (const [name, isUsable] of Object.entries(usable)) {
    if (!isUsable) throw new RangeError(`${name} is out of its range`);
  }
}
