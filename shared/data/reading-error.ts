/** What the engine says when it cannot read data, in words for people. */
import { resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { type FoundData, localPath } from './data-files.ts';

const MAKE_AGAIN = 'Make or fetch the file again; the step that did so may have been interrupted.';

const ONE_VALUE = 'Give each key of an object one value.';

/** Without a kind of its own (`Invalid Error`) the engine passes on what its decoders of Parquet stumbled over. */
const DAMAGED_PARQUET =
  /^Invalid Error: |Failed to read file|in Parquet file|Parquet file is likely corrupted/;

/** An error of loading files; as it is where it is not about them. */
export function readingError(error: unknown, data: FoundData): unknown {
  const damaged = damagedFile(error, data);
  if (damaged !== error || error instanceof UserError || !(error instanceof Error)) return damaged;
  const twice = /in line (\d+): Object .* has duplicate key "(.*)"/s.exec(error.message);
  // The engine shows the object, and with it what may be about a person.
  if (twice)
    return unreadable(
      data,
      `an object has the key "${twice[2]}" twice, in line ${twice[1]}`,
      error,
      ONE_VALUE,
    );
  // DuckDB's messages begin with a kind and end in advice for SQL authors; the sentence between is what helps.
  const sentence = error.message
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(Original Line|Possible fixes|Try increasing)/.test(line))
    .slice(0, 2)
    .join(' ');
  const isAboutData =
    /^(Invalid Input|Conversion|IO|Binder|Parser|Serialization|Invalid type|Not implemented) ?Error/i.test(
      sentence,
    );
  if (!isAboutData) return error;
  return unreadable(data, sentence.replace(/^[\w ]+Error: /, ''), error);
}

/**
 * An error of a query over data that is read where it lies (Parquet): a damaged page shows only when a query comes to
 * it. As it is where it is about something else.
 */
export function damagedFile(error: unknown, data: FoundData): unknown {
  if (data.format !== 'parquet' || error instanceof UserError || !(error instanceof Error)) return error;
  if (!DAMAGED_PARQUET.test(error.message)) return error;
  const [sentence = ''] = error.message.split('\n');
  return unreadable(data, `it is damaged (${sentence.replace(/^[\w ]+Error: /, '')})`, error, MAKE_AGAIN);
}

/** Does something with data, with what is damaged in it said in words for people. */
export async function whileReading<Result>(data: FoundData, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw damagedFile(error, data);
  }
}

function unreadable(data: FoundData, what: string, cause: Error, fix?: string): UserError {
  const [first] = data.files.map((file) => file.path);
  const names = data.files.length === 1 ? first : `${first} and ${data.files.length - 1} more`;
  const said = data.files.reduce((text, file) => text.replaceAll(resolve(localPath(file)), file.path), what);
  return new UserError(`Cannot read ${names}: ${said.slice(0, 500)}`, {
    where: { file: first },
    cause,
    ...(fix && { fix }),
  });
}
