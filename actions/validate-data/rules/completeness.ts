/** Rules about values that are not there, or only look as if they were. */
import { quoteNumber, quoteText } from '../../../shared/data/sql-text.ts';
import { limitOf } from '../rule.ts';
import { type ColumnOfRule, type Made, ownRule, ruleWords } from './rule-context.ts';

/** What people write for "nothing"; compared without regard to case and to spaces around it. */
const WORDS_FOR_NOTHING = [
  '',
  '?',
  '-',
  '--',
  '.',
  'n/a',
  'na',
  '#n/a',
  'nan',
  'nil',
  'none',
  'null',
  'missing',
];
const NUMBERS_FOR_NOTHING = [-99, -999, -9999, -99999];

/** `disguisedNulls`: values that stand for nothing and are no null. On the object it is asked of every column. */
export const disguisedNulls = ownRule('disguisedNulls', (given, context) => {
  const limit = limitOf(given);
  const of = (column: ColumnOfRule): Made[] => {
    const failing = standsForNothing(column, given.values);
    if (failing === undefined) return [];
    const words = ruleWords('disguisedNulls', given.values ? given.values.join(', ') : '', limit);
    const test = { kind: 'rows', failing, shown: [column.name] } as const;
    return [{ words, problem: 'value stands for nothing', limit, columns: [column.name], test }];
  };
  return context.column ? of(context.column) : context.columns.flatMap(of);
});

/** The condition, or undefined for a column that cannot hold such a value. */
function standsForNothing(
  { kind, sql, number, type }: ColumnOfRule,
  values: readonly (string | number)[] | undefined,
): string | undefined {
  const asNumber = (value: string | number): number | undefined =>
    typeof value === 'number'
      ? value
      : value.trim() !== '' && Number.isFinite(Number(value))
        ? Number(value)
        : undefined;
  const numbers = (values ?? NUMBERS_FOR_NOTHING).map(asNumber).filter((value) => value !== undefined);
  if (kind === 'text' && type === 'VARCHAR') {
    const words = (values ?? [...WORDS_FOR_NOTHING, ...numbers]).map((value) =>
      String(value).trim().toLowerCase(),
    );
    return `lower(trim(${sql})) IN (${[...new Set(words)].map(quoteText).join(', ')})`;
  }
  if (number === undefined || numbers.length === 0) return undefined;
  return `${number} IN (${numbers.map(quoteNumber).join(', ')})`;
}

/** `nullsTogether`: several columns are null in the same rows. */
export const nullsTogether = ownRule('nullsTogether', (given, context) => {
  const limit = limitOf(given);
  const found = given.columns.map((name, index) => context.find(name, 'columns', index));
  const nulls = found.map((column) => `(${column.sql} IS NULL)`);
  const [first, ...others] = nulls as [string, ...string[]];
  const names = found.map((column) => column.name);
  return {
    words: ruleWords('nullsTogether', `of ${names.join(', ')}`, limit),
    problem: 'some are null and others are not',
    limit,
    columns: names,
    test: { kind: 'rows', failing: others.map((other) => `${first} <> ${other}`).join(' OR '), shown: names },
  };
});

/** `atLeastOne`: not all of several columns are null. */
export const atLeastOne = ownRule('atLeastOne', (given, context) => {
  const limit = limitOf(given);
  const found = given.columns.map((name, index) => context.find(name, 'columns', index));
  const names = found.map((column) => column.name);
  return {
    words: ruleWords('atLeastOne', `of ${names.join(', ')}`, limit),
    problem: 'all are null',
    limit,
    columns: names,
    test: {
      kind: 'rows',
      failing: found.map((column) => `${column.sql} IS NULL`).join(' AND '),
      shown: names,
    },
  };
});
