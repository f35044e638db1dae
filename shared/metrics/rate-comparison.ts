/** Rates (accuracy, recall, …) of two models on the same rows: Tango's interval, exact when few rows differ. */

import { normalCdf } from '../stats/distributions.ts';
import { belowZero, estimateInterval } from '../stats/paired-intervals.ts';
import {
  exactMcNemar,
  type Interval,
  proportionBelow,
  tangoInterval,
  tangoStatistic,
  wilsonInterval,
} from '../stats/paired-proportions.ts';
import type { Clearance, ComparisonMethod } from './comparison-types.ts';
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

/** Unweighted, unclustered rows only. */
export function rateComparison(
  definition: MetricDefinition,
  champion: Rows | undefined,
  challenger: Rows,
  confidence: number,
): ComparisonMethod {
  const counts = countPairs(definition, champion, challenger);
  const { count, gained, lost, both } = counts;
  if (count === 0) {
    return { challengerInterval: undefined, interval: undefined, method: '', clearance: () => undefined };
  }
  const hits = both + gained;
  const own = wilsonInterval(hits, count, confidence);
  const interval = champion && tangoInterval(gained, lost, count, confidence);
  const higher = definition.direction === 'higher';
  return {
    challengerInterval: own,
    interval,
    method: champion ? 'Tango score' : 'Wilson score',
    clearance(rule, limit) {
      const share = hits / count;
      if (rule === 'lower_bound') {
        return {
          ...shifted(own, 1, -limit, share),
          pValue: proportionBelow(hits, count, limit),
          shown: true,
        };
      }
      if (rule === 'upper_bound') {
        const pValue = proportionBelow(count - hits, count, 1 - limit);
        return { ...shifted(own, -1, limit, share), pValue, shown: true };
      }
      if (!interval) return undefined;
      if (rule === 'min_relative_change')
        return relativeClearance(counts, limit, higher ? 1 : -1, confidence);
      // Gains and losses as benefits: for a rate that is better low, a gained hit is a loss.
      const [won, lostBenefit] = higher ? [gained, lost] : [lost, gained];
      const difference = (gained - lost) / count;
      if (rule === 'max_absolute_change') {
        const pValue = normalCdf(tangoStatistic(lostBenefit, won, count, clampDifference(-limit)));
        return { ...shifted(interval, higher ? -1 : 1, limit, difference), pValue, shown: true };
      }
      const clearance = shifted(interval, higher ? 1 : -1, -limit, difference);
      const exact =
        limit === 0 && gained + lost < FEW_DISCORDANT ? exactMcNemar(won, lostBenefit) : undefined;
      const pValue =
        exact?.lower ?? normalCdf(tangoStatistic(won, lostBenefit, count, clampDifference(limit)));
      const shown = !exact || exact.upper <= (1 - confidence) / 2;
      return { ...clearance, pValue, shown, ...(!shown && { rowsToShow: FEW_DISCORDANT / (gained + lost) }) };
    },
  };
}

const clampDifference = (difference: number): number => Math.max(-1 + 1e-12, Math.min(1 - 1e-12, difference));

/** sign·x + offset of an interval and its estimate. */
function shifted(
  interval: Interval,
  sign: 1 | -1,
  offset: number,
  estimate: number,
): Pick<Clearance, 'value' | 'interval'> {
  const ends = interval.map((end) => sign * end + offset) as Interval;
  return { value: sign * estimate + offset, interval: sign === 1 ? ends : [ends[1], ends[0]] };
}

/** benefit − limit·champion by the variances of the pair table, since Tango's statistic holds a plain difference. */
function relativeClearance(counts: PairCounts, limit: number, sign: 1 | -1, confidence: number): Clearance {
  const { count, gained, lost, both } = counts;
  // Per row: sign·(challenger − champion) − limit·champion, whose values by cell are these.
  const cells: [number, number][] = [
    [both, -limit],
    [gained, sign],
    [lost, -sign - limit],
    [count - both - gained - lost, 0],
  ];
  const value = cells.reduce((sum, [rows, part]) => sum + (rows * part) / count, 0);
  // Half a row more in each cell (Agresti & Min 2005): with few differing rows the plain variance is too small.
  const squares = cells.reduce((sum, [rows, part]) => sum + (rows + 0.5) * (part - value) ** 2, 0);
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
