import { quoteIdentifier, quoteNumber, quoteText } from '../../shared/data/sql-text.ts';
import type { ContractProperty, TypeOptions } from '../../shared/records/contract.ts';
import { isFloating, typedColumn } from './column-types.ts';
import { FORMATS, INTEGER_RANGES } from './formats.ts';
import type { Rule } from './rule.ts';

export interface BoundProperty {
  property: ContractProperty;
  /** The column's name in the data. */
  column: string;
  /** DuckDB's type of that column. */
  type: string;
  path: readonly (string | number)[];
}

/** The rules that a property's own keys make: `required`, `unique` and each of `logicalTypeOptions`. */
export function propertyRules(bound: BoundProperty): Rule[] {
  const { property, column, path } = bound;
  const rules: Rule[] = [];
  const add = (words: string, problem: string, test: Rule['test'], key: readonly string[]): void => {
    rules.push({ columns: [column], words, problem, severity: 'error', test, path: [...path, ...key] });
  };
  const isNull = `${quoteIdentifier(column)} IS NULL`;
  if (property.required) {
    add('required: true', 'value is null', { kind: 'rows', failing: isNull, shown: [column] }, ['required']);
  }
  if (property.unique) {
    const test = { kind: 'duplicates', columns: [column], countNulls: false } as const;
    add('unique: true', 'repeats an earlier value', test, ['unique']);
  }
  for (const [option, value] of Object.entries(property.logicalTypeOptions ?? {})) {
    const made = optionTest(option as keyof TypeOptions, value, bound);
    if (!made) continue;
    const test = made.failing
      ? ({ kind: 'rows', failing: made.failing, shown: [column] } as const)
      : ({ kind: 'settled', verdict: 'not_judged', observed: made.problem } as const);
    add(`${option}: ${JSON.stringify(value)}`, made.problem, test, ['logicalTypeOptions', option]);
  }
  return rules;
}

interface OptionTest {
  /** Absent: the option describes and is not judged. */
  failing?: string;
  problem: string;
}

function optionTest(option: keyof TypeOptions, value: unknown, bound: BoundProperty): OptionTest | undefined {
  const { property, column, type } = bound;
  const typed = typedColumn(column, property.logicalType, type);
  const length = `length(${typed})`;
  const items = `len(${quoteIdentifier(column)})`;
  const options = property.logicalTypeOptions ?? {};
  switch (option) {
    case 'minimum':
      return outside(typed, options.exclusiveMinimum === true ? '<=' : '<', value, bound);
    case 'maximum':
      return outside(typed, options.exclusiveMaximum === true ? '>=' : '>', value, bound);
    case 'exclusiveMinimum':
      return typeof value === 'boolean' ? undefined : outside(typed, '<=', value, bound);
    case 'exclusiveMaximum':
      return typeof value === 'boolean' ? undefined : outside(typed, '>=', value, bound);
    case 'multipleOf':
      return { failing: notMultiple(typed, Number(value)), problem: `value is not a multiple of ${value}` };
    case 'minLength':
      return { failing: `${length} < ${Number(value)}`, problem: `text is shorter than ${value}` };
    case 'maxLength':
      return { failing: `${length} > ${Number(value)}`, problem: `text is longer than ${value}` };
    case 'pattern':
      return {
        failing: `NOT regexp_matches(${typed}, ${quoteText(String(value))})`,
        problem: 'text does not match the pattern',
      };
    case 'format':
      return formatTest(typed, String(value), bound);
    case 'minItems':
      return { failing: `${items} < ${Number(value)}`, problem: `list has fewer than ${value} items` };
    case 'maxItems':
      return { failing: `${items} > ${Number(value)}`, problem: `list has more than ${value} items` };
    case 'uniqueItems':
      if (value !== true) return undefined;
      return {
        failing: `${items} <> len(list_distinct(${quoteIdentifier(column)}))`,
        problem: 'list repeats an item',
      };
    case 'timezone':
      if (value !== true || type === 'TIMESTAMP WITH TIME ZONE') return undefined;
      return { failing: `${quoteIdentifier(column)} IS NOT NULL`, problem: 'time has no time zone' };
    case 'defaultTimezone':
    case 'minProperties':
    case 'maxProperties':
    case 'required':
      return { problem: `${option} describes and is not judged` };
  }
}

function outside(typed: string, comparison: string, value: unknown, bound: BoundProperty): OptionTest {
  const words: Record<string, string> = {
    '<': 'below',
    '<=': 'at or below',
    '>': 'above',
    '>=': 'at or above',
  };
  const problem = `value is ${words[comparison]} ${value}`;
  const { logicalType } = bound.property;
  if (logicalType === 'date' || logicalType === 'timestamp' || logicalType === 'time') {
    const sql = logicalType === 'time' ? 'TIME' : 'TIMESTAMP';
    return { failing: `${typed}::${sql} ${comparison} CAST(${quoteText(String(value))} AS ${sql})`, problem };
  }
  const compared = `${typed} ${comparison} ${quoteNumber(Number(value))}`;
  return {
    failing: isFloating(logicalType, bound.type) ? `(${compared} OR isnan(${typed}))` : compared,
    problem,
  };
}

/** Remainders of decimal fractions are rarely exactly 0: `0.3 % 0.1` is 0.09999999999999998. */
function notMultiple(typed: string, divisor: number): string {
  const quotient = `(${typed} / ${quoteNumber(divisor)})`;
  return `abs(${quotient} - round(${quotient})) > 1e-9 * greatest(1, abs(${quotient}))`;
}

function formatTest(typed: string, format: string, bound: BoundProperty): OptionTest {
  if (bound.property.logicalType === 'integer') {
    const range = INTEGER_RANGES[format];
    if (!range) return { problem: `format ${format} is not judged` };
    return {
      failing: `${typed}::DOUBLE < ${range[0]}::DOUBLE OR ${typed}::DOUBLE > ${range[1]}::DOUBLE`,
      problem: `value does not fit ${format}`,
    };
  }
  const pattern = bound.property.logicalType === 'string' ? FORMATS[format] : undefined;
  if (!pattern) return { problem: `format ${format} describes and is not judged` };
  return {
    failing: `NOT regexp_full_match(${typed}, ${quoteText(pattern)})`,
    problem: `text is not a ${format}`,
  };
}
