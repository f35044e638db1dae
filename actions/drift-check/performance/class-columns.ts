/** Several classes: labels that are names, and a column of scores for each class. */
import { type Column, readColumns } from '../../../shared/data/columns.ts';
import type { Engine } from '../../../shared/data/engine.ts';
import { UserError } from '../../../shared/errors.ts';
import type { DriftColumns } from '../../../shared/records/drift-policy.ts';
import type { DriftTable } from '../table.ts';

/** By class the column of its scores: `y_score_cat`, or `proba_cat` where the policy calls y_score proba. */
export function classScoreColumns(names: readonly string[], columns: DriftColumns): Map<string, string> {
  const role = columns.y_score ?? 'y_score';
  const found = names.filter((name) => name.startsWith(`${role}_`) && name.length > role.length + 1);
  return new Map(found.map((name) => [name.slice(role.length + 1), name]));
}

/** Names in file order; null where there is none. */
type Names = (string | null)[];

/** What a side has of classes, still as names. */
export interface ClassColumns {
  labels?: Names;
  predictions?: Names;
  scores: Map<string, Float64Array>;
}

/**
 * Reads labels, predictions and scores of one side, in file order.
 * @param late labels that came later, which stand before the side's own.
 * @throws UserError when scores are no numbers.
 */
export async function readClassColumns(
  engine: Engine,
  table: string,
  names: readonly string[],
  columns: DriftColumns,
  late?: Names,
): Promise<ClassColumns> {
  const scoreColumns = classScoreColumns(names, columns);
  const roles = [columns.y_true, columns.y_pred].filter((name) => name !== undefined && names.includes(name));
  const read = await readColumns(engine, table, [...(roles as string[]), ...scoreColumns.values()]);
  const own = columns.y_true ? namesOf(read[columns.y_true]) : undefined;
  return {
    labels: late ? late.map((label, row) => label ?? own?.[row] ?? null) : own,
    predictions: columns.y_pred ? namesOf(read[columns.y_pred]) : undefined,
    scores: new Map([...scoreColumns].map(([label, name]) => [label, requireNumbers(read[name]!, name)])),
  };
}

function namesOf(column: Column | undefined): Names | undefined {
  if (!column) return undefined;
  return Array.from(column.nulls, (isNull, row) => {
    if (isNull === 1) return null;
    const value = column.values[row]!;
    return column.kind === 'boolean' ? String(value === 1) : String(value);
  });
}

function requireNumbers(column: Column, name: string): Float64Array {
  if (column.kind === 'numeric') return column.values;
  if (column.nulls.every((isNull) => isNull === 1))
    return new Float64Array(column.nulls.length).fill(Number.NaN);
  throw new UserError(`The column ${name} holds the scores of a class, and some of them are no numbers.`, {
    where: { key: 'columns.y_score' },
    fix: 'Write plain numbers, with a point before the decimals.',
  });
}

/** Without leading zeros: `01` is a name. */
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i;

/** Gives the classes of both sides the same numbers, sorted as scikit-learn sorts labels. */
export function numberClasses(
  sides: readonly { table: DriftTable; columns: ClassColumns; order?: Uint32Array }[],
): void {
  const written = new Set<string>();
  for (const { columns } of sides) {
    for (const name of [...(columns.labels ?? []), ...(columns.predictions ?? [])])
      if (name !== null) written.add(name);
    for (const name of columns.scores.keys()) written.add(name);
  }
  const areNumbers = [...written].every((name) => NUMBER.test(name));
  const canonical = (name: string): string => (areNumbers ? String(Number(name)) : name);
  const classes = [...new Set([...written].map(canonical))].sort(
    areNumbers ? (a, b) => Number(a) - Number(b) : (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  const numberOf = new Map(classes.map((name, index) => [name, index]));
  for (const { table, columns, order } of sides) {
    const gather = (values: Float64Array): Float64Array =>
      order ? Float64Array.from(order, (row) => values[row]!) : values;
    const encode = (names: Names): Float64Array =>
      gather(
        Float64Array.from(names, (name) => (name === null ? Number.NaN : numberOf.get(canonical(name))!)),
      );
    table.classes = classes;
    if (columns.labels) table.labels = encode(columns.labels);
    const scores = scoresByClass(columns.scores, classes, canonical)?.map(gather);
    table.classScores = scores;
    if (columns.predictions) table.predictions = encode(columns.predictions);
    else if (scores) table.predictions = largestScore(scores, table.rowCount);
  }
}

function scoresByClass(
  scores: ReadonlyMap<string, Float64Array>,
  classes: readonly string[],
  canonical: (name: string) => string,
): Float64Array[] | undefined {
  if (scores.size === 0) return undefined;
  const found = new Map([...scores].map(([name, values]) => [canonical(name), values]));
  const without = classes.filter((name) => !found.has(name));
  if (without.length === 0) return classes.map((name) => found.get(name)!);
  throw new UserError(
    `There are scores for ${[...found.keys()].slice(0, 5).join(', ')}, and none for ${without.slice(0, 5).join(', ')}.`,
    {
      where: { key: 'columns.y_score' },
      fix: 'Write one column of scores for every class that occurs, or none at all.',
    },
  );
}

/** The first of the largest, as numpy's argmax; NaN where a score is none. */
function largestScore(scores: readonly Float64Array[], rows: number): Float64Array {
  const predicted = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let best = 0;
    for (let index = 1; index < scores.length; index++)
      if (scores[index]![row]! > scores[best]![row]!) best = index;
    predicted[row] = scores.some((column) => Number.isNaN(column[row]!)) ? Number.NaN : best;
  }
  return predicted;
}
