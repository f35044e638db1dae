/** Rules about what a model must not have seen: rows of the other set, the future, or the label itself. */
import { limitOf, type RuleRun } from '../rule.ts';
import { labelOf, predictivePower, type Teller } from './predictive-power.ts';
import { columnOfOther, comparedColumns, rowsOfOther } from './referential.ts';
import { type ColumnOfRule, ownRule, ruleWords } from './rule-context.ts';

/** `overlap`: rows (or keys) that another data set has as well. */
export const overlap = ownRule('overlap', (given, context) => {
  const limit = limitOf(given);
  const other = context.other(given.with);
  const table = rowsOfOther(other, context, 'with');
  const shared = new Set(other.columns.map((column) => column.name));
  const mine = given.columns
    ? given.columns.map((name, index) => context.find(name, 'columns', index))
    : context.columns.filter((column) => shared.has(column.name));
  if (mine.length === 0)
    throw context.fail('The two data sets share no column', 'Give data with the same columns.', 'with');
  const pairs = mine.map((column, index) => {
    const theirs = columnOfOther(other, column.name, context, 'columns', index);
    return comparedColumns(column, theirs);
  });
  // A key that is null names nothing; in whole rows a null is a value like others.
  const equal = pairs.map(
    ([left, right]) => `${left} ${given.columns ? '=' : 'IS NOT DISTINCT FROM'} ${right}`,
  );
  return {
    words: ruleWords(
      'overlap',
      `with ${given.with}${given.columns ? ` by ${given.columns.join(', ')}` : ''}`,
      limit,
    ),
    problem: `${given.columns ? 'key' : 'row'} is also in ${given.with}`,
    limit,
    columns: given.columns ? mine.map(({ name }) => name) : [],
    test: {
      kind: 'rows',
      failing: `EXISTS (SELECT 1 FROM ${table} AS theirs WHERE ${equal.join(' AND ')})`,
      shown: mine.map(({ name }) => name),
    },
  };
});

/** `timeLeakage`: rows that are not later than all of the other data set. */
export const timeLeakage = ownRule('timeLeakage', (given, context) => {
  const limit = limitOf(given);
  const mine = context.find(given.column, 'column');
  const other = context.other(given.with);
  const table = rowsOfOther(other, context, 'with');
  const theirs = columnOfOther(other, mine.name, context, 'column');
  const time = (column: ColumnOfRule, alias: string): string =>
    column.kind === 'time'
      ? `${alias}.${column.sql}::TIMESTAMP`
      : `TRY_CAST(${alias}.${column.sql}::VARCHAR AS TIMESTAMP)`;
  return {
    words: ruleWords('timeLeakage', `of ${given.column} after ${given.with}`, limit),
    problem: `is not later than all of ${given.with}`,
    limit,
    columns: [mine.name],
    test: {
      kind: 'rows',
      failing: `${time(mine, 'mine')} <= (SELECT max(${time(theirs, 'theirs')}) FROM ${table} AS theirs)`,
      shown: [mine.name],
    },
  };
});

const MOST_OF_INDEX = 0.2;
const MOST_OF_TARGET = 0.8;

/** `indexLeakage`: an identifier, or the order of the rows, tells the label. */
export const indexLeakage = ownRule('indexLeakage', (given, context) => {
  const label = context.find(given.label, 'label');
  const column = given.column === undefined ? undefined : context.find(given.column, 'column');
  const max = given.max ?? MOST_OF_INDEX;
  const name = column?.name ?? 'the order of the rows';
  return {
    words: ruleWords('indexLeakage', `of ${name} for ${label.name}, max ${max}`),
    problem: 'tells the label',
    columns: [...(column ? [column.name] : []), label.name],
    test: {
      kind: 'measured',
      measure: (run) =>
        measurePowers(run, label, [{ name, teller: column ? { column } : { rowCount: run.rowCount } }], max),
    },
  };
});

