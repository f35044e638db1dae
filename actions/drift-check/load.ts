/** Reads one side into typed arrays: roles from the policy, rows put in time order, labels joined on the id. */

import { type CodedColumn, readCodedColumns } from '../../shared/data/coded-columns.ts';
import type { Engine } from '../../shared/data/engine.ts';
import { type DataFiles, type LoadedTable, loadingNotes, loadTable } from '../../shared/data/source.ts';
import { UserError } from '../../shared/errors.ts';
import type { DriftColumns } from '../../shared/records/drift-policy.ts';
import { ascendingOrder } from '../../shared/stats/sort-order.ts';
import { columnNotFound, joinLabelNames, joinLabels, type LabelSource } from './labels.ts';
import { type ClassColumns, classScoreColumns, readClassColumns } from './performance/class-columns.ts';
import type { PerformanceTask } from './performance.ts';
import { asCategories, type ColumnValues, type DriftTable, sharedNumbers } from './table.ts';

export interface LoadedSide {
  table: DriftTable;
  /** Features that hold times. */
  times: string[];
  notes: string[];
  /** Several classes, to be numbered once both sides are known; in file order, which `order` puts right. */
  classes?: { columns: ClassColumns; order?: Uint32Array };
  /** Rows that have a label from the file of labels. */
  lateLabels: number;
  /** Lines that cannot be read and are in no row. */
  rejectedLines: number;
}

/** Roles that are not features, unless the policy lists them as such. */
const OTHER_ROLES = [
  'id',
  'timestamp',
  'y_true',
  'y_pred',
  'y_score',
  'sample_weight',
  'group',
  'cluster',
] as const;

function asColumnValues(column: CodedColumn): ColumnValues {
  if (column.kind === 'text') return { kind: 'categorical', codes: column.codes, names: column.names };
  if (column.kind !== 'boolean') return { kind: 'numeric', values: column.values };
  const codes = new Int32Array(column.values.length);
  for (let row = 0; row < codes.length; row++) {
    const value = column.values[row]!;
    codes[row] = Number.isNaN(value) ? -1 : value;
  }
  return { kind: 'categorical', codes, names: ['false', 'true'] };
}

function numbersOf(column: CodedColumn, role: string, name: string): Float64Array {
  if (column.kind === 'numeric' || column.kind === 'boolean') return column.values;
  // A column of nulls alone has no type of its own in a text file.
  if (column.kind === 'text' && column.names.length === 0) {
    return new Float64Array(column.codes.length).fill(Number.NaN);
  }
  throw new UserError(
    `The column ${name} holds ${column.kind === 'time' ? 'times' : 'text'}, and ${role} must be numbers.`,
    {
      where: { key: `columns.${role}` },
      fix:
        role === 'y_score' || role === 'sample_weight'
          ? 'Write plain numbers, with a point before the decimals.'
          : 'Write 1 for the positive class and 0 for the other one, or a number for a regression.',
    },
  );
}

function gather(values: Float64Array, order: Uint32Array | undefined): Float64Array {
  return order ? Float64Array.from(order, (row) => values[row]!) : values;
}

function gatherColumn(column: ColumnValues, order: Uint32Array | undefined): ColumnValues {
  if (column.kind === 'numeric')
    return { kind: 'numeric', values: sharedNumbers(gather(column.values, order)) };
  if (!order) return column;
  return {
    kind: 'categorical',
    codes: Int32Array.from(order, (row) => column.codes[row]!),
    names: column.names,
  };
}

/** Rows in time order; those without a time are left out. Undefined where the file is in that order already. */
function timeOrder(
  column: CodedColumn,
  name: string,
  where: string,
): { order?: Uint32Array; dropped: number } {
  // A column without any value has no type of its own in a text file.
  const isEmpty =
    column.kind === 'text' ? column.names.length === 0 : column.values.every((value) => Number.isNaN(value));
  if (isEmpty) {
    const { length } = column.kind === 'text' ? column.codes : column.values;
    return { order: new Uint32Array(0), dropped: length };
  }
  if (column.kind !== 'time') {
    throw new UserError(`The column ${name} of ${where} holds no times.`, {
      where: { key: 'columns.timestamp' },
      fix: 'Store it as a date or a timestamp; in CSV write it like 2001-01-29 or 2001-01-29T06:30:00Z.',
    });
  }
  const { values } = column;
  let ascending = true;
  let dropped = 0;
  for (let row = 0; row < values.length; row++) {
    if (!Number.isFinite(values[row]!)) dropped++;
    else if (row > 0 && values[row]! < values[row - 1]!) ascending = false;
  }
  if (dropped === 0) return ascending ? { dropped } : { order: ascendingOrder(values), dropped };
  const kept = Uint32Array.from(values.keys()).filter((row) => Number.isFinite(values[row]!));
  const order = ascendingOrder(Float64Array.from(kept, (row) => values[row]!)).map((at) => kept[at]!);
  return { order, dropped };
}

/**
 * Loads files as one side.
 * @param where `the reference` or `the data`, for messages. @param labels late labels, if there are any.
 * @throws UserError for columns of the policy that are missing or of an unusable type.
 */
