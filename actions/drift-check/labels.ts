/** Labels that came later, joined to the rows on their id. */
import { type Engine, quoteIdentifier } from '../../shared/data/engine.ts';
import { type DataFiles, loadingNotes, loadTable } from '../../shared/data/source.ts';
import { UserError } from '../../shared/errors.ts';
import type { DriftColumns } from '../../shared/records/drift-policy.ts';
import { nearest } from '../../shared/records/nearest.ts';
import type { PerformanceTask } from './performance.ts';

/** Where labels lie: a table of the engine with one row per id. */
export interface LabelSource {
  table: string;
  files: DataFiles;
  /** Names that occur there. */
  columns: ReadonlySet<string>;
  /** What was found out while they were read. */
  notes: string[];
  /** Ids that have a label. */
  labelled: number;
  /** Lines that cannot be read. */
  rejectedLines: number;
}

/** The error for a column that the policy names and a file lacks. */
export function columnNotFound(
  name: string,
  role: string,
  where: string,
  known: Iterable<string>,
  file?: string,
): UserError {
  const names = [...known];
  const guess = nearest(name, names);
  return new UserError(`The policy's column ${role}: ${name} is not in ${where}.`, {
    where: { ...(file && { file }), key: `columns.${role}` },
    fix: `${guess ? `Did you mean "${guess}"? ` : ''}The columns are: ${names.join(', ')}.`,
  });
}

/** Loads the labels file as a table and checks that it has the id and the label. */
export async function openLabels(
  engine: Engine,
  files: DataFiles,
  columns: DriftColumns,
  temporaryFolder: string,
  task?: PerformanceTask,
): Promise<LabelSource> {
  if (!columns.id || !columns.y_true) {
    throw new UserError(
      'Labels are joined on an id, and the policy names no columns.id and columns.y_true.',
      {
        where: { key: 'inputs.labels' },
        fix: 'Write columns: {id: …, y_true: …} into the policy.',
      },
    );
  }
  const table = 'drift_labels';
  const loaded = await loadTable(engine, files, table, { temporaryFolder });
  const names = new Set(loaded.columns.map((column) => column.name));
  for (const role of ['id', 'y_true'] as const) {
    if (!names.has(columns[role]!))
      throw columnNotFound(columns[role]!, role, 'the labels', names, files.files[0]?.path);
  }
  const id = quoteIdentifier(columns.id);
  const label = quoteIdentifier(columns.y_true);
  // The labels of several classes are names.
  const [text] =
    task === 'multiclass'
      ? []
      : await engine.rows(
          `SELECT ${label}::VARCHAR AS label FROM ${table} WHERE ${label} IS NOT NULL AND TRY_CAST(${label} AS DOUBLE) IS NULL LIMIT 1`,
        );
  if (text) {
    throw new UserError(
      `The labels hold ${JSON.stringify(text.label)} in ${columns.y_true}, which is no number.`,
      {
        where: { file: files.files[0]?.path, key: columns.y_true },
        fix: 'Write 1 for the positive class and 0 for the other one, or a number for a regression; labels that are names need task: multiclass in the policy.',
      },
    );
  }
  const twice = await engine.rows(
    `SELECT ${id}::VARCHAR AS id FROM ${table} WHERE ${label} IS NOT NULL GROUP BY ${id} ` +
      `HAVING count(DISTINCT ${label}) > 1 ORDER BY 1 LIMIT 3`,
  );
  if (twice.length > 0) {
    throw new UserError(
      `The labels contradict each other for the id ${twice.map((row) => String(row.id)).join(', ')}.`,
      {
        where: { file: files.files[0]?.path, key: columns.id },
        fix: 'Keep one label per id.',
      },
    );
  }
  const [counted] = await engine.rows(
    `SELECT count(DISTINCT ${id})::DOUBLE AS labelled FROM ${table} WHERE ${label} IS NOT NULL`,
  );
  const notes = loadingNotes(loaded.notes, 'the labels');
  const labelled = Number(counted!.labelled);
  return { table, files, columns: names, notes, labelled, rejectedLines: loaded.rejectedCount };
}

/** Label per row of `table` in file order, NaN where there is none. */
export async function joinLabels(
  engine: Engine,
  table: string,
  rows: number,
  labels: LabelSource,
  columns: DriftColumns,
) {
  const joined = await engine.columns(joinQuery(table, labels, columns, 'DOUBLE'));
  const found = new Float64Array(rows).fill(Number.NaN);
  const { row, label: values } = joined;
  if (row instanceof Float64Array && values instanceof Float64Array) {
    row.forEach((at, index) => {
      found[at] = values[index]!;
    });
  }
  return found;
}

/** The same for classes: their names as text, null where there is none. */
export async function joinLabelNames(
  engine: Engine,
  table: string,
  rows: number,
  labels: LabelSource,
  columns: DriftColumns,
): Promise<(string | null)[]> {
  const { row, label } = await engine.columns(joinQuery(table, labels, columns, 'VARCHAR'));
  const found = new Array<string | null>(rows).fill(null);
  if (row instanceof Float64Array && label) {
    row.forEach((at, index) => {
      found[at] = String(label[index]);
    });
  }
  return found;
}

function joinQuery(
  table: string,
  labels: LabelSource,
  columns: DriftColumns,
  type: 'DOUBLE' | 'VARCHAR',
): string {
  const id = quoteIdentifier(columns.id!);
  const label = quoteIdentifier(columns.y_true!);
  return (
    // As text, since one file may hold the id as a number and the other one as text.
    `SELECT (d.row - 1)::DOUBLE AS row, l.label FROM (SELECT row_number() OVER () AS row, ${id}::VARCHAR AS id FROM ${table}) d ` +
    `JOIN (SELECT ${id}::VARCHAR AS id, TRY_CAST(any_value(${label}) AS ${type}) AS label FROM ${labels.table} ` +
    `WHERE ${label} IS NOT NULL GROUP BY 1) l ON d.id = l.id`
  );
}
