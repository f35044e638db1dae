/** Data on the page: the rules that were broken, and every column at a glance. */
import type { DataProfile } from '../../records/data-profile.ts';
import type { DataCheck, DataValidation } from '../../records/data-validation.ts';
import { type ChartTools, significant } from '../charts/chart.ts';
import { historySparkline } from '../charts/history-sparkline.ts';
import { columnSparkline } from '../charts/sparkline.ts';
import { formatBytes, formatNumber, formatShare } from '../numbers.ts';
import { folded, type Html, html, htmlTable } from './html.ts';
import { noteList, verdictMark } from './parts.ts';

export function validationBody(tools: ChartTools, record: DataValidation): Html {
  const shown = record.checks.filter((check) => check.verdict !== 'pass');
  const passed = record.checks.filter((check) => check.verdict === 'pass');
  const where = record.contract
    ? html`<p class="soft">Contract ${record.contract.file}, version ${record.contract.version}</p>`
    : undefined;
  return html`<p>${formatNumber(record.rowCount)} rows, ${formatNumber(record.checks.length)} checks, ${formatNumber(shown.length)} not passed${
    record.rejectedLines.count > 0
      ? `, ${formatNumber(record.rejectedLines.count)} lines could not be read`
      : ''
  }.</p>${shown.length > 0 ? checkTable(tools, 'Checks that did not pass', shown) : undefined}${
    passed.length > 0
      ? folded(`${passed.length} checks passed`, checkTable(tools, 'Checks that passed', passed))
      : undefined
  }${record.uncoveredColumns.length > 0 ? html`<p class="soft">Columns without a rule: ${record.uncoveredColumns.join(', ')}</p>` : undefined}${where}`;
}

function checkTable(tools: ChartTools, caption: string, checks: readonly DataCheck[]): Html {
  const rows = checks.map((check) => [
    verdictMark(check.verdict),
    check.columns.join(', ') || 'table',
    html`<code>${check.rule}</code>`,
    check.problem,
    check.failing === null
      ? (check.observed ?? '–')
      : `${formatNumber(check.failing)} of ${formatNumber(check.total)}`,
    check.history
      ? historySparkline(tools, check.history)
      : check.examples
          .slice(0, 3)
          .map(
            (example, index) =>
              html`${index > 0 ? html`<br>` : undefined}<span class="roomy">${example}</span>`,
          ),
    check.where ? `${check.where.file}:${check.where.line}` : '–',
  ]);
  return htmlTable(
    caption,
    ['verdict', 'column', 'rule', 'problem', 'rows', 'examples', 'contract'],
    rows,
    [4],
  );
}

export function profileBody(tools: ChartTools, record: DataProfile): Html {
  const rows = record.columns.map((column) => {
    const total = column.count + column.nulls;
    return [
      column.name,
      html`<span class="soft">${column.type}</span>`,
      columnSparkline(tools, column),
      formatShare(total > 0 ? column.nulls / total : 0),
      column.distinct === null ? '–' : formatNumber(column.distinct),
      column.kind === 'time' ? '–' : significant(column.moments?.mean),
      column.kind === 'time' ? timeText(column.moments?.minimum) : significant(column.moments?.minimum),
      column.kind === 'time' ? timeText(column.moments?.maximum) : significant(column.moments?.maximum),
      column.top?.values
        .slice(0, 3)
        .map(({ value, count }) => `${value.slice(0, 40)} (${formatNumber(count)})`)
        .join(', ') ?? '',
    ];
  });
  const header = [
    'column',
    'type',
    'values',
    'null',
    'distinct',
    'mean',
    'lowest',
    'highest',
    'most frequent',
  ];
  const bytes = record.files.reduce((sum, file) => sum + file.bytes, 0);
  return html`<p>${formatNumber(record.rowCount)} rows, ${formatNumber(record.columns.length)} columns, ${formatNumber(record.files.length)} ${record.files.length === 1 ? 'file' : 'files'} of ${formatBytes(bytes)}.</p>${htmlTable('Columns', header, rows, [3, 4, 5, 6, 7])}${noteList(record.approximate)}`;
}

/** Seconds since 1970 as a date and a time. */
function timeText(seconds: number | undefined): string {
  if (seconds === undefined || Math.abs(seconds) > 8e12) return '–';
  return new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ');
}
