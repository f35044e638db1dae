/** From the joined table to what metrics are computed on: truth, predictions, weights, clusters, features. */
import { type Column, readColumns } from '../../../shared/data/columns.ts';
import type { Engine } from '../../../shared/data/engine.ts';
import { UserError } from '../../../shared/errors.ts';
import type { Rows } from '../../../shared/metrics/rows.ts';
import type { Evaluation } from '../../../shared/records/evaluation.ts';
import type { GatePolicy } from '../../../shared/records/gate-policy.ts';
import { binaryRows } from './binary-rows.ts';
import {
  BadValue,
  type ModelColumns,
  readGroups,
  readWeights,
  type TaskRows,
  textAt,
  underNames,
} from './column-values.ts';
import { findGaps, type GapsOfModels, placeOf } from './gaps.ts';
import { JOINED, type Joined } from './join-sides.ts';
import { multiclassRows } from './multiclass-rows.ts';
import { multilabelRows } from './multilabel-rows.ts';
import { numberRows, rankingRows, scoreTaskRows } from './number-rows.ts';

export interface JudgedRows {
  /** Of several training runs the first by seed. */
  champion: Rows | undefined;
  challenger: Rows;
  /** Every training run of either model, in the order of the seeds; undefined where the policy names no seeds. */
  seeds: { champion: Rows[] | undefined; challenger: Rows[] } | undefined;
  /** Of each feature the value per row. */
  features: Record<string, (string | null)[]>;
  /**
   * The names of classes or labels, by the number that stands for them (binary: the negative, then the positive
   * label); empty where there are none.
   */
  labels: readonly string[];
  /** What is judged as a whole, where it is not a row. */
  observations?: Evaluation['observations'];
  /** Where predictions are no numbers; absent where nobody looked. */
  gaps?: GapsOfModels;
  notes: string[];
}

/**
 * Reads `judged_rows`. A value that cannot be judged is an error that names its file, id and column.
 * @param naiveError of forecasts, per series the error in training of the forecast "as one season before".
 * @throws UserError for values that the task cannot be judged on, such as empty labels or negative weights.
 */
export async function readRows(
  engine: Engine,
  joined: Joined,
  policy: GatePolicy,
  naiveError?: ReadonlyMap<string | null, number>,
): Promise<JudgedRows> {
  const { truth, challenger, champion, shared, features } = joined;
  const tables = [truth, ...challenger, ...(champion ?? []), shared, features];
  const columns = await readColumns(
    engine,
    JOINED,
    tables.flatMap((names) => Object.values(names)),
  );
  try {
    const rows = judgedRows(columns, joined, policy, naiveError);
    return { ...rows, gaps: await findGaps(engine, joined, columns) };
  } catch (error) {
    throw error instanceof BadValue ? await withPlace(error, engine, joined, columns) : error;
  }
}

/** The error of a value with the place where a person finds it. */
async function withPlace(
  error: BadValue,
  engine: Engine,
  { origins }: Joined,
  columns: Record<string, Column>,
): Promise<UserError> {
  const found = Object.entries(origins).find(([there]) => columns[there] === error.column);
  if (!found) return error;
  const { side, name } = found[1];
  const where = { ...(side.hasMoreFiles ? {} : { file: side.file }), key: name };
  return new UserError(`${error.message} The first is in ${await placeOf(engine, error.row, found[1])}.`, {
    where,
    fix: error.fix,
    cause: error,
  });
}

function judgedRows(
  columns: Record<string, Column>,
  joined: Joined,
  policy: GatePolicy,
  naiveError: ReadonlyMap<string | null, number> | undefined,
): JudgedRows {
  const { truth, challenger, champion, shared, features } = joined;
  const models = (runs: Joined['challenger'], whose: string): ModelColumns[] =>
    runs.map((names) => ({ whose, columns: underNames(names, columns) }));
  const all = [...models(challenger, "the challenger's"), ...models(champion ?? [], "the champion's")];
  const { group, sample_weight, cluster } = underNames(shared as Record<string, string>, columns);
  const task = taskRows(joined.rowCount, policy, underNames(truth, columns), all, {
    groups: group !== undefined,
    weights: sample_weight !== undefined,
  });
  const groups = group && readGroups(group, 'group');
  // The errors of one series go together; of several series each is one observation to an interval.
  const series = policy.task === 'forecasting' && groups && groups.count > 1 ? groups : undefined;
  const common = {
    weight: sample_weight && readWeights(sample_weight),
    clusters: cluster ? readGroups(cluster, 'cluster') : series,
    groups,
    naiveError: naiveError && naiveErrors(naiveError, joined.rowCount, group),
  };
  const isOfGroups = policy.task === 'ranking' || (series !== undefined && common.clusters === series);
  const rows = task.rows.map((one): Rows => ({ ...one, ...common }));
  const ofChallenger = rows.slice(0, challenger.length);
  const ofChampion = champion && rows.slice(challenger.length);
  const hasSeeds = joined.seeds.length > 0 || (ofChampion !== undefined && ofChampion.length > 1);
  return {
    champion: ofChampion?.[0],
    challenger: ofChallenger[0]!,
    seeds: hasSeeds ? { champion: ofChampion, challenger: ofChallenger } : undefined,
    features: Object.fromEntries(
      Object.entries(features).map(([feature, name]) => [feature, textsOf(columns[name]!)]),
    ),
    labels: task.labels,
    observations:
      groups && isOfGroups
        ? { of: policy.task === 'ranking' ? 'queries' : 'series', count: groups.count }
        : undefined,
    notes: [...new Set(task.notes)],
  };
}

function taskRows(
  rowCount: number,
  policy: GatePolicy,
  truth: Record<string, Column>,
  models: ModelColumns[],
  has: { groups: boolean; weights: boolean },
): TaskRows {
  switch (policy.task) {
    case 'binary':
      return binaryRows(truth, models, policy);
    case 'multiclass':
      return multiclassRows(truth, models);
    case 'multilabel':
      return multilabelRows(truth, models);
    case 'ranking':
      return rankingRows(truth, models, has);
    case 'scores':
      return scoreTaskRows(rowCount, models);
    case 'regression':
    case 'forecasting':
      return numberRows(truth, models);
  }
}

function naiveErrors(
  ofSeries: ReadonlyMap<string | null, number>,
  rowCount: number,
  group: Column | undefined,
): Float64Array {
  const errors = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    errors[row] = ofSeries.get(group ? textAt(group, row) : null) ?? Number.NaN;
  }
  return errors;
}

const textsOf = (column: Column): (string | null)[] =>
  column.kind === 'text' ? column.values : Array.from(column.values, (_, row) => textAt(column, row));
