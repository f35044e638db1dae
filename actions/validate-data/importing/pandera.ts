/** pandera schemas as `DataFrameSchema.to_yaml` and `to_json` write them. */
import type { PositionedDocument } from '../../../shared/records/document.ts';
import { isObject } from '../../../shared/records/json-object.ts';
import { ContractDraft, type ImportedContract, type Path } from './contract-draft.ts';
import { logicalTypeOf } from './great-expectations-columns.ts';
import {
  foreignPattern,
  isGiven,
  noneOf,
  onlyValues,
  ownRule,
  type RuleHead,
  sqlLiteral,
  valuesRule,
  withinBounds,
} from './row-rules.ts';

interface Component {
  dtype?: string | null;
  nullable?: boolean;
  unique?: boolean;
  coerce?: boolean;
  required?: boolean;
  regex?: boolean;
  description?: string | null;
  checks?: Checks | null;
}

/** By name, or since 0.20 a list of checks with their name in `options.check_name`. */
type Checks = Record<string, unknown> | Record<string, unknown>[];

interface Schema {
  schema_type: string;
  columns?: Record<string, Component> | null;
  checks?: Checks | null;
  index?: unknown;
  strict?: boolean | string;
  unique?: string | string[] | null;
  ordered?: boolean;
}

/** Whether a document is a pandera schema. */
export function isPanderaSchema(value: unknown): value is Schema {
  return (value as Schema | null)?.schema_type === 'dataframe';
}

/** Reads a pandera schema as a contract. */
export function importPandera(foreign: PositionedDocument<Schema>): ImportedContract {
  const draft = new ContractDraft();
  const schema = foreign.value;
  for (const [name, column] of Object.entries(schema.columns ?? {}))
    importColumn(name, column, draft, ['columns', name]);
  for (const [name] of checksOf(schema.checks))
    draft.leave(`checks: ${name}`, 'a check of a whole frame is code', ['checks', name]);
  if (Array.isArray(schema.index) && schema.index.length > 0)
    draft.leave('index', 'files have no index; describe it as a column', ['index']);
  const unique = typeof schema.unique === 'string' ? [schema.unique] : (schema.unique ?? []);
  if (unique.length > 0) {
    const rule = { name: 'unique', metric: 'duplicateValues', arguments: { properties: unique }, mustBe: 0 };
    draft.rule(undefined, rule, ['unique']);
  }
  if (schema.strict === true) draft.custom('strictColumns', true, ['strict']);
  if (schema.ordered === true)
    draft.rule(undefined, ownRule({ name: 'ordered' }, { columns: { set: 'subset', ordered: true } }), [
      'ordered',
    ]);
  return draft.finish({ id: 'pandera-schema', object: 'dataframe' }, foreign);
}

function importColumn(name: string, column: Component, draft: ContractDraft, path: Path): undefined {
  if (column.regex)
    return draft.leave(`columns: ${name}`, 'a pattern for the names of columns (regex) is not read', path);
  if (column.required === false)
    return draft.leave(
      `columns: ${name}`,
      'a column that may be missing (required: false) is not judged',
      path,
    );
  draft.column(name, path);
  if (column.description) draft.set(name, 'description', column.description, path);
  if (column.dtype) {
    const type = logicalTypeOf(column.dtype.replace(/\[.*\]$/, ''));
    const what = `dtype: ${column.dtype}`;
    if (type) draft.type(name, type, what, [...path, 'dtype']);
    else draft.leave(what, 'the type has no like here', [...path, 'dtype']);
  }
  // pandera's own default is that null is not allowed.
  if (column.nullable !== true) draft.set(name, 'required', true, [...path, 'nullable']);
  if (column.unique) draft.set(name, 'unique', true, [...path, 'unique']);
  for (const [check, given, severity] of checksOf(column.checks)) {
    const head = { name: check, ...(severity === 'warning' ? { severity } : {}) };
    const why = importCheck(name, check, given, head, draft, [...path, 'checks', check]);
    if (why) draft.leave(`${name}: ${check}`, why, [...path, 'checks', check]);
  }
}

function checksOf(checks: Checks | null | undefined): [string, unknown, 'warning' | undefined][] {
  const entries: [string, unknown][] = Array.isArray(checks)
    ? checks.map((check) => [
        String((check.options as { check_name?: string } | undefined)?.check_name ?? 'check'),
        check,
      ])
    : Object.entries(checks ?? {});
  return entries.map(([name, given]) => {
    const options = isObject(given) && isObject(given.options) ? given.options : {};
    return [name, given, options.raise_warning === true ? 'warning' : undefined];
  });
}

const COMPARISONS: Readonly<Record<string, string>> = {
  equal_to: '=',
  not_equal_to: '<>',
  greater_than: '>',
  greater_than_or_equal_to: '>=',
  less_than: '<',
  less_than_or_equal_to: '<=',
};

function importCheck(
  column: string,
  check: string,
  raw: unknown,
  head: RuleHead,
  draft: ContractDraft,
  path: Path,
): string | undefined {
  const given = isObject(raw) ? raw : { value: raw };
  const rows = (condition: string): undefined => draft.rule(column, valuesRule(head, condition), path);
  const comparison = COMPARISONS[check];
  if (comparison) {
    const value = given.value ?? given.min_value ?? given.max_value;
    return isGiven(value) ? rows(`{property} ${comparison} ${sqlLiteral(value)}`) : 'it gives no value';
  }
  switch (check) {
    case 'in_range':
    case 'between':
      return rows(
        withinBounds({
          minimum: given.min_value,
          maximum: given.max_value,
          exclusiveMinimum: given.include_min === false,
          exclusiveMaximum: given.include_max === false,
        }),
      );
    case 'isin':
      return inSet(column, given.allowed_values ?? given.value ?? raw, 'IN', head, draft, path);
    case 'notin':
      return inSet(column, given.forbidden_values ?? given.value ?? raw, 'NOT IN', head, draft, path);
    case 'str_matches':
      return pattern(given.pattern ?? given.value, (text) =>
        rows(`regexp_matches({property}, ${sqlLiteral(`^(?:${text})`)})`),
      );
    case 'str_contains':
      return pattern(given.pattern ?? given.value, (text) =>
        rows(`regexp_matches({property}, ${sqlLiteral(text)})`),
      );
    case 'str_startswith':
      return rows(`starts_with({property}, ${sqlLiteral(given.string ?? given.value)})`);
    case 'str_endswith':
      return rows(`ends_with({property}, ${sqlLiteral(given.string ?? given.value)})`);
    case 'str_length':
      return rows(
        withinBounds(
          { minimum: given.min_value ?? given.exact_value, maximum: given.max_value ?? given.exact_value },
          'length({property})',
        ),
      );
    case 'unique_values_eq':
      draft.rule(
        column,
        ownRule(head, { valueSet: { values: given.values ?? given.value, set: 'exact' } }),
        path,
      );
      return undefined;
    default:
      return 'a check in code has no like here';
  }
}

function inSet(
  column: string,
  set: unknown,
  operator: 'IN' | 'NOT IN',
  head: RuleHead,
  draft: ContractDraft,
  path: Path,
): string | undefined {
  const values = (Array.isArray(set) ? set : []).filter(isGiven);
  if (values.length === 0) return 'it lists no value';
  if (operator === 'IN') draft.rule(column, onlyValues(head, values), path);
  else draft.rule(column, noneOf(head, values), path);
  return undefined;
}

function pattern(value: unknown, make: (text: string) => undefined): string | undefined {
  if (typeof value !== 'string') return 'it gives no pattern';
  return foreignPattern(value) ?? make(value);
}
