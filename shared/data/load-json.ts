import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../errors.ts';
import type { Engine } from './engine.ts';
import { readBeginning } from './file-reading.ts';
import { jsonObjectOf, numberedLines } from './json-lines.ts';
import { selectObjects } from './json-objects.ts';
import { plainText } from './plain-text.ts';
import { quoteIdentifier } from './sql-text.ts';
import { addReject, type Loading, type Rejects } from './table-files.ts';

/**
 * Loads JSON Lines, or JSON (an array of objects, or objects one after the other), into a table; a key that some
 * objects lack is null there. Values of a key that are of several types become text. Where the engine finds a broken
 * line, the files are read again line by line, so that the line is named and the others are loaded.
 * @throws UserError, or the engine's error, for a JSON file that is broken anywhere: it has no lines to leave out.
 */
export async function loadJson(
  engine: Engine,
  given: readonly string[],
  table: string,
  options: { temporaryFolder: string; format: 'jsonl' | 'json' },
): Promise<Loading> {
  const { temporaryFolder, format } = options;
  const paths: string[] = [];
  for (const path of given) paths.push((await plainText(path, { temporaryFolder, dropMark: true })).path);
  const original = new Map(paths.map((path, index) => [path, given[index]!]));
  const payloads = await payloadLog(paths);
  if (payloads) {
    const { loadPayloads } = await import('./payloads/load-payloads.ts');
    const loading = await loadPayloads(engine, paths, table, { temporaryFolder, kind: payloads });
    return { ...loading, rejects: named(loading.rejects, original) };
  }
  try {
    await load(engine, paths, table, format);
    return { rejects: { lines: [], count: 0 } };
  } catch (error) {
    if (error instanceof Error && /expected records|non-record JSON/.test(error.message))
      throw noObjects(given);
    const isBroken =
      error instanceof Error && /^Invalid Input Error: (Malformed JSON|Expected)/.test(error.message);
    if (!isBroken || format === 'json') throw error;
  }
  const clean = join(temporaryFolder, `clean-${randomUUID()}.jsonl`);
  const rejects: Rejects = { lines: [], count: 0 };
  try {
    await pipeline(Readable.from(readableLines(paths, rejects)), createWriteStream(clean));
    await load(engine, [clean], table, format);
  } finally {
    await rm(clean, { force: true });
  }
  return { rejects: named(rejects, original) };
}

const noObjects = (paths: readonly string[]): UserError =>
  new UserError(`${paths[0]} holds no objects, so that there are no columns.`, {
    where: { file: paths[0] },
    fix: 'Write a row as an object: [{"column": value}, …].',
  });

const named = (rejects: Rejects, original: ReadonlyMap<string, string>): Rejects => ({
  count: rejects.count,
  lines: rejects.lines.map((line) => ({ ...line, file: original.get(line.file) ?? line.file })),
});

/** Which kind of log of requests and answers the files are, by the first line of the first one. */
async function payloadLog(paths: readonly string[]): Promise<'sagemaker' | 'v2' | undefined> {
  const beginning = (await readBeginning(paths[0]!, 1 << 16)).toString('utf8');
  if (!/"captureData"|"specversion"|"inputs"|"outputs"/.test(beginning)) return undefined;
  const { payloadKind } = await import('./payloads/payload-kind.ts');
  for await (const { text } of numberedLines(paths[0]!)) {
    const object = jsonObjectOf(text);
    if (object.value) return payloadKind(object.value);
  }
  return undefined;
}

async function load(
  engine: Engine,
  paths: readonly string[],
  table: string,
  format: 'jsonl' | 'json',
): Promise<void> {
  const rows = await selectObjects(engine, paths, format === 'jsonl' ? 'newline_delimited' : 'auto');
  await engine.run(`CREATE OR REPLACE TABLE ${quoteIdentifier(table)} AS ${rows}`);
}

async function* readableLines(paths: readonly string[], rejects: Rejects): AsyncGenerator<string> {
  for (const path of paths) {
    for await (const { text, line } of numberedLines(path)) {
      const { problem } = jsonObjectOf(text);
      if (problem === undefined) yield `${text}\n`;
      else addReject(rejects, { file: path, line, message: problem });
    }
  }
}
