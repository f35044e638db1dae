/** Predictions that a stranger made: of their file only id, seed and what the task predicts is read, as plain values. */
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { copyUntrusted } from '../../../shared/data/copy-untrusted.ts';
import { type DataFiles, resolveData } from '../../../shared/data/source.ts';
import { requirePlainFiles } from '../../../shared/data/untrusted-files.ts';
import { UserError } from '../../../shared/errors.ts';
import type { GatePolicy } from '../../../shared/records/gate-policy.ts';
import { MOST_SEEDS } from './prediction-tables.ts';
import { predictedColumns, rolesOf } from './task-columns.ts';

/**
 * As `resolveData`, for files that must be looked at before anything opens them.
 * @throws UserError that a comment can tell where the untrusted run has left nothing to judge.
 */
export async function resolveUntrusted(paths: readonly string[]): Promise<DataFiles> {
  const entries = await Promise.all(paths.map((path) => lstat(path).catch(() => undefined)));
  if (!paths.some((path) => /[*?]/.test(path)) && entries.every((entry) => entry === undefined)) {
    throw new UserError(`This push brought no predictions: there is no ${paths.join(', ')}.`, {
      where: { key: 'inputs.predictions' },
      fix: "Look in the untrusted run's own log why it ended before it had stored them; what was judged before is of an earlier commit.",
    });
  }
  await requirePlainFiles(paths);
  return resolveData([...paths]);
}

/**
 * A copy with nothing but the id, the seed where the policy names one, and the predictions; labels, weights, clusters
 * and features come from the data.
 * @param rows of the data: more predictions than that, per seed, are refused before any is loaded.
 */
export async function copyPredictions(
  files: DataFiles,
  policy: GatePolicy,
  rows: number,
  folder: string,
): Promise<{ files: DataFiles; notes: string[] }> {
  const where = { file: files.files[0]!.path };
  if (policy.task === 'scores') {
    throw new UserError('Scores from an untrusted run cannot be judged: they would be the verdict itself.', {
      where,
      fix: 'Judge predictions, whose truth lies in the data.',
    });
  }
  const choose = (names: readonly string[]): string[] => {
    const { id, seed } = rolesOf(names, policy);
    const predicted = Object.values(predictedColumns(names, policy));
    if (id !== undefined && predicted.length > 0)
      return [...new Set([id, ...(seed === undefined ? [] : [seed]), ...predicted])];
    const wanted =
      id === undefined ? (policy.columns.id ?? 'id') : 'y_pred or y_score, as the policy calls them';
    throw new UserError(`The untrusted predictions have no column ${wanted}.`, {
      where,
      fix: 'Write a header such as id,y_pred,y_score.',
    });
  };
  const to = join(folder, 'untrusted-predictions.csv');
  const paths = files.files.map(({ path }) => path);
  const seeds = policy.columns.seed === undefined ? 1 : MOST_SEEDS;
  const perSeed = seeds === 1 ? '' : `, for each of at most ${seeds} seeds`;
  const mostRowsAre = `the data has ${rows}${perSeed}`;
  const { leftOut } = await copyUntrusted(paths, to, { choose, mostRows: rows * seeds, mostRowsAre });
  const ignored = leftOut > 0 ? [`${leftOut} other columns of the untrusted predictions were not read.`] : [];
  return {
    files: await resolveData([to]),
    notes: [
      'The predictions come from an untrusted run: only ids, seeds and predictions were read of them.',
      ...ignored,
    ],
  };
}
