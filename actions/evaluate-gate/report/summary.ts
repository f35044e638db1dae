/** Above the fold: the first metric in numbers, the one reason, what is loud, the table, the next step. */
import type { Block, Evaluation, MetricResult, PartVerdict } from '../../../shared/records/evaluation.ts';
import { describePart, metricDecimals, rowsText, unitOf } from '../../../shared/report/evaluation/names.ts';
import { relativeChange } from '../../../shared/report/evaluation/relative-change.ts';
import { waiverText } from '../../../shared/report/evaluation/sentences.ts';
import {
  blocks,
  code,
  formatNumber,
  formatSigned,
  type Inline,
  type Markdown,
  md,
  verdictSymbol,
} from '../../../shared/report/markdown.ts';
import { decisiveLimit, sentenceOf, wish } from '../judgement/sentence.ts';
import { comparisonTable } from './comparison-table.ts';

/** Slices that are as they should be are folded; of the others this many stand in the table. */
const SLICES_SHOWN = 5;
/** More passing metrics than this are folded too. */
const METRICS_SHOWN = 12;

export const BLOCK_NAMES: Record<Exclude<Block, 'metrics' | 'slices'>, string> = {
  fairness: 'fairness',
  latency: 'speed',
  resources: 'resources',
  explainability: 'explanations',
  churn: 'changed decisions',
  leakage: 'leakage',
};

export function summaryOf(record: Evaluation): Markdown {
  return blocks(
    leadOf(record),
    ...loudLines(record),
    comparisonTable(record, [...shownMetrics(record), ...shownSlices(record)]),
    keptBlocks(record),
    nextStep(record),
  );
}

/** The first metric in numbers, then the reason where that is not all. */
function leadOf(record: Evaluation): Markdown {
  const [first] = record.metrics;
  const rows = rowsText(record);
  const on = rows === '' ? '' : `, on ${rows}`;
  if (!first || first.challenger === null) return md`${record.reason}`;
  const decimals = metricDecimals(first);
  const name = describePart(first);
  const values =
    first.champion === null
      ? md`**${name} ${formatNumber(first.challenger, decimals)}**${on}`
      : md`**${name} ${formatNumber(first.challenger, decimals)} against ${formatNumber(first.champion, decimals)}: ${changeSentence(first, record, decimals)}**${on}`;
  // The numbers of the first metric stand already in this sentence.
  const said = sentenceOf(first);
  const reason = record.reason.startsWith(said)
    ? `It is ${first.word}: the policy asks for ${wish(first, decisiveLimit(first))}.${record.reason.slice(said.length)}`
    : record.reason;
  const repeats = first.verdict === 'fail' || first.verdict === 'warn';
  return md`${values}. ${repeats ? reason : record.reason}`;
}

/** In the unit of the limit that decides, so that the sentence that follows can be checked against it. */
function changeSentence(result: MetricResult, record: Evaluation, metricsDecimals: number): string {
  const relative = relativeChange(result, decisiveLimit(result));
  const unit = relative ? ' %' : '';
  const {
    change = result.difference,
    interval = result.interval,
    decimals = metricsDecimals,
  } = relative ?? {};
  const difference = `${formatSigned(change, decimals)}${unit}`;
  if (!interval) return difference;
  const [low, high] = interval.map((end) => formatSigned(end, decimals));
  return `${difference} (${formatNumber(record.confidenceLevel * 100)} % interval ${low} to ${high}${unit})`;
}

/** What nobody may overlook: the policy was edited, a failure was waived, a waiver has lapsed. */
function loudLines(record: Evaluation): Markdown[] {
  const lines: Markdown[] = [];
  const change = record.policy?.change;
  if (change) {
    const does = record.policy?.from === 'base' ? 'changes' : 'brings';
    // Where it decides the verdict, the reason has said it.
    const why = record.reason.startsWith(change.why) ? '' : sentence(change.why);
    lines.push(md`⚠️ **This pull request ${does} the policy that judges it.** ${why}`);
  }
  const waived = [...record.metrics, ...record.slices].filter((part) => part.waiver !== null);
  for (const part of waived.slice(0, SLICES_SHOWN))
    lines.push(md`⚠️ **${describePart(part)} is ${part.word}**, ${waiverText(part.waiver!)}`);
  if (waived.length > SLICES_SHOWN)
    lines.push(md`⚠️ ${waived.length - SLICES_SHOWN} more failures are waived.`);
  const expired = record.waivers.filter((waiver) => waiver.status === 'expired').length;
  if (expired > 0)
    lines.push(
      md`⚠️ ${expired === 1 ? 'A waiver has expired and counts' : `${expired} waivers have expired and count`} no more: renew with a reason or remove.`,
    );
  return lines;
}

