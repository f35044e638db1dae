import { columnKind } from '../../../shared/data/columns.ts';
import type { DataFormat } from '../../../shared/data/source.ts';
import { quoteIdentifier } from '../../../shared/data/sql-text.ts';
import type { UserError } from '../../../shared/errors.ts';
import type { LogicalType } from '../../../shared/records/contract.ts';
import {
  type OwnRuleName,
  type OwnRuleParameters,
  ownRuleSchemas,
} from '../../../shared/records/contract-rules.ts';
import type { ColumnSketch } from '../../../shared/records/data-profile.ts';
import { typedColumn } from '../column-types.ts';
import type { History } from '../history/history.ts';
import { type Limit, limitWords, type Rule } from '../rule.ts';

/** What is known of the data before a rule is made: names, types, and their sketch. */
export interface DataFacts {
  /** The table's name in SQL. */
  table: string;
  format: DataFormat;
  rowCount: number;
  columns: readonly { name: string; type: string }[];
  sketches: ReadonlyMap<string, ColumnSketch>;
  /** Data sets that rules compare with, by the name that the contract gives them. */
  others: ReadonlyMap<string, OtherData>;
  /** Earlier runs, where they are given. */
  history?: History;
}

export interface OtherData {
  /** The table's name in SQL; undefined of a profile, whose rows are not there. */
  table: string | undefined;
  rowCount: number;
  columns: readonly { name: string; type: string }[];
  /** What is known of its columns without reading them. */
  sketches: ReadonlyMap<string, ColumnSketch>;
}

/** One column of the data in the SQL that rules are made of. */
export interface ColumnOfRule {
  name: string;
  /** DuckDB's type. */
  type: string;
  kind: ColumnSketch['kind'];
  /** The name as an identifier. */
  sql: string;
  /** Its value as the contract's type, null where it is not of it. */
  typed: string;
  /** Its finite value as DOUBLE, null otherwise; undefined where the column holds no numbers. */
  number: string | undefined;
  sketch: ColumnSketch | undefined;
}

export interface RuleContext {
  facts: DataFacts;
  /** The column of the property that the rule stands under; undefined on the object. */
  column: ColumnOfRule | undefined;
  /** Every column of the data. */
  columns: readonly ColumnOfRule[];
  /** The columns that the contract describes, in its order, whether the data have them or not. */
  described: readonly string[];
  /** The column of a property that a parameter names. @throws UserError that names the nearest. */
  find(property: string, ...key: (string | number)[]): ColumnOfRule;
  /** The data set that a parameter names. */
  other(name: string): OtherData;
  /** An error at a key below the rule's parameters. */
  fail(what: string, fix: string, ...key: (string | number)[]): UserError;
}

/** What a rule becomes; place, and severity where it has none of its own, are added by whoever read the contract. */
export type Made = Pick<Rule, 'words' | 'problem' | 'test'> &
  Partial<Pick<Rule, 'columns' | 'limit' | 'severity'>>;

export interface OwnRule<Name extends OwnRuleName = OwnRuleName> {
  schema: (typeof ownRuleSchemas)[Name];
  /** Pure: nothing is looked at but names, types and the sketch. */
  compile(given: OwnRuleParameters<Name>, context: RuleContext): Made | Made[];
}

export function ownRule<Name extends OwnRuleName>(
  name: Name,
  compile: OwnRule<Name>['compile'],
): OwnRule<Name> {
  return { schema: ownRuleSchemas[name], compile };
}

/** The column of a rule that stands under a property. */
export function ownColumn(context: RuleContext): ColumnOfRule {
  if (!context.column) throw context.fail('The rule is about one property', 'Write it under a property.');
  return context.column;
}

/** `nullsTogether of a, b, mustBe: 0`: the rule's name, what it is about, and its bounds where it gives any. */
export function ruleWords(name: string, about: string, limit?: Limit): string {
  const head = about === '' ? name : `${name} ${about}`;
  return limit ? `${head}, ${limitWords(limit)}` : head;
}

/** A column as rules see it; a column that is not in the data stands as text, and its rule is then not run. */
export function columnOfRule(
  name: string,
  facts: DataFacts,
  logicalType: LogicalType | undefined,
): ColumnOfRule {
  const type = facts.columns.find((column) => column.name === name)?.type ?? 'VARCHAR';
  const typed = typedColumn(name, logicalType, type);
  const kind = columnKind(type);
  return {
    name,
    type,
    kind,
    sql: quoteIdentifier(name),
    typed,
    number: finiteNumber(name, type, typed, logicalType),
    sketch: facts.sketches.get(name),
  };
}

function finiteNumber(
  name: string,
  type: string,
  typed: string,
  logicalType: LogicalType | undefined,
): string | undefined {
  const isFloat = /^(FLOAT|DOUBLE)$/.test(type);
  if (isFloat)
    return `(CASE WHEN isfinite(${quoteIdentifier(name)}) THEN ${quoteIdentifier(name)}::DOUBLE END)`;
  if (columnKind(type) === 'numeric') return `${quoteIdentifier(name)}::DOUBLE`;
  if (type !== 'VARCHAR' || (logicalType !== 'number' && logicalType !== 'integer')) return undefined;
  return `(CASE WHEN isfinite(${typed}) THEN ${typed} END)`;
}

/** A rule that its parameters and the sketch decide without looking at rows. */
export function decided(isKept: boolean, observed?: string): Rule['test'] {
  return { kind: 'settled', verdict: isKept ? 'pass' : 'fail', observed };
}

/** A rule about numbers on a column that has none. */
export function holdsNoNumbers(column: ColumnOfRule): Rule['test'] {
  return decided(false, `the column is of type ${column.type} and holds no numbers`);
}

export type { Limit };
