/**
 * Evidence that stays valid however often it is looked at, as e-processes: products of likelihood-ratio
 * factors, one per look, each with an expectation of at most 1 while the null hypothesis is true. Ville's
 * inequality then bounds the chance that the product ever reaches 1/α by α (Ville 1939; Ramdas et al.,
 * "Game-theoretic statistics and safe anytime-valid inference", Statistical Science 2023). Validity needs
 * independent requests and traffic weights that are fixed before each look; it needs no fixed sample size.
 *
 * All values are natural logarithms. A process is plain data, so that it can be stored and taken up again.
 */

/** Events (errors, slow answers) among the requests that one arm finished within one look. */
export interface ArmCount {
  /** Whole number, 0 to `requests`. */
  events: number;
  /** Whole number, 0 or more. */
  requests: number;
}

export interface EProcess {
  /** One entry per start: its share of the whole and the log product of factors for each alternative. */
  starts: { share: number; logProducts: number[] }[];
  /** Share that belongs to starts not yet reached; each of them counts 1. */
  reserved: number;
  /** Share of each later start. */
  laterShare: number;
}

/** No look may contribute more than this factor, so that evidence takes several looks and no burst decides. */
export const FACTOR_CAP = 4;

/** Ratios of challenger's to champion's rate that the test for rollback bets on, against a ratio of 1. */
export const ROLLBACK_RATIOS = [1.25, 1.5, 2, 3, 5, 8, 12, 20] as const;

/** The test for promotion bets on the margin divided by these, against a ratio of the margin itself. */
export const PROMOTION_DIVISORS = [1.25, 1.5, 2, 2.5, 3, 4] as const;

/** Odds of an arm alone, against those of its ceiling, that the test for "below the ceiling" bets on. */
export const BELOW_CEILING_ODDS = [0.8, 0.6, 0.4, 0.25, 0.1, 0.02] as const;

/**
 * A process before its first look. The first start has the whole weight, or ½ when later starts are planned,
 * which share the other ½.
 * @param alternatives how many alternatives are mixed, 1 or more.
 * @param laterStarts how many further starts are planned, 0 or more; fixed before the first look.
 */
export function startEProcess(alternatives: number, laterStarts = 0): EProcess {
  if (!Number.isInteger(alternatives) || alternatives < 1) {
    throw new RangeError(`alternatives must be a whole number of 1 or more, not ${alternatives}`);
  }
  if (!Number.isInteger(laterStarts) || laterStarts < 0) {
    throw new RangeError(`laterStarts must be a whole number of 0 or more, not ${laterStarts}`);
  }
  const reserved = laterStarts > 0 ? 0.5 : 0;
  return {
    starts: [{ share: 1 - reserved, logProducts: new Array<number>(alternatives).fill(0) }],
    reserved,
    laterShare: laterStarts > 0 ? reserved / laterStarts : 0,
  };
}

/**
 * The process after one more look.
 * @param logFactors log factor of each alternative for this look, already capped.
 * @param newStart whether a planned start begins with this look; ignored once all planned starts are used.
 */
export function addLook(process: EProcess, logFactors: readonly number[], newStart = false): EProcess {
  const starts = process.starts.map(({ share, logProducts }) => {
    if (logProducts.length !== logFactors.length) {
      throw new RangeError(`expected ${logProducts.length} factors, not ${logFactors.length}`);
    }
    return { share, logProducts: logProducts.map((product, index) => product + logFactors[index]!) };
  });
  // Half a share of slack, for the sum of thirds and the like is not exact.
  const opens = newStart && process.laterShare > 0 && process.reserved > process.laterShare / 2;
  if (!opens) return { ...process, starts };
  return {
    ...process,
    starts: [...starts, { share: process.laterShare, logProducts: [...logFactors] }],
    reserved: Math.max(0, process.reserved - process.laterShare),
  };
}

/**
 * As {@link addLook}, where one more planned start begins with each look. Later starts have equal shares, so that the sum
 * of their products is kept in place of them: S ← (S + 1) · factor, the recursion of Shiryaev and Roberts. After any number
 * of good looks, bad ones tell as soon as if they had been the first, but for the smaller share.
 */
