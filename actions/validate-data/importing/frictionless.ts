/** Frictionless Table Schema, alone or in a Data Package with one table; of its versions 1 and 2. */
import { UserError } from '../../../shared/errors.ts';
import type { LogicalType } from '../../../shared/records/contract.ts';
import type { PositionedDocument } from '../../../shared/records/document.ts';
import { ContractDraft, type ImportedContract, type Path } from './contract-draft.ts';
import {
  foreignPattern,
  isGiven,
  orReason,
  ownRule,
  sqlLiteral,
  valuesRule,
  withinBounds,
} from './row-rules.ts';

interface Field {
  name: string;
  type?: string;
  format?: string;
  description?: string;
  constraints?: Record<string, unknown>;
}

interface TableSchema {
  fields: Field[];
  primaryKey?: string | string[];
  uniqueKeys?: string[][];
  foreignKeys?: unknown[];
  missingValues?: unknown[];
  fieldsMatch?: string | string[];
}

interface DataPackage {
  name?: string;
  resources: { name?: string; schema?: TableSchema }[];
}

const TYPES: Readonly<Record<string, LogicalType>> = {
  string: 'string',
  number: 'number',
  integer: 'integer',
  boolean: 'boolean',
  object: 'object',
  array: 'array',
  date: 'date',
  time: 'time',
  datetime: 'timestamp',
  year: 'integer',
};

const FORMATS: Readonly<Record<string, string>> = {
  email: 'email',
  uri: 'uri',
  uuid: 'uuid',
  binary: 'byte',
};

/** Whether a document is a Table Schema, or a Data Package that holds one. */
export function isTableSchema(value: unknown): value is TableSchema | DataPackage {
  const document = value as Partial<TableSchema & DataPackage> | null;
  if (Array.isArray(document?.resources))
    return document.resources.some((resource) => isTableSchema(resource?.schema));
  return Array.isArray(document?.fields) && document.fields.every((field) => typeof field?.name === 'string');
}

/**
 * Reads a Table Schema as a contract.
 * @param wanted the resource of a package that has several.
 * @throws UserError when it is open which of several tables is meant.
 */
export function importTableSchema(
  foreign: PositionedDocument<TableSchema | DataPackage>,
  wanted?: string,
): ImportedContract {
  const { schema, name, path } = chooseTable(foreign, wanted);
  const draft = new ContractDraft();
  const missing = (schema.missingValues ?? ['']).map((entry) =>
    typeof entry === 'object' && entry !== null ? (entry as { value?: unknown }).value : entry,
  );
  for (const [index, field] of schema.fields.entries())
    importField(field, missing, draft, [...path, 'fields', index]);
  if (missing.some((entry) => entry !== ''))
    draft.leave('missingValues', 'which texts are read as null is said by the dialect (nullSequence)', [
      ...path,
      'missingValues',
    ]);
  const keys = typeof schema.primaryKey === 'string' ? [schema.primaryKey] : (schema.primaryKey ?? []);
  for (const [index, key] of keys.entries()) {
    draft.set(key, 'primaryKey', true, [...path, 'primaryKey']);
    draft.set(key, 'primaryKeyPosition', index + 1, [...path, 'primaryKey']);
  }
  for (const [index, properties] of (schema.uniqueKeys ?? []).entries()) {
    const rule = { name: 'uniqueKeys', metric: 'duplicateValues', arguments: { properties }, mustBe: 0 };
    draft.rule(undefined, rule, [...path, 'uniqueKeys', index]);
  }
  for (const index of (schema.foreignKeys ?? []).keys())
    draft.leave('foreignKeys', 'the other table is a resource of its package; give it as a rule foreignKey', [
      ...path,
      'foreignKeys',
      index,
    ]);
  fieldsMatch(schema, draft, [...path, 'fieldsMatch']);
  return draft.finish({ id: name, object: name }, foreign);
}

function chooseTable(foreign: PositionedDocument<TableSchema | DataPackage>, wanted: string | undefined) {
  const document = foreign.value;
  if ('fields' in document) return { schema: document, name: wanted ?? 'table', path: [] as Path };
  const tables = document.resources.flatMap((resource, index) =>
    resource.schema && isTableSchema(resource.schema)
      ? [
          {
            schema: resource.schema,
            name: resource.name ?? `resource-${index}`,
            path: ['resources', index, 'schema'] as Path,
          },
        ]
      : [],
  );
  const chosen = wanted === undefined ? tables : tables.filter((table) => table.name === wanted);
  if (chosen.length === 1) return chosen[0]!;
  throw new UserError(
    wanted === undefined
      ? `${foreign.file} describes several tables, and it is open which of them the data are.`
      : `${foreign.file} has no table ${JSON.stringify(wanted)}.`,
    {
      where: foreign.locate(['resources']),
      fix: `Name one: ${tables.map((table) => `${foreign.file}#${table.name}`).join(' or ')}.`,
    },
  );
}

