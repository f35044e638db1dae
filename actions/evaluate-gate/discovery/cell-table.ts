/** Rows and losses counted by the values of one or two features; the counts follow rows that are taken out. */

/** A column as a search reads it. */
export interface ExploredFeature {
  name: string;
  /** Per row the place of its value in `labels`; `labels.length` for values that are no slice of their own. */
  codes: Uint8Array;
  /** At most 254. */
  labels: readonly string[];
}

/** Rows, the sum of their losses and of the squares. */
export interface Sums {
  count: number;
  sum: number;
  squares: number;
}

export interface CellTable {
  features: readonly [ExploredFeature] | readonly [ExploredFeature, ExploredFeature];
  /** Takes these rows out of the counts. */
  remove(rows: Int32Array): void;
  /** Calls `each` for every combination of values that names a slice. */
  forEach(each: (sums: Sums, values: readonly number[]) => void): void;
}

/** Where the rows of each value (or pair of values) are counted. */
interface Cells {
  first: Uint8Array;
  /** Of one feature alone all zeros, with a width of 1. */
  second: Uint8Array;
  width: number;
  counts: Int32Array;
  sums: Float64Array;
  squares: Float64Array;
}

/** @param loss of each row. @param isBinary it is 1 or 0, so that its square is itself. */
export function countCells(
  features: CellTable['features'],
  loss: Float64Array,
  isBinary: boolean,
): CellTable {
  const [first, second] = features;
  const width = second ? second.labels.length + 1 : 1;
  const size = (first.labels.length + 1) * width;
  const sums = new Float64Array(size);
  const cells: Cells = {
    first: first.codes,
    second: second ? second.codes : new Uint8Array(loss.length),
    width,
    counts: new Int32Array(size),
    sums,
    squares: isBinary ? sums : new Float64Array(size),
  };
  const add = isBinary ? addBinary : addNumbers;
  add(cells, loss, undefined, 1);
  return {
    features,
    remove(rows) {
      add(cells, loss, rows, -1);
    },
    forEach(each) {
      for (let a = 0; a < first.labels.length; a++) {
        for (let b = 0; b < (second ? second.labels.length : 1); b++) {
          const cell = a * width + b;
          const ofCell = {
            count: cells.counts[cell]!,
            sum: cells.sums[cell]!,
            squares: cells.squares[cell]!,
          };
          each(ofCell, second ? [a, b] : [a]);
        }
      }
    },
  };
}

/** @param rows which rows; undefined: all. @param sign 1 adds them, −1 takes them out. */
type Add = (cells: Cells, loss: Float64Array, rows: Int32Array | undefined, sign: 1 | -1) => void;

const addBinary: Add = ({ first, second, width, counts, sums }, loss, rows, sign) => {
  const count = rows ? rows.length : loss.length;
  for (let at = 0; at < count; at++) {
    const row = rows ? rows[at]! : at;
    const cell = first[row]! * width + second[row]!;
    counts[cell]! += sign;
    // Most rows have no loss, and memory that is not touched costs nothing.
    if (loss[row] === 1) sums[cell]! += sign;
  }
};

const addNumbers: Add = ({ first, second, width, counts, sums, squares }, loss, rows, sign) => {
  const count = rows ? rows.length : loss.length;
  for (let at = 0; at < count; at++) {
    const row = rows ? rows[at]! : at;
    const cell = first[row]! * width + second[row]!;
    const value = loss[row]!;
    counts[cell]! += sign;
    sums[cell]! += sign * value;
    squares[cell]! += sign * value * value;
  }
};
