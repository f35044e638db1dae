import { quoteIdentifier, quoteNumber, quoteText } from '../../shared/data/sql-text.ts';
import type { UserError } from '../../shared/errors.ts';
import type { ContractProperty } from '../../shared/records/contract.ts';
import {
  isRowExpression,
  libraryMetric,
  type QualityRule,
  qualityType,
} from '../../shared/records/contract-quality.ts';
import { OWN_ENGINE, OWN_RULE_PLACES, ownRuleName } from '../../shared/records/contract-rules.ts';
import { nearest } from '../../shared/records/nearest.ts';
import { typedColumn } from './column-types.ts';
import { type Limit, limitOf, limitWords, type Rule, type Test } from './rule.ts';
import { compileOwnRule } from './rules/own-rules.ts';
import type { Made as OwnMade, RuleContext } from './rules/rule-context.ts';

export interface QualityContext {
  rule: QualityRule;
  path: readonly (string | number)[];
  /** The property under which the rule stands; absent on the object itself. */
  property?: ContractProperty;
  /** Its column in the data and that column's DuckDB type. */
  column?: string;
  type?: string;
  /** Whether that column has no value: its type is then a guess, which SQL about numbers would not take. */
  isEmpty?: boolean;
  /** Columns of the contract's properties by property name. */
  columnOf: ReadonlyMap<string, string>;
  /** The table's name in SQL. */
  table: string;
  /** What rules of ours are made from, for a rule whose parameters stand at a path. */
  own(path: readonly (string | number)[], property: ContractProperty | undefined): RuleContext;
  fail(what: string, path: readonly (string | number)[], fix: string): UserError;
}

/** The checks that one `quality` entry asks for. @throws UserError where the contract asks for what it cannot mean. */
export function qualityRule(context: QualityContext): Rule[] {
  const { rule, path } = context;
  const type = qualityType(rule);
  const columns = context.column === undefined ? [] : [context.column];
  const severity = rule.severity ?? 'error';
  const base = { columns, severity, path, limit: limitOf(rule) };
  if (type === 'text') {
    const words = rule.description ?? rule.name ?? 'a rule in words';
    return [{ ...base, words, problem: 'is for people', test: notJudged('a rule in words') }];
  }
  if (type === 'custom' && rule.engine === OWN_ENGINE) {
    const named = rule.name ? `${rule.name}: ` : '';
    return ownRules(context).map((made) => ({ ...base, ...made, words: `${named}${made.words}` }));
  }
  if (type === 'custom') {
    const test = notJudged(`a rule for ${rule.engine}`);
    return [{ ...base, words: `engine: ${rule.engine}`, problem: '', test }];
  }
  if (type === 'sql') return [{ ...base, ...sqlRule(context) }];
  return [{ ...base, ...libraryRule(context, base.limit!) }];
}

/** A rule of ours becomes one check, or one for each column that it looks at. */
function ownRules(context: QualityContext): OwnMade[] {
  const implementation = context.rule.implementation as Record<string, unknown>;
  const name = ownRuleName(implementation)!;
  const place = OWN_RULE_PLACES[name];
  const here = context.property === undefined ? 'object' : 'property';
  if (place !== 'both' && place !== here) {
    const fix = place === 'object' ? "Move it to the object's own quality." : 'Move it under a property.';
    throw context.fail(
      `The rule ${name} is about ${place === 'object' ? 'the whole object' : 'one property'}`,
      context.path,
      fix,
    );
  }
  const path = [...context.path, 'implementation', name];
  return compileOwnRule(name, implementation[name], context.own(path, context.property));
}

type Made = Pick<Rule, 'words' | 'problem' | 'test'> & Partial<Pick<Rule, 'columns' | 'limit'>>;

function libraryRule(context: QualityContext, limit: Limit): Made {
  const metric = libraryMetric(context.rule)!;
  const named = context.rule.name ? `${context.rule.name}: ` : '';
  const words = `${named}${metric} ${limitWords(limit)}`;
  const given = context.rule.arguments ?? {};
  if (metric === 'rowCount') {
    if (context.column !== undefined)
      throw misplaced(context, 'rowCount counts the rows of an object, not of a property');
    if (limit.unit === 'percent') throw misplaced(context, 'rowCount has no percent');
    return { words, problem: 'is the number of rows', test: { kind: 'rowCount' } };
  }
  if (metric === 'duplicateValues') return { words, ...duplicates(context) };
  const { column, property, type } = context;
  if (column === undefined || type === undefined) throw misplaced(context, `${metric} is about one property`);
  const name = quoteIdentifier(column);
  const rows = (failing: string): Test => ({ kind: 'rows', failing, shown: [column] });
  if (metric === 'nullValues') return { words, problem: 'value is null', test: rows(`${name} IS NULL`) };
  const typed = typedColumn(column, property?.logicalType, type);
  if (metric === 'missingValues') {
    const listed = given.missingValues ?? [null, ''];
    return { words, problem: 'value counts as missing', test: rows(isOneOf(typed, name, listed)) };
  }
  return {
    words: `${words}${validWords(context)}`,
    problem: 'value is not valid',
    test: rows(invalid(context, typed, name)),
  };
}

