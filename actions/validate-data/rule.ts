import type { Engine } from '../../shared/data/engine.ts';
import type { Operator } from '../../shared/records/contract-operators.ts';
import type { CheckHistory, CheckSeverity, CheckVerdict } from '../../shared/records/data-validation.ts';
import type { ExampleSource } from './examples.ts';

export interface Bound {
  operator: Operator;
  /** Two numbers for the operators that end in Between; both ends belong to the interval. */
  value: number | boolean | string | readonly number[];
}

/** How many rows, or how large a number, a rule allows: one bound, or a lower and an upper one. */
export interface Limit {
  bounds: readonly Bound[];
  unit: 'rows' | 'percent';
}

/** What rules are run on. */
export interface RuleRun {
  engine: Engine;
  /** The table's name in SQL. */
  table: string;
  rowCount: number;
  now: Date;
  /** Distinct values of a column, null excluded, where they are known already. */
  distinct: ReadonlyMap<string, { distinct: number; count: number }>;
  examples: ExampleSource;
  /** Answers by the SQL of the question, where it was asked before. */
  answered?: ReadonlyMap<string, number | null>;
  /** Columns of the contract that the data lack: rules that name them are `missing`, not broken. */
  missingColumns: ReadonlySet<string>;
  locate(path: readonly (string | number)[]): { file: string; line: number; key: string };
  progress?: (message: string) => void;
}

/** What one rule found, before it is worded. */
export interface Finding {
  failing: number | null;
  observed: string | null;
  verdict: 'pass' | 'broken' | 'missing' | 'not_judged';
  examples: string[];
  /** Where it was compared with earlier runs. */
  history?: CheckHistory;
}

/** What a rule looks at. SQL fragments are over one row of the data and never hold text from outside unescaped. */
export type Test =
  /** Counts rows for which `failing` is true. */
  | { kind: 'rows'; failing: string; shown: readonly string[] }
  /** As `rows`, but written by the author of the contract, so it runs alone and its errors are his. */
  | { kind: 'expression'; expression: string }
  /** Counts rows that repeat an earlier row's values in these columns. */
  | { kind: 'duplicates'; columns: readonly string[]; countNulls: boolean }
  | { kind: 'rowCount' }
  /** A number of the whole table, as an aggregate in SQL or known already; null where the data have no such number. */
  | { kind: 'number'; value: string | number | null }
  /** What one condition over a row cannot say; it reads the data by itself. */
  | { kind: 'measured'; measure(run: RuleRun, limit: Limit): Promise<Finding> }
  /** A SELECT that gives one value. */
  | { kind: 'query'; query: string }
  /** The newest time must not be older than this. */
  | { kind: 'freshness'; column: string; newest: string; hours: number }
  /** Decided without looking at rows. */
  | {
      kind: 'settled';
      verdict: CheckVerdict;
      failing?: number;
      observed?: string;
      examples?: string[];
      history?: CheckHistory;
    };

/** One check to make, with the words to report it in. */
export interface Rule {
  columns: readonly string[];
  /** In the contract's words. */
  words: string;
  /** What is wrong when it fails, to follow a number of rows: `value is null`. */
  problem: string;
  severity: CheckSeverity;
  /** Absent: no row may fail. */
  limit?: Limit;
  test: Test;
  /** The key path in the contract; absent for a comparison with the reference. */
  path?: readonly (string | number)[];
}

/** No row may break the rule. */
export const NO_ROW: Limit = { bounds: [{ operator: 'mustBe', value: 0 }], unit: 'rows' };

/** The bounds as the contract has them, e.g. `mustBeLessThan: 1 percent`, and whether the ends of a pair belong to it. */
export function limitWords({ bounds, unit }: Limit): string {
  const words = bounds.map(({ operator, value }) => {
    if (!Array.isArray(value)) return `${operator}: ${value}`;
    return `${operator}: [${value.join(', ')}]`;
  });
  const percent = unit === 'percent' ? ' percent' : '';
  const ends = bounds.some(({ value }) => Array.isArray(value)) ? ', both ends included' : '';
  return `${words.join(' and ')}${percent}${ends}`;
}

/** The limit of a rule, or undefined where it gives none. */
export function limitOf(
  rule: Partial<Record<Operator, Bound['value']>> & { unit?: Limit['unit'] },
): Limit | undefined {
  const bounds = (Object.keys(COMPARISONS) as Operator[]).flatMap((operator) => {
    const value = rule[operator];
    return value === undefined ? [] : [{ operator, value }];
  });
  return bounds.length === 0 ? undefined : { bounds, unit: rule.unit ?? 'rows' };
}

type Comparison = (observed: number | boolean | string, value: Bound['value']) => boolean;

const ordered =
  (compare: (observed: number, limit: number) => boolean): Comparison =>
  (observed, value) =>
    typeof observed === 'number' && typeof value === 'number' && compare(observed, value);

const between: Comparison = (observed, value) =>
  typeof observed === 'number' && Array.isArray(value) && observed >= value[0]! && observed <= value[1]!;

const COMPARISONS: Record<Operator, Comparison> = {
  mustBe: (observed, value) => observed === value,
  mustNotBe: (observed, value) => observed !== value,
  mustBeGreaterThan: ordered((observed, limit) => observed > limit),
  mustBeGreaterOrEqualTo: ordered((observed, limit) => observed >= limit),
  mustBeLessThan: ordered((observed, limit) => observed < limit),
  mustBeLessOrEqualTo: ordered((observed, limit) => observed <= limit),
  mustBeBetween: between,
  mustNotBeBetween: (observed, value) => typeof observed === 'number' && !between(observed, value),
};

/**
 * Whether an observed number is within all bounds of the limit.
 * @param total rows in all, of which a percentage is taken; a percentage of no rows is 0.
 */
export function isWithin(limit: Limit, observed: number | boolean | string, total: number): boolean {
  const isShare = limit.unit === 'percent' && typeof observed === 'number';
  const compared = isShare ? (total === 0 ? 0 : (observed / total) * 100) : observed;
  return limit.bounds.every(({ operator, value }) => COMPARISONS[operator](compared, value));
}
