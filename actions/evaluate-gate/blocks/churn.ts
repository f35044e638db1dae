/** How many decisions flip from champion to challenger: users feel each, though no metric may move. */

import { counted } from '../../../shared/metrics/counted.ts';
import type { Rows } from '../../../shared/metrics/rows.ts';
import type { GatePolicy } from '../../../shared/records/gate-policy.ts';
import { type EffectiveShare, effectiveShare } from '../../../shared/stats/effective-share.ts';
import { proportionBelow, wilsonInterval } from '../../../shared/stats/paired-proportions.ts';
import { type Item, itemOfNumbers, type Known } from '../judgement/items.ts';
import { type GapsOfModels, withPlace } from '../predictions/gaps.ts';
import { blockRule, unknown } from './block-rule.ts';

/** A cluster-robust error from fewer clusters is too uncertain itself. */
const FEWEST_CLUSTERS = 20;

interface JudgedPair {
  champion: Rows | undefined;
  challenger: Rows;
  /** The negative and the positive label of a binary task. */
  labels?: readonly string[];
  gaps?: GapsOfModels;
}

const FLIPS: Record<keyof NonNullable<GatePolicy['churn']>, (from: number, to: number) => boolean> = {
  symmetric_flip_rate: (from, to) => from !== to,
  positive_to_negative_rate: (from, to) => from === 1 && to === 0,
  negative_to_positive_rate: (from, to) => from === 0 && to === 1,
};

/** The shares of all rows on which champion and challenger decide differently; nothing to say without a champion. */
export function churnItems(policy: GatePolicy, rows: JudgedPair): Item[] {
  const { champion, challenger } = rows;
  if (!policy.churn || !champion) return [];
  return (Object.keys(FLIPS) as (keyof typeof FLIPS)[]).flatMap((name) => {
    const limits = policy.churn?.[name];
    if (!limits) return [];
    const rule = {
      ...blockRule(policy, 'churn', name, limits),
      parameters: directionOf(name, rows.labels),
    };
    const flipped = flipsOf(FLIPS[name], champion, challenger, rows.gaps);
    if (!(flipped instanceof Uint8Array)) return [itemOfNumbers(rule, undefined, flipped, null)];
    return [
      itemOfFlips(
        rule,
        effectiveShare(flipped, challenger.weight, challenger.clusters, rule.confidence),
        challenger,
      ),
    ];
  });
}

/** Which way the decision goes, in the labels' own names. */
function directionOf(
  name: keyof typeof FLIPS,
  labels: readonly string[] | undefined,
): Item['rule']['parameters'] {
  const [negative, positive] = labels ?? [];
  if (name === 'symmetric_flip_rate' || negative === undefined || positive === undefined) return null;
  return name === 'positive_to_negative_rate'
    ? { from: positive, to: negative }
    : { from: negative, to: positive };
}

/** 1 where the decision flips, of several labels any of them; or why that is not known. */
function flipsOf(
  flips: (from: number, to: number) => boolean,
  champion: Rows,
  challenger: Rows,
  gaps: GapsOfModels | undefined,
): Uint8Array | Known {
  const [before, after] = [decisionsOf(champion), decisionsOf(challenger)];
  if (!before || !after) return unknown('there are no labels of both models');
  const flipped = new Uint8Array(challenger.truth.length);
  const empty = { before: 0, after: 0 };
  for (let row = 0; row < flipped.length; row++) {
    if (before.some((column) => Number.isNaN(column[row]))) empty.before++;
    if (after.some((column) => Number.isNaN(column[row]))) empty.after++;
    flipped[row] = after.some((column, at) => flips(before[at]![row]!, column[row]!)) ? 1 : 0;
  }
  const told = (what: string, count: number, side: keyof GapsOfModels): string =>
    withPlace(`${what} is empty in ${counted(count, 'row')}`, gaps?.[side], 'labels', true);
  if (empty.after > 0)
    return { value: undefined, why: told('y_pred', empty.after, 'challenger'), isNaN: true };
  if (empty.before > 0) return unknown(told("the champion's y_pred", empty.before, 'champion'));
  return flipped;
}

function decisionsOf(rows: Rows): Float64Array[] | undefined {
  const columns = rows.labels ? rows.labels.map(({ predicted }) => predicted) : [rows.predicted];
  return columns.every((column) => column !== undefined) ? columns : undefined;
}

function itemOfFlips(rule: Item['rule'], { share, count }: EffectiveShare, rows: Rows): Item {
  const { clusters } = rows;
  const tooFew =
    clusters && clusters.count < FEWEST_CLUSTERS
      ? `${clusters.count} clusters, and at least ${FEWEST_CLUSTERS} are needed`
      : undefined;
  const known: Known = count > 0 ? { value: share } : unknown('there is no row with a weight above 0');
  const interval = count > 0 && !tooFew ? wilsonInterval(share * count, count, rule.confidence) : undefined;
  const qualities = [rows.weight && 'weighted', clusters && 'by cluster'].filter(Boolean);
  return {
    ...itemOfNumbers(rule, undefined, known, null),
    rows: rows.truth.length,
    ...(clusters && { observations: { of: 'clusters', count: clusters.count } }),
    challengerInterval: interval,
    method: ['Wilson score', ...qualities].join(', '),
    isExact: false,
    noIntervalForValue: tooFew,
    clearance: (kind, limit) =>
      interval &&
      (kind === 'lower_bound'
        ? {
            value: share - limit,
            interval: [interval[0] - limit, interval[1] - limit],
            pValue: proportionBelow(share * count, count, limit),
            shown: true,
          }
        : {
            value: limit - share,
            interval: [limit - interval[1], limit - interval[0]],
            pValue: proportionBelow((1 - share) * count, count, 1 - limit),
            shown: true,
          }),
  };
}
