/** Rules about columns as features: what says nothing, what says the same twice, and what was never seen before. */
import { quoteIdentifier, quoteText } from '../../../shared/data/sql-text.ts';
import { limitOf, type RuleRun } from '../rule.ts';
import { columnOfOther, comparedColumns } from './referential.ts';
import { type ColumnOfRule, decided, type Made, ownRule, ruleWords } from './rule-context.ts';

const MOST_OF_ONE_VALUE = 0.99;

/** `nearConstant`: one value, or null, has more than so large a share of the rows. */
export const nearConstant = ownRule('nearConstant', (given, context) => {
  const max = given.maxShare ?? MOST_OF_ONE_VALUE;
  const of = (column: ColumnOfRule): Made => ({
    words: ruleWords('nearConstant', `maxShare ${max}`),
    problem: 'is nearly constant',
    columns: [column.name],
    test: {
      kind: 'measured',
      async measure(run) {
        const [row] = column.sketch?.top?.values[0]
          ? [{ v: column.sketch.top.values[0].value, n: column.sketch.top.values[0].count }]
          : await run.engine.rows(`SELECT ${column.sql}::VARCHAR AS v, count(*) AS n FROM ${quoteIdentifier(run.table)}
              WHERE ${column.sql} IS NOT NULL GROUP BY ${column.sql} ORDER BY n DESC, 1 LIMIT 1`);
        const nulls = column.sketch?.nulls ?? 0;
        const isNull = nulls > Number(row?.n ?? 0);
        const rows = isNull ? nulls : Number(row?.n ?? 0);
        const share = run.rowCount === 0 ? 0 : rows / run.rowCount;
        const value = isNull ? 'null' : run.examples.show(column.name, row?.v);
        const observed = run.rowCount === 0 ? 'no row' : `${value} in ${rows} of ${run.rowCount} rows`;
        return { failing: null, observed, verdict: share > max ? 'broken' : 'pass', examples: [] };
      },
    },
  });
  return context.column ? of(context.column) : context.columns.map(of);
});

/** `duplicateColumns`: two columns with the same values in every row. */
export const duplicateColumns = ownRule('duplicateColumns', (given, context) => {
  const columns = given.columns
    ? given.columns.map((name, index) => context.find(name, 'columns', index))
    : context.columns;
  return {
    words: ruleWords('duplicateColumns', given.columns ? `among ${given.columns.join(', ')}` : ''),
    problem: 'the columns are the same',
    columns: given.columns ? columns.map(({ name }) => name) : [],
    test: {
      kind: 'measured',
      async measure(run) {
        const pairs = run.rowCount === 0 ? [] : await equalPairs(columns, run);
        const observed = pairs.map((pair) => pair.join(' = ')).join(', ') || null;
        return { failing: null, observed, verdict: pairs.length > 0 ? 'broken' : 'pass', examples: [] };
      },
    },
  };
});

/** Pairs that the sketch does not tell apart are compared row by row, all in one pass. */
async function equalPairs(columns: readonly ColumnOfRule[], run: RuleRun): Promise<[string, string][]> {
  const key = ({ kind, sketch }: ColumnOfRule): string =>
    JSON.stringify([
      kind,
      sketch?.count,
      sketch?.nulls,
      sketch?.distinct,
      sketch?.moments?.minimum,
      sketch?.moments?.maximum,
    ]);
  const candidates: [ColumnOfRule, ColumnOfRule][] = [];
  for (const [index, column] of columns.entries()) {
    for (const other of columns.slice(index + 1))
      if (key(column) === key(other)) candidates.push([column, other]);
  }
  if (candidates.length === 0) return [];
  const parts = candidates.map(([a, b], index) => {
    const [left, right] =
      a.kind === 'text' && a.type !== b.type ? [`${a.sql}::VARCHAR`, `${b.sql}::VARCHAR`] : [a.sql, b.sql];
    return `bool_and(${left} IS NOT DISTINCT FROM ${right}) AS p${index}`;
  });
  const [row] = await run.engine.rows(`SELECT ${parts.join(', ')} FROM ${quoteIdentifier(run.table)}`);
  return candidates.flatMap(([a, b], index): [string, string][] =>
    row?.[`p${index}`] === true ? [[a.name, b.name]] : [],
  );
}

/** `newCategories`: values that the other data set does not have. On the object it is asked of every column of text. */
export const newCategories = ownRule('newCategories', (given, context) => {
  const limit = limitOf(given);
  const other = context.other(given.with);
  const shared = new Set(other.columns.map((column) => column.name));
  const of = (column: ColumnOfRule): Made => {
    const theirs = columnOfOther(other, column.name, context);
    const made = {
      words: ruleWords('newCategories', `against ${given.with}`, limit),
      problem: `value is not in ${given.with}`,
      limit,
      columns: [column.name],
    };
    if (other.table !== undefined) {
      const [left, right] = comparedColumns(column, theirs);
      const known = `SELECT ${right} FROM ${quoteIdentifier(other.table)} AS theirs WHERE ${right} IS NOT NULL`;
      return {
        ...made,
        test: {
          kind: 'rows',
          failing: `${left} IS NOT NULL AND ${left} NOT IN (${known})`,
          shown: [column.name],
        },
      };
    }
    const listed = theirs.sketch?.top;
    if (!listed || listed.otherCount > 0) {
      const observed = 'the profile does not list all values of the column';
      return { ...made, test: { kind: 'settled', verdict: 'not_judged', observed } };
    }
    if (listed.values.length === 0)
      return { ...made, test: decided(column.sketch?.count === 0, 'the column was empty there') };
    const values = listed.values.map(({ value }) => quoteText(value)).join(', ');
    const text = `mine.${column.sql}::VARCHAR`;
    return {
      ...made,
      test: {
        kind: 'rows',
        failing: `${text} IS NOT NULL AND ${text} NOT IN (${values})`,
        shown: [column.name],
      },
    };
  };
  if (context.column) return of(context.column);
  return context.columns.filter(({ kind, name }) => kind === 'text' && shared.has(name)).map(of);
});
