/** Measured request times as files: a plain table, or what vegeta, k6 and JMeter write. */

import { readColumns } from '../../../../shared/data/columns.ts';
import { type Engine, quoteIdentifier } from '../../../../shared/data/engine.ts';
import { type DataFiles, loadTable, resolveData } from '../../../../shared/data/source.ts';
import { UserError } from '../../../../shared/errors.ts';
import { counted } from '../../../../shared/metrics/counted.ts';
import { requireEveryLine } from '../../predictions/every-line.ts';
import { type LoadSample, loadSample } from './load-sample.ts';

/** Column names and their types in the engine. */
type Columns = ReadonlyMap<string, string>;

interface Shape {
  fits(columns: Columns): boolean;
  /** SQL of the milliseconds as DOUBLE. */
  latency: string;
  /** SQL of "had no good answer", never null. */
  failed(columns: Columns): string;
  /** SQL of which rows are requests. */
  where: string;
}

const has =
  (...names: string[]) =>
  (columns: Columns): boolean =>
    names.every((name) => columns.has(name));

/** An empty status is a request that nobody answered. */
const notSuccessful = (status: string): string =>
  `NOT coalesce(TRY_CAST(${status} AS INTEGER) BETWEEN 200 AND 299, false)`;
const saysError = (error: string): string =>
  `coalesce(lower(trim(${error}::VARCHAR)), '') NOT IN ('', 'false', '0')`;

const SHAPES: Shape[] = [
  {
    fits: has('latency_ms'),
    latency: 'TRY_CAST(latency_ms AS DOUBLE)',
    failed: (columns) =>
      [columns.has('status') && notSuccessful('status'), columns.has('error') && saysError('error')]
        .filter(Boolean)
        .join(' OR ') || 'false',
    where: 'true',
  },
  {
    // vegeta encode: nanoseconds.
    fits: has('latency', 'code', 'attack'),
    latency: 'TRY_CAST(latency AS DOUBLE) / 1e6',
    failed: (columns) => `${notSuccessful('code')}${columns.has('error') ? ` OR ${saysError('error')}` : ''}`,
    where: 'true',
  },
  {
    // k6 run --out json: one line per number of each request.
    fits: has('metric', 'type', 'data'),
    latency: `TRY_CAST(json_extract_string(data_json, '$.value') AS DOUBLE)`,
    failed: () => notSuccessful(`json_extract_string(data_json, '$.tags.status')`),
    where: `metric = 'http_req_duration' AND type = 'Point'`,
  },
  {
    // JMeter's results as CSV.
    fits: has('elapsed', 'responseCode', 'success'),
    latency: 'TRY_CAST(elapsed AS DOUBLE)',
    failed: () => `${notSuccessful('responseCode')} OR lower(success::VARCHAR) <> 'true'`,
    where: 'true',
  },
];

export interface MeasuredFiles {
  files: DataFiles;
  sample: LoadSample;
}

/**
 * Reads request times. @param input its name, for messages. @param table a name that is free in the engine.
 * @throws UserError for lines that cannot be read, tables of another shape, and answered requests without a time.
 */
export async function readLatencyFiles(
  engine: Engine,
  patterns: string[],
  input: string,
  table: string,
  temporaryFolder: string,
): Promise<MeasuredFiles> {
  const files = await resolveData(patterns);
  const where = { file: files.files[0]!.path, key: `inputs.${input}` };
  const loaded = await loadTable(engine, files, table, { temporaryFolder });
  requireEveryLine(
    loaded,
    input,
    'Correct these lines; the slowest requests must not be the ones that are left out.',
  );
  const columns = new Map(loaded.columns.map(({ name, type }) => [name, type]));
  const shape = SHAPES.find((candidate) => candidate.fits(columns));
  if (!shape) {
    throw new UserError(`The files of ${input} have no column latency_ms.`, {
      where,
      fix: `Write one row per request with latency_ms and status, or give results of vegeta, k6 or JMeter. Columns there: ${[...columns.keys()].slice(0, 20).join(', ')}.`,
    });
  }
  const sample = await readSample(engine, table, shape, columns, where);
  return { files, sample };
}

async function readSample(
  engine: Engine,
  table: string,
  shape: Shape,
  columns: Columns,
  where: { file: string; key: string },
): Promise<LoadSample> {
  // A nested value is a struct where all lines have the same keys, else text.
  const data = columns.get('data')?.startsWith('STRUCT') ? 'to_json(data)' : 'TRY_CAST(data AS JSON)';
  const source = columns.has('data')
    ? `(SELECT *, ${data} AS data_json FROM ${quoteIdentifier(table)})`
    : quoteIdentifier(table);
  const view = `${table}_requests`;
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE ${quoteIdentifier(view)} AS SELECT ${shape.latency} AS latency_ms, (${shape.failed(columns)}) AS failed FROM ${source} WHERE ${shape.where}`,
  );
  const read = await readColumns(engine, view, ['latency_ms', 'failed']);
  const [latency, failed] = [read.latency_ms!.values, read.failed!.values];
  const answered: number[] = [];
  let bad = 0;
  for (let row = 0; row < latency.length; row++) {
    if (failed[row] === 1) continue;
    const time = read.latency_ms!.nulls[row] === 1 ? Number.NaN : Number(latency[row]);
    if (Number.isFinite(time) && time >= 0) answered.push(time);
    else bad++;
  }
  if (bad > 0) {
    throw new UserError(`The time is missing or below 0 in ${counted(bad, 'answered request')}.`, {
      where,
      fix: 'Write the milliseconds of every answered request; mark the others by their status or error.',
    });
  }
  if (latency.length === 0) {
    throw new UserError('The file holds no request.', { where, fix: 'Check the step that measured.' });
  }
  return loadSample(Float64Array.from(answered), latency.length - answered.length);
}
