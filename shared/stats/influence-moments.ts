/**
 * What the influences of two models' metrics say of any combination of both: its error, by the sum of squares
 * (paired-intervals.ts), how lopsided it is, by the sum of cubes, and how well it is itself known, by the sum of fourth
 * powers. Where a few rows decide a value, as of an area of 0.99 the few that are ranked low, the sum of squares varies
 * with them, and Student's t has few degrees of freedom.
 */

/** Sums over rows, or over sums of clusters, of products of the challenger's influences x and the changes d. */
export interface InfluenceMoments {
  /** Σx², Σd² and Σxd. */
  own: number;
  change: number;
  product: number;
  /** Σx³, Σx²d, Σxd² and Σd³. */
  thirds: readonly [number, number, number, number];
  /** Σx⁴, Σx³d, Σx²d², Σxd³ and Σd⁴. */
  fourths: readonly [number, number, number, number, number];
  /** Rows or clusters. */
  units: number;
  /** Whether the units are clusters, of which there are not many: G/(G − 1) times the variance, and Student's t. */
  areClusters: boolean;
}

export interface KnownError {
  standardError: number;
  /** Of Student's t. */
  degrees: number;
  /** (Σφ²)²/Σφ⁴: by how many rows of equal influence the error is told; 0 where no row has any. */
  deciding: number;
  /** Σφ³/(Σφ²)^1.5: the skewness of the estimate, positive where a few influences are large and above 0. */
  skewness: number;
}

/**
 * By the changes and not by the champion's influences, since two models that are nearly one would cancel all digits.
 * @param champion undefined where there is none: the change is then the challenger's own influence.
 */
export function influenceMoments(
  challenger: Float64Array,
  champion: Float64Array | undefined,
  clusters?: { of: Int32Array; count: number },
): InfluenceMoments {
  const [first, second] = clusters
    ? [sumByCluster(challenger, clusters), champion && sumByCluster(champion, clusters)]
    : [challenger, champion];
  let [own, change, product] = [0, 0, 0];
  let [x3, x2d, xd2, d3] = [0, 0, 0, 0];
  let [x4, x3d, x2d2, xd3, d4] = [0, 0, 0, 0, 0];
  for (let at = 0; at < first.length; at++) {
    const influence = first[at]!;
    const difference = second ? influence - second[at]! : influence;
    const xx = influence * influence;
    const dd = difference * difference;
    const xd = influence * difference;
    own += xx;
    change += dd;
    product += xd;
    x3 += influence * xx;
    x2d += influence * xd;
    xd2 += influence * dd;
    d3 += difference * dd;
    x4 += xx * xx;
    x3d += xx * xd;
    x2d2 += xx * dd;
    xd3 += xd * dd;
    d4 += dd * dd;
  }
  const thirds = [x3, x2d, xd2, d3] as const;
  const fourths = [x4, x3d, x2d2, xd3, d4] as const;
  return { own, change, product, thirds, fourths, units: first.length, areClusters: clusters !== undefined };
}

/** Influences that take few values: of each row a cell, of each cell the influence. */
interface CellInfluences {
  of: Uint8Array;
  influence: readonly number[];
}

/** A byte holds any cell. */
const CELLS = 256;

/** Columns of cells are never changed, so what is known of two stays true. */
const countedPairs = new WeakMap<Uint8Array, WeakMap<Uint8Array, Float64Array>>();

function countPairs(first: Uint8Array, second: Uint8Array): Float64Array {
  const known = countedPairs.get(first) ?? new WeakMap<Uint8Array, Float64Array>();
  countedPairs.set(first, known);
  const found = known.get(second);
  if (found) return found;
  const counts = new Float64Array(CELLS * CELLS);
  for (let row = 0; row < first.length; row++) counts[first[row]! * CELLS + second[row]!]!++;
  known.set(second, counts);
  return counts;
}

