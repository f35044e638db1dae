import type { DataFormat } from '../../shared/data/source.ts';
import { quoteIdentifier } from '../../shared/data/sql-text.ts';
import { UserError } from '../../shared/errors.ts';
import {
  type Contract,
  type ContractObject,
  type ContractProperty,
  STRICT_COLUMNS,
} from '../../shared/records/contract.ts';
import { OWN_ENGINE, type OwnRuleName, ownRuleName } from '../../shared/records/contract-rules.ts';
import type { PositionedDocument } from '../../shared/records/document.ts';
import { nearest } from '../../shared/records/nearest.ts';
import { matchType } from './column-types.ts';
import { propertyRules } from './property-rules.ts';
import { qualityRule } from './quality-rules.ts';
import type { Rule } from './rule.ts';
import { ownContext } from './rules/own-context.ts';
import type { DataFacts } from './rules/rule-context.ts';
import { serviceLevelRules } from './service-levels.ts';

type Path = readonly (string | number)[];

/** Everything that a contract asks of a table, as checks to make. Pure: nothing is looked at but names, types, sketches. */
export function compileContract(
  document: PositionedDocument<Contract>,
  objectIndex: number,
  shape: DataFacts,
): Rule[] {
  const object = document.value.schema[objectIndex]!;
  const path: Path = ['schema', objectIndex];
  const types = new Map(shape.columns.map((column) => [column.name, column.type]));
  const columnOf = new Map(object.properties.map((property) => [property.name, columnName(property)]));
  const fail = (what: string, where: Path, fix: string): UserError =>
    new UserError(`${what}.`, { where: document.locate(where), fix });
  const own = ownContext(shape, object, fail);
  const context = { columnOf, table: shape.table, own, fail };
  const rules: Rule[] = [];
  for (const [index, property] of object.properties.entries()) {
    const at: Path = [...path, 'properties', index];
    const column = columnName(property);
    const type = types.get(column);
    const quality = (property.quality ?? []).flatMap((rule, position) =>
      qualityRule({
        ...context,
        rule,
        path: [...at, 'quality', position],
        property,
        column,
        isEmpty: type === 'VARCHAR' && shape.sketches.get(column)?.count === 0,
        type: type ?? 'VARCHAR',
      }),
    );
    if (type === undefined) {
      rules.push(missingColumn(column, [...types.keys()], [...at, 'name']));
      const keys = propertyRules({ property, column, type: 'VARCHAR', path: at });
      rules.push(...[...keys, ...quality].map(withoutColumn));
      continue;
    }
    rules.push(...typeRules(property, column, type, shape.format, at));
    rules.push(...propertyRules({ property, column, type, path: at }), ...quality);
    if (property.properties !== undefined || property.items !== undefined)
      rules.push(innerStructure(column, at));
  }
  rules.push(...primaryKeyRules(object, path));
  for (const [position, rule] of (object.quality ?? []).entries()) {
    rules.push(...qualityRule({ ...context, rule, path: [...path, 'quality', position] }));
  }
  rules.push(
    ...strictColumnRules(object, shape, path),
    ...serviceLevelRules(document.value, object, columnOf, types, fail),
  );
  return rules.map((rule) =>
    rule.columns.every((name) => types.has(name)) || isSettled(rule) ? rule : withoutColumn(rule),
  );
}

/** The column of a property: its physical name where it gives one. */
export function columnName(property: ContractProperty): string {
  return property.physicalName ?? property.name;
}

/**
 * Columns that must be read as text whatever they look like: leading zeros are part of a postcode, and a date's written
 * form is gone once it is read as a date.
 */
export function textColumns(object: ContractObject | undefined): string[] {
  const isText = (property: ContractProperty): boolean =>
    property.logicalType === 'string' || hasOwnFormat(property) || hasOwnRule(property, 'mixedTypes');
  return (object?.properties ?? []).filter(isText).map(columnName);
}

function hasOwnRule(property: ContractProperty, name: OwnRuleName): boolean {
  return (property.quality ?? []).some(
    (rule) => rule.engine === OWN_ENGINE && ownRuleName(rule.implementation) === name,
  );
}

/** Whether a rule says how its dates are written: then that rule judges whether they are dates. */
function hasOwnFormat(property: ContractProperty): boolean {
  return hasOwnRule(property, 'dateFormat');
}

