/**
 * Additive Holt–Winters: a level, a trend and a season that follow a series, and the next value that they let expect.
 * In error-correction form (Hyndman, Koehler, Ord & Snyder 2008, Forecasting with Exponential Smoothing, 2.5), which
 * also goes on over steps that were not observed:
 *
 *   e = y − (l + b + s),  l ← l + b + αe,  b ← b + αβe,  s ← s + γ(1 − α)e
 *
 * with s that of the same place in the period before. The errors are linear in the first states, so those are fitted
 * exactly by least squares (ibid., 5.2), and only α, β, γ ∈ [0, 1] are searched for. Of α = β = γ = 0 this is the
 * regression on a line and the places of the period.
 */
import { type LeastSquares, leastSquares } from './least-squares.ts';

/** α, β and γ of the classical form are `level`, `trend` and `season · (1 − level)`; each in [0, 1]. */
export interface Smoothing {
  level: number;
  trend: number;
  season: number;
}

export interface SmoothingFit {
  smoothing: Smoothing;
  /** Sum of the squared one-step errors over the observed steps. */
  squares: number;
  /** How many values were observed. */
  count: number;
  /** How many first states they determine: one for the trend, one for each place of the period that was seen. */
  states: number;
  /** What is expected at the step after the last. */
  forecast: number;
  /** What uncertain first states add to its variance, in variances of an error; infinite for a place never seen. */
  leverage: number;
}

/**
 * Fits the first states for given smoothing.
 * @param values a series in steps of equal time; undefined where a step was not observed.
 * @param period steps after which the season begins again, at least 2.
 * @throws RangeError for a period that is no whole number above 1.
 */
export function fitStates(
  values: readonly (number | undefined)[],
  period: number,
  smoothing: Smoothing,
): SmoothingFit {
  if (!Number.isInteger(period) || period < 2) throw new RangeError('a period has at least 2 whole steps');
  const steps = values.length;
  const count = values.filter((value) => value !== undefined).length;
  // State 0 is the trend, state 1 + i the season at place i; the level is in the seasons, as their common height.
  const states = period + 1;
  const columns = Array.from({ length: states }, () => new Float64Array(count));
  const target = new Float64Array(count);
  const next = new Float64Array(states);
  /** Series `states` is that of the values from states of 0; the others are those of value 0 from one state of 1. */
  const level = new Float64Array(states + 1);
  const trend = new Float64Array(states + 1);
  const season = Array.from({ length: period }, () => new Float64Array(states + 1));
  trend[0] = 1;
  for (let place = 0; place < period; place++) season[place]![1 + place] = 1;
  const { level: alpha, trend: beta, season: gamma } = smoothing;
  let row = 0;
  let forecast = 0;
  for (let step = 0; step <= steps; step++) {
    const place = season[step % period]!;
    const value = values[step];
    const isObserved = step < steps && value !== undefined;
    for (let series = 0; series <= states; series++) {
      const made = level[series]! + trend[series]! + place[series]!;
      if (step === steps) {
        if (series === states) forecast = made;
        else next[series] = made;
        continue;
      }
      const error = isObserved ? (series === states ? value : 0) - made : 0;
      if (isObserved) {
        if (series === states) target[row] = error;
        else columns[series]![row] = -error;
      }
      level[series]! += trend[series]! + alpha * error;
      trend[series]! += alpha * beta * error;
      place[series]! += gamma * (1 - alpha) * error;
    }
    if (isObserved) row++;
  }
  const fit: LeastSquares = leastSquares(columns, target);
  for (const [state, coefficient] of fit.coefficients.entries()) forecast += next[state]! * coefficient;
  const leverage = fit.leverage(next);
  return { smoothing, squares: fit.squares, count, states: fit.rank, forecast, leverage };
}

const STARTS = { level: [0, 0.1, 0.3, 0.6, 1], trend: [0, 0.3, 1], season: [0, 0.3, 1] };
const FIRST_STEP = 0.2;
const LAST_STEP = 1e-4;

/**
 * The smoothing of the least squared errors: by compass search from the best of a grid, once from those whose trend
 * stands and once from those whose trend moves, which are often two valleys. The same series gives the same fit.
 */
export function fitSmoothing(values: readonly (number | undefined)[], period: number): SmoothingFit {
  const errorsOf = (smoothing: Smoothing): SmoothingFit => fitStates(values, period, smoothing);
  const starts = (trends: readonly number[]): SmoothingFit[] =>
    STARTS.level.flatMap((level) =>
      // Without a level that follows, nothing moves the trend.
      (level === 0 ? trends.filter((trend) => trend === 0) : trends).flatMap((trend) =>
        STARTS.season.map((season) => errorsOf({ level, trend, season })),
      ),
    );
  const [still, ...moving] = STARTS.trend;
  return leastOf([starts([still!]), starts(moving)].map((grid) => descend(leastOf(grid), errorsOf)));
}

const leastOf = (fits: readonly SmoothingFit[]): SmoothingFit =>
  fits.reduce((least, fit) => (fit.squares < least.squares ? fit : least));

/** Goes to the best of the neighbours at a distance that is halved where none is better. */
function descend(from: SmoothingFit, errorsOf: (smoothing: Smoothing) => SmoothingFit): SmoothingFit {
  let best = from;
  for (let step = FIRST_STEP; step >= LAST_STEP; ) {
    const around = leastOf(
      (['level', 'trend', 'season'] as const)
        .flatMap((name) => [-step, step].map((move) => ({ name, value: clamp(best.smoothing[name] + move) })))
        .filter(({ name, value }) => value !== best.smoothing[name])
        .map(({ name, value }) => errorsOf({ ...best.smoothing, [name]: value })),
    );
    // A gain within rounding is none: it would be followed without end.
    if (around.squares < best.squares * (1 - 1e-9)) best = around;
    else step /= 2;
  }
  return best;
}

const clamp = (value: number): number => Math.min(1, Math.max(0, value));
