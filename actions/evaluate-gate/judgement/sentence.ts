/** What became of one part of the policy, in a sentence: for the reason, the log, the annotations and the report. */
import type { LimitResult, MetricResult } from '../../../shared/records/evaluation.ts';
import { describePart, metricDecimals, unitOf } from '../../../shared/report/evaluation/names.ts';
import { relativeChange, relativeChangeText } from '../../../shared/report/evaluation/relative-change.ts';
import { limitText } from '../../../shared/report/limit-text.ts';
import {
  formatInterval,
  formatNumber,
  formatSigned,
  formatValueInterval,
} from '../../../shared/report/numbers.ts';

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
        ? `: about ${formatNumber(roundedRows(further))} more ${unitOf(result)} would decide`
        : result.why && `: ${result.why}`;
      return `${name}: cannot tell whether it keeps its limit${rest}.`;
    }
    default: {
      if (result.challenger === null) return `${name} is not a number: ${result.why}.`;
      const jump = limit?.kind === 'max_absolute_change' ? ' Such a jump is often leakage.' : '';
      const isChange = limit?.kind.endsWith('change') ?? false;
      const relative = relativeChange(result, limit);
      const value = relative
        ? relativeChangeText(relative)
        : isChange
          ? `${formatSigned(result.difference, decimals)}${intervalText(result.interval, decimals)}`
          : `${formatNumber(result.challenger, decimals)}${valueIntervalText(result.challengerInterval, decimals)}`;
      return `${name} is ${result.word}: ${value}, and the policy asks for ${wish(result, limit)}.${jump}`;
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
  interval ? ` ${formatInterval(...interval, decimals)}` : '';

const valueIntervalText = (interval: [number, number] | null, decimals: number): string =>
  interval ? ` ${formatValueInterval(...interval, decimals)}` : '';

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
