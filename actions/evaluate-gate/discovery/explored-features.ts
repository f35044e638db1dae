/** Which columns the search for weak slices reads, and how: values as they are, numbers in ranges of equal size. */
import { columnKind } from '../../../shared/data/columns.ts';
import { type Engine, quoteIdentifier, quoteText } from '../../../shared/data/engine.ts';
import type { GatePolicy } from '../../../shared/records/gate-policy.ts';
import { column, type Side } from '../predictions/prediction-tables.ts';
import type { ExploredFeature } from './cell-table.ts';
import { rangeLabels, shortened } from './ranges.ts';

/** Pairs grow with the square of the features. */
const MOST_FEATURES = 30;
/** Of a column of text, the values with the most rows. */
const MOST_VALUES = 20;
/** A number with more values than this is cut into ranges. */
const PLAIN_NUMBERS = 10;
const RANGES = 5;
/** A whole number with a larger share of distinct values names the row. */
const IDENTIFYING = 0.9;
/** Of about so many rows quantiles are taken: ranges need not hold exactly as many rows as each other. */
const QUANTILE_ROWS = 100_000;

const CONTRACT_NAMES = ['id', 'y_true', 'y_pred', 'y_score'];

/** A feature as the join selects it. */
export interface CodedColumn {
  name: string;
  /** In terms of its side's table; a code per row, `labels.length` where the row is in no slice by this feature. */
  sql: string;
  labels: string[];
}

export interface Exploration {
  columns: CodedColumn[];
  notes: string[];
}

/** A column of a side. */
interface Place {
  side: Side;
  name: string;
}

/**
 * Chooses and codes the features: those that the policy names, or every column of the data (without data: of the
 * predictions) that has no role. Left out are times, columns with one value, and those that name single rows.
 */
export async function exploreFeatures(
  engine: Engine,
  sides: { challenger: Side; champion: Side | undefined; data: Side | undefined },
  policy: GatePolicy,
): Promise<Exploration> {
  const { enabled, features: named, min_samples: minSamples } = policy.slice_discovery;
  if (!enabled || policy.task === 'ranking' || policy.task === 'scores') return { columns: [], notes: [] };
  const files = [sides.data, sides.challenger, sides.champion].filter((side) => side !== undefined);
  const notes: string[] = [];
  const places = named
    ? named.flatMap((name): Place[] => {
        const side = files.find(({ columns }) => columns.includes(name));
        if (!side) notes.push(`Weak slices: no file has the column ${name}.`);
        return side ? [{ side, name }] : [];
      })
    : withoutRole(files[0]!, policy);
  const columns: CodedColumn[] = [];
  const dropped: string[] = [];
  for (const place of places) {
    const coded = await codeColumn(engine, place, minSamples);
    if (!coded) {
      if (named) notes.push(`Weak slices: no two values of ${place.name} make slices of ${minSamples} rows.`);
    } else if (named || columns.length < MOST_FEATURES) columns.push(coded);
    else dropped.push(coded.name);
  }
  if (dropped.length > 0) {
    const more = dropped.length > 10 ? ` and ${dropped.length - 10} more` : '';
    notes.push(
      `Weak slices are looked for in the first ${MOST_FEATURES} features, not in ${dropped.slice(0, 10).join(', ')}${more}; slice_discovery: {features: […]} names others.`,
    );
  }
  return { columns, notes };
}

/** Columns beside the roles, and beside those of classes or labels, which are named after a role's column. */
function withoutRole(side: Side, policy: GatePolicy): Place[] {
  const roles = [...CONTRACT_NAMES, ...Object.values(policy.columns), ...Object.values(side.roles)].filter(
    (name) => name !== undefined,
  );
  const { y_true, y_pred, y_score } = policy.columns;
  const stems = ['y_true', 'y_pred', 'y_score', y_true, y_pred, y_score].filter((name) => name !== undefined);
  return side.columns
    .filter((name) => !roles.includes(name) && !stems.some((stem) => name.startsWith(`${stem}_`)))
    .map((name) => ({ side, name }));
}

