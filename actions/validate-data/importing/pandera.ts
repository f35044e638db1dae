/** pandera schemas as `DataFrameSchema.to_yaml` and `to_json` write them. */
import type { PositionedDocument } from '../../../shared/records/document.ts';
import { isObject } from '../../../shared/records/json-object.ts';
import { ContractDraft, type ImportedContract, type Path } from './contract-draft.ts';
import { logicalTypeOf } from './foreign-types.ts';
import {
  foreignPattern,
  isGiven,
  noneOf,
  onlyValues,
  orReason,
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
  default?: unknown;
  drop_invalid_rows?: boolean;
  description?: string | null;
  checks?: Checks | null;
}

/** What a column says of itself; of newer versions each of its other keys is a check. */
const COMPONENT_KEYS = new Set([
  'title',
  'description',
  'dtype',
  'nullable',
  'checks',
  'name',
  'unique',
  'coerce',
  'required',
  'regex',
  'default',
  'report_duplicates',
  'drop_invalid_rows',
  'metadata',
]);

/** By name, or a list of checks with their name in `options.check_name`. */
type Checks = Record<string, unknown> | Record<string, unknown>[];

interface Schema {
  schema_type: string;
  columns?: Record<string, Component> | null;
  checks?: Checks | null;
  index?: unknown;
  strict?: boolean | string;
  unique?: string | string[] | null;
  ordered?: boolean;
  dtype?: unknown;
  add_missing_columns?: boolean;
  drop_invalid_rows?: boolean;
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
  leaveChanges(schema, draft);
  if (Array.isArray(schema.index) && schema.index.length > 0)
    draft.leave('index', 'files have no index; describe it as a column', ['index']);
  const unique = typeof schema.unique === 'string' ? [schema.unique] : (schema.unique ?? []);
  if (unique.length > 0) {
    const rule = { name: 'unique', metric: 'duplicateValues', arguments: { properties: unique }, mustBe: 0 };
    draft.rule(undefined, rule, ['unique']);
  }
  if (schema.strict === true) draft.custom('strictColumns', true, ['strict']);
  if (schema.ordered === true)
    draft.rule(undefined, ownRule({ name: 'ordered' }, { columns: { set: 'superset', ordered: true } }), [
      'ordered',
    ]);
  return draft.finish({ id: 'pandera-schema', object: 'dataframe' }, foreign);
}

/** What changes the data instead of judging them. */
function leaveChanges(schema: Schema, draft: ContractDraft): void {
  const why = 'it changes the data instead of judging them';
  if (schema.strict === 'filter') draft.leave('strict: filter', why, ['strict']);
  if (schema.add_missing_columns) draft.leave('add_missing_columns', why, ['add_missing_columns']);
  if (schema.drop_invalid_rows) draft.leave('drop_invalid_rows', why, ['drop_invalid_rows']);
  for (const [name, column] of Object.entries(schema.columns ?? {})) {
    if (isGiven(column.default)) draft.leave(`${name}: default`, why, ['columns', name, 'default']);
    if (column.drop_invalid_rows)
      draft.leave(`${name}: drop_invalid_rows`, why, ['columns', name, 'drop_invalid_rows']);
  }
  if (isGiven(schema.dtype))
    draft.leave(`dtype: ${schema.dtype}`, 'one type for all columns is not read; name it in each', ['dtype']);
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
  const flat = Object.fromEntries(Object.entries(column).filter(([key]) => !COMPONENT_KEYS.has(key)));
  const checks: [string, unknown, Path][] = [
    ...checksOf(column.checks).map(([check, given]): [string, unknown, Path] => [
      check,
      given,
      [...path, 'checks', check],
    ]),
    ...Object.entries(flat).map(([check, given]): [string, unknown, Path] => [
      check,
      given,
      [...path, check],
    ]),
  ];
  for (const [check, given, origin] of checks) {
    const options = optionsOf(given);
    const head: RuleHead = {
      name: check,
      ...(options.raise_warning === true ? { severity: 'warning' } : {}),
    };
    const why = unreadOption(options) ?? orReason(() => importCheck(name, check, given, head, draft, origin));
    if (why) draft.leave(`${name}: ${check}`, why, origin);
  }
}

/** They stand in `options`, or in newer versions beside what the check is given. */
function optionsOf(given: unknown): Record<string, unknown> {
  if (!isObject(given)) return {};
  return isObject(given.options) ? given.options : given;
}

function unreadOption(options: Record<string, unknown>): string | undefined {
  if (options.ignore_na === false) return 'that null breaks it as well (ignore_na: false) is not read';
  return isGiven(options.groupby) ? 'groups of rows (groupby) are not read' : undefined;
}

function checksOf(checks: Checks | null | undefined): [string, unknown][] {
  if (!Array.isArray(checks)) return Object.entries(checks ?? {});
  return checks.map((check) => [
    String((check.options as { check_name?: string } | undefined)?.check_name ?? 'check'),
    check,
  ]);
}

/** Digits alone are read as numbers. */
const TEXT = '{property}::VARCHAR';

const COMPARISONS: Readonly<Record<string, string>> = {
  equal_to: '=',
  not_equal_to: '<>',
  greater_than: '>',
  greater_than_or_equal_to: '>=',
  less_than: '<',
  less_than_or_equal_to: '<=',
  eq: '=',
  ne: '<>',
  gt: '>',
  ge: '>=',
  lt: '<',
  le: '<=',
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
        rows(`regexp_matches(${TEXT}, ${sqlLiteral(`^(?:${text})`)})`),
      );
    case 'str_contains':
      return pattern(given.pattern ?? given.value, (text) =>
        rows(`regexp_matches(${TEXT}, ${sqlLiteral(text)})`),
      );
    case 'str_startswith':
      return rows(`starts_with(${TEXT}, ${sqlLiteral(given.string ?? given.value)})`);
    case 'str_endswith':
      return rows(`ends_with(${TEXT}, ${sqlLiteral(given.string ?? given.value)})`);
    case 'str_length':
      // pandera writes each of them as a bare number.
      if (typeof given.value === 'number')
        return 'whether it is the least, the greatest or the exact length is open';
      return rows(
        withinBounds(
          { minimum: given.min_value ?? given.exact_value, maximum: given.max_value ?? given.exact_value },
          `length(${TEXT})`,
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
