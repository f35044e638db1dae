import { type Engine, quoteIdentifier } from '../../shared/data/engine.ts';
import { UserError } from '../../shared/errors.ts';
import type { DataCheck } from '../../shared/records/data-validation.ts';
import { duplicateExamples, type ExampleSource, rowExamples } from './examples.ts';
import { isWithin, type Limit, type Rule } from './rule.ts';

export interface RuleRun {
  engine: Engine;
  /** The table's name in SQL. */
  table: string;
  rowCount: number;
  now: Date;
  /** Distinct values of a column, null excluded, where they are known already. */
  distinct: ReadonlyMap<string, { distinct: number; count: number }>;
  examples: ExampleSource;
  /** Columns of the contract that the data lack: rules that name them are `missing`, not broken. */
  missingColumns: ReadonlySet<string>;
  locate(path: readonly (string | number)[]): { file: string; line: number; key: string };
  progress?: (message: string) => void;
}

/** What one rule found, before it is worded. */
interface Finding {
  failing: number | null;
  observed: string | null;
  verdict: 'pass' | 'broken' | 'missing' | 'not_judged';
  examples: string[];
}

const NO_ROW: Limit = { operator: 'mustBe', value: 0, unit: 'rows' };

/**
 * Runs all rules. Rules about single rows share one pass over the data; examples are looked up for the broken ones.
 * @throws UserError where the contract's own SQL, pattern or date cannot be used.
 */
export async function runRules(rules: readonly Rule[], run: RuleRun): Promise<DataCheck[]> {
  const counts = await countFailingRows(rules, run);
  const checks: DataCheck[] = [];
  for (const [index, rule] of rules.entries()) {
    run.progress?.(`Check ${index + 1} of ${rules.length}`);
    const finding = await findingOf(rule, counts.get(rule), run);
    checks.push(toCheck(rule, finding, run));
  }
  return checks;
}

async function countFailingRows(rules: readonly Rule[], run: RuleRun): Promise<Map<Rule, number>> {
  const ofRows = rules.filter((rule) => rule.test.kind === 'rows');
  if (ofRows.length === 0) return new Map();
  const parts = ofRows.map((rule, index) => `count_if(${failingCondition(rule)}) AS f${index}`);
  try {
    const [row] = await run.engine.rows(`SELECT ${parts.join(',\n')} FROM ${quoteIdentifier(run.table)}`);
    return new Map(ofRows.map((rule, index) => [rule, Number(row?.[`f${index}`])]));
  } catch (error) {
    throw await theBrokenRule(ofRows, run, error);
  }
}

/** One pass for all says that something is wrong; a pass over no row for each says which. */
async function theBrokenRule(rules: readonly Rule[], run: RuleRun, error: unknown): Promise<unknown> {
  for (const rule of rules) {
    try {
      await run.engine.rows(`SELECT ${failingCondition(rule)} FROM ${quoteIdentifier(run.table)} LIMIT 1`);
    } catch (cause) {
      return contractError(rule, run, cause);
    }
  }
  return error;
}

function failingCondition(rule: Rule): string {
  return rule.test.kind === 'rows' ? `(${rule.test.failing})` : 'false';
}

async function findingOf(rule: Rule, counted: number | undefined, run: RuleRun): Promise<Finding> {
  const { test } = rule;
  switch (test.kind) {
    case 'rows': {
      const failing = counted ?? 0;
      const broken = !isWithin(rule.limit ?? NO_ROW, failing, run.rowCount);
      const examples = broken && failing > 0 ? await rowExamples(run, test.failing, test.shown) : [];
      return { failing, observed: null, verdict: broken ? 'broken' : 'pass', examples };
    }
    case 'duplicates': {
      const failing = await countDuplicates(test.columns, test.countNulls, run);
      const broken = !isWithin(rule.limit ?? NO_ROW, failing, run.rowCount);
      const examples =
        broken && failing > 0 ? await duplicateExamples(run, test.columns, test.countNulls) : [];
      return { failing, observed: null, verdict: broken ? 'broken' : 'pass', examples };
    }
    case 'rowCount': {
      const broken = !isWithin(rule.limit ?? NO_ROW, run.rowCount, run.rowCount);
      return {
        failing: null,
        observed: `${run.rowCount} rows`,
        verdict: broken ? 'broken' : 'pass',
        examples: [],
      };
    }
    case 'freshness':
      return freshness(test.newest, test.hours, run);
    case 'expression':
      return askedByContract(rule, run, () => expression(rule, test.expression, run));
    case 'query':
      return askedByContract(rule, run, () => query(rule, test.query, run));
    case 'settled': {
      const verdict = test.verdict === 'fail' || test.verdict === 'warn' ? 'broken' : test.verdict;
      return {
        failing: test.failing ?? null,
        observed: test.observed ?? null,
        verdict,
        examples: test.examples ?? [],
      };
    }
  }
}