function isSettled(rule: Rule): boolean {
  return rule.test.kind === 'settled';
}

function withoutColumn(rule: Rule): Rule {
  return {
    ...rule,
    test: { kind: 'settled', verdict: 'missing', observed: 'its column is not in the data' },
  };
}

function missingColumn(column: string, present: string[], path: Path): Rule {
  const guess = nearest(column, present);
  const observed = `not in the data${guess ? `; there is a column ${JSON.stringify(guess)}` : ''}`;
  return {
    columns: [column],
    words: `name: ${column}`,
    problem: 'column is missing',
    severity: 'error',
    test: { kind: 'settled', verdict: 'fail', observed },
    path,
  };
}

function typeRules(
  property: ContractProperty,
  column: string,
  type: string,
  format: DataFormat,
  path: Path,
): Rule[] {
  const expected = property.logicalType;
  if (!expected || (type === 'VARCHAR' && hasOwnFormat(property))) return [];
  const match = matchType(column, expected, type, format);
  const test: Rule['test'] =
    match.kind === 'values'
      ? { kind: 'rows', failing: match.failing, shown: [column] }
      : { kind: 'settled', verdict: match.kind === 'same' ? 'pass' : 'fail', observed: type };
  const problem = match.kind === 'other' ? 'is the type of the column' : `value is not of type ${expected}`;
  const words = `logicalType: ${expected}`;
  return [{ columns: [column], words, problem, severity: 'error', test, path: [...path, 'logicalType'] }];
}

function primaryKeyRules(object: ContractObject, path: Path): Rule[] {
  const keys = object.properties
    .map((property, index) => ({ property, index }))
    .filter(({ property }) => property.primaryKey)
    .sort((a, b) => (a.property.primaryKeyPosition ?? 0) - (b.property.primaryKeyPosition ?? 0));
  if (keys.length === 0) return [];
  const columns = keys.map(({ property }) => columnName(property));
  const at = [...path, 'properties', keys[0]!.index, 'primaryKey'];
  const words = keys.length > 1 ? `primaryKey: true of ${columns.join(', ')}` : 'primaryKey: true';
  const nulls = keys
    .filter(({ property }) => !property.required)
    .map(({ property, index }): Rule => {
      const column = columnName(property);
      const test = { kind: 'rows', failing: `${quoteIdentifier(column)} IS NULL`, shown: [column] } as const;
      const where = [...path, 'properties', index, 'primaryKey'];
      return {
        columns: [column],
        words: 'primaryKey: true',
        problem: 'value is null',
        severity: 'error',
        test,
        path: where,
      };
    });
  if (keys.length === 1 && keys[0]!.property.unique) return nulls;
  const problem = keys.length > 1 ? 'repeats an earlier combination' : 'repeats an earlier value';
  const test = { kind: 'duplicates', columns, countNulls: keys.length > 1 } as const;
  return [...nulls, { columns, words, problem, severity: 'error', test, path: at }];
}

function innerStructure(column: string, path: Path): Rule {
  const test = {
    kind: 'settled',
    verdict: 'not_judged',
    observed: 'the parts of a column are not judged',
  } as const;
  return { columns: [column], words: 'properties', problem: '', severity: 'info', test, path };
}

function strictColumnRules(object: ContractObject, shape: DataFacts, path: Path): Rule[] {
  const index = object.customProperties?.findIndex((custom) => custom.property === STRICT_COLUMNS) ?? -1;
  if (index === -1 || object.customProperties?.[index]?.value !== true) return [];
  const known = new Set(object.properties.map(columnName));
  const extra = shape.columns.filter((column) => !known.has(column.name)).map((column) => column.name);
  const test: Rule['test'] =
    extra.length === 0
      ? { kind: 'settled', verdict: 'pass' }
      : {
          kind: 'settled',
          verdict: 'fail',
          observed: `not in the contract: ${extra.map((name) => JSON.stringify(name)).join(', ')}`,
        };
  return [
    {
      columns: [],
      words: `${STRICT_COLUMNS}: true`,
      problem: 'column is new',
      severity: 'error',
      test,
      path: [...path, 'customProperties', index],
    },
  ];
}
