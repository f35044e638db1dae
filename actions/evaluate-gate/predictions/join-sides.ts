/**
 * Both models' predictions and the rows they were made on, joined on the id into one table. Other ids on one side,
 * no label, or labels that disagree are errors that show examples.
 */

import { type Engine, quoteIdentifier, quoteText } from '../../../shared/data/engine.ts';
import { UserError } from '../../../shared/errors.ts';
import { counted } from '../../../shared/metrics/counted.ts';
import type { GatePolicy } from '../../../shared/records/gate-policy.ts';
import { column, idText, requireUniqueIds, type Side } from './prediction-tables.ts';
import { predictedColumns, type Role, type TaskColumns, trueColumns } from './task-columns.ts';

export interface Sides {
  /** One per training run; those of one model have the same columns. */
  challenger: Side[];
  champion: Side[] | undefined;
  data: Side | undefined;
}

export const JOINED = 'judged_rows';

/** The columns of the joined table: by what the task calls them, the name there. */
export interface Joined {
  rowCount: number;
  truth: TaskColumns;
  /** One per training run. */
  challenger: TaskColumns[];
  champion: TaskColumns[] | undefined;
  /** Of the challenger's runs. */
  seeds: string[];
  shared: Partial<Record<'sample_weight' | 'cluster' | 'group' | 'timestamp', string>>;
  /** Of each feature that a slice asks for; absent where no side has it. */
  features: Record<string, string>;
  /** Of each column that is taken as it is, where it comes from. */
  origins: Record<string, { side: Side; name: string }>;
  /** Of each further column the name there, in the order in which they were asked for. */
  further: string[];
}

/** What is joined beside what the task reads. */
export interface Further {
  /** Columns that slices need, taken from the data or the predictions. */
  features: readonly string[];
  /** SQL in terms of the sides' tables. */
  expressions: readonly string[];
}

/** A feature of more values than this is kept as text, not as numbers into a list. */
const LARGEST_DICTIONARY = 1000;

/**
 * Makes the table `judged_rows`, ordered by id so that the order of the files changes nothing.
 */
export async function joinSides(
  engine: Engine,
  sides: Sides,
  { features, expressions }: Further,
  policy: GatePolicy,
): Promise<Joined> {
  const [first, ...otherRuns] = sides.challenger as [Side, ...Side[]];
  const others = [...otherRuns, ...(sides.champion ?? []), ...(sides.data ? [sides.data] : [])];
  const key = [first, ...others].every((side) => side.wholeIds)
    ? (side: Side) => `${column(side, side.roles.id!)}::BIGINT`
    : idText;

  const selected: string[] = [`${key(first)} AS id`];
  const select = (expression: string): string => {
    const name = `c${selected.length}`;
    selected.push(`${expression} AS ${name}`);
    return name;
  };
  const origins: Joined['origins'] = {};
  const take = (side: Side, name: string): string => {
    const there = select(exact(side, name));
    origins[there] = { side, name };
    return there;
  };
  const selectAll = (side: Side, columns: TaskColumns): TaskColumns =>
    Object.fromEntries(Object.entries(columns).map(([role, name]) => [role, take(side, name)]));
  const bySource = [sides.data, ...sides.challenger, ...(sides.champion ?? [])].filter(
    (side) => side !== undefined,
  );
  const carrying = carryingTruth(bySource, policy);
  const truth = carrying[0] ? selectAll(carrying[0].side, carrying[0].columns) : {};
  const model = (side: Side): TaskColumns => selectAll(side, predictedColumns(side.columns, policy));
  const [challenger, champion] = [sides.challenger.map(model), sides.champion?.map(model)];
  const shared: Joined['shared'] = {};
  for (const role of ['sample_weight', 'cluster', 'group', 'timestamp'] as const satisfies Role[]) {
    const side = bySource.find((one) => one.roles[role] !== undefined);
    if (side) shared[role] = take(side, side.roles[role]!);
  }
  const found: Record<string, string> = {};
  for (const feature of features) {
    const side = bySource.find((one) => one.columns.includes(feature));
    if (side) found[feature] = select(await asDictionary(engine, column(side, feature), side.table));
  }
  const further = expressions.map(select);
  const joins = others.map((side) => `JOIN ${side.table} ON ${key(first)} = ${key(side)}`);
  // Of ids that are given many times on two sides a join would have no end.
  const limit = `LIMIT ${first.rowCount + 1}`;
  await engine.run(
    `CREATE OR REPLACE TABLE ${JOINED} AS FROM (SELECT ${selected.join(', ')} FROM ${first.table} ${joins.join(' ')} ${limit}) ORDER BY id`,
  );
  await requireSameIds(engine, first, others, key);
  await requireSameTruth(engine, carrying, key);
  const seeds = sides.challenger.flatMap(({ seed }) => seed ?? []);
  const { rowCount } = first;
  return { rowCount, truth, challenger, champion, seeds, shared, features: found, origins, further };
}

/** A number of 32 bits becomes the double that is computed with, so that it is also the one that is kept. */
const exact = (side: Side, name: string): string =>
  side.types[name] === 'FLOAT' ? `${column(side, name)}::DOUBLE` : column(side, name);

interface Carrying {
  side: Side;
  columns: TaskColumns;
}

