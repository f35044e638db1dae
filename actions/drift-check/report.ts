/** The record of drift-check as Markdown. Pure. */
import type { DriftCheck, DriftColumn } from '../../shared/records/drift-check.ts';
import { COMMENT_LIMIT } from '../../shared/report/comment.ts';
import { firstOf, withShortTexts } from '../../shared/report/drift-extract.ts';
import {
  blocks,
  code,
  formatNumber,
  formatShare,
  formatSigned,
  type Inline,
  list,
  type Markdown,
  md,
  shortDigest,
  table,
  verdictLabel,
  verdictSymbol,
} from '../../shared/report/markdown.ts';
import { measureMeaning, measureUnit } from '../../shared/report/measure-names.ts';
import { type ReportSection, renderSection } from '../../shared/report/section.ts';
import { describeChunk } from './decide.ts';
import { decimalsOf, performanceDetails } from './report-performance.ts';
import { togetherDetails } from './report-together.ts';
import { systemDetails, systemSummary } from './system-health/report-system.ts';
import { systemHeading } from './system-health/sentences.ts';
import { describeLines } from './unreadable-lines.ts';

/** Rows of the table that is not folded, and of the one that is; the record keeps them all. */
const SHOWN = 8;
const SHOWN_COLUMNS = 100;

function heading(record: DriftCheck): string {
  const drifting = record.columns.filter((column) => column.status === 'drifts').length;
  const lost = record.columns.filter(
    (column) => column.status === 'missing' || column.status === 'type_changed',
  ).length;
  const moved = `${drifting} column${drifting === 1 ? '' : 's'} drifted`;
  if (record.retrain) return 'a retrain is asked for';
  if (lost > 0 && record.verdict === 'fail')
    return `${lost} column${lost === 1 ? ' is' : 's are'} not what the model knew`;
  if (record.verdict === 'inconclusive')
    return drifting > 0 ? `${moved}, harm cannot be told yet` : 'cannot tell yet';
  if (lost > 0 && drifting === 0)
    return `${lost} column${lost === 1 ? ' is' : 's are'} not what the model knew, no retrain`;
  if (drifting > 0) return `${moved}, no retrain`;
  if (record.unreadableLines && record.unreadableLines.onMissing !== 'pass')
    return 'no drift in the lines that can be read';
  return 'no drift';
}

const PERFORMANCE_VERDICT = { within: 'pass', fell: 'fail', not_judged: 'not_judged' } as const;
const PERFORMANCE_WORD = { within: 'within its limit', fell: 'fell', not_judged: 'not judged' } as const;

