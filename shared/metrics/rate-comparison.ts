/** Rates (accuracy, recall, …) of two models on the same rows: Tango's interval, exact when few rows differ. */

import { normalCdf, normalQuantile } from '../stats/distributions.ts';
import { belowZero, estimateInterval } from '../stats/paired-intervals.ts';
import { exactMcNemar, type Interval, tangoInterval, tangoStatistic } from '../stats/paired-proportions.ts';
import { shareBelow, shareInterval } from '../stats/share-intervals.ts';
import { type Clearance, type ComparisonMethod, NO_METHOD } from './comparison-types.ts';
import type { MetricDefinition } from './metric-definition.ts';
import type { Rows } from './rows.ts';

/** With fewer differing rows than this, "not worse at all" is tested exactly. */
const FEW_DISCORDANT = 25;

interface PairCounts {
  /** Rows that count. */
  count: number;
  both: number;
  /** Hits of the challenger alone, of the champion alone. */
  gained: number;
  lost: number;
}

interface RateOptions {
  /** Two-sided. */
  confidence: number;
  /** Both sides are one model, so that a change is exactly none. */
  identical: boolean;
}

/** Unweighted, unclustered rows only. */
export function rateComparison(
  definition: MetricDefinition,
  champion: Rows | undefined,
  challenger: Rows,
  { confidence, identical }: RateOptions,
): ComparisonMethod {
  const counts = countPairs(definition, champion, challenger);
  const { count, gained, lost, both } = counts;
  if (count === 0) return NO_METHOD;
  const hits = both + gained;
  const own = shareInterval(hits, count, confidence);
  const interval: Interval | undefined =
    champion && (identical ? [0, 0] : tangoInterval(gained, lost, count, confidence));
  const higher = definition.direction === 'higher';
  return {
    challengerInterval: own,
    interval,
    method: champion ? 'Tango score' : 'Wilson score',
    clearance(rule, limit) {
      if (rule === 'lower_bound') return shareClearance(hits, count, limit, confidence);
      if (rule === 'upper_bound') return shareClearance(count - hits, count, 1 - limit, confidence);
      if (!interval) return undefined;
      if (rule === 'min_relative_change')
        return relativeClearance(counts, limit, higher ? 1 : -1, { confidence, identical });
      // Gains and losses as benefits: for a rate that is better low, a gained hit is a loss.
      const [won, lostBenefit] = higher ? [gained, lost] : [lost, gained];
      if (identical) return exactClearance(rule === 'max_absolute_change' ? limit : 0 - limit);
      return rule === 'max_absolute_change'
        ? differenceClearance(lostBenefit, won, count, -limit, confidence)
        : changeClearance(won, lostBenefit, count, limit, confidence);
    },
  };
}

function exactClearance(value: number): Clearance {
  return { value, interval: [value, value], pValue: value < 0 ? 0 : 1, shown: true };
}

/** Of "the share is at least `limit`". */
function shareClearance(hits: number, count: number, limit: number, confidence: number): Clearance {
  const at = (times: number) => {
    const [low, high] = shareInterval(hits * times, count * times, confidence);
    const pValue = shareBelow(hits * times, count * times, limit);
    return { interval: [low - limit, high - limit] as Interval, pValue };
  };
  return { value: hits / count - limit, ...at(1), shown: true, withRows: at };
}

/** Of "won − lost, as a share of the rows, is at least `limit`". */
function differenceClearance(
  won: number,
  lost: number,
  count: number,
  limit: number,
  confidence: number,
): Clearance {
  const at = (times: number) => {
    const [w, l, n] = [won * times, lost * times, count * times];
    const [low, high] = tangoInterval(w, l, n, confidence);
    const pValue = normalCdf(tangoStatistic(w, l, n, clampDifference(limit)));
    return { interval: [low - limit, high - limit] as Interval, pValue };
  };
  return { value: (won - lost) / count - limit, ...at(1), shown: true, withRows: at };
}

/** As `differenceClearance`, and at a limit of exactly 0 by the exact test while few rows differ. */
function changeClearance(
  won: number,
  lost: number,
  count: number,
  limit: number,
  confidence: number,
): Clearance {
  const clearance = differenceClearance(won, lost, count, limit, confidence);
  const differing = won + lost;
  if (limit !== 0 || differing >= FEW_DISCORDANT) return clearance;
  const exact = exactMcNemar(won, lost);
  const shown = exact.upper <= (1 - confidence) / 2;
  const { withRows, ...now } = clearance;
  return {
    ...now,
    pValue: exact.lower,
    shown,
    ...(differing > 0 ? { withRows } : { whyNoRows: whyNone(count, now.interval[1]) }),
    ...(!shown && { rowsToShow: FEW_DISCORDANT / differing }),
  };
}

const whyNone = (count: number, most: number): string =>
  `no label differs in the ${count} rows that count, which leaves room for a loss of ${most.toPrecision(2)}; allow that much, or give y_score, which tells whether both are one model`;

const clampDifference = (difference: number): number => Math.max(-1 + 1e-12, Math.min(1 - 1e-12, difference));

/** benefit − limit·champion by the variances of the pair table, since Tango's statistic holds a plain difference. */
function relativeClearance(
  counts: PairCounts,
  limit: number,
  sign: 1 | -1,
  { confidence, identical }: RateOptions,
): Clearance {
  const { count, gained, lost, both } = counts;
  // Of few differing rows the plain variance is too small. z²/2 more of either kind give, where none differs, the
  // width of Tango's interval.
  const more = identical ? 0 : normalQuantile(1 - (1 - confidence) / 2) ** 2 / 2;
  // Per row: sign·(challenger − champion) − limit·champion, whose values by cell are these.
  const cells = [
    { rows: both, part: -limit, more: 0 },
    { rows: gained, part: sign, more },
    { rows: lost, part: -sign - limit, more },
    { rows: count - both - gained - lost, part: 0, more: 0 },
  ];
  const value = cells.reduce((sum, cell) => sum + (cell.rows * cell.part) / count, 0);
  const squares = cells.reduce((sum, cell) => sum + (cell.rows + cell.more) * (cell.part - value) ** 2, 0);
  const standardError = Math.sqrt(squares) / count;
  const estimate = { value, standardError, degrees: Number.POSITIVE_INFINITY };
  return {
    value,
    interval: estimateInterval(estimate, confidence),
    pValue: belowZero(estimate),
    shown: true,
  };
}

function countPairs(definition: MetricDefinition, champion: Rows | undefined, challenger: Rows): PairCounts {
  const rate = definition.rate!;
  const counts: PairCounts = { count: 0, both: 0, gained: 0, lost: 0 };
  for (let row = 0; row < challenger.truth.length; row++) {
    const truth = challenger.truth[row]!;
    if (rate.truth !== undefined && truth !== rate.truth) continue;
    counts.count++;
    const hit = (challenger.predicted![row] === truth) === (rate.hit === 'correct');
    const championHit = champion ? (champion.predicted![row] === truth) === (rate.hit === 'correct') : false;
    if (hit && championHit) counts.both++;
    else if (hit) counts.gained++;
    else if (championHit) counts.lost++;
  }
  return counts;
}
