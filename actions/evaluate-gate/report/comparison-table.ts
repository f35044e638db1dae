/** The table that a reader sees first: both models, the difference, the limit, the verdict. */
import type {
  Evaluation,
  LimitResult,
  MetricResult,
  PartVerdict,
} from '../../../shared/records/evaluation.ts';
import { ARROWS } from '../../../shared/report/evaluation/heat.ts';
import {
  describePart,
  hasChampion,
  metricDecimals,
  unitOf,
} from '../../../shared/report/evaluation/names.ts';
import { relativeChangeOf, relativeChangeText } from '../../../shared/report/evaluation/relative-change.ts';
import { limitText } from '../../../shared/report/limit-text.ts';
import {
  bold,
  code,
  formatInterval,
  formatNumber,
  formatSigned,
  formatValueInterval,
  type Inline,
  joinMarkdown,
  type Markdown,
  md,
  shortDigest,
  table,
  verdictSymbol,
} from '../../../shared/report/markdown.ts';
import { decisiveLimit, roundedRows } from '../judgement/sentence.ts';

/** Columns without anything in them are left out. */
export function comparisonTable(record: Evaluation, results: readonly MetricResult[]): Markdown {
  const champion = record.baseline.digest
    ? md`champion ${code(shortDigest(record.baseline.digest, 7))}`
    : 'champion';
  const withChampion = hasChampion(results);
  const withLimit = results.some((result) => result.limits.length > 0);
  const withIntervals = results.some((result) => result.interval !== null);
  const confidence = withIntervals
    ? `difference, ${formatNumber(record.confidenceLevel * 100)} %`
    : 'difference';
  const rows = results.map((result) => {
    const decimals = metricDecimals(result);
    const challenger = formatNumber(result.challenger, decimals);
    const own = result.challengerInterval;
    const value: Inline =
      result.champion !== null || !own
        ? challenger
        : `${challenger} ${formatValueInterval(...own, decimals)}`;
    const comparison: Inline[] = [
      formatNumber(result.champion, decimals),
      isBetter(result) ? bold(value) : value,
      differenceCell(result, decimals),
    ];
    return [
      `${describePart(result)} ${ARROWS[result.direction]}`,
      ...(withChampion ? comparison : [value]),
      ...(withLimit ? [limitCell(result)] : []),
      verdictCell(result),
    ];
  });
  const header: Inline[] = [
    'metric',
    ...(withChampion ? [champion, 'this model', confidence] : ['this model']),
    ...(withLimit ? ['limit'] : []),
    'verdict',
  ];
  return table(header, rows, withChampion ? ['left', 'right', 'right', 'right'] : ['left', 'right']);
}

const isBetter = (result: MetricResult): boolean =>
  result.difference !== null &&
  (result.direction === 'higher' ? result.difference > 0 : result.difference < 0);

/** In the metric's units, in percent, or in both, as its limits are. */
function differenceCell(result: MetricResult, decimals: number): Inline {
  if (result.difference === null) return '–';
  const difference = formatSigned(result.difference, decimals);
  const interval = result.interval
    ? ` ${formatInterval(...result.interval, decimals).replace(' ', '\u00a0')}`
    : '';
  const relative = relativeChangeOf(result);
  if (!relative) return difference + interval;
  const inPercent = relativeChangeText(relative).replace(' %', '\u00a0%').replace(', ', ',\u00a0');
  return result.limits.some(({ kind }) => kind.endsWith('absolute_change'))
    ? joinMarkdown([difference + interval, inPercent], '<br>')
    : joinMarkdown([inPercent, difference], '<br>');
}

const limitCell = (result: MetricResult): Inline =>
  result.limits.length === 0
    ? '–'
    : joinMarkdown(
        result.limits.map((limit: LimitResult) => limitText(result, limit)),
        '<br>',
      );

function verdictCell(result: MetricResult): string {
  const limit = decisiveLimit(result);
  const symbol = verdictSymbol(result.verdict satisfies PartVerdict);
  const further = limit?.furtherRows;
  const waived = result.waiver ? ', waived' : '';
  const rest =
    result.verdict === 'inconclusive' && further
      ? `: about ${formatNumber(roundedRows(further))} more ${unitOf(result)} would`
      : result.why && result.verdict !== 'pass' && result.word !== 'no baseline' && !result.waiver
        ? `: ${result.why}`
        : '';
  return `${symbol} ${result.word}${waived}${rest}`;
}