/** The same sums where rows are independent and influences are those of cells, from the counts of pairs of cells. */
export function momentsOfCells(
  challenger: CellInfluences,
  champion: CellInfluences | undefined,
): InfluenceMoments {
  const size = champion?.influence.length ?? 1;
  const counts = countPairs(challenger.of, champion?.of ?? new Uint8Array(challenger.of.length));
  let [own, change, product] = [0, 0, 0];
  let [x3, x2d, xd2, d3] = [0, 0, 0, 0];
  let [x4, x3d, x2d2, xd3, d4] = [0, 0, 0, 0, 0];
  for (const [cell, influence] of challenger.influence.entries()) {
    for (let other = 0; other < size; other++) {
      const count = counts[cell * CELLS + other]!;
      const difference = champion ? influence - champion.influence[other]! : influence;
      own += count * influence ** 2;
      change += count * difference ** 2;
      product += count * influence * difference;
      x3 += count * influence ** 3;
      x2d += count * influence ** 2 * difference;
      xd2 += count * influence * difference ** 2;
      d3 += count * difference ** 3;
      x4 += count * influence ** 4;
      x3d += count * influence ** 3 * difference;
      x2d2 += count * influence ** 2 * difference ** 2;
      xd3 += count * influence * difference ** 3;
      d4 += count * difference ** 4;
    }
  }
  const thirds = [x3, x2d, xd2, d3] as const;
  const fourths = [x4, x3d, x2d2, xd3, d4] as const;
  return { own, change, product, thirds, fourths, units: challenger.of.length, areClusters: false };
}

function sumByCluster(influences: Float64Array, clusters: { of: Int32Array; count: number }): Float64Array {
  const sums = new Float64Array(clusters.count);
  for (let row = 0; row < influences.length; row++) sums[clusters.of[row]!]! += influences[row]!;
  return sums;
}

/**
 * The error of ofChallenger·challenger + ofChampion·champion. Of a value alone its degrees of freedom are those of the
 * sum of squares, which is small just where the value is far off: few large losses drawn make both small. A change is
 * as often far off to one side as to the other, and the normal distribution (of clusters Student's t by their number)
 * suits it however few rows decide: t by the sum of squares would hold 97 to 99 % instead of 95 %.
 */
export function momentsError(
  moments: InfluenceMoments,
  ofChallenger: number,
  ofChampion: number,
): KnownError {
  const { own, change, product, thirds, fourths, units, areClusters } = moments;
  // a·x + b·y = s·x − b·d, where s = a + b.
  const [s, b] = [ofChallenger + ofChampion, ofChampion];
  const squares = Math.max(0, s * s * own - 2 * s * b * product + b * b * change);
  const third =
    s ** 3 * thirds[0] - 3 * s * s * b * thirds[1] + 3 * s * b * b * thirds[2] - b ** 3 * thirds[3];
  const fourth = Math.max(
    0,
    s ** 4 * fourths[0] -
      4 * s ** 3 * b * fourths[1] +
      6 * s * s * b * b * fourths[2] -
      4 * s * b ** 3 * fourths[3] +
      b ** 4 * fourths[4],
  );
  return {
    standardError: Math.sqrt(areClusters ? (squares * units) / (units - 1) : squares),
    degrees: b === 0 ? degreesOf(squares, fourth, units) : areClusters ? units - 1 : Number.POSITIVE_INFINITY,
    deciding: squares > 0 && fourth > 0 ? squares ** 2 / fourth : 0,
    skewness: squares > 0 ? third / squares ** 1.5 : 0,
  };
}

/**
 * The degrees of freedom of a variance that is a sum of n squares, by its own variance (Satterthwaite 1946):
 * 2V²/(Σφ⁴ − V²/n), which is n where influences are normal. At most n − 1, and of one deciding row about 2.
 */
export function degreesOf(squares: number, fourth: number, units: number): number {
  const most = Math.max(1, units - 1);
  const varianceOfSquares = fourth - squares ** 2 / units;
  if (!(squares > 0 && varianceOfSquares > 0)) return most;
  return Math.min(most, Math.max(1, (2 * squares ** 2) / varianceOfSquares));
}
