/** Training–serving skew: the same features, as they were trained on and as they are served. */
import { quoteIdentifier } from '../../../shared/data/sql-text.ts';
import type { RuleRun } from '../rule.ts';
import { columnOfOther, comparedColumns, rowsOfOther } from './referential.ts';
import { type ColumnOfRule, ownRule, ruleWords } from './rule-context.ts';

const MOST = 0.1;

interface Pair {
  mine: ColumnOfRule;
  theirs: ColumnOfRule;
}

/**
 * `servingSkew`. With `join`, rows of the same key are compared: the share of them whose value differs. Without, the
 * columns' distributions: the largest difference of a category's share (L∞), or of numbers and times that of the
 * distribution functions (Kolmogorov–Smirnov).
 */
export const servingSkew = ownRule('servingSkew', (given, context) => {
  const other = context.other(given.with);
  const table = rowsOfOther(other, context, 'with');
  const max = given.max ?? MOST;
  const keys = (given.join ?? []).map((name, index): Pair => {
    return {
      mine: context.find(name, 'join', index),
      theirs: columnOfOther(other, name, context, 'join', index),
    };
  });
  const shared = new Set(other.columns.map((column) => column.name));
  const mine = given.columns
    ? given.columns.map((name, index) => context.find(name, 'columns', index))
    : context.columns.filter(({ name }) => shared.has(name) && !given.join?.includes(name));
  const pairs = mine.map((column, index): Pair => {
    return { mine: column, theirs: columnOfOther(other, column.name, context, 'columns', index) };
  });
  if (pairs.length === 0)
    throw context.fail('There is no column to compare', 'Give data that share columns.', 'with');
  const how = given.join ? ` by ${given.join.join(', ')}` : '';
  return {
    words: ruleWords('servingSkew', `against ${given.with}${how}, max ${max}`),
    problem: given.join ? 'values of the same key differ' : 'the distributions differ',
    columns: given.columns ? mine.map(({ name }) => name) : [],
    test: {
      kind: 'measured',
      async measure(run) {
        const skews =
          keys.length > 0
            ? await differingShares(pairs, keys, table, run)
            : await distances(pairs, table, run);
        if (skews === undefined) {
          const observed = 'no key occurs in both';
          return { failing: null, observed, verdict: 'broken', examples: [] };
        }
        skews.sort((a, b) => b.skew - a.skew);
        const above = skews.filter(({ skew }) => skew > max);
        const shown = (above.length > 0 ? above.slice(0, 5) : skews.slice(0, 1)).map(
          ({ name, skew }) => `${name}: ${Number(skew.toPrecision(6))}`,
        );
        const observed = shown.join(', ') || null;
        return { failing: null, observed, verdict: above.length > 0 ? 'broken' : 'pass', examples: [] };
      },
    },
  };
});

interface Skew {
  name: string;
  skew: number;
}

async function differingShares(
  pairs: readonly Pair[],
  keys: readonly Pair[],
  table: string,
  run: RuleRun,
): Promise<Skew[] | undefined> {
  const on = keys.map(({ mine, theirs }) => comparedColumns(mine, theirs).join(' = ')).join(' AND ');
  const parts = pairs.map(({ mine, theirs }, index) => {
    const [left, right] = comparedColumns(mine, theirs);
    return `count_if(${left} IS DISTINCT FROM ${right}) AS d${index}`;
  });
  const [row] = await run.engine.rows(
    `SELECT count(*) AS n, ${parts.join(', ')} FROM ${quoteIdentifier(run.table)} AS mine JOIN ${table} AS theirs ON ${on}`,
  );
  const joined = Number(row?.n);
  if (joined === 0) return undefined;
  return pairs.map(({ mine }, index) => ({ name: mine.name, skew: Number(row?.[`d${index}`]) / joined }));
}

async function distances(pairs: readonly Pair[], table: string, run: RuleRun): Promise<Skew[]> {
  const skews: Skew[] = [];
  for (const { mine, theirs } of pairs) {
    const isOrdered = mine.kind === theirs.kind && (mine.kind === 'numeric' || mine.kind === 'time');
    const value = (column: ColumnOfRule): string =>
      isOrdered ? (column.number ?? column.sql) : `${column.sql}::VARCHAR`;
    const counts = `SELECT v, sum(a) AS a, sum(b) AS b FROM (
        SELECT ${value(mine)} AS v, 1 AS a, 0 AS b FROM ${quoteIdentifier(run.table)}
        UNION ALL SELECT ${value(theirs)}, 0, 1 FROM ${table}) GROUP BY v`;
    const shares = `SELECT v, a / sum(a) OVER () AS p, b / sum(b) OVER () AS q FROM (${counts})`;
    // A null is a category of its own, in numbers too; it stands before the first number.
    const [row] = await run.engine.rows(
      isOrdered
        ? `SELECT max(abs(d)) AS d FROM (SELECT sum(p - q) OVER (ORDER BY v NULLS FIRST RANGE UNBOUNDED PRECEDING) AS d FROM (${shares}))`
        : `SELECT max(abs(p - q)) AS d FROM (${shares})`,
    );
    const skew = Number(row?.d ?? 0);
    // One of the two is empty.
    skews.push({ name: mine.name, skew: Number.isFinite(skew) ? skew : 1 });
  }
  return skews;
}
