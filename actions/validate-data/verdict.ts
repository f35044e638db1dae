import type { DataCheck } from '../../shared/records/data-validation.ts';
import type { Verdict } from '../../shared/records/envelope.ts';

/** What the checks were made on. */
export interface Judged {
  rejectedLines: number;
  rowCount: number;
  /** Columns that the contract describes, and which are there where no check says otherwise; undefined without one. */
  described: number | undefined;
}

const isJudged = (check: DataCheck): boolean => check.verdict !== 'not_judged' && check.verdict !== 'missing';

/**
 * The overall verdict: a broken rule fails, one of severity warning warns, one of severity info does neither. No row
 * breaks no rule, and a contract that asks for nothing is never broken: neither is a pass.
 */
export function overallVerdict(checks: readonly DataCheck[], judged: Judged): Verdict {
  if (judged.rejectedLines > 0 || checks.some((check) => check.verdict === 'fail')) return 'fail';
  if (judged.rowCount === 0 || (judged.described === 0 && !checks.some(isJudged))) return 'inconclusive';
  return checks.some((check) => check.verdict === 'warn' && check.severity === 'warning') ? 'warn' : 'pass';
}

/** One sentence: why this verdict. */
export function reasonFor(
  checks: readonly DataCheck[],
  { rejectedLines, rowCount, described }: Judged,
): string {
  const broken = checks.filter((check) => check.verdict === 'fail' || check.verdict === 'warn');
  const lines =
    rejectedLines > 0
      ? [`${grouped(rejectedLines)} ${rejectedLines === 1 ? 'line' : 'lines'} cannot be read`]
      : [];
  const worst = [...broken].sort((a, b) => rank(a) - rank(b)).slice(0, 3);
  const named = [...lines, ...worst.map(describeCheck)];
  const judged = checks.filter(isJudged).length;
  if (named.length === 0) {
    if (rowCount === 0) return 'There is no row to judge.';
    if (judged === 0) {
      const why =
        described === undefined
          ? 'no contract was given'
          : described === 0
            ? 'the contract has no rule that is judged'
            : 'the columns of the contract are there, and it has no other rule that is judged';
      return `${grouped(rowCount)} rows were profiled; ${why}.`;
    }
    return `All ${judged} checks hold for ${grouped(rowCount)} rows.`;
  }
  if (broken.length === 0) return `${lines[0]}; the other ${grouped(rowCount)} rows break no rule.`;
  const more = broken.length - worst.length;
  const count = `${broken.length} of ${judged} checks ${broken.length === 1 ? 'does' : 'do'} not hold for ${grouped(rowCount)} rows`;
  return `${count}: ${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}.`;
}

/** `distance: value is above 5000 (in 12 rows)`. */
export function describeCheck(check: DataCheck): string {
  const columns = check.columns.length > 0 ? `${check.columns.join(', ')}: ` : '';
  if (check.failing !== null) {
    return `${columns}${check.problem} (in ${grouped(check.failing)} ${check.failing === 1 ? 'row' : 'rows'})`;
  }
  return `${columns}${check.problem}${check.observed ? ` (${check.observed})` : ''}`;
}

function grouped(value: number): string {
  return value.toLocaleString('en-US');
}

function rank(check: DataCheck): number {
  return check.severity === 'error' ? 0 : check.severity === 'warning' ? 1 : 2;
}
