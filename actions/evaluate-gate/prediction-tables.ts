/**
 * Predictions of both models and the rows they were made on, joined on the id into one table. What does not fit
 * together (duplicate ids, other ids, no label) is an error that shows examples.
 */
import { type Engine, quoteIdentifier, quoteText } from '../../shared/data/engine.ts';
import { type DataFiles, loadTable } from '../../shared/data/source.ts';
import { UserError } from '../../shared/errors.ts';
import type { GatePolicy } from '../../shared/records/gate-policy.ts';
import { nearest } from '../../shared/records/nearest.ts';

export type Role = 'id' | 'y_true' | 'y_pred' | 'y_score' | 'sample_weight' | 'cluster';

/** One loaded file: its table in the engine, and which of its columns plays which role. */
export interface Side {
  table: string;
  /** As in messages: `the predictions`, `the baseline's predictions`, `the data`. */
  title: string;
  columns: string[];
  roles: Partial<Record<Role, string>>;
  rowCount: number;
}

/** A quoted column of a side's table. */
const column = (side: Side, name: string): string => `${side.table}.${quoteIdentifier(name)}`;
const idOf = (side: Side): string => `${column(side, side.roles.id!)}::VARCHAR`;

/** Weight and cluster have no name of their own in a file: only the policy gives them one. */
const NAMED_BY_CONTRACT: readonly Role[] = ['id', 'y_true', 'y_pred', 'y_score'];

/**
 * Loads one side.
 * @throws UserError when lines cannot be read, there is no id, or an id is empty or given twice.
 */
export async function loadSide(
  engine: Engine,
  files: DataFiles,
  table: string,
  title: string,
  policy: GatePolicy,
  temporaryFolder: string,
): Promise<Side> {
  const idNames = [policy.columns.id, 'id'].filter((name) => name !== undefined);
  const loaded = await loadTable(engine, files, table, { textColumns: idNames, temporaryFolder });
  const [rejected] = loaded.rejected;
  if (rejected) {
    throw new UserError(`${loaded.rejectedCount} lines of ${title} cannot be read: ${rejected.message}`, {
      where: { file: rejected.file, line: rejected.line },
      fix: 'Correct these lines; a gate does not judge a part of the rows.',
    });
  }
  const columns = loaded.columns.map(({ name }) => name);
  const roles: Side['roles'] = {};
  for (const role of [...NAMED_BY_CONTRACT, 'sample_weight', 'cluster'] as const) {
    const candidates = [policy.columns[role], NAMED_BY_CONTRACT.includes(role) ? role : undefined];
    const found = candidates.find((name) => name !== undefined && columns.includes(name));
    if (found !== undefined) roles[role] = found;
  }
  if (loaded.rowCount === 0) {
    throw new UserError(`There is no row in ${title}.`, {
      where: { file: files.files[0]!.path },
      fix: 'Check the step that makes the file.',
    });
  }
  const side: Side = { table, title, columns, roles, rowCount: loaded.rowCount };
  if (roles.id === undefined) throw missingRole(side, 'id', policy, files);
  await checkIds(engine, side, files);
  return side;
}

function missingRole(side: Side, role: Role, policy: GatePolicy, files: DataFiles): UserError {
  const wanted = policy.columns[role] ?? role;
  const guess = nearest(wanted, side.columns);
  return new UserError(`In ${side.title} there is no column ${JSON.stringify(wanted)} to join on.`, {
    where: { file: files.files[0]!.path, key: `columns.${role}` },
    fix: `Name it in the policy as columns: {${role}: ${guess ?? '…'}}. Columns there: ${side.columns.slice(0, 30).join(', ')}.`,
  });
}

async function checkIds(engine: Engine, side: Side, files: DataFiles): Promise<void> {
  const where = { file: files.files[0]!.path, key: side.roles.id };
  const from = quoteIdentifier(side.table);
  const [counts] = await engine.rows(
    `SELECT count(*) - count(${idOf(side)}) AS empty, count(${idOf(side)}) - count(DISTINCT ${idOf(side)}) AS repeated FROM ${from}`,
  );
  if (Number(counts?.empty) > 0) {
    throw new UserError(`In ${side.title} ${counts?.empty} rows have no id.`, {
      where,
      fix: 'Give every row an id of its own.',
    });
  }
  if (Number(counts?.repeated) > 0) {
    const rows = await engine.rows(
      `SELECT ${idOf(side)} AS id, count(*) AS times FROM ${from} GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 5`,
    );
    const examples = rows.map((row) => `${row.id} (${row.times} times)`).join(', ');
    throw new UserError(`In ${side.title} ids are given more than once, such as ${examples}.`, {
      where,
      fix: 'Give every row an id of its own, and predict each row once.',
    });
  }
}

/** @throws UserError unless both sides have the same ids, with counts and examples of either direction. */
export async function requireSameIds(engine: Engine, first: Side, second: Side): Promise<void> {
  const only = async (a: Side, b: Side): Promise<{ count: number; examples: string }> => {
    const without = `FROM ${quoteIdentifier(a.table)} ANTI JOIN ${quoteIdentifier(b.table)} ON ${idOf(a)} = ${idOf(b)}`;
    const rows = await engine.rows(
      `SELECT ${idOf(a)} AS id, count(*) OVER () AS total ${without} ORDER BY 1 LIMIT 3`,
    );
    return { count: Number(rows[0]?.total ?? 0), examples: rows.map((row) => String(row.id)).join(', ') };
  };
  const [here, there] = [await only(first, second), await only(second, first)];
  const parts = [
    here.count > 0 && `${here.count} ids are only in ${first.title} (such as ${here.examples})`,
    there.count > 0 && `${there.count} only in ${second.title} (such as ${there.examples})`,
  ].filter(Boolean);
  if (parts.length === 0) return;
  throw new UserError(`The rows are not the same: ${parts.join(', ')}.`, {
    where: { key: 'columns.id' },
    fix: 'Judge both models on the same rows.',
  });
}

