/** From the verdicts of the parts to the verdict of the whole, as the policy says, and to its one sentence. */
import { type Verdict, worstVerdict } from '../../shared/records/envelope.ts';
import type { LimitResult, MetricResult } from '../../shared/records/evaluation.ts';
import { limitText } from '../../shared/report/limit-text.ts';
import { formatNumber, formatSigned } from '../../shared/report/numbers.ts';
import type { Item } from './items.ts';
import { countedLimits } from './judge.ts';
import { describePart, metricDecimals } from './words.ts';

export interface Judged {
  item: Item;
  result: MetricResult;
}

export interface OverallQuestion {
  judged: readonly Judged[];
  hasPolicy: boolean;
  hasBaseline: boolean;
  /** Whether the policy asks for a baseline beside the limits on changes: by its flip rate, or in so many words. */
  asksForBaseline?: boolean;
  /** What a missing baseline means to this policy. */
  onMissingBaseline: 'pass' | 'warn' | 'fail';
  /** Why there is none, for the sentence. */
  baselineWhy: string;
}

/** What one part contributes; undefined when it decides nothing. */
function contribution({ item, result }: Judged, hasBaseline: boolean): Verdict | undefined {
  if (countedLimits(result, hasBaseline).length === 0) return undefined;
  const { rule } = item;
  switch (result.verdict) {
    case 'missing':
      return rule.onMissing;
    case 'inconclusive':
      return rule.onInconclusive;
    case 'not_judged':
      // A small slice is reported; of all rows too few is a question without an answer.
      return item.slice ? undefined : rule.onInconclusive;
    default:
      return result.verdict;
  }
}

/** The overall verdict and the sentence that gives its reason. */
export function overall(question: OverallQuestion): { verdict: Verdict; reason: string } {
  const { judged, hasPolicy, hasBaseline } = question;
  if (!hasPolicy)
    return {
      verdict: 'inconclusive',
      reason: 'There is no policy, so the numbers are reported and not judged.',
    };
  const parts = judged.map((part) => ({ part, verdict: contribution(part, hasBaseline) }));
  const verdicts = parts.flatMap(({ verdict }) => (verdict ? [verdict] : []));
  const lacksChange =
    !hasBaseline && judged.some(({ result }) => result.limits.length > countedLimits(result, false).length);
  const lacksBaseline = lacksChange || (!hasBaseline && question.asksForBaseline === true);
  // That a missing baseline is forgiven is no pass where nothing else was asked for.
  const forgiven = !lacksChange && question.onMissingBaseline === 'pass';
  if (verdicts.length === 0 && (!lacksBaseline || forgiven)) {
    return { verdict: 'inconclusive', reason: 'The policy sets no limit that could be judged here.' };
  }
  if (lacksBaseline) verdicts.push(question.onMissingBaseline);
  const verdict = worstVerdict(verdicts);
  const culprits = parts.filter((entry) => entry.verdict === verdict).map(({ part }) => part);
  return { verdict, reason: reasonOf(verdict, culprits, question, lacksBaseline) };
}

function reasonOf(
  verdict: Verdict,
  culprits: Judged[],
  question: OverallQuestion,
  lacksBaseline: boolean,
): string {
  const alone = lacksBaseline ? `No baseline (${question.baselineWhy}): judged by its own limits only. ` : '';
  if (verdict === 'pass' || (culprits.length === 0 && lacksBaseline)) {
    const own = alone || 'Every limit of the policy is kept. ';
    return (verdict === 'fail' ? `${own}The policy asks for a baseline.` : own).trim();
  }
  const [first, ...others] = culprits.map(({ result }) => result);
  if (!first) return alone.trim();
  const more = others.length > 0 ? ` The same holds for ${others.length} more.` : '';
  return `${alone}${sentenceOf(first)}${more}`;
}

/** `roc_auc is worse: −0.031 [−0.040, −0.022], and the policy allows ≥ −0.002.` */
export function sentenceOf(result: MetricResult): string {
  const name = describePart(result);
  const limit = decisiveLimit(result);
  const decimals = metricDecimals(result);
  switch (result.verdict) {
    case 'missing':
      return `${name} is missing: ${result.why}.`;
    case 'not_judged':
      return `${name} is not judged: ${result.why}.`;
    case 'inconclusive': {
      const further = limit?.furtherRows;
      const rest = further
        ? `: about ${formatNumber(roundedRows(further))} more rows would decide`
        : result.why && `: ${result.why}`;
      return `${name}: cannot tell whether it keeps its limit${rest}.`;
    }
    default: {
      if (result.challenger === null) return `${name} is not a number: ${result.why}.`;
      const isChange = limit?.kind.endsWith('change') ?? false;
      const value = isChange
        ? `${formatSigned(result.difference, decimals)}${intervalText(result.interval, decimals)}`
        : `${formatNumber(result.challenger, decimals)}${plainIntervalText(result.challengerInterval, decimals)}`;
      return `${name} is ${result.word}: ${value}, and the policy asks for ${wish(result, limit)}.`;
    }
  }
}

/** `a change ≥ −0.002`: a limit inside a sentence. */
export function wish(result: MetricResult, limit: LimitResult | undefined): string {
  if (!limit) return 'more';
  const text = limitText(result, limit);
  return text.startsWith('change') ? `a ${text}` : text.startsWith('improvement') ? `an ${text}` : text;
}

const intervalText = (interval: [number, number] | null, decimals: number): string =>
  interval ? ` [${formatSigned(interval[0], decimals)}, ${formatSigned(interval[1], decimals)}]` : '';

const plainIntervalText = (interval: [number, number] | null, decimals: number): string =>
  interval ? ` [${formatNumber(interval[0], decimals)}, ${formatNumber(interval[1], decimals)}]` : '';

/** The limit that the metric's verdict comes from; where all are kept, the one on the change. */
export function decisiveLimit(result: MetricResult): LimitResult | undefined {
  const wanted = result.verdict === 'warn' ? 'fail' : result.verdict;
  const deciding = result.limits.filter((limit) => limit.verdict === wanted);
  return deciding.find((limit) => limit.kind.startsWith('min_')) ?? deciding[0] ?? result.limits[0];
}

/** Two significant digits: more would promise what an extrapolation cannot keep. */
export function roundedRows(rows: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(rows)) - 1);
  return Math.ceil(rows / unit) * unit;
}