/** The sides that say the truth, the one that is believed first. @throws UserError when the task needs it and none does. */
function carryingTruth(sides: readonly Side[], policy: GatePolicy): Carrying[] {
  const carrying = sides
    .map((side) => ({ side, columns: trueColumns(side.columns, policy) }))
    .filter(({ columns }) => Object.keys(columns).length > 0);
  if (carrying.length > 0 || policy.task === 'scores') return carrying;
  const name = policy.task === 'multilabel' ? 'y_true_<label>' : 'y_true';
  throw new UserError(`No file has the true labels (${name}).`, {
    where: { key: 'columns.y_true' },
    fix: 'Name their column in the policy as columns: {y_true: …}; it may be in the predictions or in the data.',
  });
}

/**
 * Where all sides have as many rows as their join, and no id comes twice in it, every side has these ids, each once.
 * @throws UserError that says which ids are empty, given twice, or only on one side.
 */
async function requireSameIds(
  engine: Engine,
  first: Side,
  others: readonly Side[],
  key: (side: Side) => string,
): Promise<void> {
  const [joined] = await engine.rows(
    `SELECT count(*) AS n, count_if(id IS NULL OR id = before) AS bad FROM (SELECT id, lag(id) OVER () AS before FROM ${JOINED})`,
  );
  const sides = [first, ...others];
  if (Number(joined?.bad) === 0 && sides.every((side) => side.rowCount === Number(joined?.n))) return;
  for (const side of sides) await requireUniqueIds(engine, side);
  const only = async (a: Side, b: Side): Promise<{ count: number; examples: string }> => {
    const rows = await engine.rows(
      `SELECT ${idText(a)} AS id, count(*) OVER () AS total FROM ${a.table} ANTI JOIN ${b.table} ON ${key(a)} = ${key(b)} ORDER BY 1 LIMIT 3`,
    );
    return { count: Number(rows[0]?.total ?? 0), examples: rows.map((row) => String(row.id)).join(', ') };
  };
  for (const other of others) {
    const [here, there] = [await only(first, other), await only(other, first)];
    const parts = [
      here.count > 0 && `${counted(here.count, 'id')} only in ${first.title} (such as ${here.examples})`,
      there.count > 0 && `${counted(there.count, 'id')} only in ${other.title} (such as ${there.examples})`,
    ].filter(Boolean);
    if (parts.length === 0) continue;
    throw new UserError(`The rows are not the same: ${parts.join(', ')}.`, {
      where: { file: (here.count > 0 ? first : other).file, key: 'columns.id' },
      fix: 'Judge both models on the same rows.',
    });
  }
}

/** Two files that both carry labels must agree: otherwise the models were judged on other questions. */
async function requireSameTruth(
  engine: Engine,
  [first, ...others]: readonly Carrying[],
  key: (side: Side) => string,
): Promise<void> {
  if (!first) return;
  for (const other of others) {
    for (const [role, name] of Object.entries(first.columns)) {
      const otherName = other.columns[role];
      if (otherName === undefined) continue;
      const [a, b] = [column(first.side, name), column(other.side, otherName)];
      // Text compares 1 with 1.0 as different, so numbers are compared as numbers where both are.
      const differs = `CASE WHEN TRY_CAST(${a} AS DOUBLE) IS NOT NULL AND TRY_CAST(${b} AS DOUBLE) IS NOT NULL
        THEN TRY_CAST(${a} AS DOUBLE) <> TRY_CAST(${b} AS DOUBLE) ELSE ${a}::VARCHAR IS DISTINCT FROM ${b}::VARCHAR END`;
      const [row] = await engine.rows(
        `SELECT count(*) AS n, min(${idText(first.side)}) AS example FROM ${first.side.table} JOIN ${other.side.table} ON ${key(first.side)} = ${key(other.side)} WHERE ${differs}`,
      );
      if (Number(row?.n) === 0) continue;
      throw new UserError(
        `The true labels in ${first.side.title} and ${other.side.title} differ in ${counted(Number(row?.n), 'row')}, such as id ${row?.example}.`,
        {
          where: { file: other.side.file, key: otherName },
          fix: 'Keep y_true in one file, or make both agree.',
        },
      );
    }
  }
}

/** Few values are held once, with a number per row: a text per row takes ten times as long to read. */
async function asDictionary(engine: Engine, feature: string, table: string): Promise<string> {
  const rows = await engine.rows(
    `SELECT DISTINCT ${feature}::VARCHAR AS value FROM ${table} WHERE ${feature} IS NOT NULL LIMIT ${LARGEST_DICTIONARY + 1}`,
  );
  if (rows.length === 0 || rows.length > LARGEST_DICTIONARY) return `${feature}::VARCHAR`;
  const values = rows.map((row) => String(row.value)).sort();
  return `${feature}::VARCHAR::ENUM(${values.map(quoteText).join(', ')})`;
}

/**
 * The challenger's predictions in the form of the contract (CSV, ordered by id, names such as `y_pred` and
 * `y_score_cat`), to be kept with the version: a later gate pairs on them.
 */
export function exportQuery(joined: Joined, policy: GatePolicy): string {
  const run = (columns: TaskColumns, index: number): string => {
    const seed =
      joined.seeds.length > 0
        ? [`${quoteText(joined.seeds[index]!)} AS ${quoteIdentifier(policy.columns.seed!)}`]
        : [];
    const named = Object.entries(columns).map(([role, name]) => `${name} AS ${quoteIdentifier(role)}`);
    return `(SELECT ${['id', ...seed, ...named].join(', ')} FROM ${JOINED} ORDER BY ${JOINED}.id)`;
  };
  return joined.challenger.map(run).join(' UNION ALL ');
}
