/** What the report says of performance, real and estimated, and of detectors of change. Pure. */
import type { DriftCheck, DriftChunk, DriftPerformance } from '../../shared/records/drift-check.ts';
import {
  blocks,
  formatNumber,
  formatSigned,
  type Inline,
  list,
  type Markdown,
  md,
  table,
  verdictLabel,
  verdictSymbol,
} from '../../shared/report/markdown.ts';
import type { ReportSection } from '../../shared/report/section.ts';
import { describeChunk } from './decide.ts';
import { falseAlarmText } from './performance/false-alarms.ts';
import { alarmPlace, DETECTOR_NAMES, decidedBy, STREAM_NAMES } from './performance/sentences.ts';

/** Newest chunks in the table; the record keeps them all. */
const SHOWN_CHUNKS = 40;
const SHOWN_METRICS = 4;

const METHODS = {
  CBPE: 'CBPE: scores calibrated on the reference say how likely each label is',
  DLE: 'DLE: a model of the loss, learnt on the reference',
};

const FAILS =
  'An estimate holds while inputs change and mean the same. It fails under concept drift, when they come to mean something else: only labels show that.';

/** Decimals that the reference's own spread justifies: two significant digits of it. */
export function decimalsOf(part: DriftPerformance): number {
  if (!part.deviation) return 4;
  return Math.min(6, Math.max(2, 1 - Math.floor(Math.log10(part.deviation))));
}

const PERFORMANCE_VERDICT = { within: 'pass', fell: 'fail', not_judged: 'not_judged' } as const;
const PERFORMANCE_WORD = { within: 'within its limit', fell: 'fell', not_judged: 'not judged' } as const;

/** Each metric against its limit. */
export function performanceTable(record: DriftCheck): Markdown {
  const decimals = Math.max(3, ...record.performance.map(decimalsOf));
  const rows = record.performance.map((part) => {
    const worst = part.worst ? record.chunks[part.worst.chunk] : undefined;
    const sign = part.greaterIsBetter ? '≥' : '≤';
    return [
      md`${part.name} ${part.greaterIsBetter ? '↑' : '↓'}${part.source === 'estimated' ? ', estimated' : ''}`,
      part.mean === null
        ? '–'
        : `${formatNumber(part.mean, decimals)} ± ${formatNumber(part.deviation, decimals)}`,
      part.worst === null
        ? '–'
        : md`**${formatNumber(part.worst.value, decimals)}** (${describeChunk(worst).replace('the chunk ', '')})`,
      part.worst === null ? '–' : formatSigned(part.worst.drop * (part.greaterIsBetter ? -1 : 1), decimals),
      part.limit === null ? '–' : `${sign} ${formatNumber(part.limit, decimals)}`,
      part.status === 'not_judged'
        ? md`${verdictLabel('not_judged')}: ${part.note}`
        : `${verdictSymbol(PERFORMANCE_VERDICT[part.status])} ${PERFORMANCE_WORD[part.status]}`,
    ];
  });
  return table(['performance', 'reference', 'worst chunk', 'difference', 'limit', 'verdict'], rows, [
    'left',
    'right',
    'right',
    'right',
    'right',
    'left',
  ]);
}

/** The folded parts; none where nothing was estimated and no detector was asked for. */
export function performanceDetails(record: DriftCheck): ReportSection['details'] {
  const estimated = record.performance.filter((part) => part.source === 'estimated');
  const details: ReportSection['details'] = [];
  if (estimated.length > 0)
    details.push({ title: 'Estimated beside real performance', body: besideReal(record, estimated) });
  const detectors = record.detectors ?? [];
  if (detectors.length > 0)
    details.push({ title: `Detectors of change · ${detectors.length}`, body: detectorTable(record) });
  return details;
}

function besideReal(record: DriftCheck, estimated: readonly DriftPerformance[]): Markdown {
  const shown = estimated.slice(0, SHOWN_METRICS);
  const chunks = record.chunks.slice(-SHOWN_CHUNKS);
  const header: Inline[] = [
    'chunk',
    ...shown.flatMap((part) => [part.name, `${part.name}, estimated (95 %)`]),
  ];
  const rows = chunks.map((chunk): Inline[] => [
    `${chunk.part === 'reference' ? 'reference, ' : ''}${describeChunk(chunk).replace('the chunk ', '')}`,
    ...shown.flatMap((part): Inline[] => [
      formatNumber(chunk.performance[part.name], decimalsOf(part)),
      estimateCell(chunk, part),
    ]),
  ]);
  const methods = [...new Set(estimated.flatMap((part) => part.method ?? []))].map(
    (method) => METHODS[method],
  );
  const remarks = [
    ...methods.map((text) => `${text}.`),
    FAILS,
    decidedBy(record.performance) ?? 'Neither real nor estimated performance decided.',
  ];
  return blocks(table(header, rows, ['left', ...header.slice(1).map(() => 'right' as const)]), list(remarks));
}

/** `0.712 (0.680 to 0.744)`, with a mark where the real value lies outside. */
function estimateCell(chunk: DriftChunk, part: DriftPerformance): Inline {
  const decimals = decimalsOf(part);
  const value = formatNumber(chunk.estimated[part.name], decimals);
  const interval = chunk.estimatedIntervals?.[part.name];
  if (!interval) return value;
  const real = chunk.performance[part.name];
  const outside = real !== null && real !== undefined && (real < interval.low || real > interval.high);
  const text = `${value} (${formatNumber(interval.low, decimals)} to ${formatNumber(interval.high, decimals)})`;
  return outside ? `${text} ⚠️ not held` : text;
}

function detectorTable(record: DriftCheck): Markdown {
  const mayAsk = record.policy.retrainWhen.includes('adwin');
  const rows = (record.detectors ?? []).map((found): Inline[] => {
    const places = found.alarms.slice(0, 3).map(alarmPlace);
    const more = found.dataAlarms - places.length;
    const ran = found.note === '';
    return [
      DETECTOR_NAMES[found.name],
      ran ? STREAM_NAMES[found.stream] : found.note,
      ran ? formatNumber(found.referenceAlarms) : '–',
      ran ? formatNumber(found.dataAlarms) : '–',
      places.length === 0 ? '–' : `${places.join(', ')}${more > 0 ? ` and ${formatNumber(more)} more` : ''}`,
      falseAlarmText(found),
      found.name === 'adwin' && mayAsk ? 'yes, where errors rose' : 'no',
    ];
  });
  return blocks(
    table(
      [
        'detector',
        'over the',
        'alarms in the reference',
        'alarms in the data',
        'where',
        'alarms on',
        'may ask for a retrain',
      ],
      rows,
      ['left', 'left', 'right', 'right', 'left', 'left', 'left'],
    ),
    md`Rows are in time order, the reference before the data; each detector has the defaults of its usual implementation.`,
  );
}
