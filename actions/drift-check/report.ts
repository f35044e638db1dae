/** The record of drift-check as Markdown. Pure. */
import type { DriftCheck } from '../../shared/records/drift-check.ts';
import { COMMENT_LIMIT } from '../../shared/report/comment.ts';
import { firstOf, withShortTexts } from '../../shared/report/drift-extract.ts';
import {
  blocks,
  code,
  formatNumber,
  type Inline,
  list,
  type Markdown,
  md,
  shortDigest,
  verdictSymbol,
} from '../../shared/report/markdown.ts';
import { type ReportSection, renderSection } from '../../shared/report/section.ts';
import { chunkTable } from './report-chunks.ts';
import { columnTable, measureLine, rankColumns } from './report-columns.ts';
import { performanceDetails, performanceTable } from './report-performance.ts';
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
