/** Generic data tests of dbt, with those of dbt_utils, from a properties file (`schema.yml`). */

import { quoteIdentifier } from '../../../shared/data/sql-text.ts';
import { UserError } from '../../../shared/errors.ts';
import type { PositionedDocument } from '../../../shared/records/document.ts';
import { isObject } from '../../../shared/records/json-object.ts';
import { ContractDraft, type ImportedContract, type Path } from './contract-draft.ts';
import {
  isGiven,
  noneOf,
  onlyValues,
  orReason,
  ownRule,
  type RuleHead,
  valuesRule,
  withinBounds,
} from './row-rules.ts';

type DataTest = string | Record<string, unknown>;

interface Tested {
  name: string;
  description?: string;
  data_tests?: DataTest[];
  tests?: DataTest[];
  columns?: Tested[];
}

interface Properties {
  models?: Tested[];
  seeds?: Tested[];
  snapshots?: Tested[];
  sources?: { name: string; tables?: Tested[] }[];
}

/** Whether a document is a properties file of dbt. */
export function isDbtProperties(value: unknown): value is Properties {
  const document = value as Properties | null;
  return [document?.models, document?.seeds, document?.snapshots, document?.sources].some(
    (list) => Array.isArray(list) && list.every((entry) => typeof entry?.name === 'string'),
  );
}

/**
 * Reads the tests of one model as a contract.
 * @param wanted the model, seed, snapshot or source table, where the file has several.
 * @throws UserError when it is open which is meant.
 */
export function importDbt(foreign: PositionedDocument<Properties>, wanted?: string): ImportedContract {
  const { table, path } = chooseTable(foreign, wanted);
  const draft = new ContractDraft();
  for (const { test, origin } of testsOf(table, path)) importTest(undefined, test, draft, origin);
  for (const [index, column] of (table.columns ?? []).entries()) {
    const at = [...path, 'columns', index];
    draft.column(column.name, at);
    if (column.description) draft.set(column.name, 'description', column.description, [...at, 'description']);
    for (const { test, origin } of testsOf(column, at)) importTest(column.name, test, draft, origin);
  }
  return draft.finish({ id: table.name, object: table.name }, foreign);
}

function chooseTable(foreign: PositionedDocument<Properties>, wanted: string | undefined) {
  const document = foreign.value;
  const listed = (['models', 'seeds', 'snapshots'] as const).flatMap((key) =>
    (document[key] ?? []).map((table, index) => ({ table, path: [key, index] as Path })),
  );
  const sourced = (document.sources ?? []).flatMap((source, index) =>
    (source.tables ?? []).map((table, at) => ({ table, path: ['sources', index, 'tables', at] as Path })),
  );
  const tables = [...listed, ...sourced];
  const chosen = wanted === undefined ? tables : tables.filter(({ table }) => table.name === wanted);
  if (chosen.length === 1) return chosen[0]!;
  const names = tables.map(({ table }) => `${foreign.file}#${table.name}`);
  throw new UserError(
    wanted === undefined
      ? `${foreign.file} has the tests of ${tables.length} tables, and it is open which of them the data are.`
      : `${foreign.file} has no table ${JSON.stringify(wanted)}.`,
    { where: foreign.locate([]), fix: `Name one: ${names.join(' or ')}.` },
  );
}

function testsOf(tested: Tested, path: Path): { test: DataTest; origin: Path }[] {
  return (['data_tests', 'tests'] as const).flatMap((key) =>
    (tested[key] ?? []).map((test, index) => ({ test, origin: [...path, key, index] })),
  );
}

const CONFIGURATION = [
  'config',
  'name',
  'description',
  'severity',
  'where',
  'warn_if',
  'error_if',
  'limit',
  'tags',
  'enabled',
  'store_failures',
  'fail_calc',
  'arguments',
  'meta',
];

function importTest(column: string | undefined, test: DataTest, draft: ContractDraft, origin: Path): void {
  const entries =
    typeof test === 'string'
      ? [[test, {}] as const]
      : Object.entries(test).filter(([key]) => !CONFIGURATION.includes(key));
  const [called, body] = entries[0] ?? ['a test without a name', {}];
  const given = isObject(body) ? body : {};
  const name = called.replace(/^dbt_utils\./, '');
  // Settings stand inside the test, or beside its name in newer files.
  const outer = typeof test === 'object' && isObject(test.config) ? test.config : {};
  const config = {
    ...outer,
    ...(isObject(given.config) ? given.config : {}),
    ...pick(given, ['severity', 'where', 'warn_if', 'error_if', 'enabled', 'fail_calc']),
  };
  const rules: Record<string, unknown> = { ...given, ...(isObject(given.arguments) ? given.arguments : {}) };
  const reason =
    unread(config) ?? orReason(() => translate(column, name, rules, headOf(called, config), draft, origin));
  if (reason) draft.leave(`${column === undefined ? '' : `${column}: `}${called}`, reason, origin);
}