function importField(field: Field, missing: unknown[], draft: ContractDraft, path: Path): void {
  const { name } = field;
  draft.column(name, path);
  if (field.description) draft.set(name, 'description', field.description, [...path, 'description']);
  const type = field.type ?? 'any';
  const logicalType = TYPES[type];
  if (logicalType) draft.type(name, logicalType, `type: ${type}`, [...path, 'type']);
  else if (type !== 'any') draft.leave(`type: ${type}`, 'the standard has no such type', [...path, 'type']);
  if (field.format && field.format !== 'default') importFormat(field, draft, [...path, 'format']);
  for (const [key, value] of Object.entries(field.constraints ?? {})) {
    const origin = [...path, 'constraints', key];
    const why = orReason(() => constraint(name, key, value, missing, draft, origin));
    if (why) draft.leave(`${key}: ${JSON.stringify(value)}`, why, origin);
  }
}

function importFormat({ name, type, format }: Field, draft: ContractDraft, path: Path): undefined {
  const what = `format: ${format}`;
  if (format === 'any') return undefined;
  if (type === 'date' || type === 'datetime' || type === 'time') {
    if (!format!.includes('%')) return draft.leave(what, 'only patterns of strptime are read', path);
    return draft.rule(name, ownRule({ name: what }, { dateFormat: { pattern: format } }), path);
  }
  const known = FORMATS[format!];
  if (!known || (type ?? 'string') !== 'string')
    return draft.leave(what, 'there is no such format here', path);
  const rule = { name: what, metric: 'invalidValues', arguments: { pattern: PATTERNS[known] }, mustBe: 0 };
  draft.rule(name, rule, path);
}

/** Plain forms, found anywhere unless anchored. */
const PATTERNS: Readonly<Record<string, string>> = {
  email: '^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$',
  uri: '^[A-Za-z][A-Za-z0-9+.-]*:[^\\s]+$',
  uuid: '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$',
  byte: '^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$',
};

function constraint(
  name: string,
  key: string,
  value: unknown,
  missing: unknown[],
  draft: ContractDraft,
  path: Path,
): string | undefined {
  const head = { name: key };
  const rows = (condition: string): undefined => draft.rule(name, valuesRule(head, condition), path);
  switch (key) {
    case 'required':
      if (value !== true) return undefined;
      draft.set(name, 'required', true, path);
      if (missing.some((entry) => entry !== ''))
        draft.rule(
          name,
          { ...head, metric: 'missingValues', arguments: { missingValues: [null, ...missing] }, mustBe: 0 },
          path,
        );
      return undefined;
    case 'unique':
      if (value === true) draft.set(name, 'unique', true, path);
      return undefined;
    case 'minimum':
      return rows(withinBounds({ minimum: value }));
    case 'maximum':
      return rows(withinBounds({ maximum: value }));
    case 'exclusiveMinimum':
      return rows(withinBounds({ minimum: value, exclusiveMinimum: true }));
    case 'exclusiveMaximum':
      return rows(withinBounds({ maximum: value, exclusiveMaximum: true }));
    case 'minLength':
      return rows(`length({property}::VARCHAR) >= ${sqlLiteral(value)}`);
    case 'maxLength':
      return rows(`length({property}::VARCHAR) <= ${sqlLiteral(value)}`);
    case 'pattern':
      if (typeof value !== 'string') return 'it is no pattern';
      // A pattern of Frictionless is that of the whole value.
      return foreignPattern(value) ?? rows(`regexp_full_match({property}::VARCHAR, ${sqlLiteral(value)})`);
    case 'enum':
      if (!Array.isArray(value) || value.length === 0) return 'it lists no value';
      draft.rule(
        name,
        { ...head, metric: 'invalidValues', arguments: { validValues: value.filter(isGiven) }, mustBe: 0 },
        path,
      );
      return undefined;
    default:
      return 'there is no such constraint here';
  }
}

function fieldsMatch(schema: TableSchema, draft: ContractDraft, path: Path): void {
  const given = schema.fieldsMatch;
  const word = Array.isArray(given) ? given[0] : given;
  if (word === undefined) return;
  const head = { name: `fieldsMatch: ${word}` };
  if (word === 'exact')
    draft.rule(undefined, ownRule(head, { columns: { set: 'exact', ordered: true } }), path);
  else if (word === 'equal') draft.rule(undefined, ownRule(head, { columns: { set: 'exact' } }), path);
  else if (word === 'superset' || word === 'partial')
    draft.leave(head.name, 'a column of the contract that is missing from the data always fails', path);
  else if (word !== 'subset') draft.leave(head.name, 'there is no such word', path);
}
