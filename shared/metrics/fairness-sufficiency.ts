/** From how few rows of a group on its intervals are not to be trusted. */
import { type Entry, type Groups, rowsOfEntry } from './fairness.ts';
import { type FairnessMetric, shareOf } from './fairness-metric.ts';
import type { Rows } from './rows.ts';

/** Rows that a group's share is a share of, found by simulation of the intervals' coverage. */
const ROWS_OF_SHARE = 30;
/** Rows of either label, for every other metric of two classes. */
const ROWS_PER_LABEL = 50;
const DISCORDANT_ROWS = 25;

/** Of a share: how many rows it is a share of, and how many rows of equal weight are worth as much. */
export type RelevantRows =
  | { kind: 'share'; count: number; effective: number; label: string }
  | { kind: 'labels'; fewer: number; label: string }
  | { kind: 'any' };

export function relevantRows(entry: Entry, rows: Rows, groups: Groups): RelevantRows {
  const { base } = entry;
  const own = rowsOfEntry(entry, groups);
  const total = own ? own.length : rows.truth.length;
  const share = shareOf(base);
  if (!share && base.task !== 'binary') return { kind: 'any' };
  const counts = [0, 0];
  let count = 0;
  let weights = 0;
  let squares = 0;
  for (let at = 0; at < total; at++) {
    const row = own ? own[at]! : at;
    const truth = rows.truth[row]!;
    if (!share) counts[truth === 1 ? 1 : 0]!++;
    else if (share.truth === undefined || truth === share.truth) {
      const weight = rows.weight ? rows.weight[row]! : 1;
      count++;
      weights += weight;
      squares += weight * weight;
    }
  }
  if (!share) {
    const [negative, positive] = counts as [number, number];
    return positive < negative
      ? { kind: 'labels', fewer: positive, label: 'positive rows' }
      : { kind: 'labels', fewer: negative, label: 'negative rows' };
  }
  const label = share.truth === undefined ? 'rows' : share.truth === 1 ? 'positive rows' : 'negative rows';
  return { kind: 'share', count, effective: squares > 0 ? weights ** 2 / squares : 0, label };
}

/** Names the group that has too few rows for the metric's intervals; undefined where all have enough. */
export function smallGroup(entries: readonly Entry[], rows: Rows, groups: Groups): string | undefined {
  for (const entry of entries) {
    if (entry.group < 0) continue;
    const relevant = relevantRows(entry, rows, groups);
    const [found, needed] =
      relevant.kind === 'share'
        ? [relevant.count, ROWS_OF_SHARE]
        : relevant.kind === 'labels'
          ? [relevant.fewer, ROWS_PER_LABEL]
          : [0, 0];
    if (relevant.kind !== 'any' && found < needed)
      return `${groups.names[entry.group]}: ${found} ${relevant.label}, and at least ${needed} are needed`;
  }
  return undefined;
}

/** Two models that decide alike in all rows of the groups are the same model to a metric of labels. */
export function fewDiscordant(
  metric: FairnessMetric,
  champion: Rows | undefined,
  challenger: Rows,
  groups: Groups,
): string | undefined {
  if (!champion?.predicted || !challenger.predicted || metric.bases[0]!.needs !== 'labels') return undefined;
  let discordant = 0;
  for (const rows of groups.rows)
    for (const row of rows) if (challenger.predicted[row] !== champion.predicted[row]) discordant++;
  return discordant > 0 && discordant < DISCORDANT_ROWS
    ? `the models differ in ${discordant} rows of these groups, and at least ${DISCORDANT_ROWS} are needed`
    : undefined;
}
