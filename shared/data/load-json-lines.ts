import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Engine } from './engine.ts';
import { quoteIdentifier } from './sql-text.ts';
import { LISTED_REJECTS, quotePaths, type Rejects } from './table-files.ts';

/**
 * Loads JSON Lines files into a table; a key that some lines lack is null there. Values of a key that are of several
 * types become text. Where the engine finds a broken line, the files are read again line by line, so that the line
 * is named and the others are loaded.
 */
export async function loadJsonLines(
  engine: Engine,
  paths: readonly string[],
  table: string,
  temporaryFolder = tmpdir(),
): Promise<Rejects> {
  try {
    await load(engine, paths, table);
    return { lines: [], count: 0 };
  } catch (error) {
    if (!(error instanceof Error) || !/^Invalid Input Error: (Malformed JSON|Expected)/.test(error.message))
      throw error;
  }
  const clean = join(temporaryFolder, `clean-${randomUUID()}.jsonl`);
  const rejects: Rejects = { lines: [], count: 0 };
  try {
    await pipeline(Readable.from(readableLines(paths, rejects)), createWriteStream(clean));
    await load(engine, [clean], table);
  } finally {
    await rm(clean, { force: true });
  }
  return rejects;
}

async function load(engine: Engine, paths: readonly string[], table: string): Promise<void> {
  const reader = `read_json(${quotePaths(paths)}, format = 'newline_delimited', records = true, sample_size = -1,
    union_by_name = true, hive_partitioning = false)`;
  const shape = await engine.rows(`DESCRIBE SELECT * FROM ${reader}`);
  const columns = shape.map(({ column_name, column_type }) => {
    const name = quoteIdentifier(String(column_name));
    // A JSON text keeps its quotation marks; its string value does not.
    return column_type === 'JSON' ? `json_extract_string(${name}, '$') AS ${name}` : name;
  });
  await engine.run(
    `CREATE OR REPLACE TABLE ${quoteIdentifier(table)} AS SELECT ${columns.join(', ')} FROM ${reader}`,
  );
}

async function* readableLines(paths: readonly string[], rejects: Rejects): AsyncGenerator<string> {
  for (const path of paths) {
    const file = createReadStream(path);
    const input = path.toLowerCase().endsWith('.gz') ? file.pipe(createGunzip()) : file;
    let line = 0;
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      line += 1;
      if (text.trim() === '') continue;
      const problem = whatIsWrong(text);
      if (problem === undefined) yield `${text}\n`;
      else {
        rejects.count += 1;
        if (rejects.lines.length < LISTED_REJECTS) rejects.lines.push({ file: path, line, message: problem });
      }
    }
  }
}

function whatIsWrong(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? undefined
      : 'Not a JSON object';
  } catch (error) {
    return error instanceof Error ? error.message : 'Not valid JSON';
  }
}
