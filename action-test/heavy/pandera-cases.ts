/** Columns and tables on which pandera and the importer of its schemas are compared. */
import { randomGenerator } from '../../shared/stats/random.ts';

type Checks = Record<string, unknown> | Record<string, unknown>[];

/** Of one column: which values it has, and what is asked of them. */
export interface ColumnCase {
  values: keyof typeof VALUES;
  asked: {
    dtype: string;
    nullable?: boolean;
    unique?: boolean;
    report_duplicates?: string;
    checks?: Checks;
  };
}

type Pick = <Value>(values: readonly Value[]) => Value;

/** Kinds of columns; a value by its row. */
const VALUES = {
  n: (pick: Pick) => pick(['', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']),
  count: (pick: Pick) => pick(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']),
  x: (pick: Pick) => pick(['', '-1.5', '0.25', '1.5', '2.5', '2.75', '7.125', '8.5']),
  word: (pick: Pick) =>
    pick(['', 'red', 'blue', 'green', 'Red', 'reds', 'blue_50', 'x.y', 'été', '"a ""b"""']),
  digits: (pick: Pick) => pick(['7', '12', '123', '4567']),
  flag: (pick: Pick) => pick(['True', 'False']),
  at: (pick: Pick) => pick(['', '2000-12-31 23:59:59', '2001-02-03 00:00:00', '2001-02-03 04:05:06']),
  key: (pick: Pick, row: number) => String(pick([row, row, row, row, Math.max(0, row - 1)])),
  // The first has no null, of which a whole number of numpy has none.
  oddWhole: (pick: Pick, row: number) => (row === 0 ? 'a' : pick(['1', '2', 'b', '2.5', '-3'])),
  oddNumber: (pick: Pick, row: number) =>
    (row === 0 ? 'a' : pick(['1', '2.5', '1e5', 'b', '', '1,5'])).replace('1,5', '"1,5"'),
  oddTime: (pick: Pick, row: number) =>
    row === 0 ? 'never' : pick(['2001-02-03', '2001-02-30', '2001-12-31', 'b']),
} as const;

const constant: Record<keyof typeof VALUES, string> = {
  n: '5',
  count: '5',
  x: '1.5',
  word: 'red',
  digits: '12',
  flag: 'True',
  at: '2001-02-03 00:00:00',
  key: '1',
  oddWhole: 'a',
  oddNumber: 'a',
  oddTime: 'b',
};

const of = (values: ColumnCase['values'], dtype: string, checks: Record<string, unknown>[]): ColumnCase[] =>
  checks.map((one) => ({ values, asked: { dtype, nullable: true, checks: one } }));

const comparisons = (value: unknown) =>
  [
    'equal_to',
    'not_equal_to',
    'greater_than',
    'greater_than_or_equal_to',
    'less_than',
    'less_than_or_equal_to',
  ].map((name) => ({ [name]: value }));
const ranges = [
  { in_range: { min_value: 2, max_value: 7 } },
  { in_range: { min_value: 2, max_value: 7, include_min: false, include_max: false } },
  { in_range: { min_value: 1.5, max_value: 7, include_max: false } },
  { in_range: { min_value: -1.5, max_value: 9 } },
];

/** Each becomes a column of its own. */
export const COLUMNS: readonly ColumnCase[] = [
  ...of('n', 'Int64', [...comparisons(5), ...ranges]),
  ...of('x', 'float64', [
    ...comparisons(2.5),
    ...ranges,
    { in_range: { min_value: 0, max_value: Infinity } },
  ]),
  ...of('at', 'datetime64[ns]', [
    ...comparisons('2001-02-03 00:00:00'),
    { in_range: { min_value: '2001-01-01 00:00:00', max_value: '2001-02-03 04:05:06' } },
  ]),
  ...of('flag', 'boolean', [{ equal_to: true }, { isin: { value: [false] } }]),
  ...of('n', 'Int64', [{ isin: { value: [1, 2, 3] } }, { notin: { value: [1, 2, 3] } }]),
  ...of('x', 'float64', [{ isin: { value: [1.5, 8.5] } }, { notin: { value: [1.5, -1.5] } }]),
  ...of('word', 'str', [
    { equal_to: 'red' },
    { isin: { value: ['red', 'blue', 'a "b"'] } },
    { isin: { value: ['red', 'blue', 'green', 'Red', 'reds', 'blue_50', 'x.y', 'été', 'a "b"'] } },
    { notin: { value: ['red', 'été'] } },
    { str_matches: { pattern: 'red' } },
    { str_matches: { pattern: '[a-z]+$' } },
    { str_matches: { pattern: 'red|blue' } },
    { str_matches: { pattern: '(?i)RED' } },
    { str_contains: { pattern: 'e' } },
    { str_contains: { pattern: '^r.d$' } },
    { str_contains: { pattern: 'x\\.y|_' } },
    { str_startswith: { string: 're' } },
    { str_startswith: { string: 'x.' } },
    { str_endswith: { string: 'd' } },
    { str_endswith: { string: '"' } },
    { str_length: { min_value: 3, max_value: 4 } },
    { str_length: { min_value: 4, max_value: null } },
    { str_length: { min_value: 3, max_value: 3 } },
    { unique_values_eq: { value: ['red'] } },
  ]),
  ...of('digits', 'str', [
    { isin: { value: ['7', '12'] } },
    { notin: { value: ['7', '12'] } },
    { equal_to: '12' },
    { str_matches: { pattern: '[1-7]+$' } },
    { str_contains: { pattern: '2' } },
    { str_startswith: { string: '1' } },
    { str_endswith: { string: '2' } },
    { str_length: { min_value: 2, max_value: 3 } },
    { unique_values_eq: { value: ['12'] } },
  ]),
  // As they stand in a file with several checks of one name.
  {
    values: 'n',
    asked: {
      dtype: 'Int64',
      nullable: true,
      checks: [
        { min_value: 2, max_value: 9, options: { check_name: 'in_range' } },
        { min_value: 0, max_value: 7, options: { check_name: 'in_range' } },
        { value: 4, options: { check_name: 'not_equal_to' } },
      ],
    },
  },
  {
    values: 'n',
    asked: {
      dtype: 'Int64',
      nullable: true,
      checks: [{ value: 4, options: { check_name: 'greater_than', raise_warning: true } }],
    },
  },
  ...(['n', 'x', 'word', 'at'] as const).map((values, at): ColumnCase => {
    return { values, asked: { dtype: ['Int64', 'float64', 'str', 'datetime64[ns]'][at]! } };
  }),
  { values: 'key', asked: { dtype: 'int64', unique: true, report_duplicates: 'exclude_first' } },
  {
    values: 'word',
    asked: { dtype: 'str', nullable: true, unique: true, report_duplicates: 'exclude_first' },
  },
  { values: 'oddWhole', asked: { dtype: 'int64' } },
  { values: 'oddNumber', asked: { dtype: 'float64', nullable: true } },
  { values: 'oddTime', asked: { dtype: 'datetime64[ns]', nullable: true } },
  { values: 'count', asked: { dtype: 'int64' } },
];

/** Stands in every table, so that no row is an empty line. */
const NAMES = ['row', ...COLUMNS.map((_, at) => `c${at}`)];

function table(rows: number, value: (of: ColumnCase, row: number) => string): string {
  const lines = Array.from({ length: rows }, (_, row) =>
    [row, ...COLUMNS.map((column) => value(column, row))].join(','),
  );
  return `${[NAMES.join(','), ...lines].join('\n')}\n`;
}

function random(rows: number, seed: number): string {
  const generator = randomGenerator(seed);
  const pick: Pick = (values) => values[Math.floor(generator() * values.length)]!;
  return table(rows, ({ values }, row) => VALUES[values](pick, row));
}

/** By what is special about them. */
export const TABLES: Readonly<Record<string, string>> = {
  'random rows': random(150, 1),
  'other random rows': random(37, 2),
  'few rows': random(3, 3),
  'one row': table(1, ({ values }) => constant[values]),
  'one value a column': table(9, ({ values }) => constant[values]),
  'no value': table(3, ({ values, asked }) => (asked.nullable ? '' : constant[values])),
  'no row': table(0, () => ''),
};

/** What is asked of a frame, beside its columns x and y. */
export const FRAMES: readonly Record<string, unknown>[] = [
  {},
  { strict: true },
  { ordered: true },
  { strict: true, ordered: true },
  { unique: ['x', 'y'], report_duplicates: 'exclude_first' },
  { unique: 'y', report_duplicates: 'exclude_first' },
  { unique_column_names: true },
];

export const FRAME_TABLES: Readonly<Record<string, string>> = {
  'as asked': 'x,y\n1,1\n2,2\n',
  'the other way round': 'y,x\n1,1\n2,2\n',
  'one more': 'x,y,z\n1,1,1\n2,2,2\n',
  'one more before': 'z,x,y\n1,1,1\n2,2,2\n',
  'one more between': 'x,z,y\n1,1,1\n2,2,2\n',
  'one less': 'x\n1\n2\n',
  'another one': 'x,z\n1,1\n2,2\n',
  'repeated rows': 'x,y\n1,1\n1,2\n1,1\n1,1\n2,2\n',
  'repeated rows of null': 'x,y,z\n,1,\n,1,\n,2,\n1,,\n1,,\n,,\n',
};

/** What is not carried over, by the names under which it is listed, sorted. */
export const LEFT_OVER = {
  schema: {
    schema_type: 'dataframe',
    columns: {
      x: {
        dtype: 'int64',
        // Of those that ask of null, of groups, or for a length without saying which bound it is.
        checks: {
          greater_than: { min_value: 5, ignore_na: false },
          less_than: { max_value: 2 },
          in_range: { min_value: 5, max_value: 9, groupby: ['y'] },
        },
        default: 3,
        drop_invalid_rows: true,
      },
      y: {
        dtype: 'complex128',
        checks: { str_matches: { pattern: '(?=a)b' }, str_length: 9 },
      },
      'z_.*': { regex: true, dtype: 'int64', required: false },
      w: { required: false, dtype: 'int64' },
    },
    checks: { less_than: { max_value: 0 } },
    index: [{ dtype: 'int64' }],
    strict: 'filter',
    add_missing_columns: true,
    drop_invalid_rows: true,
  },
  rules: [
    'add_missing_columns',
    'checks: less_than',
    'columns: w',
    'columns: z_.*',
    'drop_invalid_rows',
    'dtype: complex128',
    'index',
    'strict: filter',
    'x: default',
    'x: drop_invalid_rows',
    'x: greater_than',
    'x: in_range',
    'y: str_length',
    'y: str_matches',
  ],
} as const;
