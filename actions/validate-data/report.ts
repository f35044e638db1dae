import type { DataCheck, DataValidation } from '../../shared/records/data-validation.ts';
import type { PersonalKind } from '../../shared/records/personal-kinds.ts';
import {
  blocks,
  bold,
  code,
  codeBlock,
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
    cell:
      record.verdict === 'pass' || record.verdict === 'inconclusive'
        ? record.verdict
        : `${broken.length + (unread ? 1 : 0)} broken`,
    heading: heading(record, broken),
    summary: blocks(sentence(record), ...(broken.length > 0 ? [brokenTable(broken), nextStep(record)] : [])),
    details: [
      ...lineDetails(record),
      ...exampleDetails(broken),
      ...unjudgedDetails(record),
      ...personalDetails(record),
      ...noteDetails(record),
      ...editDetails(record),
    ],
    footer: footer(record),
  };
}

function heading(record: DataValidation, broken: readonly DataCheck[]): string {
  if (record.verdict === 'pass' && record.suggestedRules !== undefined)
    return `a contract of ${plural(record.suggestedRules, 'rule')} was suggested: ${record.contract?.file}`;
  if (record.verdict === 'pass')
    return record.contract
      ? `the data keep their contract${howMuch(record)}`
      : `the data were profiled${howMuch(record)}`;
  if (record.verdict === 'inconclusive') return 'the data could not be judged';
  const columns = [...new Set(broken.flatMap((check) => check.columns))];
  const where =
    columns.length === 0
      ? ''
      : ` in ${columns.slice(0, 3).join(', ')}${columns.length > 3 ? ` and ${columns.length - 3} more` : ''}`;
  if (record.verdict === 'warn') return `the data keep their contract, with warnings${where}`;
  return `the data break their contract${where}`;
}

/** ` (33 checks, 50,400 rows)`: what a reader of one folded line needs. */
function howMuch(record: DataValidation): string {
  const judged = judgedOf(record).length;
  return ` (${judged > 0 ? `${plural(judged, 'check')}, ` : ''}${plural(record.rowCount, 'row')})`;
}

function judgedOf(record: DataValidation): DataCheck[] {
  return record.checks.filter((check) => check.verdict !== 'not_judged' && check.verdict !== 'missing');
}

function sentence(record: DataValidation): Markdown {
  const judged = judgedOf(record);
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

function nextStep({ contract }: DataValidation): Markdown {
  const rule = contract
    ? md`or change the rule in ${code(contract.file)} where it is wrong`
    : md`or take a newer reference`;
  return md`Next: mend the data where they are made, ${rule}.`;
}

function brokenTable(broken: readonly DataCheck[]): Markdown {
  const shown = broken.slice(0, LISTED_CHECKS);
  // Four columns, so that each example has a line of its own in the width of a comment.
  const rows = shown.map((check) => [
    md`${verdictSymbol(check.verdict === 'fail' ? 'fail' : 'warn')}&nbsp;${columnsOf(check)}`,
    joinMarkdown(
      [
        code(shorten(check.rule, 60)),
        check.where
          ? code(`${check.where.file}:${check.where.line}`)
          : check.history
            ? 'history'
            : 'reference',
      ],
      '<br>',
    ),
    joinMarkdown([whatIsWrong(check), check.since ? `since ${check.since.slice(0, 10)}` : ''], '<br>'),
    joinMarkdown(check.examples.slice(0, EXAMPLES_IN_TABLE).map(code), '<br>'),
  ]);
  const made = table(['column', 'rule and its line', 'what is wrong', 'examples'], rows);
  const more = broken.length - shown.length;
  return more > 0 ? blocks(made, md`And ${plural(more, 'more broken rule')}: see the record.`) : made;
}

function whatIsWrong(check: DataCheck): Markdown {
  if (check.failing === null) return md`${check.observed ?? check.problem}`;
  const rows = md`${check.problem}<br>${plural(check.failing, 'row')} (${share(check)})`;
  return check.observed ? md`${rows}<br>${check.observed}` : rows;
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

const PERSONAL_WORDS: Record<PersonalKind, string> = {
  email: 'e-mail addresses',
  phone: 'phone numbers',
  card: 'payment cards',
  iban: 'bank accounts (IBAN)',
  nationalNumber: 'national numbers',
  ipAddress: 'IP addresses',
};

function personalDetails(record: DataValidation): ReportSection['details'] {
  const found = record.personalColumns ?? [];
  if (found.length === 0) return [];
  const rows = found.map(({ column, kinds }) => [
    code(shorten(column)),
    kinds.map((kind) => PERSONAL_WORDS[kind]).join(', '),
  ]);
  const body = blocks(
    md`By a sample of the rows; the values of these columns are in no record.`,
    table(['column', 'values look like'], rows),
  );
  return [{ title: `Columns that look personal · ${found.length}`, body }];
}

function noteDetails({ notes = [] }: DataValidation): ReportSection['details'] {
  return notes.length > 0 ? [{ title: `How the data were read · ${notes.length}`, body: list(notes) }] : [];
}

function editDetails({ proposedEdit, contract }: DataValidation): ReportSection['details'] {
  if (!proposedEdit || !contract) return [];
  const rules = plural(proposedEdit.rules, 'broken rule');
  const body = blocks(
    md`If the data changed on purpose, this edit of ${code(contract.file)} lets ${rules} hold (save it and run ${code('git apply')}):`,
    codeBlock(proposedEdit.patch, 'diff'),
  );
  return [{ title: 'An edit of the contract, if the data changed on purpose', body }];
}

function footer(record: DataValidation): ReportSection['footer'] {
  const { contract } = record;
  const hashed = record.exampleMode === 'masked' && record.checks.some((check) => check.examples.length > 0);
  return [
    ...(hashed ? [md`values in examples are hashes: ${code('examples: full')} shows them`] : []),
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
  return percent > 0 && percent < 0.01 ? '< 0.01\u00a0%' : `${percent.toFixed(percent < 1 ? 2 : 1)}\u00a0%`;
}

function grouped(value: number): string {
  return value.toLocaleString('en-US');
}

function plural(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function shorten(text: string, most = 100): string {
  const characters = [...text];
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : text;
}