function invalid(context: QualityContext, typed: string, name: string): string {
  const { pattern, validValues = context.rule.validValues } = context.rule.arguments ?? {};
  const tests: string[] = [];
  if (validValues) tests.push(`NOT (${isOneOf(typed, name, validValues)})`);
  if (pattern !== undefined) tests.push(`NOT regexp_matches(${name}::VARCHAR, ${quoteText(pattern)})`);
  if (tests.length === 0) {
    throw context.fail(
      'invalidValues does not say what is valid',
      [...context.path, 'arguments'],
      'Give arguments: {validValues: [...]} or {pattern: ...}.',
    );
  }
  return `${name} IS NOT NULL AND (${tests.join(' OR ')})`;
}

function validWords(context: QualityContext): string {
  const { pattern, validValues = context.rule.validValues } = context.rule.arguments ?? {};
  const more = validValues && validValues.length > 5 ? ` and ${validValues.length - 5} more` : '';
  const values = validValues ? `, valid are ${validValues.slice(0, 5).join(', ')}${more}` : '';
  return `${values}${pattern === undefined ? '' : `, pattern ${pattern}`}`;
}

/** Whether the value is one of a list; never null, so that it can be negated. */
function isOneOf(typed: string, name: string, values: readonly (string | number | boolean | null)[]): string {
  const texts = values.filter((value) => value !== null);
  const isNull = values.includes(null) ? `${name} IS NULL` : undefined;
  const numbers = texts.filter((value) => typeof value === 'number');
  const list =
    texts.length > 0 && numbers.length === texts.length
      ? `COALESCE(TRY_CAST(${typed} AS DOUBLE) IN (${numbers.map(quoteNumber).join(', ')}), false)`
      : texts.length > 0
        ? `COALESCE(${name}::VARCHAR IN (${texts.map((value) => quoteText(String(value))).join(', ')}), false)`
        : undefined;
  return [isNull, list].filter((part) => part !== undefined).join(' OR ');
}

function duplicates(context: QualityContext): Pick<Made, 'problem' | 'test' | 'columns'> {
  const named = context.rule.arguments?.properties;
  if (context.column !== undefined && named === undefined) {
    const columns = [context.column];
    return {
      problem: 'repeats an earlier value',
      test: { kind: 'duplicates', columns, countNulls: false },
      columns,
    };
  }
  const known = [...context.columnOf.keys()];
  const columns = (named ?? known).map((name, index) => {
    const column = context.columnOf.get(name);
    if (column !== undefined) return column;
    const guess = nearest(name, known);
    const path = [...context.path, 'arguments', 'properties', index];
    throw context.fail(
      `The contract has no property ${JSON.stringify(name)}`,
      path,
      guess ? `Did you mean ${JSON.stringify(guess)}?` : `Its properties are: ${known.join(', ')}.`,
    );
  });
  const problem = columns.length > 1 ? 'repeats an earlier combination' : 'repeats an earlier value';
  return { problem, test: { kind: 'duplicates', columns, countNulls: columns.length > 1 }, columns };
}

function sqlRule(context: QualityContext): Made {
  const query = context.rule.query!.replace(/;\s*$/, '');
  const replaced = query.replace(
    /(\.?)\$?\{(object|table|property|column)\}/g,
    (_, point: string, word: string) => {
      if (word === 'object' || word === 'table') return point + quoteIdentifier(context.table);
      if (context.column === undefined)
        throw misplaced(context, `{${word}} stands for a property, and there is none here`);
      return context.isEmpty && point === '' ? 'NULL' : point + quoteIdentifier(context.column);
    },
  );
  const name = context.rule.name ? `${context.rule.name}: ` : '';
  const limit = limitOf(context.rule);
  if (isRowExpression(query)) {
    const words = `${name}${query}${limit ? `, ${limitWords(limit)} failing` : ''}`;
    return { words, problem: 'expression is false', test: { kind: 'expression', expression: replaced } };
  }
  return {
    words: `${name}${query} ${limitWords(limit!)}`,
    problem: 'is what the query gives',
    test: { kind: 'query', query: replaced },
  };
}

function notJudged(observed: string): Test {
  return { kind: 'settled', verdict: 'not_judged', observed };
}

function misplaced(context: QualityContext, what: string): UserError {
  return context.fail(what, context.path, 'Move the rule, or choose another metric.');
}
