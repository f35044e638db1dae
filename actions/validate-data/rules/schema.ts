/** Rules about the table's columns and the kinds of their values. */

import { quoteIdentifier } from '../../../shared/data/sql-text.ts';
import { rowExamples } from '../examples.ts';
import { isWithin, limitOf } from '../rule.ts';
import { decided, ownColumn, ownRule, ruleWords } from './rule-context.ts';

const listed = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(', ');

/** `columns`: the data's column names against the contract's properties, or against names of its own. */
export const columns = ownRule('columns', ({ set, ordered, names }, { facts, described }) => {
  const wanted = names ?? described;
  const found = facts.columns.map((column) => column.name);
  const extra = found.filter((name) => !wanted.includes(name));
  const missing = wanted.filter((name) => !found.includes(name));
  const wrong: string[] = [];
  if (set !== 'superset' && extra.length > 0)
    wrong.push(`not in the ${names ? 'rule' : 'contract'}: ${listed(extra)}`);
  if (set !== 'subset' && missing.length > 0) wrong.push(`not in the data: ${listed(missing)}`);
  if (ordered) {
    const shared = wanted.filter((name) => found.includes(name));
    const order = found.filter((name) => wanted.includes(name));
    const at = order.findIndex((name, index) => name !== shared[index]);
    if (at !== -1)
      wrong.push(`${JSON.stringify(order[at])} stands where ${JSON.stringify(shared[at])} is due`);
  }
  return {
    words: ruleWords('columns', `${set}${ordered ? ', ordered' : ''}`),
    problem: 'the columns are others',
    test: decided(wrong.length === 0, wrong.join('; ') || undefined),
  };
});

/** `columnCount`: how many columns the data have. */
export const columnCount = ownRule('columnCount', (given, { facts }) => {
  const limit = limitOf(given)!;
  return {
    words: ruleWords('columnCount', '', limit),
    problem: 'is the number of columns',
    limit,
    test: { kind: 'number', value: facts.columns.length },
  };
});

const KINDS = ['number', 'time', 'boolean', 'text'] as const;

/** What a text looks like, as SQL: one of KINDS. */
export function kindOfText(sql: string): string {
  const text = `trim(${sql})`;
  return `CASE WHEN TRY_CAST(${text} AS DOUBLE) IS NOT NULL THEN 'number'
    WHEN lower(${text}) IN ('true', 'false') THEN 'boolean'
    WHEN ${text} LIKE '%-%' AND TRY_CAST(${text} AS TIMESTAMP) IS NOT NULL THEN 'time' ELSE 'text' END`;
}

/** `mixedTypes`: in a column of text, the rows that look like another type than most. */
export const mixedTypes = ownRule('mixedTypes', (given, context) => {
  const column = ownColumn(context);
  const limit = limitOf(given);
  const made = { words: ruleWords('mixedTypes', '', limit), problem: 'value is of another type than most' };
  if (column.type !== 'VARCHAR')
    return { ...made, limit, test: { kind: 'settled', verdict: 'pass', observed: column.type, failing: 0 } };
  const kind = kindOfText(column.sql);
  return {
    ...made,
    limit,
    test: {
      kind: 'measured',
      async measure(run, allowed) {
        const rows = await run.engine.rows(`SELECT ${kind} AS kind, count(*) AS n
          FROM ${quoteIdentifier(run.table)} WHERE ${column.sql} IS NOT NULL GROUP BY 1`);
        const counts = new Map(rows.map((row) => [String(row.kind), Number(row.n)]));
        const sorted = KINDS.filter((name) => counts.has(name)).sort(
          (a, b) => counts.get(b)! - counts.get(a)!,
        );
        const failing = sorted.slice(1).reduce((sum, name) => sum + counts.get(name)!, 0);
        const isBroken = !isWithin(allowed, failing, run.rowCount);
        const other = `${column.sql} IS NOT NULL AND ${kind} <> '${sorted[0]}'`;
        return {
          failing,
          observed: sorted.map((name) => `${counts.get(name)} ${name}`).join(', ') || null,
          verdict: isBroken ? 'broken' : 'pass',
          examples: isBroken && failing > 0 ? await rowExamples(run, other, [column.name]) : [],
        };
      },
    },
  };
});