/** Rows beyond the first of each value: 5, 5, 5 has two. */
async function countDuplicates(
  columns: readonly string[],
  countNulls: boolean,
  run: RuleRun,
): Promise<number> {
  const known = columns.length === 1 ? run.distinct.get(columns[0]!) : undefined;
  if (known && !countNulls) return known.count - known.distinct;
  const names = columns.map(quoteIdentifier);
  const where = countNulls ? '' : ` WHERE ${names.map((name) => `${name} IS NOT NULL`).join(' AND ')}`;
  const [row] = await run.engine.rows(
    `SELECT count(*) - count(DISTINCT hash(${names.join(', ')})) AS n FROM ${quoteIdentifier(run.table)}${where}`,
  );
  return Number(row?.n);
}

async function freshness(newest: string, hours: number, run: RuleRun): Promise<Finding> {
  const [row] = await run.engine.rows(
    `SELECT epoch_ms(${newest}) AS newest FROM ${quoteIdentifier(run.table)}`,
  );
  if (typeof row?.newest !== 'number') {
    return { failing: null, observed: 'no time in the data', verdict: 'broken', examples: [] };
  }
  const age = (run.now.getTime() - row.newest) / 3_600_000;
  const observed = `${new Date(row.newest).toISOString().slice(0, 19)} UTC, ${age.toFixed(1)} h ago`;
  return { failing: null, observed, verdict: age <= hours ? 'pass' : 'broken', examples: [] };
}

async function expression(rule: Rule, text: string, run: RuleRun): Promise<Finding> {
  const failing = `NOT COALESCE((${text}\n), true)`;
  await requireOneStatement(`SELECT ${failing} FROM ${quoteIdentifier(run.table)}`, run);
  const [row] = await run.engine.rows(`SELECT count_if(${failing}) AS n FROM ${quoteIdentifier(run.table)}`);
  const count = Number(row?.n);
  const broken = !isWithin(rule.limit ?? NO_ROW, count, run.rowCount);
  const examples = broken && count > 0 ? await rowExamples(run, failing, columnsNamed(text, run)) : [];
  return { failing: count, observed: null, verdict: broken ? 'broken' : 'pass', examples };
}

async function query(rule: Rule, text: string, run: RuleRun): Promise<Finding> {
  const wrapped = `SELECT * FROM (${text}\n) LIMIT 2`;
  await requireOneStatement(wrapped, run);
  const rows = await run.engine.rows(wrapped);
  const values = Object.values(rows[0] ?? {});
  if (rows.length !== 1 || values.length !== 1) {
    throw new Error(
      `it gives ${rows.length === 1 ? `${values.length} columns` : rows.length === 0 ? 'no row' : 'several rows'}, and one value is needed`,
    );
  }
  const value = typeof values[0] === 'bigint' ? Number(values[0]) : values[0];
  const comparable = typeof value === 'number' || typeof value === 'boolean' ? value : String(value);
  const limit = rule.limit ?? NO_ROW;
  const verdict = value !== null && isWithin(limit, comparable, run.rowCount) ? 'pass' : 'broken';
  return { failing: null, observed: String(value), verdict, examples: [] };
}

async function askedByContract(rule: Rule, run: RuleRun, ask: () => Promise<Finding>): Promise<Finding> {
  try {
    return await ask();
  } catch (error) {
    const unknown =
      error instanceof Error && /Referenced column "(.*?)" (was )?not found/.exec(error.message)?.[1];
    if (unknown && run.missingColumns.has(unknown)) {
      return {
        failing: null,
        observed: `column ${unknown} is not in the data`,
        verdict: 'missing',
        examples: [],
      };
    }
    throw contractError(rule, run, error);
  }
}

async function requireOneStatement(sql: string, run: RuleRun): Promise<void> {
  if ((await run.engine.countStatements(sql)) !== 1) throw new Error('it is more than one statement');
}

/** Columns that an expression names, so that its examples show their values. */
function columnsNamed(text: string, run: RuleRun): string[] {
  const words = new Set(
    text
      .match(/"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_]*/gu)
      ?.map((word) => word.replace(/^"|"$/g, '').replaceAll('""', '"').toLowerCase()),
  );
  return run.examples.columns.filter((name) => words.has(name.toLowerCase()));
}

function contractError(rule: Rule, run: RuleRun, cause: unknown): unknown {
  if (cause instanceof UserError || !(cause instanceof Error) || cause.name === 'AbortError') return cause;
  const sentence = cause.message.split('\n')[0]!.replace(/^[\w ]+Error: /, '');
  return new UserError(`The rule "${rule.words}" cannot be run: ${sentence}`, {
    where: rule.path ? run.locate(rule.path) : {},
    fix: 'Correct the rule; its SQL is that of DuckDB, its patterns those of RE2.',
    cause,
  });
}

function toCheck(rule: Rule, finding: Finding, run: RuleRun): DataCheck {
  const broken = rule.severity === 'error' ? 'fail' : 'warn';
  const place = rule.path ? run.locate(rule.path) : undefined;
  return {
    columns: [...rule.columns],
    rule: rule.words,
    problem: rule.problem,
    severity: rule.severity,
    verdict: finding.verdict === 'broken' ? broken : finding.verdict,
    failing: finding.failing,
    total: finding.failing === null ? null : run.rowCount,
    observed: finding.observed,
    examples: finding.examples,
    where: place ? { file: place.file, line: place.line, key: place.key } : null,
  };
}
