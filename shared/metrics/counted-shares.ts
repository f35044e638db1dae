/**
 * Metrics of labels that are a share of certain rows, though which rows those are is left to chance too: of the rows
 * predicted positive, or of the rows that are positive or predicted so. Given their number, the hits among them are
 * binomial, so that the value has the interval of a share (share-intervals.ts), which holds however few rows tell:
 * of a precision near 1 the false positives. F1 is 2J/(1 + J) of the Jaccard index J, and has its interval bent alike.
 */
import type { BoundedValue } from '../stats/bounded-values.ts';
import { boundedShare } from '../stats/share-intervals.ts';
import { type ConfusionCounts, confusionCounts } from './confusion.ts';
import type { MetricDefinition } from './metric-definition.ts';
import type { Rows } from './rows.ts';

interface CountedShare {
  /** Hits and misses, of true positives, false positives, false negatives and true negatives. */
  hits(counts: ConfusionCounts): number;
  misses(counts: ConfusionCounts): number;
  /** The value as a function of the share, rising; undefined: the share itself. */
  bent?: { toValue(share: number): number; toShare(value: number): number };
}

const F1 = {
  toValue: (share: number): number => (2 * share) / (1 + share),
  toShare: (value: number): number => value / (2 - value),
};

const SHARES: Record<string, CountedShare> = {
  precision: { hits: ([tp]) => tp, misses: ([, fp]) => fp },
  false_discovery_rate: { hits: ([, fp]) => fp, misses: ([tp]) => tp },
  negative_predictive_value: { hits: ([, , , tn]) => tn, misses: ([, , fn]) => fn },
  false_omission_rate: { hits: ([, , fn]) => fn, misses: ([, , , tn]) => tn },
  jaccard: { hits: ([tp]) => tp, misses: ([, fp, fn]) => fp + fn },
  f1: { hits: ([tp]) => tp, misses: ([, fp, fn]) => fp + fn, bent: F1 },
};

/** Whether the value of a metric of two classes is such a share, where rows are independent and weigh alike. */
export const isCountedShare = ({ name, task }: Pick<MetricDefinition, 'name' | 'task'>): boolean =>
  task === 'binary' && Object.hasOwn(SHARES, name);

/** The value were there `times` as many rows; undefined where it is no share, or of no row. */
export function countedShare(
  definition: MetricDefinition,
  rows: Rows,
): ((times: number) => BoundedValue) | undefined {
  const isPlain = !rows.weight && !rows.clusters && !rows.classes && !rows.labels;
  if (!isCountedShare(definition) || !isPlain || !rows.predicted) return undefined;
  const { hits, misses, bent } = SHARES[definition.name]!;
  const counts = confusionCounts(rows);
  const [of, others] = [hits(counts), misses(counts)];
  if (of + others === 0) return undefined;
  return (times) => {
    const share = boundedShare(of * times, (of + others) * times);
    if (!bent) return share;
    return {
      interval: (confidence) => {
        const [low, high] = share.interval(confidence);
        return [bent.toValue(low), bent.toValue(high)];
      },
      below: (limit) => share.below(bent.toShare(limit)),
      above: (limit) => share.above(bent.toShare(limit)),
    };
  };
}
