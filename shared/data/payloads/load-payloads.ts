/** Logs of requests and answers as one table of features and predictions, made line by line. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { JsonObject } from '../../records/json-object.ts';
import type { Engine } from '../engine.ts';
import { jsonObjectOf, numberedLines } from '../json-lines.ts';
import { selectObjects } from '../json-objects.ts';
import { quoteIdentifier } from '../sql-text.ts';
import { addReject, type Loading, type Rejects } from '../table-files.ts';
import type { PayloadKind } from './payload-kind.ts';
import { type PayloadRow, UnreadablePayload } from './payload-row.ts';
import { captureRows } from './sagemaker-capture.ts';
import { v2Rows } from './v2-inference.ts';

const NAMES: Record<PayloadKind, string> = {
  sagemaker: "SageMaker's Data Capture",
  v2: 'requests and answers of the V2 inference protocol',
};

interface PayloadOptions {
  temporaryFolder: string;
  kind: PayloadKind;
}

type Side = 'request' | 'response';

/**
 * Makes the log a table with `event_id`, `event_time`, `event_row`, the features under their names, and predictions
 * under names that begin with `prediction`. Requests and answers that come apart are joined on their id.
 */
export async function loadPayloads(
  engine: Engine,
  paths: readonly string[],
  table: string,
  options: PayloadOptions,
): Promise<Loading> {
  const rejects: Rejects = { lines: [], count: 0 };
  const files: Record<Side, RowFile> = {
    request: openRows(options.temporaryFolder),
    response: openRows(options.temporaryFolder),
  };
  const name = quoteIdentifier(table);
  const notes = [`Read as a log of a model: ${NAMES[options.kind]}.`];
  try {
    await separate(paths, files, options.kind, rejects);
    const present = Object.values(files).filter((file) => file.count > 0);
    if (present.length === 0) {
      await engine.run(`CREATE OR REPLACE TABLE ${name} AS SELECT NULL::VARCHAR AS event_id LIMIT 0`);
    } else if (present.length === 1) {
      const rows = await selectObjects(engine, [present[0]!.path], 'newline_delimited');
      await engine.run(`CREATE OR REPLACE TABLE ${name} AS ${rows}`);
    } else notes.push(...(await joinSides(engine, files, name)));
  } finally {
    for (const file of Object.values(files)) await rm(file.path, { force: true });
  }
  return { rejects, notes };
}

interface RowFile {
  path: string;
  count: number;
  write(row: PayloadRow): Promise<void>;
  close(): Promise<void>;
}

function openRows(folder: string): RowFile {
  const path = join(folder, `payload-${randomUUID()}.jsonl`);
  const stream = createWriteStream(path, { flags: 'wx', highWaterMark: 1 << 20 });
  return {
    path,
    count: 0,
    async write(row) {
      this.count += 1;
      if (!stream.write(`${JSON.stringify(row)}\n`)) await once(stream, 'drain');
    },
    async close() {
      stream.end();
      await finished(stream);
    },
  };
}

/** Writes the rows of requests and of answers into a file each; Data Capture has both in one line, and one file. */
async function separate(
  paths: readonly string[],
  files: Record<Side, RowFile>,
  kind: PayloadKind,
  rejects: Rejects,
): Promise<void> {
  try {
    for (const path of paths) {
      for await (const { text, line } of numberedLines(path)) {
        const { value, problem } = jsonObjectOf(text);
        try {
          if (!value) throw new UnreadablePayload(problem);
          const { side, rows } = rowsOf(value, kind);
          for (const row of rows) await files[side].write(row);
        } catch (error) {
          if (!(error instanceof UnreadablePayload)) throw error;
          addReject(rejects, { file: path, line, message: error.message });
        }
      }
    }
  } finally {
    await Promise.all(Object.values(files).map((file) => file.close()));
  }
}

const rowsOf = (line: JsonObject, kind: PayloadKind): { side: Side; rows: PayloadRow[] } =>
  kind === 'v2' ? v2Rows(line) : { side: 'request', rows: captureRows(line) };

/** @returns how many rows lack the other side. */
async function joinSides(engine: Engine, files: Record<Side, RowFile>, name: string): Promise<string[]> {
  const [asked, answered] = ['payload requests', 'payload responses'].map(quoteIdentifier) as [
    string,
    string,
  ];
  for (const [view, file] of [[asked, files.request] as const, [answered, files.response] as const]) {
    const rows = await selectObjects(engine, [file.path], 'newline_delimited');
    await engine.run(
      `CREATE OR REPLACE TEMP TABLE ${view} AS SELECT *, row_number() OVER () AS "payload place" FROM (${rows})`,
    );
  }
  const keys = '(event_id, event_time, event_row, "payload place")';
  await engine.run(`CREATE OR REPLACE TABLE ${name} AS
    SELECT event_id, coalesce(asked.event_time, answered.event_time) AS event_time, event_row,
      asked.* EXCLUDE ${keys}, answered.* EXCLUDE ${keys}
    FROM ${asked} AS asked FULL JOIN ${answered} AS answered USING (event_id, event_row)
    ORDER BY asked."payload place" NULLS LAST, answered."payload place"`);
  const [row = {}] = await engine.rows(`SELECT
      (SELECT count(*) FROM ${asked} ANTI JOIN ${answered} USING (event_id, event_row)) AS unanswered,
      (SELECT count(*) FROM ${answered} ANTI JOIN ${asked} USING (event_id, event_row)) AS unasked`);
  await engine.run(`DROP TABLE ${asked}`);
  await engine.run(`DROP TABLE ${answered}`);
  return [
    ...(Number(row.unanswered) > 0
      ? [`${row.unanswered} rows were asked and have no answer in the log.`]
      : []),
    ...(Number(row.unasked) > 0 ? [`${row.unasked} answered rows have no request in the log.`] : []),
  ];
}
