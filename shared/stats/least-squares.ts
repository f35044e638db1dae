/**
 * Linear least squares by Householder reflections (Golub & Van Loan, Matrix Computations, 4th ed., 5.3.2), small and
 * dense: what a forecast needs to fit its initial states.
 */

export interface LeastSquares {
  /** One per column; 0 for a column that the others make up. */
  coefficients: Float64Array;
  /** Sum of the squared residuals. */
  squares: number;
  /** How many columns are independent of each other. */
  rank: number;
  /**
   * x′(X′X)⁻¹x of a further row: the share of the residual variance that uncertain coefficients add to its prediction;
   * infinite where the rows of X say nothing about x.
   */
  leverage(row: ArrayLike<number>): number;
}

/** Smaller than this beside the column itself, what is left of it after the columns before it is rounding. */
const NEGLIGIBLE = 1e-9;

/**
 * Minimises |y − Xβ|².
 * @param columns X by columns, each as long as `target`, finite.
 */
export function leastSquares(columns: readonly Float64Array[], target: Float64Array): LeastSquares {
  const rows = target.length;
  const x = columns.map((column) => column.slice());
  const y = target.slice();
  /** Of each independent column: its place, and its entries of R above and on the diagonal. */
  const kept: number[] = [];
  for (const [index, column] of x.entries()) {
    const from = kept.length;
    const whole = Math.sqrt(squaresFrom(column, 0));
    const rest = from < rows ? Math.sqrt(squaresFrom(column, from)) : 0;
    if (rest <= NEGLIGIBLE * whole || rest === 0) continue;
    const diagonal = column[from]! > 0 ? -rest : rest;
    const reflector = column.slice(from);
    reflector[0]! -= diagonal;
    const size = squaresFrom(reflector, 0);
    for (let later = index + 1; later < x.length; later++) reflect(x[later]!, reflector, size, from);
    reflect(y, reflector, size, from);
    column[from] = diagonal;
    column.fill(0, from + 1);
    kept.push(index);
  }
  const rank = kept.length;
  const coefficients = new Float64Array(columns.length);
  for (let row = rank - 1; row >= 0; row--) {
    let sum = y[row]!;
    for (let later = row + 1; later < rank; later++)
      sum -= x[kept[later]!]![row]! * coefficients[kept[later]!]!;
    coefficients[kept[row]!] = sum / x[kept[row]!]![row]!;
  }
  return {
    coefficients,
    squares: squaresFrom(y, rank),
    rank,
    leverage(row) {
      // R′z = x gives x′(X′X)⁻¹x = z′z. A dependent column may not ask for what the others do not give.
      const z = new Float64Array(rank);
      let sum = 0;
      for (let at = 0; at < rank; at++) {
        let value = row[kept[at]!]!;
        for (let before = 0; before < at; before++) value -= x[kept[at]!]![before]! * z[before]!;
        z[at] = value / x[kept[at]!]![at]!;
        sum += z[at]! ** 2;
      }
      const isEstimable = x.every((column, index) => {
        if (kept.includes(index)) return true;
        let made = 0;
        for (let at = 0; at < rank; at++) made += column[at]! * z[at]!;
        return Math.abs(row[index]! - made) <= 1e-6 * Math.max(1, Math.abs(row[index]!));
      });
      return isEstimable ? sum : Number.POSITIVE_INFINITY;
    },
  };
}

function squaresFrom(values: Float64Array, from: number): number {
  let sum = 0;
  for (let index = from; index < values.length; index++) sum += values[index]! ** 2;
  return sum;
}

/** v ← v − 2u(u′v)/(u′u), from a row on. */
function reflect(values: Float64Array, reflector: Float64Array, size: number, from: number): void {
  let product = 0;
  for (let index = 0; index < reflector.length; index++) product += reflector[index]! * values[from + index]!;
  const factor = (2 * product) / size;
  for (let index = 0; index < reflector.length; index++) values[from + index]! -= factor * reflector[index]!;
}