export const sentence = (text: string): string => {
  const trimmed = text.trim();
  return /[.!?]$/.test(trimmed) || trimmed === '' ? trimmed : `${trimmed}.`;
};

/** `1 of 3 breaks a limit`. */
export const brokenText = (broken: number, all: number): string =>
  `${broken} of ${all} ${broken === 1 ? 'breaks' : 'break'} a limit`;

const TROUBLE: readonly PartVerdict[] = ['fail', 'missing', 'warn', 'inconclusive'];

/** `3 kept`, or how many are not. */
export function limitsText(parts: readonly MetricResult[]): string {
  const broken = parts.filter((part) => part.verdict === 'fail' || part.verdict === 'warn').length;
  if (broken > 0) return ` · ${brokenText(broken, parts.length)}`;
  const kept = parts.filter((part) => part.verdict === 'pass').length;
  const rest = parts.filter((part) => part.limits.length > 0).length - kept;
  return `${kept > 0 ? ` · ${kept} kept` : ''}${rest > 0 ? ` · ${rest} without an answer` : ''}`;
}

const isFine = (part: MetricResult): boolean => !TROUBLE.includes(part.verdict) && part.word !== 'not judged';

/** Fine metrics beyond the length of the table. */
export function furtherMetrics(record: Evaluation): MetricResult[] {
  const metrics = record.metrics.filter((part) => part.block === 'metrics');
  const fine = metrics.filter(isFine);
  return fine.slice(Math.max(1, METRICS_SHOWN - (metrics.length - fine.length)));
}

/** Every metric until the table is long, then what is not fine; of the other parts only what is not fine. */
function shownMetrics(record: Evaluation): MetricResult[] {
  const further = new Set(furtherMetrics(record));
  return [
    ...record.metrics.filter((part) => part.block === 'metrics' && !further.has(part)),
    ...record.metrics.filter((part) => part.block !== 'metrics' && !isFine(part)),
  ];
}

/** Slices that break a limit, or that nobody can tell of; the worst first. */
function shownSlices(record: Evaluation): MetricResult[] {
  return record.slices
    .filter((slice) => TROUBLE.includes(slice.verdict))
    .sort((a, b) => TROUBLE.indexOf(a.verdict) - TROUBLE.indexOf(b.verdict))
    .slice(0, SLICES_SHOWN);
}

/** `✅ Kept too: fairness (2 limits), speed (3).` */
function keptBlocks(record: Evaluation): Inline {
  const kept = Object.entries(BLOCK_NAMES).flatMap(([block, name]) => {
    const limits = record.metrics
      .filter((part) => part.block === block && part.verdict === 'pass')
      .reduce((sum, part) => sum + part.limits.length, 0);
    return limits === 0 ? [] : [`${name} (${limits} ${limits === 1 ? 'limit' : 'limits'})`];
  });
  return kept.length === 0 ? '' : md`${verdictSymbol('pass')} Kept too: ${kept.join(', ')}.`;
}

function nextStep(record: Evaluation): Inline {
  if (!record.policy) return 'Next: write a policy, so that there is something to keep to.';
  const policy = code(record.policy.file);
  const judged = [...record.metrics, ...record.slices];
  const asksForChange = judged.some(({ limits }) => limits.some(({ kind }) => kind.endsWith('change')));
  if (record.baseline.status === 'missing' && record.baseline.from === null && asksForChange) {
    const files = code(record.judgedFrom === 'metrics' ? 'baseline-metrics' : 'baseline-predictions');
    const registry = record.judgedFrom === 'metrics' ? '' : md` or ${code('baseline')}`;
    return md`Next: name the champion by ${files}${registry}, so that changes are judged too.`;
  }
  const failed = judged.filter((part) => part.verdict === 'fail');
  if (record.verdict === 'fail') {
    if (failed.some((part) => part.block === 'leakage' || part.word === 'suspiciously better'))
      return 'Next: look whether judged rows, or what follows from their labels, were seen in training.';
    if (failed.some((part) => part.word === 'worse'))
      return md`Next: mend the model, or change the limit in ${policy} where this loss is wanted.`;
  }
  if (record.verdict === 'inconclusive' && judged.some((part) => part.word === 'cannot tell'))
    return md`Next: judge on more ${unitOf(judged.find((part) => part.word === 'cannot tell')!)}, or say in ${policy} what ${code('on_inconclusive')} shall mean.`;
  return '';
}