/** `targetLeakage`: a column that tells the label almost by itself. */
export const targetLeakage = ownRule('targetLeakage', (given, context) => {
  const label = context.find(given.label, 'label');
  const max = given.max ?? MOST_OF_TARGET;
  const columns = given.columns
    ? given.columns.map((name, index) => context.find(name, 'columns', index))
    : context.columns.filter((column) => column.name !== label.name);
  return {
    words: ruleWords('targetLeakage', `for ${label.name}, max ${max}`),
    problem: 'tells the label by itself',
    columns: [label.name, ...(given.columns ? columns.map(({ name }) => name) : [])],
    test: {
      kind: 'measured',
      measure: (run) =>
        measurePowers(
          run,
          label,
          columns.map((column) => ({ name: column.name, teller: { column } })),
          max,
        ),
    },
  };
});

async function measurePowers(
  run: RuleRun,
  column: ColumnOfRule,
  tellers: readonly { name: string; teller: Teller }[],
  max: number,
) {
  const label = await labelOf(run.engine, run.table, column);
  if (!label) {
    const observed = `${column.name} has no value, or too many to be classes`;
    return { failing: null, observed, verdict: 'not_judged' as const, examples: [] };
  }
  const found: { name: string; power: number }[] = [];
  for (const { name, teller } of tellers) {
    const power = await predictivePower(run.engine, run.table, teller, label);
    if (power === null) {
      const observed = `${column.name} has one value only`;
      return { failing: null, observed, verdict: 'not_judged' as const, examples: [] };
    }
    found.push({ name, power });
  }
  found.sort((a, b) => b.power - a.power);
  const above = found.filter(({ power }) => power > max);
  const shown = above.length > 0 ? above.slice(0, 5) : found.slice(0, 1);
  const more = above.length > 5 ? ` and ${above.length - 5} more` : '';
  return {
    failing: null,
    observed: `${shown.map(({ name, power }) => `${name}: ${power.toFixed(3)}`).join(', ')}${more}`,
    verdict: above.length > 0 ? ('broken' as const) : ('pass' as const),
    examples: [],
  };
}

/** `labelCorrelationChange`: a column tells the label better or worse than it does in the other data set. */
export const labelCorrelationChange = ownRule('labelCorrelationChange', (given, context) => {
  const label = context.find(given.label, 'label');
  const other = context.other(given.with);
  rowsOfOther(other, context, 'with');
  const theirLabel = columnOfOther(other, label.name, context, 'label');
  const max = given.max ?? MOST_OF_INDEX;
  const shared = new Set(other.columns.map((column) => column.name));
  const columns = given.columns
    ? given.columns.map((name, index) => context.find(name, 'columns', index))
    : context.columns.filter((column) => column.name !== label.name && shared.has(column.name));
  // Both are cut at the same edges.
  const pairs = columns.map((column, index) => {
    const theirs = columnOfOther(other, column.name, context, 'columns', index);
    return { column, theirs: column.kind === theirs.kind ? { ...theirs, sketch: column.sketch } : theirs };
  });
  return {
    words: ruleWords('labelCorrelationChange', `for ${label.name} against ${given.with}, max ${max}`),
    problem: 'tells the label more or less than before',
    columns: [label.name],
    test: {
      kind: 'measured',
      async measure(run) {
        const here = await labelOf(run.engine, run.table, label);
        const there = await labelOf(run.engine, other.table!, { ...theirLabel, sketch: undefined });
        const changes: { name: string; from: number; to: number }[] = [];
        for (const { column, theirs } of here && there && here.kind === there.kind ? pairs : []) {
          const to = await predictivePower(run.engine, run.table, { column }, here!);
          const from = await predictivePower(run.engine, other.table!, { column: theirs }, there!);
          if (to !== null && from !== null) changes.push({ name: column.name, from, to });
        }
        if (changes.length === 0) {
          const observed = `${label.name} cannot be predicted in both`;
          return { failing: null, observed, verdict: 'not_judged', examples: [] };
        }
        changes.sort((a, b) => Math.abs(b.to - b.from) - Math.abs(a.to - a.from));
        const above = changes.filter(({ from, to }) => Math.abs(to - from) > max);
        const shown = (above.length > 0 ? above.slice(0, 5) : changes.slice(0, 1)).map(
          ({ name, from, to }) => `${name}: ${from.toFixed(3)} there, ${to.toFixed(3)} here`,
        );
        return {
          failing: null,
          observed: shown.join('; '),
          verdict: above.length > 0 ? 'broken' : 'pass',
          examples: [],
        };
      },
    },
  };
});
