/**
 * Sample-ratio mismatch: does the challenger get the share of requests that was asked for? A likelihood-ratio
 * e-process per look (after Lindon & Malek, "Anytime-valid inference for multinomial count data", NeurIPS
 * 2022, with a grid of odds in place of their Dirichlet mixture, so that the intended share may change from
 * look to look). A split that is not the intended one makes every comparison of the two arms doubtful.
 */

/** Odds of the challenger against the intended odds that the test bets on. */
export const SPLIT_ODDS = [0.25, 0.5, 0.8, 0.95, 1.05, 1.25, 2, 4] as const;

/**
 * Log factors of one look, for `addLook`.
 * @param challenger requests that were given to the challenger in this look. @param champion to the champion.
 * @param intendedShare share meant for the challenger, 0 to 1. At 0 and 1 there is nothing to test: 0.
 */
export function splitLogFactors(challenger: number, champion: number, intendedShare: number): number[] {
  if (!(intendedShare >= 0 && intendedShare <= 1)) {
    throw new RangeError(`intendedShare must be within 0 and 1, not ${intendedShare}`);
  }
  if (intendedShare === 0 || intendedShare === 1) return SPLIT_ODDS.map(() => 0);
  return SPLIT_ODDS.map((odds) => {
    const lift = Math.log1p((odds - 1) * intendedShare);
    return challenger * (Math.log(odds) - lift) - champion * lift;
  });
}
