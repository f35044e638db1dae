/** How far the forecast "as one season before" is off in the training data: the unit of the scaled error (MASE). */

import { describeTable } from '../../../shared/data/columns.ts';
import { type Engine, quoteIdentifier } from '../../../shared/data/engine.ts';
import { type DataFiles, loadTable } from '../../../shared/data/source.ts';
import { UserError } from '../../../shared/errors.ts';
import { counted } from '../../../shared/metrics/counted.ts';
import type { GatePolicy } from '../../../shared/records/gate-policy.ts';
import { requireEveryLine } from './every-line.ts';

/** The metric that needs it. */
export const SCALED_ERROR = 'mase';

const TABLE = 'training_rows';

/**
 * Per series the mean of |y_t − y_(t−m)| with m = `seasonal_period`, the rows of a series ordered by
 * `columns.timestamp` (without one: in the order of the file). Keyed by `columns.group` as text, or by null where
 * there is one series; a series of at most m rows has no entry.
 * @throws UserError when the training data lacks a column that this needs, or a value of it.
 */
export async function naiveErrorOfSeries(
  engine: Engine,
  training: DataFiles,
  policy: GatePolicy,
  temporaryFolder: string,
): Promise<Map<string | null, number>> {
  const { group, timestamp, y_true = 'y_true' } = policy.columns;
  const loaded = await loadTable(engine, training, TABLE, { temporaryFolder });
  const file = training.files[0]!.path;
  requireEveryLine(loaded, 'the training data', 'Correct these lines: a season before is counted in rows.');
  const types = new Map((await describeTable(engine, TABLE)).map(({ name, type }) => [name, type]));
  for (const [role, name] of Object.entries({ y_true, timestamp, group })) {
    if (name === undefined || types.has(name)) continue;
    throw new UserError(`The training data has no column ${JSON.stringify(name)} (${role}).`, {
      where: { file, key: `columns.${role}` },
      fix: `Columns there: ${[...types.keys()].slice(0, 30).join(', ')}.`,
    });
  }
  const value = quoteIdentifier(y_true);
  const [bad] = await engine.rows(
    `SELECT count(*) AS n, min(position) AS first FROM (SELECT *, row_number() OVER () AS position FROM ${TABLE}) WHERE TRY_CAST(${value} AS DOUBLE) IS NULL OR NOT isfinite(TRY_CAST(${value} AS DOUBLE))`,
  );
  if (Number(bad?.n) > 0) {
    const rows = `${counted(Number(bad?.n), 'row')}, the first of which is row ${bad?.first}`;
    throw new UserError(`In the training data ${y_true} is no number in ${rows}.`, {
      where: { file, key: y_true },
      fix: 'Fill or leave out these rows: a season before is counted in rows.',
    });
  }
  const series = group === undefined ? 'NULL::VARCHAR' : `${quoteIdentifier(group)}::VARCHAR`;
  const order = timestamp === undefined ? 'position' : `${quoteIdentifier(timestamp)}, position`;
  const rows = await engine.rows(`
    SELECT series, avg(abs(value - before)) AS error FROM (
      SELECT series, value, lag(value, ${policy.seasonal_period}) OVER (PARTITION BY series ORDER BY ${order}) AS before
      FROM (SELECT *, ${series} AS series, ${value}::DOUBLE AS value, row_number() OVER () AS position FROM ${TABLE}))
    GROUP BY series HAVING count(before) > 0`);
  return new Map(rows.map((row) => [row.series === null ? null : String(row.series), Number(row.error)]));
}