/** Undefined where the column can make no slice. */
async function codeColumn(
  engine: Engine,
  place: Place,
  minSamples: number,
): Promise<CodedColumn | undefined> {
  const { side, name } = place;
  const type = side.types[name]!;
  const kind = columnKind(type);
  if (kind === 'time' || /\[|STRUCT|MAP|UNION|BLOB|TIME|UUID/.test(type)) return undefined;
  if (kind === 'numeric') {
    const [row] = await engine.rows(
      `SELECT approx_count_distinct(${quoteIdentifier(name)}) AS different FROM ${side.table}`,
    );
    const different = Number(row?.different);
    const isWhole = type.includes('INT');
    if (isWhole && different > IDENTIFYING * side.rowCount) return undefined;
    if (different > PLAIN_NUMBERS) return codeRanges(engine, place, isWhole);
  }
  return codeValues(engine, place, minSamples);
}

async function codeValues(
  engine: Engine,
  { side, name }: Place,
  minSamples: number,
): Promise<CodedColumn | undefined> {
  const rows = await engine.rows(
    `SELECT ${quoteIdentifier(name)}::VARCHAR AS value, count(*) AS n FROM ${side.table} GROUP BY 1 HAVING n >= ${minSamples} ORDER BY n DESC, value LIMIT ${MOST_VALUES}`,
  );
  const values = rows.map(({ value }) => (value === null ? null : String(value)));
  if (values.length === 0 || Number(rows[0]!.n) === side.rowCount) return undefined;
  const own = column(side, name);
  const cases = values.map((value, code) =>
    value === null
      ? `WHEN ${own} IS NULL THEN ${code}`
      : `WHEN ${own}::VARCHAR = ${quoteText(value)} THEN ${code}`,
  );
  const isNumber = columnKind(side.types[name]!) === 'numeric';
  return {
    name,
    sql: asCode(cases, values.length),
    labels: values.map((value) => (value === null ? '(empty)' : isNumber ? String(Number(value)) : value)),
  };
}

const asCode = (cases: readonly string[], otherwise: number): string =>
  `(CASE ${cases.join(' ')} ELSE ${otherwise} END)::UTINYINT`;

/** Ranges between quantiles, so that each holds about as many rows as the others. */
async function codeRanges(
  engine: Engine,
  { side, name }: Place,
  isWhole: boolean,
): Promise<CodedColumn | undefined> {
  const shares = Array.from({ length: RANGES - 1 }, (_, index) => (index + 1) / RANGES).join(', ');
  const value = `${quoteIdentifier(name)}::DOUBLE`;
  const every = Math.max(1, Math.floor(side.rowCount / QUANTILE_ROWS));
  const [row] = await engine.rows(
    `SELECT quantile_disc(${value}, [${shares}])::VARCHAR AS edges, max(${value}) AS largest FROM ${side.table} WHERE isfinite(${value}) AND hash(${quoteIdentifier(side.roles.id!)}) % ${every} = 0`,
  );
  if (typeof row?.largest !== 'number') return undefined;
  const { largest } = row;
  const found: number[] = JSON.parse(String(row.edges));
  const quantiles = [...new Set(found)].filter((edge) => edge < largest);
  if (quantiles.length === 0) return undefined;
  const edges = isWhole ? quantiles : shortened(quantiles);
  const own = `${column(side, name)}::DOUBLE`;
  const empty = edges.length + 1;
  const cases = [
    `WHEN ${own} IS NULL THEN ${empty}`,
    `WHEN NOT isfinite(${own}) THEN ${empty + 1}`,
    ...edges.map((edge, code) => `WHEN ${own} <= ${edge}::DOUBLE THEN ${code}`),
  ];
  return { name, sql: asCode(cases, edges.length), labels: [...rangeLabels(edges, isWhole), '(empty)'] };
}

/** Reads the codes from the joined table, one column at a time: a byte per row is kept. */
export async function readExplored(
  engine: Engine,
  table: string,
  columns: readonly { name: string; labels: readonly string[]; column: string }[],
): Promise<ExploredFeature[]> {
  const features: ExploredFeature[] = [];
  for (const { name, labels, column: coded } of columns) {
    const { codes } = await engine.columns(`SELECT ${coded}::DOUBLE AS codes FROM ${table}`);
    if (!(codes instanceof Float64Array)) throw new TypeError('codes are numbers');
    features.push({ name, labels, codes: Uint8Array.from(codes) });
  }
  return features;
}
