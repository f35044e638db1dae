/** Rules about several columns at once. Comparisons of a row's columns are written as `type: sql` with an expression. */
import { quoteIdentifier, quoteNumber } from '../../../shared/data/sql-text.ts';
import { isWithin, limitOf, type RuleRun } from '../rule.ts';
import { type ColumnOfRule, holdsNoNumbers, ownRule, ruleWords } from './rule-context.ts';

/** `sum`: columns of a row add up to another one, or to a number. Rows with a null hold, as in SQL's CHECK. */
export const sum = ownRule('sum', (given, context) => {
  const limit = limitOf(given);
  const parts = given.columns.map((name, index) => context.find(name, 'columns', index));
  const total = typeof given.equals === 'string' ? context.find(given.equals, 'equals') : undefined;
  const named = [...parts, ...(total ? [total] : [])];
  const words = ruleWords('sum', `of ${given.columns.join(', ')} equals ${given.equals}`, limit);
  const made = { words, problem: 'the columns do not add up', limit, columns: named.map(({ name }) => name) };
  const wordless = named.find(({ number }) => number === undefined);
  if (wordless) return { ...made, test: holdsNoNumbers(wordless) };
  const left = parts.map(({ number }) => number).join(' + ');
  const right = total ? total.number! : quoteNumber(given.equals as number);
  // Decimal fractions rarely add up exactly: 0.1 + 0.2 is not 0.3.
  const reach =
    given.tolerance === undefined ? `1e-9 * greatest(1, abs(${right}))` : quoteNumber(given.tolerance);
  const failing = `abs((${left}) - ${right}) > ${reach}`;
  return { ...made, test: { kind: 'rows', failing, shown: made.columns } };
});

/** `correlation`: Pearson's, Spearman's or Cramér's V of two columns, over the rows that have both. */
export const correlation = ownRule('correlation', (given, context) => {
  const limit = limitOf(given)!;
  const [a, b] = given.columns.map((name, index) => context.find(name, 'columns', index)) as [
    ColumnOfRule,
    ColumnOfRule,
  ];
  const words = ruleWords('correlation', `by ${given.method} of ${a.name}, ${b.name}`, limit);
  const made = { words, problem: `is the correlation by ${given.method}`, limit, columns: [a.name, b.name] };
  if (given.method === 'cramersV') {
    const measure = (run: RuleRun) => association(a, b, run);
    return { ...made, test: measuredNumber(measure) };
  }
  const wordless = [a, b].find(({ number }) => number === undefined);
  if (wordless) return { ...made, test: holdsNoNumbers(wordless) };
  if (given.method === 'pearson')
    return { ...made, test: { kind: 'number', value: `corr(${a.number}, ${b.number})` } };
  return { ...made, test: measuredNumber((run) => rankCorrelation(a.number!, b.number!, run)) };
});

function measuredNumber(measure: (run: RuleRun) => Promise<number | null>) {
  return {
    kind: 'measured' as const,
    async measure(run: RuleRun, limit: Parameters<typeof isWithin>[0]) {
      const value = await measure(run);
      const kept = value !== null && isWithin(limit, value, run.rowCount);
      const observed =
        value === null
          ? 'there is none: a column is constant or empty'
          : String(Number(value.toPrecision(12)));
      return {
        failing: null,
        observed,
        verdict: kept ? ('pass' as const) : ('broken' as const),
        examples: [],
      };
    },
  };
}

/** Pearson's correlation of mid-ranks. */
async function rankCorrelation(a: string, b: string, run: RuleRun): Promise<number | null> {
  const rank = (value: string): string =>
    `rank() OVER (ORDER BY ${value}) + (count(*) OVER (PARTITION BY ${value}) - 1) / 2`;
  const [row] = await run.engine.rows(`SELECT corr(ra, rb) AS r FROM (
    SELECT ${rank('a')} AS ra, ${rank('b')} AS rb FROM (
      SELECT ${a} AS a, ${b} AS b FROM ${quoteIdentifier(run.table)}) WHERE a IS NOT NULL AND b IS NOT NULL)`);
  return finite(row?.r);
}

/** Cramér's V, √(χ²/(n·(min(rows, columns) − 1))), without correction. */
async function association(a: ColumnOfRule, b: ColumnOfRule, run: RuleRun): Promise<number | null> {
  const [row] = await run.engine.rows(`WITH cells AS (
      SELECT ${a.sql} AS a, ${b.sql} AS b, count(*)::DOUBLE AS n FROM ${quoteIdentifier(run.table)}
      WHERE ${a.sql} IS NOT NULL AND ${b.sql} IS NOT NULL GROUP BY 1, 2),
    sums AS (SELECT n, sum(n) OVER (PARTITION BY a) AS na, sum(n) OVER (PARTITION BY b) AS nb FROM cells)
    SELECT sqrt(greatest(0, sum(n * n / (na * nb)) - 1) / nullif(
      (SELECT least(count(DISTINCT a), count(DISTINCT b)) - 1 FROM cells), 0)) AS v FROM sums`);
  return finite(row?.v);
}

const finite = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