export function addLookAndStart(process: EProcess, logFactors: readonly number[]): EProcess {
  const next = addLook(process, logFactors);
  if (process.laterShare === 0 || process.reserved <= process.laterShare / 2) return next;
  const before = process.starts[1]?.logProducts;
  const logProducts = logFactors.map(
    (factor, index) => factor + logSumExp([before?.[index] ?? Number.NEGATIVE_INFINITY, 0]),
  );
  return {
    ...process,
    starts: [next.starts[0]!, { share: process.laterShare, logProducts }],
    reserved: Math.max(0, process.reserved - process.laterShare),
  };
}

/** log E = log Σ_s w_s · mean_r ∏_{i≥s} factor_i, a start not yet reached counting 1. */
export function logEValue(process: EProcess): number {
  const parts = process.starts.flatMap(({ share, logProducts }) =>
    logProducts.map((product) => Math.log(share / logProducts.length) + product),
  );
  if (process.reserved > 0) parts.push(Math.log(process.reserved));
  return logSumExp(parts);
}

/**
 * Log factors of one look that compares two arms on counts: for each alternative ratio r against the null
 * ratio ρ, (θ(r)/θ(ρ))^x · ((1−θ(r))/(1−θ(ρ)))^y with θ(r) = r·n/(r·n+m), capped. Its expectation is at most
 * 1 when the challenger's rate is at most ρ times the champion's (r > ρ), or at least that (r < ρ).
 * A look in which one arm had no request says nothing: factor 1.
 */
export function ratioLogFactors(
  challenger: ArmCount,
  champion: ArmCount,
  nullRatio: number,
  ratios: readonly number[],
): number[] {
  checkCount(challenger);
  checkCount(champion);
  const { events: x, requests: n } = challenger;
  const { events: y, requests: m } = champion;
  if (n === 0 || m === 0) return ratios.map(() => 0);
  const logTotal = (ratio: number) => Math.log(ratio * n + m);
  return ratios.map((ratio) => {
    const total = logTotal(nullRatio) - logTotal(ratio);
    return cap(x * (Math.log(ratio / nullRatio) + total) + y * total);
  });
}

/**
 * Log factors of one look at one arm alone: binomial likelihood ratios whose alternatives multiply the odds of
 * `nullRate`, capped. A factor of 1 + (odds − 1)·event over 1 + (odds − 1)·nullRate for each request has an
 * expectation of at most 1 when the rate is at most `nullRate` (odds above 1), or at least that (odds below 1).
 * @param nullRate between 0 and 1, both excluded.
 * @param oddsRatios all above 1, or all within 0 and 1.
 */
export function rateLogFactors(arm: ArmCount, nullRate: number, oddsRatios: readonly number[]): number[] {
  checkCount(arm);
  if (!(nullRate > 0 && nullRate < 1))
    throw new RangeError(`nullRate must be within 0 and 1, not ${nullRate}`);
  return oddsRatios.map((odds) => {
    const lift = Math.log1p((odds - 1) * nullRate);
    return cap(arm.events * (Math.log(odds) - lift) - (arm.requests - arm.events) * lift);
  });
}

/**
 * Log E-value limit at which to act: log 1/α.
 * @param alpha between 0 and 1, both excluded.
 */
export function logLimit(alpha: number): number {
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha must be within 0 and 1, not ${alpha}`);
  return -Math.log(alpha);
}

/** log Σ exp(v), without overflow; −∞ of an empty list. */
export function logSumExp(values: readonly number[]): number {
  const largest = Math.max(...values);
  if (largest === Number.NEGATIVE_INFINITY) return largest;
  return largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}

function cap(logFactor: number): number {
  return Math.min(logFactor, Math.log(FACTOR_CAP));
}

function checkCount({ events, requests }: ArmCount): void {
  if (!Number.isInteger(events) || !Number.isInteger(requests) || events < 0 || events > requests) {
    throw new RangeError(`counts must be whole, 0 <= events <= requests, not ${events} of ${requests}`);
  }
}
