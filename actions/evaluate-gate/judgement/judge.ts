/**
 * The rule of the gate. A limit passes when the unadjusted interval clears it (every limit must, so no correction is
 * needed: Berger 1982); it fails when a Holm-adjusted test rejects that it is kept; otherwise nobody can tell, and
 * the number of further rows that would decide is said.
 *
 * Two files that are one model pass at a margin of 0, whatever the metric: see metrics/identical-models.
 */

import type {
  LimitKind,
  LimitResult,
  MetricResult,
  PartVerdict,
} from '../../../shared/records/evaluation.ts';
import { holmAdjusted } from '../../../shared/stats/multiple-testing.ts';
import type { Limit } from '../policy/rules.ts';
import { type Item, type ItemClearance, pointClearance, sampleOf } from './items.ts';
import { countedOf, leastSamples } from './samples.ts';
import { detectableLoss, furtherRows, powerOfEqualModel } from './sensitivity.ts';

const isChange = (kind: LimitKind): boolean => kind !== 'lower_bound' && kind !== 'upper_bound';

/** Why a limit has no verdict from its interval. */
const NO_BASELINE = 'there is no baseline to compare with';

type Pending = { item: Item; limit: Limit; clearance: ItemClearance };
type Provisional = LimitResult | Pending;

/**
 * Judges all items together, since the correction speaks of all limits that gate. Those that only warn are a family
 * of their own: adding a warning must not make the gate blinder.
 * @param correction `holm`, or `none` for those who insist.
 */
export function judge(items: readonly Item[], correction: 'holm' | 'none'): MetricResult[] {
  const provisional = items.map((item) => item.rule.limits.map((limit) => provisionalLimit(item, limit)));
  const pending = provisional
    .flat()
    .filter((limit): limit is Pending => 'clearance' in limit && 'item' in limit);
  const decided = new Map<Provisional, LimitResult>();
  for (const severity of ['fail', 'warn'] as const) {
    const family = pending.filter(({ item }) => item.rule.severity === severity);
    const pValues = family.map(({ clearance }) => clearance.pValue);
    const adjusted = correction === 'holm' ? holmAdjusted(pValues) : pValues;
    const tests = correction === 'holm' ? family.length : 1;
    for (const [index, limit] of family.entries()) decided.set(limit, decide(limit, adjusted[index]!, tests));
  }
  return items.map((item, index) =>
    metricResult(
      item,
      provisional[index]!.map((limit) => decided.get(limit) ?? (limit as LimitResult)),
    ),
  );
}

/** Settles what needs no test: missing numbers, too few rows, decisions on the point. */
function provisionalLimit(item: Item, limit: Limit): Provisional {
  const { rule, champion, challenger } = item;
  const point = pointClearance(item, limit.kind, limit.limit);
  const settle = (verdict: PartVerdict, why: string): LimitResult => ({
    ...limit,
    verdict,
    clearance: point ?? null,
    interval: null,
    pValue: null,
    adjustedPValue: null,
    furtherRows: null,
    power: null,
    detectableLoss: null,
    why,
  });
  // A slice too small to have a number is not judged; one that cannot be made, or lacks a column, is missing.
  const missing = (lacksColumn: boolean | undefined): PartVerdict =>
    item.slice && item.rows !== null && !lacksColumn ? 'not_judged' : 'missing';
  if (challenger.value === undefined) {
    return settle(challenger.isNaN ? 'fail' : missing(challenger.lacksColumn), challenger.why);
  }
  if (isChange(limit.kind)) {
    if (!champion) return settle('missing', NO_BASELINE);
    if (champion.value === undefined) {
      const why = champion.isNotComparable ? champion.why : `the champion has no number: ${champion.why}`;
      return settle(missing(champion.lacksColumn), why);
    }
  }
  const [samples, least] = [sampleOf(item), leastSamples(rule, item.observations?.of)];
  if ((item.slice || !item.isExact) && samples !== null && samples < least) {
    const of = item.observations?.of ?? 'rows';
    const few = settle('not_judged', `${countedOf(samples, of)}, and at least ${least} are needed`);
    return item.slice ? few : { ...few, furtherRows: least - samples };
  }
  if (item.isExact || rule.decideOn === 'point') {
    const kept = point !== undefined && point >= 0;
    return settle(
      kept ? 'pass' : 'fail',
      item.isExact ? '' : 'decided on the number alone, as the policy says',
    );
  }
  const noInterval = isChange(limit.kind) ? item.noIntervalForChange : item.noIntervalForValue;
  if (noInterval) return settle(item.method === '' ? 'inconclusive' : 'not_judged', noInterval);
  const clearance = item.clearance(limit.kind, limit.limit);
  return clearance ? { item, limit, clearance } : settle('inconclusive', 'there is no interval');
}

