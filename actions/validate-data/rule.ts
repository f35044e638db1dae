import type { Operator, QualityRule } from '../../shared/records/contract-quality.ts';
import type { CheckSeverity, CheckVerdict } from '../../shared/records/data-validation.ts';

/** How many rows, or how large a number, a rule allows. */
export interface Limit {
  operator: Operator;
  /** Two numbers for the operators that end in Between; both ends belong to the interval. */
  value: number | boolean | string | readonly number[];
  unit: 'rows' | 'percent';
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
  /** A SELECT that gives one value. */
  | { kind: 'query'; query: string }
  /** The newest time must not be older than this. */
  | { kind: 'freshness'; column: string; newest: string; hours: number }
  /** Decided without looking at rows. */
  | { kind: 'settled'; verdict: CheckVerdict; failing?: number; observed?: string; examples?: string[] };

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

/** The operator and its value as the contract has them, e.g. `mustBeLessThan: 1 percent`. */
export function limitWords(limit: Limit): string {
  const value = Array.isArray(limit.value) ? `[${limit.value.join(', ')}]` : String(limit.value);
  return `${limit.operator}: ${value}${limit.unit === 'percent' ? ' percent' : ''}`;
}

/** The limit of a quality rule, or undefined where it gives none. */
export function limitOf(rule: QualityRule): Limit | undefined {
  const unit = rule.unit ?? 'rows';
  for (const operator of Object.keys(COMPARISONS) as Operator[]) {
    const value = rule[operator];
    if (value !== undefined) return { operator, value, unit };
  }
  return undefined;
}

type Comparison = (observed: number | boolean | string, value: Limit['value']) => boolean;

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
 * Whether an observed number is within the limit.
 * @param total rows in all, of which a percentage is taken; a percentage of no rows is 0.
 */
export function isWithin(limit: Limit, observed: number | boolean | string, total: number): boolean {
  if (limit.unit === 'percent' && typeof observed === 'number') {
    return COMPARISONS[limit.operator](total === 0 ? 0 : (observed / total) * 100, limit.value);
  }
  return COMPARISONS[limit.operator](observed, limit.value);
}
