import type { DataCheck, DataValidation } from '../../shared/records/data-validation.ts';
import {
  blocks,
  bold,
  code,
  joinMarkdown,
  list,
  type Markdown,
  md,
  table,
  verdictSymbol,
} from '../../shared/report/markdown.ts';
import type { ReportSection } from '../../shared/report/section.ts';
import { describeCheck } from './verdict.ts';

const LISTED_CHECKS = 30;
const EXAMPLES_IN_TABLE = 3;

/** The section of one DataValidation: what is broken in a table, what is fine in a line. */
export function report(record: DataValidation): ReportSection {
  const broken = record.checks.filter((check) => check.verdict === 'fail' || check.verdict === 'warn');
  const unread = record.rejectedLines.count > 0;
  return {
    action: 'validate-data',
    name: record.name,
    verdict: record.verdict,
    cell: record.verdict === 'pass' ? 'pass' : `${broken.length + (unread ? 1 : 0)} broken`,
    heading: heading(record, broken),
    summary: blocks(sentence(record), ...(broken.length > 0 ? [brokenTable(broken)] : [])),
    details: [...lineDetails(record), ...exampleDetails(broken), ...unjudgedDetails(record)],
    footer: footer(record),
  };
}

function heading(record: DataValidation, broken: readonly DataCheck[]): string {
  if (record.verdict === 'pass')
    return record.contract ? 'the data keep their contract' : 'the data were profiled';
  const columns = [...new Set(broken.flatMap((check) => check.columns))];
  const where =
    columns.length === 0
      ? ''
      : ` in ${columns.slice(0, 3).join(', ')}${columns.length > 3 ? ` and ${columns.length - 3} more` : ''}`;
  if (record.verdict === 'warn') return `the data keep their contract, with warnings${where}`;
  return `the data break their contract${where}`;
}

function sentence(record: DataValidation): Markdown {
  const judged = record.checks.filter(
    (check) => check.verdict !== 'not_judged' && check.verdict !== 'missing',
  );
  const fine = judged.filter((check) => check.verdict === 'pass').length;
  const rows = plural(record.rowCount, 'row');
  if (judged.length === 0) return md`${rows}; nothing to judge them by.`;
  const lines = record.rejectedLines.count;
  const uncovered = record.uncoveredColumns.length;
  return joinMarkdown([
    md`${bold(`${fine} of ${judged.length} checks hold`)} for ${rows}.`,
    lines > 0 ? `${plural(lines, 'line')} could not be read.` : '',
    uncovered > 0 ? `The contract is silent on ${plural(uncovered, 'column')}.` : '',
  ]);
}

function brokenTable(broken: readonly DataCheck[]): Markdown {
  const shown = broken.slice(0, LISTED_CHECKS);
  const rows = shown.map((check) => [
    md`${verdictSymbol(check.verdict === 'fail' ? 'fail' : 'warn')} ${columnsOf(check)}`,
    code(shorten(check.rule)),
    check.failing === null ? (check.observed ?? check.problem) : check.problem,
    check.failing === null ? '' : md`${grouped(check.failing)} (${share(check)})`,
    joinMarkdown(check.examples.slice(0, EXAMPLES_IN_TABLE).map(code), '<br>'),
    check.where ? code(`${check.where.file}:${check.where.line}`) : 'reference',
  ]);
  const made = table(['column', 'rule', 'what is wrong', 'rows', 'examples', 'contract'], rows, [
    'left',
    'left',
    'left',
    'right',
    'left',
    'left',
  ]);
  const more = broken.length - shown.length;
  return more > 0 ? blocks(made, md`And ${plural(more, 'more broken rule')}: see the record.`) : made;
}

function lineDetails(record: DataValidation): ReportSection['details'] {
  const { count, examples } = record.rejectedLines;
  if (count === 0) return [];
  const rows = examples.map((line) => [code(`${line.file}:${line.line}`), line.message]);
  return [{ title: `Lines that could not be read · ${count}`, body: table(['line', 'why'], rows) }];
}

function exampleDetails(broken: readonly DataCheck[]): ReportSection['details'] {
  const withMore = broken.filter((check) => check.examples.length > EXAMPLES_IN_TABLE);
  if (withMore.length === 0) return [];
  const body = blocks(
    ...withMore
      .slice(0, LISTED_CHECKS)
      .map((check) => blocks(md`${describeCheck(check)}`, list(check.examples.map(code)))),
  );
  return [{ title: 'More examples', body }];
}

function unjudgedDetails(record: DataValidation): ReportSection['details'] {
  const unjudged = record.checks.filter(
    (check) => check.verdict === 'not_judged' || check.verdict === 'missing',
  );
  if (unjudged.length === 0) return [];
  const rows = unjudged.map((check) => [columnsOf(check), code(shorten(check.rule)), check.observed ?? '']);
  return [{ title: `Not judged · ${unjudged.length}`, body: table(['column', 'rule', 'why'], rows) }];
}

function footer(record: DataValidation): ReportSection['footer'] {
  const { contract } = record;
  return [
    ...(contract ? [md`contract ${code(contract.file)}, version ${contract.version}`] : []),
    md`data ${code(record.subject.digest.slice(0, 19))}`,
  ];
}

function columnsOf(check: DataCheck): Markdown {
  return check.columns.length === 0
    ? md`all rows`
    : joinMarkdown(
        check.columns.map((name) => code(shorten(name))),
        ', ',
      );
}

/** Enough digits to tell a rare failure from none. */
function share(check: DataCheck): string {
  if (!check.total || check.failing === null) return '–';
  const percent = (check.failing / check.total) * 100;
  return percent > 0 && percent < 0.01 ? '< 0.01 %' : `${percent.toFixed(percent < 1 ? 2 : 1)} %`;
}

function grouped(value: number): string {
  return value.toLocaleString('en-US');
}

function plural(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function shorten(text: string): string {
  const characters = [...text];
  return characters.length > 100 ? `${characters.slice(0, 99).join('')}…` : text;
}
