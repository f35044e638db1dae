/** Looks for parts of the rows in which the challenger errs more than elsewhere. Information; nothing is judged. */
import type { Rows } from '../../../shared/metrics/rows.ts';
import type { Evaluation, WeakSlice } from '../../../shared/records/evaluation.ts';
import type { GatePolicy } from '../../../shared/records/gate-policy.ts';
import type { ExploredFeature } from './cell-table.ts';
import { lossOfRows } from './row-loss.ts';
import { searchSlices } from './slice-search.ts';

/** More than these nobody reads. */
const MOST_SLICES = 10;

export interface ExploredRows {
  champion: Rows | undefined;
  challenger: Rows;
  features: readonly ExploredFeature[];
  /** The predictions have labels, or the policy a threshold. */
  hasLabels: boolean;
}

/** @returns null where discovery is off, there is no feature, or rows have no loss of their own. */
export function findWeakSlices(policy: GatePolicy, rows: ExploredRows): Evaluation['weakSlices'] {
  const {
    enabled,
    min_samples: minSamples,
    false_discovery_rate: falseDiscoveryRate,
  } = policy.slice_discovery;
  if (!enabled || rows.features.length === 0) return null;
  const loss = lossOfRows(policy.task, rows.challenger, rows.hasLabels);
  // Predictions that are no numbers fail their metric; which rows they are is no matter of slices.
  if (!loss?.values.every(Number.isFinite)) return null;
  const ofChampion = rows.champion && lossOfRows(policy.task, rows.champion, rows.hasLabels);
  const found = searchSlices({
    features: rows.features,
    loss: loss.values,
    minSamples,
    falseDiscoveryRate,
    confidence: policy.defaults.confidence_level,
    limit: MOST_SLICES,
  });
  return {
    loss: loss.name,
    features: rows.features.map(({ name }) => name),
    found: found.map(
      (slice): WeakSlice => ({
        features: slice.features,
        rows: slice.rows.length,
        inside: slice.inside,
        outside: slice.outside,
        interval: slice.interval,
        adjustedPValue: slice.adjustedPValue,
        champion: ofChampion?.name === loss.name ? meanOf(ofChampion.values, slice.rows) : null,
      }),
    ),
  };
}

function meanOf(values: Float64Array, rows: Int32Array): number | null {
  let sum = 0;
  for (const row of rows) sum += values[row]!;
  const mean = sum / rows.length;
  return Number.isFinite(mean) ? mean : null;
}
