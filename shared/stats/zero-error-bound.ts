/**
 * What a run of requests without a single error proves about the error rate, at any moment one looks: the
 * e-process against "the rate is at least p" that bets uniformly on the rates from 0 to p. With no error in
 * either arm the ratio of two rates says nothing, and this bound decides instead.
 */

/**
 * log of E(p) = ∫₀^p (1−q)^n dq / p / (1−p)^n = (1 − (1−p)^(n+1)) / ((n+1) · p · (1−p)^n).
 * @param cleanRequests n, requests without error, 0 or more.
 * @param rate p, within 0 and 1, both excluded.
 */
export function zeroErrorLogEValue(cleanRequests: number, rate: number): number {
  if (!Number.isInteger(cleanRequests) || cleanRequests < 0) {
    throw new RangeError(`cleanRequests must be a whole number of 0 or more, not ${cleanRequests}`);
  }
  if (!(rate > 0 && rate < 1)) throw new RangeError(`rate must be within 0 and 1, not ${rate}`);
  const logKept = Math.log1p(-rate);
  const numerator = -Math.expm1((cleanRequests + 1) * logKept);
  return Math.log(numerator) - Math.log((cleanRequests + 1) * rate) - cleanRequests * logKept;
}

/** Whether `cleanRequests` without error show, at level `alpha`, that the error rate is below `rate`. */
export function zeroErrorsShow(cleanRequests: number, rate: number, alpha: number): boolean {
  return zeroErrorLogEValue(cleanRequests, rate) >= -Math.log(alpha);
}

/**
 * The smallest rate that `cleanRequests` without error exclude at level `alpha`, valid at any moment; 1 when
 * they exclude none. E(p) grows with p, so bisection finds it.
 */
export function zeroErrorUpperBound(cleanRequests: number, alpha: number): number {
  let low = 0;
  let high = 1;
  for (let round = 0; round < 60; round += 1) {
    const middle = (low + high) / 2;
    if (middle <= 0 || middle >= 1) break;
    if (zeroErrorsShow(cleanRequests, middle, alpha)) high = middle;
    else low = middle;
  }
  return high;
}
