/**
 * The files of one side (a model's predictions, the data) as tables of the engine. What no join could mend (broken
 * lines, no id, an id twice) is an error that shows examples.
 */

import { type Engine, quoteIdentifier, quoteText } from '../../../shared/data/engine.ts';
import { type DataFiles, loadTable } from '../../../shared/data/source.ts';
import { UserError } from '../../../shared/errors.ts';
import { counted } from '../../../shared/metrics/counted.ts';
import type { GatePolicy } from '../../../shared/records/gate-policy.ts';
import { nearest } from '../../../shared/records/nearest.ts';
import { requireEveryLine } from './every-line.ts';
import { type Role, rolesOf } from './task-columns.ts';

/** One table in the engine, and which of its columns plays which role. */
export interface Side {
  table: string;
  /** As in messages: `the predictions`, `the baseline's predictions`, `the data`. */
  title: string;
  /** The first of its files, as the user wrote it. */
  file: string;
  /** Whether there are more of them, so that a row may be of another. */
  hasMoreFiles: boolean;
  columns: string[];
  /** The engine's type of each column. */
  types: Record<string, string>;
  roles: Partial<Record<Role, string>>;
  rowCount: number;
  /** Every id is a whole number written as one, so that ids compare and sort as numbers. */
  wholeIds: boolean;
  /** Which training run, where the policy names a column of seeds. */
  seed?: string;
}

/** A quoted column of a side's table. */
export const column = (side: Side, name: string): string => `${side.table}.${quoteIdentifier(name)}`;

/** The id as text, as people wrote it. */
export const idText = (side: Side): string => `${column(side, side.roles.id!)}::VARCHAR`;

/** Each seed is joined as columns of its own; more of them are a column that holds something else. */
export const MOST_SEEDS = 100;

/** Loads one model's predictions: one side per training run, sorted by seed, or a single one where none is named. */
export async function loadRuns(
  engine: Engine,
  files: DataFiles,
  table: string,
  title: string,
  policy: GatePolicy,
  temporaryFolder: string,
): Promise<Side[]> {
  const whole = await loadSide(engine, files, table, title, policy, temporaryFolder);
  if (whole.roles.seed === undefined) return [whole];
  const seed = column(whole, whole.roles.seed);
  const seeds = await engine.rows(
    `SELECT ${seed}::VARCHAR AS seed, count(*) AS n FROM ${table} GROUP BY ${seed} ORDER BY ${seed} NULLS FIRST LIMIT ${MOST_SEEDS + 1}`,
  );
  if (seeds[0]?.seed === null) {
    throw new UserError(`The seed is empty in ${counted(Number(seeds[0].n), 'row')} of ${title}.`, {
      where: { file: whole.file, key: 'columns.seed' },
      fix: 'Write the seed of its training run into every row.',
    });
  }
  if (seeds.length > MOST_SEEDS) {
    throw new UserError(
      `The column ${JSON.stringify(whole.roles.seed)} of ${title} holds more than ${MOST_SEEDS} seeds.`,
      {
        where: { file: whole.file, key: 'columns.seed' },
        fix: 'Name the column that says which training run a row is of, and give fewer runs.',
      },
    );
  }
  const runs: Side[] = [];
  for (const [index, row] of seeds.entries()) {
    const name = String(row.seed);
    const side: Side = {
      ...whole,
      table: `${table}_run_${index}`,
      title: `${title} of seed ${name}`,
      rowCount: Number(row.n),
      seed: name,
    };
    await engine.run(
      `CREATE OR REPLACE VIEW ${side.table} AS SELECT * FROM ${table} WHERE ${seed}::VARCHAR = ${quoteText(name)}`,
    );
    runs.push(side);
  }
  return runs;
}

/**
 * Loads the data, or the predictions of one model. Whether its ids are good is seen where it is joined.
 * @throws UserError when lines cannot be read, there is no row, or no column of ids.
 */
