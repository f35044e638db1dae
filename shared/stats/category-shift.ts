/**
 * Do two arms answer alike? An e-process on counts by category, for requests that are given to the arms at random.
 *
 * While both arms answer alike, which arm a request went to says nothing about the category of its answer: given that
 * an answer is of category k, it is the challenger's with the known probability w, for every k. If instead category k
 * is r_k times as common in the challenger's answers, that probability is q_k = r_k·w / (r_k·w + 1 − w). With x_k
 * answers of the challenger and y_k of the champion in one look, the likelihood ratio
 *     ∏_k (q_k / w)^{x_k} · ((1 − q_k) / (1 − w))^{y_k}
 * has the expectation 1 given the sums x_k + y_k, for each answer contributes w·q_k/w + (1−w)·(1−q_k)/(1−w) = 1,
 * whatever the r_k are, as long as they are fixed before the look. They are estimated from earlier looks alone, drawn
 * towards 1, and raised to several powers, so that a doubtful estimate bets little. Capping keeps the expectation at
 * most 1, and Ville's inequality does the rest, as in `e-process.ts`.
 *
 * Answers to copies of one request are two answers for one, w = ½. If the two are independent given that both arms
 * answer alike, a pair contributes u·(2 − u) with u = Σ p_k·2r_k/(1+r_k), and if they agree, Σ p_k·4r_k/(1+r_k)²:
 * both are at most 1, and so is every mixture of them.
 */
import { FACTOR_CAP } from './e-process.ts';

/** Powers of the estimated ratios that the test bets on. */
export const SHIFT_POWERS = [0.25, 0.5, 1] as const;

/** So many answers' worth of "both alike" is added to each arm before its shares are estimated. */
const PRIOR_ANSWERS = 20;

export interface CategoryCounts {
  /** Answers by category, in the same order for both arms. */
  challenger: readonly number[];
  champion: readonly number[];
}

/**
 * Log factors of one look, one for each of SHIFT_POWERS, capped.
 * @param look counts of this look. @param earlier counts of all looks before it, by the same categories.
 * @param share w, the chance of a request to go to the challenger; within 0 and 1, both excluded.
 */
export function categoryLogFactors(look: CategoryCounts, earlier: CategoryCounts, share: number): number[] {
  if (!(share > 0 && share < 1)) throw new RangeError(`share must be within 0 and 1, not ${share}`);
  const lengths = [look.challenger, look.champion, earlier.challenger, earlier.champion].map(
    ({ length }) => length,
  );
  if (new Set(lengths).size > 1) throw new RangeError('all counts must be of the same categories');
  const logRatios = estimateLogRatios(earlier);
  return SHIFT_POWERS.map((power) => {
    let sum = 0;
    for (const [index, logRatio] of logRatios.entries()) {
      const ratio = Math.exp(power * logRatio);
      const logTotal = Math.log(ratio * share + 1 - share);
      sum += look.challenger[index]! * (power * logRatio - logTotal) - look.champion[index]! * logTotal;
    }
    return Math.min(sum, Math.log(FACTOR_CAP));
  });
}

/** Half the sum of the differences of shares: how many answers would have to change; null without any in one arm. */
export function totalVariation({ challenger, champion }: CategoryCounts): number | null {
  const [all, others] = [sumOf(challenger), sumOf(champion)];
  if (all === 0 || others === 0) return null;
  return (
    challenger.reduce((sum, count, index) => sum + Math.abs(count / all - champion[index]! / others), 0) / 2
  );
}

function estimateLogRatios({ challenger, champion }: CategoryCounts): number[] {
  const [all, others] = [sumOf(challenger), sumOf(champion)];
  const categories = challenger.length;
  return challenger.map((count, index) => {
    const other = champion[index]!;
    const pooled = (count + other + 1 / categories) / (all + others + 1);
    const one = (count + PRIOR_ANSWERS * pooled) / (all + PRIOR_ANSWERS);
    const two = (other + PRIOR_ANSWERS * pooled) / (others + PRIOR_ANSWERS);
    return Math.log(one / two);
  });
}

const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
