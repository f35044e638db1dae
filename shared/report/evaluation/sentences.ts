/** Sentences on what an Evaluation found beside its metrics. */
import type {
  Calibrate,
  Evaluation,
  Load,
  MetricResult,
  ModelCurves,
  ThresholdSuggestion,
} from '../../records/evaluation.ts';
import { wilsonInterval } from '../../stats/paired-proportions.ts';
import { limitText } from '../limit-text.ts';
import { formatNumber, formatShare, formatSigned, plainNumber } from '../numbers.ts';
import { dayText, describePart, unitOf } from './names.ts';

/** Four digits of a threshold are as many as a person types. */
const short = (threshold: number): string => plainNumber(Number(threshold.toPrecision(4)));

/** `f1 would be 0.470 at a threshold of 0.27, against 0.410 at 0.5.` */
export function thresholdText(suggestion: ThresholdSuggestion): string {
  const { maximize, current, currentValue, suggested, suggestedValue } = suggestion;
  if (suggested === current)
    return `The threshold of ${short(current)} is the one at which ${maximize} is largest, ${formatNumber(suggestedValue, 4)}.`;
  return `${maximize} would be ${formatNumber(suggestedValue, 4)} at a threshold of ${short(suggested)}, against ${formatNumber(currentValue, 4)} at ${short(current)}. Chosen on the judged rows themselves, so expect a little less on others.`;
}

/** `decides at a threshold of 0.5: finds 36.0 % of positives, takes 20.0 % of negatives for them, precision 60.0 %` */
export function operatingPointText(curves: ModelCurves): string | undefined {
  const point = curves.operatingPoint;
  if (!point) return undefined;
  const at = point.threshold === null ? 'by its own labels' : `at a threshold of ${short(point.threshold)}`;
  return `decides ${at}: finds ${formatShare(point.truePositiveRate)} of the positives, takes ${formatShare(point.falsePositiveRate)} of the negatives for positive, precision ${formatShare(point.precision)}`;
}

const SOURCES: Record<Load['from'], string> = {
  file: 'From measured files',
  'serve-command': 'Measured here by serve-command',
  endpoint: 'Measured here at the endpoint',
};

/** `Measured here by serve-command, 20 requests per second after 5 s of warm-up: 600 requests, 1 without a good answer.` */
export function loadText(load: Load): string {
  const rate =
    load.requestsPerSecond === null ? '' : `, ${plainNumber(load.requestsPerSecond)} requests per second`;
  const warmUp = load.warmUpSeconds === null ? '' : ` after ${plainNumber(load.warmUpSeconds)} s of warm-up`;
  const side = (found: NonNullable<Load['champion']>): string =>
    `${formatNumber(found.requests)} requests, ${formatNumber(found.errors)} without a good answer`;
  const champion = load.champion ? `; champion: ${side(load.champion)}` : '';
  return `${SOURCES[load.from]}${rate}${warmUp}: ${side(load.challenger)}${champion}.`;
}

/** What these rows can show about the limit on the change, or else about a bound; empty where nothing was computed. */
export function powerText(result: MetricResult, decimals: number): string[] {
  const told = result.limits.filter((one) => one.power !== null || one.detectableLoss !== null);
  const limit = told.find((one) => one.kind.startsWith('min_')) ?? told[0];
  if (!limit) return [];
  const { power, detectableLoss } = limit;
  const count = result.observations?.count ?? result.rows;
  const rows = count === null ? 'these numbers' : `${formatNumber(count)} ${unitOf(result)}`;
  const passes = power === null ? '' : `an equal model would pass in ${formatShare(power, 0)} of cases`;
  const finds =
    detectableLoss === null
      ? ''
      : `a loss of ${formatNumber(detectableLoss, decimals)} beyond the limit would be found in 80 % of cases`;
  const which = result.limits.length > 1 ? ` (${limitText(result, limit)})` : '';
  return [
    `${describePart(result)}${which}: with ${rows} ${[passes, finds].filter((part) => part !== '').join('; ')}.`,
  ];
}

type Waiver = Evaluation['waivers'][number];

/** `waived by the data team until 31 Dec 2026: a known gap`. */
export const waiverText = (waiver: Omit<Waiver, 'status'>): string =>
  `waived by ${waiver.owner} until ${dayText(waiver.expires)}: ${waiver.reason}`;

export const WAIVER_WORDS: Record<Waiver['status'], string> = {
  used: 'turns a failure into a warning',
  unused: 'not needed here',
  expired: 'counts no more',
};

/** `2.1 % (95 % interval 1.4 to 3.2 %)`: a share of draws is itself an estimate. */
export function drawsShare(share: number, draws: number): string {
  const [low, high] = wilsonInterval(Math.round(share * draws), draws, 0.95);
  return `${formatShare(share)} (95 % interval ${formatNumber(low * 100, 1)} to ${formatNumber(high * 100, 1)} %)`;
}

/** What to do about a policy that refuses equal models, or lets few of them pass. */
export function calibrateAdvice({ shares, swapped }: Calibrate, verdict: Evaluation['verdict']): string {
  if (verdict !== 'pass')
    return `Its limits are tighter than the noise of these ${swapped}: widen the margins, or judge more ${swapped}.`;
  return shares.pass + shares.warn < 0.5
    ? `Few equal models are refused, but fewer than half pass: widen the margins, or judge more ${swapped}.`
    : '';
}

/** A feature's attribution by either model, and its place among theirs; null where a model does not have it. */
export interface RankedAttribution {
  feature: string;
  champion: number | null;
  challenger: number | null;
  championRank: number | null;
  challengerRank: number | null;
}

/** The features of either model with their ranks by size, as they are compared, in the challenger's order. */
export function rankedAttributions(
  attributions: NonNullable<Evaluation['attributions']>,
): RankedAttribution[] {
  const rank = (side: 'champion' | 'challenger'): Map<string, number> => {
    const known = attributions.filter((entry) => entry[side] !== null);
    known.sort((a, b) => Math.abs(b[side]!) - Math.abs(a[side]!));
    return new Map(known.map((entry, index) => [entry.feature, index + 1]));
  };
  const [champion, challenger] = [rank('champion'), rank('challenger')];
  return attributions
    .map((entry) => ({
      ...entry,
      championRank: champion.get(entry.feature) ?? null,
      challengerRank: challenger.get(entry.feature) ?? null,
    }))
    .sort((a, b) => place(a) - place(b));
}

const place = (entry: RankedAttribution): number => entry.challengerRank ?? 1e6 + (entry.championRank ?? 1e6);

/** The signed difference of two counts or shares, `+0` as `±0`. */
export function changeText(before: number | null, after: number, decimals = 0): string {
  if (before === null) return '';
  const text = formatSigned(after - before, decimals);
  return /[1-9]/.test(text) ? text : '±0';
}
