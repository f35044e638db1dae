/** Limits that are not of a metric: the model's size, and how many decisions flip. */
import type { Rows } from '../../shared/metrics/rows.ts';
import type { GatePolicy } from '../../shared/records/gate-policy.ts';
import { proportionBelow, wilsonInterval } from '../../shared/stats/paired-proportions.ts';
import { type Item, itemOfNumbers, type Known } from './items.ts';
import { limitsOf, type Rule } from './rules.ts';

type Bounds = { lower_bound?: number; upper_bound?: number; severity?: 'fail' | 'warn' };

function sideRule(policy: GatePolicy, name: string, bounds: Bounds): Rule {
  const { defaults } = policy;
  return {
    name,
    direction: 'lower',
    definition: undefined,
    featureKeys: undefined,
    limits: limitsOf({ lower_bound: bounds.lower_bound, upper_bound: bounds.upper_bound }, false),
    confidence: defaults.confidence_level,
    decideOn: defaults.decide_on,
    minSamples: defaults.min_samples,
    onMissing: defaults.on_missing,
    onInconclusive: defaults.on_inconclusive,
    severity: bounds.severity ?? 'fail',
  };
}

const unknown = (why: string): Known => ({ value: undefined, why, isNaN: false });

/** The size of the model's files in MB (10⁶ bytes). */
export function sizeItems(policy: GatePolicy, bytes: number | undefined): Item[] {
  const bounds = policy.resources?.model_size_mb;
  if (!bounds) return [];
  const size = bytes === undefined ? unknown('the input model is not given') : { value: bytes / 1e6 };
  return [itemOfNumbers(sideRule(policy, 'model_size_mb', bounds), undefined, size, null)];
}

/** The share of rows on which champion and challenger decide differently; nothing to say without a champion. */
export function flipItems(
  policy: GatePolicy,
  rows: { champion: Rows | undefined; challenger: Rows },
): Item[] {
  const bounds = policy.churn?.symmetric_flip_rate;
  if (!bounds || !rows.champion) return [];
  const rule = sideRule(policy, 'symmetric_flip_rate', bounds);
  const [champion, challenger] = [rows.champion.predicted, rows.challenger.predicted];
  if (!champion || !challenger)
    return [itemOfNumbers(rule, undefined, unknown('there are no labels of both models'), null)];
  const count = challenger.length;
  let flips = 0;
  for (let row = 0; row < count; row++) if (challenger[row] !== champion[row]) flips++;
  const share = flips / count;
  const interval = wilsonInterval(flips, count, rule.confidence);
  return [
    {
      ...itemOfNumbers(rule, undefined, { value: share }, null),
      rows: count,
      challengerInterval: interval,
      method: 'Wilson score',
      isExact: false,
      clearance: (kind, limit) =>
        kind === 'lower_bound'
          ? {
              value: share - limit,
              interval: [interval[0] - limit, interval[1] - limit],
              pValue: proportionBelow(flips, count, limit),
              shown: true,
            }
          : {
              value: limit - share,
              interval: [limit - interval[1], limit - interval[0]],
              pValue: proportionBelow(count - flips, count, 1 - limit),
              shown: true,
            },
    },
  ];
}
