/** From the verdicts of the parts to the verdict of the whole, as the policy says, and to its one sentence. */
import { type Verdict, worstVerdict } from '../../../shared/records/envelope.ts';
import type { MetricResult } from '../../../shared/records/evaluation.ts';
import type { Item } from './items.ts';
import { countedLimits } from './judge.ts';
import { sentenceOf } from './sentence.ts';

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
export function contribution({ item, result }: Judged, hasBaseline: boolean): Verdict | undefined {
  if (countedLimits(result, hasBaseline).length === 0) return undefined;
  const verdict = mappedVerdict(item, result);
  // What may only warn does not stop the gate by being missing or undecided either.
  const only = item.rule.severity === 'warn' || result.waiver !== null;
  const warns = verdict !== undefined && verdict !== 'pass' && only;
  return warns ? 'warn' : verdict;
}

function mappedVerdict({ rule, slice }: Item, result: MetricResult): Verdict | undefined {
  switch (result.verdict) {
    case 'missing':
      return rule.onMissing;
    case 'inconclusive':
      return rule.onInconclusive;
    case 'not_judged':
      // A small slice is reported; of all rows too few is a question without an answer.
      return slice ? undefined : rule.onInconclusive;
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
  // A broken limit says more of the model than a number that nobody gave.
  const [first, ...others] = culprits
    .map(({ result }) => result)
    .sort((a, b) => Number(b.verdict === 'fail') - Number(a.verdict === 'fail'));
  if (!first) return alone.trim();
  const more = others.length > 0 ? ` ${moreText(verdict, first, others)}` : '';
  const { waiver } = first;
  const waived = waiver ? ` Waived by ${waiver.owner} until ${waiver.expires} (${waiver.reason}).` : '';
  return `${alone}${sentenceOf(first)}${waived}${more}`;
}

function moreText(verdict: Verdict, first: MetricResult, others: readonly MetricResult[]): string {
  const isAlike = verdict === 'inconclusive' || others.every(({ word }) => word === first.word);
  if (isAlike) return `The same holds for ${others.length} more.`;
  return `${others.length} more ${others.length === 1 ? 'is' : 'are'} not as the policy asks.`;
}
