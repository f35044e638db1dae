/** The heading: one sentence that answers whether this may merge. */
import type { Block, Evaluation, MetricResult } from '../../../shared/records/evaluation.ts';
import { dayText } from '../../../shared/report/evaluation/names.ts';
import { formatNumber, formatShare } from '../../../shared/report/markdown.ts';

/** What a broken limit of each part of the policy means, the gravest first. */
const BROKEN: [Block, string][] = [
  ['leakage', 'judged on rows it was trained on'],
  ['fairness', 'less fair than the policy allows'],
  ['latency', 'slower or less reliable than the policy allows'],
  ['resources', 'larger or dearer than the policy allows'],
  ['churn', 'changing more decisions than the policy allows'],
  ['explainability', 'reasoning from other features than the champion'],
];

/** Better, not worse, worse, cannot tell yet, could not be judged: the question is whether this may merge. */
export function headingOf(record: Evaluation): string {
  if (record.calibrate) return calibrateHeading(record.calibrate);
  if (!record.policy) return 'not judged, there is no policy';
  const parts = [...record.metrics, ...record.slices];
  const words = new Set(parts.map((part) => part.word));
  switch (record.verdict) {
    case 'inconclusive':
      return words.has('cannot tell') || words.has('not judged') ? 'cannot tell yet' : 'could not be judged';
    case 'error':
      return 'could not be judged';
    case 'fail':
      return failing(record, parts, words);
    default:
      return passing(record, parts, words);
  }
}

const isBroken = (part: MetricResult): boolean =>
  part.verdict === 'fail' || part.verdict === 'warn' || part.word === 'missing';

function failing(record: Evaluation, parts: readonly MetricResult[], words: Set<string>): string {
  const failed = parts.filter((part) => part.verdict === 'fail');
  const own = failed.filter(isOfQuality);
  const said = new Set(own.map((part) => part.word));
  const others = brokenBlocks(failed);
  if (said.has('worse')) return joined('worse than the champion', others);
  if (said.has('not better enough')) return joined('not as much better than the champion as asked', others);
  if (said.has('suspiciously better')) return 'suspiciously better than the champion, check for leakage';
  if (said.has('outside its limit')) return joined('outside its own limits', others);
  if (said.has('not a number')) return 'not a number where the policy asks for one';
  if (others.length > 0) return contrasted(quality(record, parts.filter(isOfQuality)), others);
  if (record.baseline.status === 'missing' && !words.has('missing')) return 'no baseline to compare with';
  return 'could not be judged as the policy asks';
}

function passing(record: Evaluation, parts: readonly MetricResult[], words: Set<string>): string {
  const waived = parts.flatMap((part) => (part.waiver ? [{ part, until: part.waiver.expires }] : []));
  const [soonest] = waived.map(({ until }) => until).sort();
  if (soonest !== undefined) {
    const [first] = waived;
    const what = isOfQuality(first!.part)
      ? first!.part.word === 'worse'
        ? 'worse than the champion'
        : first!.part.word
      : brokenBlocks([first!.part])[0]!;
    return `${what}, waived until ${dayText(soonest)}`;
  }
  if (record.baseline.status === 'missing') return 'no baseline: judged by its own limits only';
  const base = words.has('worse')
    ? 'worse than the champion where the policy only warns'
    : quality(record, parts.filter(isOfQuality));
  if (record.verdict === 'pass') return `${base}, safe to merge`;
  const others = brokenBlocks(parts.filter(isBroken));
  return others.length > 0 ? `${contrasted(base, others)}, with a warning` : `${base}, with a warning`;
}

const isOfQuality = (part: MetricResult): boolean => part.block === 'metrics' || part.block === 'slices';

function quality(record: Evaluation, parts: readonly MetricResult[]): string {
  const words = new Set(parts.map((part) => part.word));
  if (words.has('better')) return 'better than the champion';
  if (words.has('not worse')) return 'not worse than the champion';
  return record.baseline.status === 'missing' && parts.length > 0
    ? 'no baseline to compare with'
    : 'within its own limits';
}

const brokenBlocks = (parts: readonly MetricResult[]): string[] =>
  BROKEN.filter(([block]) => parts.some((part) => part.block === block)).map(([, words]) => words);

const joined = (what: string, others: readonly string[]): string =>
  [what, ...others.slice(0, 1)].join(', and ');

const contrasted = (what: string, others: readonly string[]): string =>
  what === 'within its own limits' || what === 'no baseline to compare with'
    ? others[0]!
    : `${what}, but ${others[0]!}`;

function calibrateHeading({ draws, shares }: NonNullable<Evaluation['calibrate']>): string {
  return `this policy would fail an equal model in ${formatShare(shares.fail)} of ${formatNumber(draws)} swaps`;
}
