/** How an Evaluation reads: the answer in the heading, one sentence, one table; everything else is folded. */
import type { Evaluation, LimitResult, MetricResult, PartVerdict } from '../../shared/records/evaluation.ts';
import { limitText } from '../../shared/report/limit-text.ts';
import {
  blocks,
  bold,
  code,
  codeBlock,
  formatInterval,
  formatNumber,
  formatSigned,
  type Inline,
  joinMarkdown,
  list,
  type Markdown,
  md,
  shortDigest,
  table,
  verdictSymbol,
} from '../../shared/report/markdown.ts';
import type { ReportSection } from '../../shared/report/section.ts';
import { decisiveLimit, roundedRows, sentenceOf, wish } from './overall.ts';
import { describePart, metricDecimals } from './words.ts';

/** Slices that are as they should be are folded; of the others this many stand in the table. */
const SLICES_SHOWN = 5;

export function report(record: Evaluation): ReportSection {
  return {
    action: 'evaluate-gate',
    name: record.name,
    verdict: record.verdict,
    cell: { pass: 'pass', warn: 'warn', fail: 'fail', inconclusive: 'cannot tell', error: 'error' }[
      record.verdict
    ],
    heading: headingOf(record),
    summary: blocks(
      leadOf(record),
      comparisonTable(record, [...record.metrics, ...shownSlices(record)]),
      nextStep(record),
    ),
    details: detailsOf(record),
    footer: footerOf(record),
  };
}

/** Better, not worse, worse, cannot tell yet, could not be judged: the question is whether this may merge. */
export function headingOf(record: Evaluation): string {
  const parts = [...record.metrics, ...record.slices];
  const words = new Set(parts.map((part) => part.word));
  if (!record.policy) return 'not judged, there is no policy';
  if (record.verdict === 'inconclusive') {
    return words.has('cannot tell') || words.has('not judged') ? 'cannot tell yet' : 'could not be judged';
  }
  if (record.verdict === 'fail') {
    if (words.has('worse')) return 'worse than the champion';
    if (words.has('not better enough')) return 'not as much better than the champion as asked';
    if (words.has('suspiciously better')) return 'suspiciously better than the champion, check for leakage';
    if (words.has('outside its limit')) return 'outside its own limits';
    if (record.baseline.status === 'missing' && !words.has('missing')) return 'no baseline to compare with';
    return 'could not be judged as the policy asks';
  }
  if (record.baseline.status === 'missing') return 'no baseline: judged by its own limits only';
  const compared = words.has('worse')
    ? 'worse than the champion where the policy only warns'
    : words.has('better')
      ? 'better than the champion'
      : words.has('not worse')
        ? 'not worse than the champion'
        : 'within its own limits';
  return record.verdict === 'pass' ? `${compared}, safe to merge` : `${compared}, with a warning`;
}

/** The first metric in numbers, then the reason where that is not all. */
function leadOf(record: Evaluation): Markdown {
  const [first] = record.metrics;
  const on = record.rows === null ? '' : `, on the same ${formatNumber(record.rows)} rows`;
  if (!first || first.challenger === null) return md`${record.reason}`;
  const decimals = metricDecimals(first);
  const values =
    first.champion === null
      ? md`**${first.name} ${formatNumber(first.challenger, decimals)}**${record.rows === null ? '' : `, on ${formatNumber(record.rows)} rows`}`
      : md`**${first.name} ${formatNumber(first.challenger, decimals)} against ${formatNumber(first.champion, decimals)}: ${changeSentence(first, record, decimals)}**${on}`;
  // The numbers of the first metric stand already in this sentence.
  const said = sentenceOf(first);
  const reason = record.reason.startsWith(said)
    ? `It is ${first.word}: the policy asks for ${wish(first, decisiveLimit(first))}.${record.reason.slice(said.length)}`
    : record.reason;
  const repeats = first.verdict === 'fail' || first.verdict === 'warn';
  return md`${values}. ${repeats ? reason : record.reason}`;
}

function nextStep(record: Evaluation): Inline {
  if (!record.policy) return '';
  const policy = code(record.policy.file);
  const judged = [...record.metrics, ...record.slices];
  if (record.verdict === 'fail' && judged.some((part) => part.word === 'worse'))
    return md`Next: mend the model, or change the limit in ${policy} where this loss is wanted.`;
  if (record.verdict === 'inconclusive' && judged.some((part) => part.word === 'cannot tell'))
    return md`Next: judge on more rows, or say in ${policy} what ${code('on_inconclusive')} shall mean.`;
  return '';
}

function changeSentence(result: MetricResult, record: Evaluation, decimals: number): string {
  const difference = formatSigned(result.difference, decimals);
  if (!result.interval) return difference;
  const [low, high] = result.interval.map((end) => formatSigned(end, decimals));
  return `${difference} (${formatNumber(record.confidenceLevel * 100)} % interval ${low} to ${high})`;
}

const ARROWS = { higher: '↑', lower: '↓' };

