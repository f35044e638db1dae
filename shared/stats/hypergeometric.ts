/** The hypergeometric distribution: how many marked rows fall into a part drawn without replacement. */
import { binomialTerm } from './special-functions.ts';

/**
 * P(X ≥ k) of the number X of marked rows among `drawn` of `total`, of which `marked` are marked: the exact one-sided
 * p-value of "this part holds no more marked rows than chance puts there" (Fisher's exact test). scipy's
 * `hypergeom.sf(k − 1, total, marked, drawn)`.
 * @throws RangeError unless all are whole numbers with 0 ≤ marked, drawn ≤ total.
 */
export function hypergeometricAtLeast(k: number, total: number, marked: number, drawn: number): number {
  if (![k, total, marked, drawn].every(Number.isInteger)) throw new RangeError('counts are whole numbers');
  if (marked < 0 || drawn < 0 || marked > total || drawn > total)
    throw new RangeError(`of ${total} rows ${marked} cannot be marked and ${drawn} drawn`);
  const least = Math.max(0, drawn - (total - marked));
  const most = Math.min(drawn, marked);
  if (k <= least) return 1;
  if (k > most) return 0;
  // The shorter tail is summed from its largest term outwards, so that nothing cancels.
  const mode = Math.floor(((drawn + 1) * (marked + 1)) / (total + 2));
  if (k > mode) return Math.min(1, tail(k, most, 1, total, marked, drawn));
  return Math.max(0, 1 - tail(k - 1, least, -1, total, marked, drawn));
}

/** The sum of probabilities from `from` to `to`, which fall all the way. */
function tail(from: number, to: number, step: 1 | -1, total: number, marked: number, drawn: number): number {
  let term = probability(from, total, marked, drawn);
  let sum = term;
  for (let x = from; x !== to && term > sum * 1e-17; x += step) {
    term *=
      step === 1
        ? ((marked - x) / (x + 1)) * ((drawn - x) / (total - marked - drawn + x + 1))
        : (x / (marked - x + 1)) * ((total - marked - drawn + x) / (drawn - x + 1));
    sum += term;
  }
  return sum;
}

/** P(X = k), by three binomial probabilities (Loader 2000), which keeps its digits at a million rows. */
function probability(k: number, total: number, marked: number, drawn: number): number {
  if (drawn === 0 || drawn === total) return 1;
  const p = drawn / total;
  const q = (total - drawn) / total;
  return (
    (binomialTerm(k, marked - k, p, q) * binomialTerm(drawn - k, total - marked - drawn + k, p, q)) /
    binomialTerm(drawn, total - drawn, p, q)
  );
}
