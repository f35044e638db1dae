import type { DataCheck } from '../../shared/records/data-validation.ts';
import type { Verdict } from '../../shared/records/envelope.ts';

/** The overall verdict: a broken rule fails, one of severity warning warns, one of severity info does neither. */
export function overallVerdict(checks: readonly DataCheck[], rejectedLines: number): Verdict {
  if (rejectedLines > 0 || checks.some((check) => check.verdict === 'fail')) return 'fail';
  return checks.some((check) => check.verdict === 'warn' && check.severity === 'warning') ? 'warn' : 'pass';
}

/** One sentence: why this verdict. */
export function reasonFor(checks: readonly DataCheck[], rejectedLines: number, rowCount: number): string {
  const broken = checks.filter((check) => check.verdict === 'fail' || check.verdict === 'warn');
  const lines =
    rejectedLines > 0 ? [`${rejectedLines} ${rejectedLines === 1 ? 'line' : 'lines'} cannot be read`] : [];
  const worst = [...broken].sort((a, b) => rank(a) - rank(b)).slice(0, 3);
  const named = [...lines, ...worst.map(describeCheck)];
  const judged = checks.filter(
    (check) => check.verdict !== 'not_judged' && check.verdict !== 'missing',
  ).length;
  if (named.length === 0) {
    if (judged === 0) return `${rowCount} rows were profiled; no contract was given.`;
    return `All ${judged} checks hold for ${rowCount} rows.`;
  }
  const more = broken.length - worst.length;
  const count = `${broken.length} of ${judged} checks ${broken.length === 1 ? 'does' : 'do'} not hold for ${rowCount} rows`;
  return `${count}: ${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}.`;
}

/** `distance: value is above 5000 (in 12 rows)`. */
export function describeCheck(check: DataCheck): string {
  const columns = check.columns.length > 0 ? `${check.columns.join(', ')}: ` : '';
  if (check.failing !== null) {
    return `${columns}${check.problem} (in ${check.failing} ${check.failing === 1 ? 'row' : 'rows'})`;
  }
  return `${columns}${check.problem}${check.observed ? ` (${check.observed})` : ''}`;
}

function rank(check: DataCheck): number {
  return check.severity === 'error' ? 0 : check.severity === 'warning' ? 1 : 2;
}