function headOf(name: string, config: Record<string, unknown>): RuleHead {
  return {
    name,
    ...(String(config.severity).toLowerCase() === 'warn' ? { severity: 'warning' as const } : {}),
  };
}

function unread(config: Record<string, unknown>): string | undefined {
  if (config.enabled === false) return 'it is not enabled';
  if (isGiven(config.where)) return 'it is about some rows only (where), in the SQL of another warehouse';
  const limits = ['warn_if', 'error_if', 'fail_calc'].filter((key) => isGiven(config[key]));
  return limits.length > 0
    ? `its ${limits.join(' and ')} is not read: use an operator such as mustBeLessThan`
    : undefined;
}

function translate(
  column: string | undefined,
  name: string,
  given: Record<string, unknown>,
  head: RuleHead,
  draft: ContractDraft,
  origin: Path,
): string | undefined {
  const add = (rule: Record<string, unknown>): undefined => draft.rule(column, rule, origin);
  if (name === 'unique_combination_of_columns') {
    const properties = given.combination_of_columns;
    if (!Array.isArray(properties)) return 'it names no column';
    for (const property of properties) draft.column(String(property), origin);
    draft.rule(
      undefined,
      { ...head, metric: 'duplicateValues', arguments: { properties }, mustBe: 0 },
      origin,
    );
    return undefined;
  }
  if (name === 'expression_is_true') {
    const expression = String(given.expression ?? '');
    if (!expression) return 'it gives no expression';
    return add({
      ...head,
      type: 'sql',
      query: column === undefined ? expression : `{property} ${expression}`,
    });
  }
  if (column === undefined) return 'there is no such test of a table here';
  switch (name) {
    case 'not_null':
      return head.severity
        ? add({ ...head, metric: 'nullValues', mustBe: 0 })
        : draft.set(column, 'required', true, origin);
    case 'unique':
      return head.severity
        ? add({ ...head, metric: 'duplicateValues', mustBe: 0 })
        : draft.set(column, 'unique', true, origin);
    case 'accepted_values': {
      const values = (Array.isArray(given.values) ? given.values : []).filter(isGiven);
      if (values.length === 0) return 'it lists no value';
      return add(onlyValues(head, values));
    }
    case 'accepted_range': {
      if (typeof given.min_value === 'string' || typeof given.max_value === 'string')
        return 'a bound that is an expression is not read';
      const open = given.inclusive === false;
      const condition = withinBounds({
        minimum: given.min_value,
        maximum: given.max_value,
        exclusiveMinimum: open,
        exclusiveMaximum: open,
      });
      return condition ? add(valuesRule(head, condition)) : 'it gives no bound';
    }
    case 'not_null_proportion': {
      const bounds = { minimum: given.at_least, maximum: given.at_most };
      const share = 'count({property}) / greatest(1, count(*))';
      const condition = withinBounds(bounds, share);
      return condition
        ? add({ ...head, type: 'sql', query: `SELECT ${condition} FROM {object}`, mustBe: true })
        : 'it gives no share';
    }
    case 'not_empty_string':
      return add(valuesRule(head, `trim({property}::VARCHAR) <> ''`));
    case 'not_constant':
      return add(ownRule(head, { statistic: { of: 'distinctCount', mustBeGreaterThan: 1 } }));
    case 'at_least_one':
      return add({
        ...head,
        type: 'sql',
        query: 'SELECT count({property}) FROM {object}',
        mustBeGreaterThan: 0,
      });
    case 'not_accepted_values': {
      const values = (Array.isArray(given.values) ? given.values : []).filter(isGiven);
      return values.length === 0 ? 'it lists no value' : add(noneOf(head, values));
    }
    case 'sequential_values': {
      if (isGiven(given.datepart) || isGiven(given.group_by_columns))
        return 'steps of dates and of groups are not judged';
      const step = typeof given.interval === 'number' ? given.interval : 1;
      const name = quoteIdentifier(column);
      const query = `SELECT count(*) FROM (SELECT ${name} - lag(${name}) OVER (ORDER BY ${name}) AS step FROM {object}) WHERE step <> ${step}`;
      return add({ ...head, type: 'sql', query, mustBe: 0 });
    }
    case 'relationships':
      return 'the other table is a model of its project; give it as a rule foreignKey';
    default:
      return 'there is no such test here';
  }
}

function pick(from: Record<string, unknown>, keys: string[]): Record<string, unknown> {
  return Object.fromEntries(keys.filter((key) => key in from).map((key) => [key, from[key]]));
}
