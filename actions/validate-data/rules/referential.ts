/** Rules about a second data set that this one refers to. */
import { quoteIdentifier } from '../../../shared/data/sql-text.ts';
import { nearest } from '../../../shared/records/nearest.ts';
import { limitOf } from '../rule.ts';
import {
  type ColumnOfRule,
  columnOfRule,
  type OtherData,
  ownRule,
  type RuleContext,
  ruleWords,
} from './rule-context.ts';

/** A column of another data set. @throws UserError that names the nearest. */
export function columnOfOther(
  other: OtherData,
  name: string,
  context: RuleContext,
  ...key: (string | number)[]
): ColumnOfRule {
  const known = other.columns.map((column) => column.name);
  if (!known.includes(name)) {
    const guess = nearest(name, known);
    const fix = guess ? `Did you mean ${JSON.stringify(guess)}?` : `Its columns are: ${known.join(', ')}.`;
    throw context.fail(`The other data have no column ${JSON.stringify(name)}`, fix, ...key);
  }
  return columnOfRule(
    name,
    { ...context.facts, columns: other.columns, sketches: other.sketches },
    undefined,
  );
}

/** The rows of another data set. @throws UserError for a profile, which has none. */
export function rowsOfOther(other: OtherData, context: RuleContext, key: string): string {
  if (other.table !== undefined) return quoteIdentifier(other.table);
  throw context.fail(
    'The rule compares rows, and the reference is a profile without any',
    'Give the reference as data files.',
    key,
  );
}

/** Two columns of different tables as values that can be compared: as they are where their kinds agree, else as text. */
export function comparedColumns(mine: ColumnOfRule, theirs: ColumnOfRule): [mine: string, theirs: string] {
  const both = mine.kind === theirs.kind && (mine.kind !== 'text' || mine.type === theirs.type);
  const side = (column: ColumnOfRule, table: string): string => {
    const name = `${table}.${column.sql}`;
    return both ? name : `${name}::VARCHAR`;
  };
  return [side(mine, 'mine'), side(theirs, 'theirs')];
}

/** `foreignKey`: every value (or combination) occurs in another data set; rows with a null refer to nothing. */
export const foreignKey = ownRule('foreignKey', (given, context) => {
  const limit = limitOf(given);
  const mine = given.columns
    ? given.columns.map((name, index) => context.find(name, 'columns', index))
    : context.column
      ? [context.column]
      : undefined;
  if (!mine) throw context.fail('foreignKey does not say which columns refer', 'Give columns: […].');
  if (mine.length !== given.references.length) {
    throw context.fail(
      `${mine.length} columns refer to ${given.references.length}`,
      'Give as many references as columns, in the same order.',
      'references',
    );
  }
  const other = context.other(given.data);
  const table = rowsOfOther(other, context, 'data');
  const theirs = given.references.map((name, index) =>
    columnOfOther(other, name, context, 'references', index),
  );
  const pairs = mine.map((column, index) => comparedColumns(column, theirs[index]!));
  const present = mine.map((column) => `mine.${column.sql} IS NOT NULL`).join(' AND ');
  const equal = pairs.map(([left, right]) => `${left} = ${right}`).join(' AND ');
  const names = mine.map((column) => column.name);
  return {
    words: ruleWords('foreignKey', `to ${given.references.join(', ')} of ${given.data}`, limit),
    problem: 'value does not occur there',
    limit,
    columns: names,
    test: {
      kind: 'rows',
      failing: `${present} AND NOT EXISTS (SELECT 1 FROM ${table} AS theirs WHERE ${equal})`,
      shown: names,
    },
  };
});