function decide({ item, limit, clearance }: Pending, adjusted: number, tests: number): LimitResult {
  const alpha = (1 - item.rule.confidence) / 2;
  const test = { alpha, adjustedAlpha: alpha / tests };
  const clears = clearance.interval[0] >= 0 && clearance.shown;
  const verdict: PartVerdict = clears ? 'pass' : adjusted <= alpha ? 'fail' : 'inconclusive';
  const further = verdict === 'inconclusive' ? furtherRows(item, clearance, test) : null;
  return {
    ...limit,
    verdict,
    clearance: clearance.value,
    interval: clearance.interval,
    pValue: clearance.pValue,
    adjustedPValue: adjusted,
    furtherRows: further,
    power: powerOfEqualModel(item, limit, clearance, test),
    detectableLoss: detectableLoss(clearance, test),
    why: verdict === 'inconclusive' && further === null ? (clearance.whyNoRows ?? '') : '',
  };
}

/** Without a baseline a model is judged by its own limits only; the policy's `baseline.on_missing` speaks of the rest. */
export const countedLimits = (result: Pick<MetricResult, 'limits'>, hasBaseline: boolean): LimitResult[] =>
  result.limits.filter((limit) => hasBaseline || !isChange(limit.kind));

/** The worst of a metric's limits; `not_judged` without any. */
const ORDER: PartVerdict[] = ['fail', 'missing', 'inconclusive', 'not_judged', 'warn', 'pass'];

function metricResult(item: Item, limits: LimitResult[]): MetricResult {
  const counted = countedLimits({ limits }, item.champion !== undefined);
  const worst = ORDER.find((verdict) => counted.some((limit) => limit.verdict === verdict)) ?? 'not_judged';
  const verdict = worst === 'fail' && item.rule.severity === 'warn' ? 'warn' : worst;
  const { champion, challenger, rule } = item;
  const difference =
    champion?.value !== undefined && challenger.value !== undefined
      ? challenger.value - champion.value
      : null;
  return {
    block: rule.block,
    name: rule.name,
    parameters: rule.parameters,
    slice: item.slice,
    direction: rule.direction,
    rows: item.rows,
    ...(item.observations && { observations: item.observations }),
    champion: champion?.value ?? null,
    challenger: challenger.value ?? null,
    challengerInterval: item.challengerInterval ?? null,
    difference,
    interval: item.interval ?? null,
    method: item.method,
    limits,
    verdict,
    word: wordOf(item, limits, counted, worst),
    why: whyOf(item, limits, counted, worst),
    waiver: null,
  };
}

function wordOf(item: Item, limits: LimitResult[], counted: LimitResult[], verdict: PartVerdict): string {
  if (limits.length === 0) return 'reported';
  if (counted.length === 0) return 'no baseline';
  if (verdict === 'missing') return 'missing';
  if (verdict === 'not_judged') return 'not judged';
  if (verdict === 'inconclusive') return 'cannot tell';
  const failing = counted.find((limit) => limit.verdict === 'fail');
  if (failing) {
    if (item.challenger.value === undefined) return 'not a number';
    if (failing.kind === 'max_absolute_change') return 'suspiciously better';
    // Asked to improve and not doing so is not the same as being worse.
    if (isChange(failing.kind)) return failing.limit > 0 ? 'not better enough' : 'worse';
    return 'outside its limit';
  }
  if (!counted.some((limit) => isChange(limit.kind))) return 'within its limit';
  const sign = item.rule.direction === 'higher' ? 1 : -1;
  const nearEnd = item.interval && (sign === 1 ? item.interval[0] : -item.interval[1]);
  return nearEnd !== undefined && nearEnd > 0 ? 'better' : 'not worse';
}

function whyOf(item: Item, limits: LimitResult[], counted: LimitResult[], verdict: PartVerdict): string {
  if (item.challenger.value === undefined) return item.challenger.why;
  if (limits.length === 0) return 'the policy sets no limit';
  if (counted.length === 0) return NO_BASELINE;
  return counted.find((limit) => limit.verdict === verdict)?.why ?? '';
}