export const JOINED = 'judged_rows';

/** The columns of the joined table. */
export interface Joined {
  rowCount: number;
  has: {
    championPred: boolean;
    championScore: boolean;
    pred: boolean;
    score: boolean;
    weight: boolean;
    cluster: boolean;
  };
  /** Of each feature that a slice asks for, the column in the joined table; absent where no side has it. */
  features: Record<string, string>;
}

/**
 * Makes the table `judged_rows`, ordered by id so that the order of the files changes nothing.
 * @param sides data may be absent; without champion only the challenger is judged.
 * @param features columns that slices need, taken from the data or the predictions.
 */
export async function joinSides(
  engine: Engine,
  sides: { challenger: Side; champion?: Side; data?: Side },
  features: string[],
): Promise<Joined> {
  const { challenger, champion, data } = sides;
  for (const other of [champion, data]) if (other) await requireSameIds(engine, challenger, other);
  const pick = (role: Role, ...from: (Side | undefined)[]): string | undefined => {
    const side = from.find((one) => one?.roles[role] !== undefined);
    return side && column(side, side.roles[role]!);
  };
  const truth = pick('y_true', data, challenger, champion);
  if (truth === undefined) {
    throw new UserError('No file has the true labels (y_true).', {
      where: { key: 'columns.y_true' },
      fix: 'Name their column in the policy as columns: {y_true: …}; it may be in the predictions or in the data.',
    });
  }
  const selected: [string, string | undefined][] = [
    ['id', idOf(challenger)],
    ['y_true', truth],
    ['pred', pick('y_pred', challenger)],
    ['score', pick('y_score', challenger)],
    ['champion_pred', pick('y_pred', champion)],
    ['champion_score', pick('y_score', champion)],
    ['weight', pick('sample_weight', data, challenger, champion)],
    ['cluster', pick('cluster', data, challenger, champion)],
  ];
  const found: Record<string, string> = {};
  features.forEach((feature, index) => {
    const side = [data, challenger, champion].find((one) => one?.columns.includes(feature));
    if (!side) return;
    found[feature] = `feature_${index}`;
    selected.push([`feature_${index}`, `${column(side, feature)}::VARCHAR`]);
  });
  const joins = [champion, data].flatMap((side) =>
    side ? [`JOIN ${quoteIdentifier(side.table)} ON ${idOf(challenger)} = ${idOf(side)}`] : [],
  );
  const expressions = selected.flatMap(([name, sql]) => (sql ? [`${sql} AS ${quoteIdentifier(name)}`] : []));
  await engine.run(
    `CREATE OR REPLACE TABLE ${JOINED} AS SELECT ${expressions.join(', ')} FROM ${quoteIdentifier(challenger.table)} ${joins.join(' ')} ORDER BY ${idOf(challenger)}`,
  );
  await requireSameTruth(engine, sides);
  const has = (name: string): boolean => selected.some(([known, sql]) => known === name && sql !== undefined);
  return {
    rowCount: challenger.rowCount,
    has: {
      pred: has('pred'),
      score: has('score'),
      championPred: has('champion_pred'),
      championScore: has('champion_score'),
      weight: has('weight'),
      cluster: has('cluster'),
    },
    features: found,
  };
}

/** Two files that both carry labels must agree: otherwise the models were judged on other questions. */
async function requireSameTruth(
  engine: Engine,
  sides: { challenger: Side; champion?: Side; data?: Side },
): Promise<void> {
  const carrying = [sides.data, sides.challenger, sides.champion].filter(
    (side) => side?.roles.y_true !== undefined,
  );
  const [first, ...others] = carrying as Side[];
  for (const other of others) {
    const [a, b] = [first!, other].map((side) => column(side, side.roles.y_true!));
    // Text compares 1 with 1.0 as different, so numbers are compared as numbers where both are.
    const differs = `CASE WHEN TRY_CAST(${a} AS DOUBLE) IS NOT NULL AND TRY_CAST(${b} AS DOUBLE) IS NOT NULL
      THEN TRY_CAST(${a} AS DOUBLE) <> TRY_CAST(${b} AS DOUBLE) ELSE ${a}::VARCHAR IS DISTINCT FROM ${b}::VARCHAR END`;
    const [row] = await engine.rows(
      `SELECT count(*) AS n, min(${idOf(first!)}) AS example FROM ${quoteIdentifier(first!.table)} JOIN ${quoteIdentifier(other.table)} ON ${idOf(first!)} = ${idOf(other)} WHERE ${differs}`,
    );
    if (Number(row?.n) === 0) continue;
    throw new UserError(
      `The true labels in ${first!.title} and ${other.title} differ in ${row?.n} rows, such as id ${row?.example}.`,
      {
        where: { key: 'columns.y_true' },
        fix: 'Keep y_true in one file, or make both agree.',
      },
    );
  }
}

/**
 * The challenger's predictions in the form of the contract (`id,y_pred,y_score`, CSV, ordered by id), to be kept
 * with the version.
 */
export async function exportPredictions(engine: Engine, joined: Joined, path: string): Promise<void> {
  const columns = ['id', joined.has.pred && 'pred AS y_pred', joined.has.score && 'score AS y_score'].filter(
    Boolean,
  );
  await engine.run(
    `COPY (SELECT ${columns.join(', ')} FROM ${JOINED}) TO ${quoteText(path)} (FORMAT csv, HEADER)`,
  );
}