export async function loadSide(
  engine: Engine,
  files: DataFiles,
  side: {
    where: 'the reference' | 'the data';
    columns: DriftColumns;
    labels?: LabelSource;
    task?: PerformanceTask;
    temporaryFolder: string;
  },
): Promise<LoadedSide> {
  const { where, columns, task } = side;
  const table = where === 'the reference' ? 'drift_reference' : 'drift_data';
  const loaded = await loadTable(engine, files, table, { temporaryFolder: side.temporaryFolder });
  const notes = [
    ...loadingNotes(loaded.notes, where),
    ...(where === 'the data' ? (side.labels?.notes ?? []) : []),
  ];
  const { rejectedCount: rejectedLines } = loaded;
  if (rejectedLines > 0)
    notes.push(
      rejectedLines === 1
        ? `1 line of ${where} could not be read and was left out.`
        : `${rejectedLines} lines of ${where} could not be read and were left out.`,
    );
  if (loaded.duplicateColumns.length > 0)
    notes.push(
      `The header of ${where} has ${loaded.duplicateColumns.join(', ')} more than once; the later columns are read as name_1, name_2 ….`,
    );
  const names = loaded.columns.map((column) => column.name);
  const file = files.files[0]?.path;
  const required = ['timestamp', 'sample_weight', ...(side.labels ? (['id'] as const) : [])] as const;
  for (const role of required) {
    const name = columns[role];
    if (name && !names.includes(name)) throw columnNotFound(name, role, where, names, file);
  }
  const others = new Set(OTHER_ROLES.map((role) => columns[role]).filter((name) => name !== undefined));
  const scoresOfClasses = task === 'multiclass' ? [...classScoreColumns(names, columns).values()] : [];
  for (const name of scoresOfClasses) others.add(name);
  const features = names.filter((name) => columns.features?.includes(name) ?? !others.has(name));
  const roles = (['timestamp', 'y_true', 'y_pred', 'y_score', 'sample_weight'] as const)
    .map((role) => columns[role])
    .filter((name) => name !== undefined && names.includes(name));
  const wanted = [...new Set([...features, ...roles, ...scoresOfClasses])] as string[];
  const read = await readCodedColumns(engine, table, wanted, loaded.rowCount);

  let order: Uint32Array | undefined;
  if (columns.timestamp) {
    const time = timeOrder(read[columns.timestamp]!, columns.timestamp, where);
    order = time.order;
    if (time.dropped > 0)
      notes.push(`${time.dropped} rows of ${where} have no ${columns.timestamp} and were left out.`);
  }
  const result: DriftTable = { rowCount: order?.length ?? loaded.rowCount, columns: new Map() };
  const times: string[] = [];
  for (const name of features) {
    const column = read[name]!;
    if (column.kind === 'time') {
      times.push(name);
      const milliseconds = gather(column.values, order).map((seconds) => seconds * 1000);
      result.times = (result.times ?? new Map<string, Float64Array>()).set(name, milliseconds);
    } else result.columns.set(name, gatherColumn(asColumnValues(column), order));
  }
  for (const role of ['y_score', 'y_pred'] as const) {
    const name = columns[role];
    const column = name === undefined ? undefined : read[name];
    if (name === undefined || !column) continue;
    const values = gatherColumn(asColumnValues(column), order);
    result.columns.set(name, task === 'multiclass' ? asCategories(values) : values);
    if (task === 'multiclass') continue;
    if (role === 'y_score') result.scores = gather(numbersOf(column, role, name), order);
    else if (column.kind !== 'text') result.predictions = gather(numbersOf(column, role, name), order);
  }
  for (const name of scoresOfClasses)
    result.columns.set(name, gatherColumn(asColumnValues(read[name]!), order));
  const times64 = columns.timestamp ? read[columns.timestamp] : undefined;
  if (times64 && result.rowCount === 0) result.timestamps = new Float64Array(0);
  else if (times64 && times64.kind !== 'text')
    result.timestamps = gather(times64.values, order).map((seconds) => seconds * 1000);
  if (columns.sample_weight) {
    const weights = numbersOf(read[columns.sample_weight]!, 'sample_weight', columns.sample_weight);
    const bad = weights.reduce((sum, weight) => sum + (weight >= 0 && Number.isFinite(weight) ? 0 : 1), 0);
    if (bad > 0) {
      throw new UserError(
        `The column ${columns.sample_weight} of ${where} is empty, negative or infinite in ${bad} rows.`,
        {
          where: { ...(file && { file }), key: 'columns.sample_weight' },
          fix: 'Give every row a weight of 0 or more.',
        },
      );
    }
    result.weights = gather(weights, order);
  }
  if (task === 'multiclass') {
    const late = side.labels && (await joinLabelNames(engine, table, loaded.rowCount, side.labels, columns));
    const lateLabels = late?.filter((label) => label !== null).length ?? 0;
    const classes = await readClassColumns(engine, table, names, columns, late);
    await forget(engine, table, loaded);
    return { table: result, times, notes, classes: { columns: classes, order }, lateLabels, rejectedLines };
  }
  const late = side.labels && (await joinLabels(engine, table, loaded.rowCount, side.labels, columns));
  await forget(engine, table, loaded);
  const labels = chooseLabels(read, columns.y_true, late);
  if (labels) result.labels = gather(labels, order);
  const lateLabels = late?.reduce((sum, label) => sum + Number(!Number.isNaN(label)), 0) ?? 0;
  return { table: result, times, notes, lateLabels, rejectedLines };
}

/** Gives back the memory of a table that has been read; a view on files has none. */
async function forget(engine: Engine, table: string, { readsFrom }: LoadedTable): Promise<void> {
  if (readsFrom.length === 0) await engine.run(`DROP TABLE IF EXISTS ${table}`);
}

/** Labels from the side's own column, where the labels file has none for the row. */
function chooseLabels(
  read: Record<string, CodedColumn>,
  name: string | undefined,
  late: Float64Array | undefined,
): Float64Array | undefined {
  const own = name && read[name] ? numbersOf(read[name], 'y_true', name) : undefined;
  if (!own || !late) return late ?? own;
  return late.map((label, row) => (Number.isNaN(label) ? own[row]! : label));
}
