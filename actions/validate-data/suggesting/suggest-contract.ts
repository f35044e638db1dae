/** A contract made from data: what holds for them, so that a person need only strike out what is chance. */
import type { Document, YAMLMap } from 'yaml';
import type { TableProfile } from '../../../shared/data/profile.ts';
import type { ColumnSketch } from '../../../shared/records/data-profile.ts';

export interface Suggestion {
  /** The contract as YAML, a reason in a comment beside each rule. */
  text: string;
  /** How many rules it has, the types of columns not counted. */
  rules: number;
}

/** Names of formats (as `logicalTypeOptions.format` has them) that every value of a column has. */
export type FoundFormats = ReadonlyMap<string, string>;

/** Fewer rows say little about what values a column may have. */
const ENOUGH_ROWS = 50;
/** A column with more values than this is no set of categories. */
const MOST_CATEGORIES = 30;
/** A category must occur so often on average that another one would have been seen. */
const ROWS_PER_CATEGORY = 20;

interface PropertyEntry {
  entry: Record<string, unknown>;
  /** Key → why. */
  reasons: Record<string, string>;
}

/**
 * Writes a contract from a profile.
 * @param about its id, and what its one object is called.
 */
export async function suggestContract(
  profile: Pick<TableProfile, 'rowCount' | 'columns'>,
  about: { id: string; object: string; sensitive: ReadonlySet<string>; formats: FoundFormats },
): Promise<Suggestion> {
  const yaml = await import('yaml');
  const rows = plural(profile.rowCount, 'row');
  const properties = profile.columns.map((column) => suggestProperty(column, profile.rowCount, about));
  const document = new yaml.Document({
    apiVersion: 'v3.1.0',
    kind: 'DataContract',
    id: about.id,
    version: '1.0.0',
    status: 'draft',
    schema: [{ name: about.object, properties: properties.map(({ entry }) => entry) }],
  });
  document.commentBefore = ` Suggested from ${rows}. Strike out what held by chance, and set status to active.`;
  for (const [index, { reasons }] of properties.entries()) comment(document, index, reasons);
  const object = document.getIn(['schema', 0]) as YAMLMap;
  const rules = properties.reduce((sum, property) => sum + Object.keys(property.reasons).length, 0);
  if (profile.rowCount < 2) return { text: document.toString({ lineWidth: 0 }), rules };
  const least = Math.floor(profile.rowCount / 2);
  const rowCount = document.createNode({
    metric: 'rowCount',
    mustBeGreaterOrEqualTo: least,
    severity: 'warning',
  });
  rowCount.commentBefore = ` half of the ${rows} seen`;
  object.set('quality', document.createNode([]));
  document.addIn(['schema', 0, 'quality'], rowCount);
  return { text: document.toString({ lineWidth: 0 }), rules: rules + 1 };
}

function suggestProperty(
  column: ColumnSketch,
  rowCount: number,
  about: { sensitive: ReadonlySet<string>; formats: FoundFormats },
): PropertyEntry {
  const logicalType = logicalTypeOf(column);
  const entry: Record<string, unknown> = { name: column.name, ...(column.count > 0 ? { logicalType } : {}) };
  const reasons: Record<string, string> = {};
  const add = (key: string, value: unknown, reason: string): void => {
    entry[key] = value;
    reasons[key] = reason;
  };
  if (about.sensitive.has(column.name))
    add('classification', 'confidential', 'its values look like personal data');
  if (rowCount > 0 && column.nulls === 0) add('required', true, `no null in ${plural(rowCount, 'row')}`);
  if (isKey(column, rowCount)) add('unique', true, `${plural(column.count, 'row')}, as many values`);
  const { options, reason } = suggestOptions(column, logicalType, about.formats.get(column.name));
  if (options) add('logicalTypeOptions', options, reason);
  const quality = [nullRule(column, rowCount), categoryRule(column, about.sensitive)].filter(
    (rule) => rule !== undefined,
  );
  if (quality.length > 0) {
    add(
      'quality',
      quality.map(({ rule }) => rule),
      quality.map((made) => made.reason).join('; '),
    );
  }
  return { entry, reasons };
}

function logicalTypeOf({ kind, type }: ColumnSketch): string {
  if (kind === 'numeric') return /INT/.test(type) ? 'integer' : 'number';
  if (kind === 'time') return type === 'DATE' ? 'date' : 'timestamp';
  if (kind === 'boolean') return 'boolean';
  if (type.endsWith(']')) return 'array';
  return /^(STRUCT|MAP|JSON|UNION)/.test(type) ? 'object' : 'string';
}

/** Numbers with a fraction are measurements: that none occurs twice is chance. */
function isKey({ kind, type, distinct, count }: ColumnSketch, rowCount: number): boolean {
  const canBeKey = kind === 'text' || (kind === 'numeric' && /INT/.test(type));
  return canBeKey && rowCount >= ENOUGH_ROWS && count === rowCount && distinct === count;
}

function suggestOptions(
  { moments, kind, count }: ColumnSketch,
  logicalType: string,
  format: string | undefined,
): { options?: Record<string, unknown>; reason: string } {
  if (format !== undefined && logicalType === 'string')
    return { options: { format }, reason: `every value has the form of ${format}` };
  if (kind !== 'numeric' || !moments || count < ENOUGH_ROWS || moments.minimum < 0) return { reason: '' };
  const { minimum, maximum } = moments;
  const seen = `seen: ${minimum} to ${maximum}`;
  const isShare = logicalType === 'number' && maximum <= 1;
  return { options: isShare ? { minimum: 0, maximum: 1 } : { minimum: 0 }, reason: seen };
}

interface QualityEntry {
  rule: Record<string, unknown>;
  reason: string;
}

/** A share of nulls that is half as much again may be chance; more is not. */
function nullRule({ nulls }: ColumnSketch, rowCount: number): QualityEntry | undefined {
  if (nulls === 0 || nulls === rowCount) return undefined;
  const percent = (nulls / rowCount) * 100;
  const limit = Math.min(100, Math.ceil(percent * 1.5 + 1));
  const rule = { metric: 'nullValues', mustBeLessOrEqualTo: limit, unit: 'percent', severity: 'warning' };
  return { rule, reason: `${percent.toPrecision(2)} % null` };
}

function categoryRule(
  { kind, top, count, distinct, name }: ColumnSketch,
  sensitive: ReadonlySet<string>,
): QualityEntry | undefined {
  if (kind !== 'text' || sensitive.has(name) || !top || top.otherCount > 0) return undefined;
  const values = top.values.map((entry) => entry.value).sort();
  if (values.length === 0 || values.length > MOST_CATEGORIES || count < values.length * ROWS_PER_CATEGORY)
    return undefined;
  const rule = {
    metric: 'invalidValues',
    arguments: { validValues: values },
    mustBe: 0,
    severity: 'warning',
  };
  return { rule, reason: `${plural(distinct ?? values.length, 'value')} seen` };
}

/** Puts each reason behind its key where it is a scalar, above it where more follows. */
function comment(document: Document, index: number, reasons: Record<string, string>): void {
  const map = document.getIn(['schema', 0, 'properties', index]) as YAMLMap;
  for (const pair of map.items) {
    const reason = reasons[String((pair.key as { value?: unknown }).value ?? pair.key)];
    if (reason === undefined) continue;
    const node = pair.value as { value?: unknown; comment?: string | null };
    if ('value' in node) node.comment = ` ${reason}`;
    else (pair.key as { commentBefore?: string | null }).commentBefore = ` ${reason}`;
  }
}

function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}
