import { quoteIdentifier } from '../../shared/data/engine.ts';
import type { DataCheck } from '../../shared/records/data-validation.ts';
import { duplicateExamples, rowExamples } from './examples.ts';
import { type Finding, isWithin, NO_ROW, type Rule, type RuleRun } from './rule.ts';
import { contractError, duplicatesQuery, shareOnePass } from './shared-pass.ts';

/**
 * Runs all rules. Rules about single rows, numbers of the table and its newest time share one pass over the data;
 * examples are looked up for the broken ones.
 * @throws UserError where the contract's own SQL, pattern or date cannot be used.
 */
export async function runRules(rules: readonly Rule[], run: RuleRun): Promise<DataCheck[]> {
  const answers = await shareOnePass(rules, run);
  const checks: DataCheck[] = [];
  for (const [index, rule] of rules.entries()) {
    run.progress?.(`Check ${index + 1} of ${rules.length}`);
    const finding = await findingOf(rule, answers.get(rule) ?? null, run);
    checks.push(toCheck(rule, finding, run));
  }
  return checks;
}

async function findingOf(rule: Rule, answer: number | null, run: RuleRun): Promise<Finding> {
  const { test } = rule;
  const limit = rule.limit ?? NO_ROW;
  switch (test.kind) {
    case 'rows': {
      const failing = answer ?? 0;
      const broken = !isWithin(limit, failing, run.rowCount);
      const examples = broken && failing > 0 ? await rowExamples(run, test.failing, test.shown) : [];
      return { failing, observed: null, verdict: broken ? 'broken' : 'pass', examples };
    }
    case 'duplicates': {
      const failing = await countDuplicates(test.columns, test.countNulls, run);
      const broken = !isWithin(limit, failing, run.rowCount);
      const examples =
        broken && failing > 0 ? await duplicateExamples(run, test.columns, test.countNulls) : [];
      return { failing, observed: null, verdict: broken ? 'broken' : 'pass', examples };
    }
    case 'rowCount': {
      const verdict = isWithin(limit, run.rowCount, run.rowCount) ? 'pass' : 'broken';
      return { failing: null, observed: `${run.rowCount} rows`, verdict, examples: [] };
    }
    case 'number': {
      const value = typeof test.value === 'string' ? answer : test.value;
      if (value === null || !Number.isFinite(value))
        return { failing: null, observed: 'there is none', verdict: 'broken', examples: [] };
      const verdict = isWithin(limit, value, run.rowCount) ? 'pass' : 'broken';
      return { failing: null, observed: String(Number(value.toPrecision(12))), verdict, examples: [] };
    }
    case 'freshness':
      return freshness(answer, test.hours, run.now);
    case 'measured':
      return test.measure(run, limit);
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
        ...(test.history && { history: test.history }),
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
  const statement = duplicatesQuery({ columns, countNulls }, run.table);
  if (run.answered?.has(statement)) return Number(run.answered.get(statement));
  const [row] = await run.engine.rows(statement);
  return Number(row?.n);
}

/** @param newest in milliseconds since 1970; a time that is still to come is a mistake, not fresh. */
function freshness(newest: number | null, hours: number, now: Date): Finding {
  if (newest === null || !Number.isFinite(newest)) {
    return { failing: null, observed: 'no time in the data', verdict: 'broken', examples: [] };
  }
  const age = (now.getTime() - newest) / 3_600_000;
  const isReadable = Math.abs(newest) <= 8.64e15;
  const time = isReadable ? `${new Date(newest).toISOString().slice(0, 19)} UTC` : `${newest} ms after 1970`;
  const observed = age < 0 ? `${time}, ${(-age).toFixed(1)} h after now` : `${time}, ${age.toFixed(1)} h ago`;
  return { failing: null, observed, verdict: age >= 0 && age <= hours ? 'pass' : 'broken', examples: [] };
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
  const observed =
    typeof comparable === 'string' && value !== null ? run.examples.show('', comparable) : String(value);
  return { failing: null, observed, verdict, examples: [] };
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
    ...(finding.history && { history: finding.history }),
    where: place ? { file: place.file, line: place.line, key: place.key } : null,
  };
}