export async function loadSide(
  engine: Engine,
  files: DataFiles,
  table: string,
  title: string,
  policy: GatePolicy,
  temporaryFolder: string,
): Promise<Side> {
  const named = (...roles: Role[]): string[] =>
    roles.flatMap((role) => [policy.columns[role], role]).filter((name) => name !== undefined);
  // Labels that are names must stay as they are written: `01` is not `1`.
  const isNamed = policy.task === 'multiclass' || typeof policy.positive_label === 'string';
  const textColumns = [...named('id'), ...(isNamed ? named('y_true', 'y_pred') : [])];
  const loaded = await loadTable(engine, files, table, { textColumns, temporaryFolder });
  requireEveryLine(loaded, title, 'Correct these lines; a gate does not judge a part of the rows.');
  if (loaded.rowCount === 0) {
    throw new UserError(`There is no row in ${title}.`, {
      where: { file: files.files[0]!.path },
      fix: 'Check the step that makes the file.',
    });
  }
  const columns = loaded.columns.map(({ name }) => name);
  const types = Object.fromEntries(loaded.columns.map(({ name, type }) => [name, type]));
  const roles = rolesOf(columns, policy);
  const file = files.files[0]!.path;
  const hasMoreFiles = files.files.length > 1;
  const about = { table, title, file, hasMoreFiles, columns, types, roles };
  const side = { ...about, rowCount: loaded.rowCount, wholeIds: false };
  if (roles.id === undefined) throw missingId(side, policy);
  return { ...side, wholeIds: await hasWholeIds(engine, side) };
}

const WHOLE = /^U?(TINY|SMALL|BIG)?INT(EGER)?$/;

async function hasWholeIds(engine: Engine, side: Side): Promise<boolean> {
  const type = side.types[side.roles.id!]!;
  if (WHOLE.test(type)) return type !== 'UBIGINT';
  if (type !== 'VARCHAR') return false;
  const id = column(side, side.roles.id!);
  const [row] = await engine.rows(
    `SELECT bool_and(coalesce(TRY_CAST(${id} AS BIGINT)::VARCHAR = ${id}, false)) AS whole FROM ${side.table}`,
  );
  return row?.whole === true;
}

function missingId(side: Side, policy: GatePolicy): UserError {
  const wanted = policy.columns.id ?? 'id';
  const guess = nearest(wanted, side.columns);
  return new UserError(`In ${side.title} there is no column ${JSON.stringify(wanted)} to join on.`, {
    where: { file: side.file, key: 'columns.id' },
    fix: `Name it in the policy as columns: {id: ${guess ?? '…'}}. Columns there: ${side.columns.slice(0, 30).join(', ')}.`,
  });
}

/** @throws UserError when an id is empty or given twice. */
export async function requireUniqueIds(engine: Engine, side: Side): Promise<void> {
  const where = { file: side.file, key: side.roles.id };
  const id = idText(side);
  const [counts] = await engine.rows(
    `SELECT count(*) - count(${id}) AS empty, count(${id}) - count(DISTINCT ${id}) AS repeated FROM ${side.table}`,
  );
  if (Number(counts?.empty) > 0) {
    throw new UserError(`The id is empty in ${counted(Number(counts?.empty), 'row')} of ${side.title}.`, {
      where,
      fix: 'Give every row an id of its own.',
    });
  }
  if (Number(counts?.repeated) > 0) {
    const rows = await engine.rows(
      `SELECT ${idText(side)} AS id, count(*) AS times FROM ${side.table} GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 5`,
    );
    const examples = rows.map((row) => `${row.id} (${row.times} times)`).join(', ');
    throw new UserError(`In ${side.title} ids are given more than once, such as ${examples}.`, {
      where,
      fix:
        side.seed === undefined
          ? 'Give every row an id of its own, and predict each row once. Of several training runs name the column of the seed in the policy as columns: {seed: …}.'
          : 'Predict each row once per seed.',
    });
  }
}
