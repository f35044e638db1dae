/** Drift on the page: performance per chunk, the columns that moved, what could be known when. */
import type { DriftCheck } from '../../records/drift-check.ts';
import { type ChartTools, significant } from '../charts/chart.ts';
import { effectCharts, performanceChart } from '../charts/drift.ts';
import { systemCharts } from '../charts/system-health.ts';
import { pageExtract } from '../drift-extract.ts';
import { measureName } from '../measure-names.ts';
import { formatNumber, formatShare, plainNumber } from '../numbers.ts';
import { folded, type Html, html, htmlTable } from './html.ts';
import { noteList } from './parts.ts';

export function driftBody(tools: ChartTools, whole: DriftCheck): Html {
  const { record, left } = pageExtract(whole);
  const { rows, chunking } = record;
  const drifted = record.columns.filter((column) => column.status !== 'steady');
  const steady = record.columns.filter((column) => column.status === 'steady');
  const known = (title: string, sentences: readonly string[]) =>
    sentences.length > 0 ? html`<p><strong>${title}</strong></p>${noteList(sentences)}` : undefined;
  return html`<p><strong>${record.retrain ? 'A retrain is asked for.' : 'No retrain is asked for.'}</strong> ${formatNumber(rows.data)} rows against ${formatNumber(rows.reference)} of the reference, ${formatNumber(chunking.judgedData)} and ${formatNumber(chunking.judgedReference)} chunks judged${record.approximate ? '; from a profile, so effects are approximate' : ''}.</p>${record.performance.map(
    (performance) =>
      html`${performanceChart(tools, record, performance)}${performance.note ? html`<p class="soft">${performance.name}: ${performance.note}</p>` : undefined}`,
  )}${known('Known before the labels came', record.knownBeforeLabels)}${known('Known with the labels', record.knownWithLabels)}${
    drifted.length > 0 ? columnTable('Columns that are not steady', drifted) : undefined
  }${steady.length > 0 ? folded(`${steady.length} steady columns`, columnTable('Steady columns', steady)) : undefined}${effectCharts(tools, record)}${record.system ? systemCharts(tools, record.system) : undefined}${noteList(record.notes)}${left.length > 0 ? html`<p class="soft">${left.join(' ')}</p>` : undefined}`;
}

function columnTable(caption: string, columns: DriftCheck['columns']): Html {
  const rows = columns.map((column) => [
    column.name,
    column.role,
    column.status.replace('_', ' '),
    significant(column.effect),
    measureName(column.measure),
    plainNumber(column.minEffect),
    column.adjustedPValue === null
      ? '–'
      : column.adjustedPValue < 1e-4
        ? '< 0.0001'
        : formatNumber(column.adjustedPValue, 4),
    `${formatShare(column.reference?.nullShare)} → ${formatShare(column.data?.nullShare)}`,
    [
      column.note,
      column.unseenCount > 0
        ? `never seen before: ${column.unseen.map(({ value }) => value).join(', ')}`
        : '',
    ]
      .filter((part) => part !== '')
      .join('; '),
  ]);
  const header = [
    'column',
    'role',
    'status',
    'effect',
    'measure',
    'counts from',
    'p, adjusted',
    'null',
    'note',
  ];
  return htmlTable(caption, header, rows, [3, 5, 6, 7]);
}