function comparisonTable(record: Evaluation, results: readonly MetricResult[]): Markdown {
  const champion = record.baseline.digest
    ? md`champion ${code(shortDigest(record.baseline.digest, 7))}`
    : 'champion';
  const confidence = `difference, ${formatNumber(record.confidenceLevel * 100)} %`;
  const withChampion = record.baseline.status === 'compared';
  const rows = results.map((result) => {
    const decimals = metricDecimals(result);
    const challenger = formatNumber(result.challenger, decimals);
    const own = result.challengerInterval;
    const value: Inline =
      withChampion || !own ? challenger : `${challenger} ${formatPlainInterval(own, decimals)}`;
    const name = `${describePart(result)} ${ARROWS[result.direction]}`;
    const comparison: Inline[] = [
      formatNumber(result.champion, decimals),
      isBetter(result) ? bold(value) : value,
      differenceCell(result, decimals),
    ];
    return [name, ...(withChampion ? comparison : [value]), limitCell(result), verdictCell(result)];
  });
  const header: Inline[] = withChampion
    ? ['metric', champion, 'this model', confidence, 'limit', 'verdict']
    : ['metric', 'this model', 'limit', 'verdict'];
  return table(header, rows, withChampion ? ['left', 'right', 'right', 'right'] : ['left', 'right']);
}

const formatPlainInterval = ([low, high]: [number, number], decimals: number): string =>
  `[${formatNumber(low, decimals)}, ${formatNumber(high, decimals)}]`;

const isBetter = (result: MetricResult): boolean =>
  result.difference !== null &&
  (result.direction === 'higher' ? result.difference > 0 : result.difference < 0);

function differenceCell(result: MetricResult, decimals: number): string {
  if (result.difference === null) return '–';
  const interval = result.interval
    ? ` ${formatInterval(result.interval[0], result.interval[1], decimals).replace(' ', '\u00a0')}`
    : '';
  return formatSigned(result.difference, decimals) + interval;
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
  const rest =
    result.verdict === 'inconclusive' && further
      ? `: about ${formatNumber(roundedRows(further))} more rows would`
      : result.why && result.verdict !== 'pass' && result.word !== 'no baseline'
        ? `: ${result.why}`
        : '';
  return `${symbol} ${result.word}${rest}`;
}

/** Slices that break a limit, or that nobody can tell of; the worst first. */
function shownSlices(record: Evaluation): MetricResult[] {
  const order: PartVerdict[] = ['fail', 'missing', 'warn', 'inconclusive'];
  return record.slices
    .filter((slice) => order.includes(slice.verdict))
    .sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict))
    .slice(0, SLICES_SHOWN);
}

function detailsOf(record: Evaluation): ReportSection['details'] {
  const details: ReportSection['details'] = [];
  if (record.slices.length > 0) {
    const weak = record.slices.filter((slice) => slice.verdict === 'fail' || slice.verdict === 'warn').length;
    details.push({
      title: `Slices · ${weak} of ${record.slices.length} break a limit`,
      body: comparisonTable(record, record.slices),
    });
  }
  details.push({ title: 'How it was judged', body: methodBody(record) });
  details.push({ title: 'Run it yourself', body: codeBlock(commandOf(record), 'sh') });
  return details;
}

function methodBody(record: Evaluation): Markdown {
  const methods = new Map<string, string[]>();
  for (const { name, method } of record.metrics) {
    if (method) methods.set(method, [...(methods.get(method) ?? []), name]);
  }
  const clusters =
    record.clusters === null ? [] : [`Rows come in ${formatNumber(record.clusters)} clusters.`];
  return list([
    ...[...methods].map(([method, names]) => `Interval of ${names.join(', ')}: ${method}`),
    ...(record.decideOn === 'point' ? ['The policy decides on the numbers alone.'] : []),
    ...clusters,
    ...(record.baseline.status === 'missing' ? [`No baseline: ${record.baseline.why}.`] : []),
    ...record.notes,
  ]);
}

/** The inputs by role are the inputs by name; only the predict-command is not kept. */
function commandOf(record: Evaluation): string {
  const quoted = (text: string): string =>
    /^[\w./:@=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
  const shown = record.inputs.filter((input) => {
    const isOurs = input.role !== 'predictions' || record.judgedFrom === 'predictions';
    const isFromRegistry = input.role === 'baseline-predictions' && record.baseline.digest !== null;
    return isOurs && !isFromRegistry;
  });
  const words = shown.map((input) => `--${input.role} ${quoted(input.name)}`);
  if (record.baseline.from !== null && record.baseline.digest !== null)
    words.push(`--baseline ${quoted(record.baseline.from)}`);
  if (record.judgedFrom === 'predict-command') words.push('--predict-command COMMAND');
  return ['npx mlops-actions evaluate-gate', `--name ${record.name}`, ...words].join(' \\\n  ');
}

function footerOf(record: Evaluation): Inline[] {
  return [
    record.policy ? md`policy ${code(record.policy.file)}` : 'no policy',
    md`model ${code(shortDigest(record.subject.digest))}`,
    ...(record.source.commit ? [md`commit ${code(record.source.commit.slice(0, 12))}`] : []),
  ];
}