function performanceTable(record: DriftCheck): Markdown {
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

function statusLabel(column: DriftColumn): string {
  if (column.status === 'drifts') return '⚠️\u00a0drifts';
  if (column.status === 'missing') return '❌\u00a0missing';
  if (column.status === 'type_changed') return '❌\u00a0type changed';
  if (column.status === 'new') return '–\u00a0new';
  return column.status === 'steady' ? '✅\u00a0steady' : '–\u00a0not judged';
}

function formatP(value: number | null): string {
  if (value === null) return '–';
  return value < 0.001 ? '< 0.001' : formatNumber(value, 3);
}

/** What else there is to say of a column in its row. */
function remark(column: DriftColumn): Inline {
  const parts: string[] = [];
  if (column.note) parts.push(column.note);
  for (const aspect of column.aspects ?? []) {
    const name = aspect.name.replaceAll('_', ' ');
    parts.push(`${name}: ${formatNumber(aspect.effect, 3)}${aspect.drifts ? ', drifts' : ''}`);
  }
  if (column.decidedBy === 'measure') parts.push('decided by the measure alone');
  if (column.decidedBy === 'p_value') parts.push('decided by p alone');
  if (column.nulls?.drifts) {
    parts.push(`nulls ${formatShare(column.reference?.nullShare)} → ${formatShare(column.data?.nullShare)}`);
  }
  if (column.unseenCount > 0) {
    const named = column.unseen
      .slice(0, 3)
      .map(({ value, rows }) => `${value} (${formatNumber(rows)} row${rows === 1 ? '' : 's'})`);
    const more =
      column.unseenCount > named.length ? ` and ${formatNumber(column.unseenCount - named.length)} more` : '';
    parts.push(`never seen before: ${named.join(', ')}${more}`);
  }
  return parts.join('; ');
}

function centre(column: DriftColumn): string {
  const { reference, data } = column;
  if (reference?.mean != null && data?.mean != null) return arrow(reference.mean, data.mean);
  if (reference?.distinct != null && data?.distinct != null)
    return `${formatNumber(reference.distinct)} → ${formatNumber(data.distinct)} values`;
  return '–';
}

/** `13.30 → 6.84`: both with the decimals of the finer one, or by powers of ten where they are huge or tiny. */
function arrow(before: number, now: number): string {
  const sizes = [before, now].map(Math.abs).filter((size) => size > 0);
  if (sizes.some((size) => size >= 1e9 || size < 1e-4)) {
    return [before, now].map((value) => value.toExponential(2).replace(/-/g, '−')).join(' → ');
  }
  const decimals = Math.max(0, ...sizes.map((size) => Math.min(6, 2 - Math.floor(Math.log10(size)))));
  return `${formatNumber(before, decimals)} → ${formatNumber(now, decimals)}`;
}

/** Which effect is measured by what. */
function measureLine(columns: readonly DriftColumn[]): string {
  const measures = [...new Set(columns.flatMap((column) => column.measure ?? []))];
  if (measures.length === 0) return '';
  const parts = measures.map((measure) => {
    const names = columns.filter((column) => column.measure === measure).map((column) => column.name);
    const shown = names.slice(0, 8).join(', ') + (names.length > 8 ? ` and ${names.length - 8} more` : '');
    return `${measureMeaning(measure)} of ${shown}`;
  });
  return `Effect: ${parts.join('; ')}.`;
}

function columnTable(columns: readonly DriftColumn[], approximate: boolean): Markdown {
  const sign = approximate ? '≈ ' : '';
  return table(
    ['column', 'mean or values', 'effect', 'counts from', 'p, adjusted', 'importance', 'verdict', 'remark'],
    columns.map((column) => [
      md`${code(column.name)}${column.role === 'prediction' ? ', prediction' : ''}`,
      centre(column),
      column.effect === null
        ? '–'
        : sign +
          formatNumber(Math.min(column.effect, 1e6), 3) +
          (column.effectError ? `\u00a0±\u00a0${formatNumber(column.effectError, 3)}` : '') +
          measureUnit(column.measure),
      column.measure === null || column.decidedBy === 'p_value'
        ? '–'
        : `${column.decidedBy === 'measure' ? '>' : '≥'}\u00a0${formatNumber(column.minEffect, 2)}${measureUnit(column.measure)}`,
      formatP(column.adjustedPValue),
      column.importance === null ? '–' : formatShare(column.importance, 0),
      statusLabel(column),
      remark(column),
    ]),
    ['left', 'right', 'right', 'right', 'right', 'right', 'left', 'left'],
  );
}

const ORDER: DriftColumn['status'][] = ['missing', 'type_changed', 'drifts', 'steady', 'not_judged', 'new'];

/** What is wrong first; among equals the important ones, then the larger effect. */
export function rankColumns(columns: readonly DriftColumn[]): DriftColumn[] {
  return [...columns].sort(
    (a, b) =>
      ORDER.indexOf(a.status) - ORDER.indexOf(b.status) ||
      (b.importance ?? 0) - (a.importance ?? 0) ||
      (b.effect ?? 0) - (a.effect ?? 0) ||
      (a.name < b.name ? -1 : 1),
  );
}

function chunkTable(record: DriftCheck): Markdown {
  const metrics = [...new Set(record.performance.map((part) => part.name))];
  const charted = rankColumns(record.columns)
    .filter((column) => column.status === 'drifts' || column.role === 'prediction')
    .filter((column) => record.chunks.some((chunk) => column.name in chunk.effects))
    .slice(0, 4)
    .map((column) => column.name);
  const decimals = Math.max(3, ...record.performance.map(decimalsOf));
  const header: Inline[] = ['chunk', 'rows', ...charted.map((name) => md`effect, ${code(name)}`), ...metrics];
  const rows = record.chunks.map((chunk): Inline[] => [
    `${chunk.part === 'reference' ? 'reference, ' : ''}${describeChunk(chunk).replace('the chunk ', '')}${chunk.judged ? '' : ' (not judged: size)'}`,
    formatNumber(chunk.rows),
    ...charted.map((name) => formatNumber(chunk.effects[name], 3)),
    ...metrics.map((name) => formatNumber(chunk.performance[name], decimals)),
  ]);
  return table(header, rows, ['left', ...header.slice(1).map(() => 'right' as const)]);
}

function unreadableSummary(unreadable: DriftCheck['unreadableLines']): Inline {
  if (!unreadable) return '';
  const symbol = unreadable.onMissing === 'pass' ? '–' : verdictSymbol(unreadable.onMissing);
  return md`${symbol} **Unreadable lines**: ${describeLines(unreadable)}. They are in no row, so that nothing here tells of what they hold.`;
}

/** Chunks in a folded table; the record keeps them all. */
const SHOWN_CHUNKS = 60;

function labelledText({ labelledData, data }: DriftCheck['rows']): string {
  if (labelledData === null) return '';
  return labelledData === data ? ', all labelled' : `, ${formatNumber(labelledData)} of them labelled`;
}

/** Where a section is longer than a comment its folded tables have this part of their rows, and so on. */
const SHARES = [0.5, 0.25, 0.1];
/** Beside the section there are a heading and a row of all steps. */
const LONGEST = COMMENT_LIMIT - 3000;

export function report(whole: DriftCheck): ReportSection {
  const record = withShortTexts(whole);
  let section = sectionOf(record, 1);
  for (const share of SHARES) {
    if (renderSection(section).length <= LONGEST) break;
    section = sectionOf(record, share);
  }
  return section;
}

/** @param share of the rows that a folded table has at most. */
function sectionOf(record: DriftCheck, share: number): ReportSection {
  const [mostColumns, mostChunks] = [SHOWN_COLUMNS, SHOWN_CHUNKS].map((most) => Math.ceil(most * share)) as [
    number,
    number,
  ];
  const sentences = (all: readonly string[]): Markdown =>
    list(firstOf(all, Math.ceil(SHOWN_COLUMNS * share * share)));
  const ranked = rankColumns(record.columns);
  const notable = ranked.filter(
    (column) => !['steady', 'not_judged', 'new'].includes(column.status) || column.unseenCount > 0,
  );
  const shown = notable.slice(0, SHOWN);
  const steady = record.columns.filter((column) => column.status === 'steady').length;
  const details: ReportSection['details'] = [
    { title: 'Before the labels came', body: sentences(record.knownBeforeLabels) },
    { title: 'With the labels', body: sentences(record.knownWithLabels) },
    ...performanceDetails({ ...record, chunks: record.chunks.slice(-mostChunks) }),
    {
      title: `Columns · ${formatNumber(record.columns.length)}, of which ${formatNumber(steady)} steady`,
      body: blocks(
        columnTable(ranked.slice(0, mostColumns), record.approximate),
        ranked.length > mostColumns
          ? `${formatNumber(ranked.length - mostColumns)} more are in the record.`
          : '',
        measureLine(record.columns),
      ),
    },
    ...togetherDetails(record),
    ...systemDetails(record.system),
  ];
  if (record.chunks.length > 0) {
    const { judgedReference, judgedData } = record.chunking;
    const most = record.chunks.length > mostChunks;
    details.push({
      title: `Chunks · ${judgedReference} of the reference and ${judgedData} of the data judged${most ? `, the last ${mostChunks} shown` : ''}`,
      body: chunkTable({ ...record, chunks: record.chunks.slice(-mostChunks) }),
    });
  }
  if (record.notes.length > 0)
    details.push({ title: `Notes · ${record.notes.length}`, body: sentences(record.notes) });
  return {
    action: 'drift-check',
    name: record.name,
    verdict: record.verdict,
    cell: record.retrain ? 'retrain' : record.verdict === 'pass' ? 'none' : record.verdict,
    heading: heading(record) + systemHeading(record.system),
    summary: blocks(
      md`**${record.reason}** ${formatNumber(record.rows.data)} rows${labelledText(record.rows)}, against ${formatNumber(record.rows.reference)} of the reference.`,
      record.performance.length > 0 ? performanceTable(record) : '',
      shown.length > 0 ? columnTable(shown, record.approximate) : '',
      notable.length > shown.length ? `${notable.length - shown.length} more below.` : '',
      systemSummary(record.system),
      unreadableSummary(record.unreadableLines),
    ),
    details,
    footer: [
      record.policy.file === null ? 'default rule, no policy' : md`policy ${code(record.policy.file)}`,
      md`data ${code(shortDigest(record.subject.digest))}`,
      record.approximate ? 'approximate: from a profile' : '',
    ],
  };
}
