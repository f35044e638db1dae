/**
 * stats/: pure functions over numbers (distributions, tests, intervals, divergences, multiple testing).
 * Nothing here reads a file or knows an action; errors are RangeError and TypeError only.
 *
 * This file: the special functions everything else rests on. Prefactors follow Loader (2000), "Fast and
 * accurate computation of binomial probabilities", since differences of log-gammas lose nine digits at n = 1e6.
 */

const LOG_TWO_PI = Math.log(2 * Math.PI);
const HALF_LOG_TWO_PI = LOG_TWO_PI / 2;
const EPSILON = 2 ** -53;
const TINY = 1e-300;
const MAXIMUM_TERMS = 1_000_000;

const LANCZOS_G = 607 / 128;
const LANCZOS = [
  0.9999999999999971, 57.15623566586292, -59.59796035547549, 14.136097974741746, -0.4919138160976202,
  0.00003399464998481189, 0.00004652362892704858, -0.00009837447530487956, 0.0001580887032249125,
  -0.00021026444172410488, 0.00021743961811521265, -0.0001643181065367639, 0.00008441822398385275,
  -0.000026190838401581408, 0.0000036899182659531625,
];

/** ln Γ(x) for x > 0. Lanczos's approximation with Godfrey's coefficients, about 15 digits. */
export function logGamma(x: number): number {
  if (!(x > 0)) throw new RangeError(`logGamma needs x > 0, not ${x}`);
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  if (x > 50) return (x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI + stirlingSeries(x);
  let sum = LANCZOS[0]!;
  for (let index = 1; index < LANCZOS.length; index++) sum += LANCZOS[index]! / (x - 1 + index);
  const shifted = x - 0.5 + LANCZOS_G;
  return (x - 0.5) * Math.log(shifted) - shifted + HALF_LOG_TWO_PI + Math.log(sum);
}

function stirlingSeries(n: number): number {
  const square = n * n;
  return (
    (1 / 12 -
      (1 / 360 -
        (1 / 1260 - (1 / 1680 - (1 / 1188 - (691 / 360360 - 1 / 156 / square) / square) / square) / square) /
          square) /
        square) /
    n
  );
}

/** The error of Stirling's formula: ln n! − ((n + ½) ln n − n + ½ ln 2π), for n ≥ 0. */
export function stirlingError(n: number): number {
  if (n > 15) return stirlingSeries(n);
  if (n === 0) return 0;
  // ln Γ(n + 1) of a larger argument, stepped down, keeps the absolute error near one unit in the last place.
  let correction = 0;
  let current = n;
  while (current <= 15) {
    // δ(n) − δ(n + 1) = (n + ½) ln(1 + 1/n) − 1
    correction += (current + 0.5) * Math.log1p(1 / current) - 1;
    current += 1;
  }
  return correction + stirlingSeries(current);
}

/** x ln(x / mean) + mean − x without cancellation near x = mean (Loader's bd0). Both > 0. */
export function deviancePart(x: number, mean: number): number {
  if (Math.abs(x - mean) < 0.1 * (x + mean)) {
    const ratio = (x - mean) / (x + mean);
    let sum = (x - mean) * ratio;
    let term = 2 * x * ratio;
    const square = ratio * ratio;
    for (let order = 1; order < 1000; order++) {
      term *= square;
      const next = sum + term / (2 * order + 1);
      if (next === sum) return next;
      sum = next;
    }
    return sum;
  }
  return x * Math.log(x / mean) + mean - x;
}

/**
 * Γ(a+b+1) / (Γ(a+1) Γ(b+1)) · xᵃ yᵇ for real a, b ≥ 0 and y = 1 − x given exactly: the binomial probability of
 * a successes in a + b draws.
 */
export function binomialTerm(a: number, b: number, x: number, y: number): number {
  if (x === 0) return a === 0 ? 1 : 0;
  if (y === 0) return b === 0 ? 1 : 0;
  const n = a + b;
  if (a === 0) return Math.exp(n * (x < 0.5 ? Math.log1p(-x) : Math.log(y)));
  if (b === 0) return Math.exp(n * (y < 0.5 ? Math.log1p(-y) : Math.log(x)));
  const exponent =
    stirlingError(n) - stirlingError(a) - stirlingError(b) - deviancePart(a, n * x) - deviancePart(b, n * y);
  return Math.exp(exponent) * Math.sqrt(n / (2 * Math.PI * a * b));
}

/**
 * The regularised incomplete beta function I_x(a, b) and its complement, both to about 13 digits relative.
 * @param x in [0, 1]. @param y 1 − x, given apart since it may be known more exactly.
 */
export function incompleteBeta(a: number, b: number, x: number, y = 1 - x): { lower: number; upper: number } {
  if (!(a > 0 && b > 0)) throw new RangeError(`incompleteBeta needs a, b > 0, not ${a}, ${b}`);
  if (Number.isNaN(x)) return { lower: Number.NaN, upper: Number.NaN };
  if (x <= 0) return { lower: 0, upper: 1 };
  if (y <= 0) return { lower: 1, upper: 0 };
  if (x <= (a + 1) / (a + b + 2)) {
    const lower = (binomialTerm(a, b, x, y) * a * b) / (a + b) / betaFraction(a, b, x, y);
    return { lower, upper: 1 - lower };
  }
  const upper = (binomialTerm(b, a, y, x) * a * b) / (a + b) / betaFraction(b, a, y, x);
  return { lower: 1 - upper, upper };
}

/**
 * xᵃyᵇ/B(a, b) divided by this is I_x(a, b): Lentz's method on the even part of the continued fraction of
 * Didonato & Morris (1992, algorithm 708), written in y where x would cancel.
 */
function betaFraction(a: number, b: number, x: number, y: number): number {
  const start = a * y - b * x + 1;
  let result = guard((a * start) / (a + 1));
  let c = result;
  let d = 0;
  for (let m = 1; m < MAXIMUM_TERMS; m++) {
    const step = a + 2 * m - 1;
    const numerator = ((a + m - 1) / step) * ((a + b + m - 1) / step) * m * (b - m) * x * x;
    const denominator = m + (m * (b - m) * x) / step + ((a + m) * (start + m * (1 + y))) / (a + 2 * m + 1);
    d = 1 / guard(denominator + numerator * d);
    c = guard(denominator + numerator / c);
    const change = c * d;
    result *= change;
    if (Math.abs(change - 1) <= 2 * EPSILON) break;
  }
  return result;
}

const guard = (value: number): number => (Math.abs(value) < TINY ? TINY : value);

/**
 * The regularised incomplete gamma functions P(a, x) (lower) and Q(a, x) (upper): the series of DLMF 8.11.4 below
 * x = a + 1, the continued fraction 8.9.2 above.
 */
export function incompleteGamma(a: number, x: number): { lower: number; upper: number } {
  if (!(a > 0)) throw new RangeError(`incompleteGamma needs a > 0, not ${a}`);
  if (Number.isNaN(x)) return { lower: Number.NaN, upper: Number.NaN };
  if (x <= 0) return { lower: 0, upper: 1 };
  if (x === Number.POSITIVE_INFINITY) return { lower: 1, upper: 0 };
  // xᵃ e⁻ˣ / Γ(a + 1)
  const front = Math.exp(-stirlingError(a) - deviancePart(a, x)) / Math.sqrt(2 * Math.PI * a);
  if (x < a + 1) {
    let term = 1;
    let sum = 1;
    for (let n = 1; n < MAXIMUM_TERMS; n++) {
      term *= x / (a + n);
      sum += term;
      if (term <= sum * EPSILON) break;
    }
    const lower = front * sum;
    return { lower, upper: 1 - lower };
  }
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let result = d;
  for (let n = 1; n < MAXIMUM_TERMS; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / guard(numerator * d + b);
    c = guard(b + numerator / c);
    const change = d * c;
    result *= change;
    if (Math.abs(change - 1) <= 2 * EPSILON) break;
  }
  const upper = front * a * result;
  return { lower: 1 - upper, upper };
}
