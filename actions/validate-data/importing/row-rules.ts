import { quoteText } from '../../../shared/data/sql-text.ts';

/** Pieces of rules that several foreign contracts ask for. */

/** What a rule is called and how much it weighs. */
export interface RuleHead {
  name: string;
  severity?: 'error' | 'warning' | 'info';
}

/** What no value of a column is compared with: lists, objects, NaN. */
class NoValue extends Error {}

/** What a foreign rule becomes, or the reason why not, also where a value in it is none. */
export function orReason(work: () => string | undefined): string | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof NoValue) return error.message;
    throw error;
  }
}

/** @throws NoValue for what is none. */
function columnValue(value: unknown): string | number | boolean {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && !Number.isNaN(value)) return value;
  throw new NoValue(`${typeof value === 'number' ? 'NaN' : JSON.stringify(value)} is no value of a column`);
}

/** A value as SQL. @throws NoValue */
export function sqlLiteral(given: unknown): string {
  const value = columnValue(given);
  if (typeof value === 'string') return quoteText(value);
  return value === Infinity || value === -Infinity ? `'${value}'::DOUBLE` : String(value);
}

/** `{property} >= 3 AND {property} < 5`; an absent bound is no bound. `of` is what stands for the value. */
export function withinBounds(
  bounds: { minimum?: unknown; maximum?: unknown; exclusiveMinimum?: boolean; exclusiveMaximum?: boolean },
  of = '{property}',
): string {
  const parts = [];
  if (isGiven(bounds.minimum))
    parts.push(`${of} ${bounds.exclusiveMinimum ? '>' : '>='} ${sqlLiteral(bounds.minimum)}`);
  if (isGiven(bounds.maximum))
    parts.push(`${of} ${bounds.exclusiveMaximum ? '<' : '<='} ${sqlLiteral(bounds.maximum)}`);
  return parts.join(' AND ');
}

/** Operators of the standard for a number that must lie within bounds: one for each rule to make. */
export function boundOperators(bounds: {
  minimum?: unknown;
  maximum?: unknown;
  exclusiveMinimum?: boolean;
  exclusiveMaximum?: boolean;
}): Record<string, unknown>[] {
  const { minimum, maximum } = bounds;
  const closed = !bounds.exclusiveMinimum && !bounds.exclusiveMaximum;
  if (isGiven(minimum) && isGiven(maximum) && closed) {
    return [minimum === maximum ? { mustBe: minimum } : { mustBeBetween: [minimum, maximum] }];
  }
  const operators: Record<string, unknown>[] = [];
  if (isGiven(minimum))
    operators.push({ [bounds.exclusiveMinimum ? 'mustBeGreaterThan' : 'mustBeGreaterOrEqualTo']: minimum });
  if (isGiven(maximum))
    operators.push({ [bounds.exclusiveMaximum ? 'mustBeLessThan' : 'mustBeLessOrEqualTo']: maximum });
  return operators;
}

/**
 * A condition on the values of a column, null excepted, as a rule under that property.
 * @param mostly the share of the values that must satisfy it, 0 to 1; all when it is left out.
 */
export function valuesRule(head: RuleHead, condition: string, mostly = 1): Record<string, unknown> {
  if (mostly >= 1) return { ...head, type: 'sql', query: condition };
  const query = `SELECT CASE WHEN count({property}) = 0 THEN 1 ELSE count_if((${condition}) AND {property} IS NOT NULL) / count({property}) END FROM {object}`;
  return { ...head, type: 'sql', query, mustBeGreaterOrEqualTo: mostly };
}

/** A rule of ours. */
export function ownRule(head: RuleHead, implementation: Record<string, unknown>): Record<string, unknown> {
  return { ...head, type: 'custom', engine: 'mlops-actions', implementation };
}

/** Why a Python regular expression cannot be used, or undefined: RE2 runs in linear time and has none of these. */
export function foreignPattern(pattern: string): string | undefined {
  if (/\(\?<?[=!]/.test(pattern)) return 'its pattern looks ahead or behind, which RE2 cannot';
  if (/\\[1-9]|\(\?P=/.test(pattern)) return 'its pattern refers back to a group, which RE2 cannot';
  return undefined;
}

export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** No value but these. */
export function onlyValues(head: RuleHead, validValues: unknown[]): Record<string, unknown> {
  return {
    ...head,
    metric: 'invalidValues',
    arguments: { validValues: validValues.map(columnValue) },
    mustBe: 0,
  };
}

/** None of these values. */
export function noneOf(head: RuleHead, values: unknown[], mostly = 1): Record<string, unknown> {
  return valuesRule(head, `{property} NOT IN (${values.map(sqlLiteral).join(', ')})`, mostly);
}
