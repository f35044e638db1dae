import type { AnyRecord } from '../../../shared/records/kinds.ts';
import type { Cost, Gain, TrainingRun } from '../../../shared/records/training-run.ts';
import type { PrimaryMetric } from './primary-metric.ts';

/** Relative to the metric: what four digits do not show is no gain, and a price for it would be nonsense. */
const SMALLEST_GAIN = 1e-4;
/** From nothing to almost nothing. */
const ROUNDING = 1e-12;

/** The newest training that has the metric. */
export function runBefore(records: readonly AnyRecord[], metric: string): TrainingRun | undefined {
  return records
    .filter((record) => record.kind === 'TrainingRun')
    .filter(({ metrics }) => metric in metrics)
    .toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
    .at(-1);
}

/**
 * What the metric gained against the run before, and what a hundredth of it cost. Null where one of the two does not
 * have it as a number.
 * @param spentUsd for this run alone.
 */
export function gainOf(
  metric: PrimaryMetric | undefined,
  metrics: TrainingRun['metrics'],
  previous: Pick<TrainingRun, 'metrics'> | undefined,
  spentUsd: number,
): Gain | null {
  if (metric === undefined || previous === undefined) return null;
  const after = metrics[metric.name];
  const before = previous.metrics[metric.name];
  if (typeof after !== 'number' || typeof before !== 'number') return null;
  const gained = metric.better === 'higher' ? after - before : before - after;
  const size = Math.max(Math.abs(before), Math.abs(after));
  const isGain = gained >= Math.max(ROUNDING, SMALLEST_GAIN * size);
  return {
    metric: metric.name,
    before,
    after,
    usdPerHundredth: isGain ? (spentUsd * 0.01) / gained : null,
  };
}

/** @param records of the same model name. @param metric undefined where there is none to compare by. */
export function withGain(
  cost: Cost,
  metric: PrimaryMetric | undefined,
  metrics: TrainingRun['metrics'],
  records: readonly AnyRecord[],
): Cost {
  if (metric === undefined || cost.actualUsd === null) return { ...cost, gain: null };
  return { ...cost, gain: gainOf(metric, metrics, runBefore(records, metric.name), cost.actualUsd) };
}
