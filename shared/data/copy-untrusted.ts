/** A clean copy of the few columns that are wanted of a stranger's file, made line by line. */
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../errors.ts';
import { readCsvHeader } from './csv-header.ts';
import { UNTRUSTED_LIMITS } from './untrusted-files.ts';

export interface CopyOptions {
  /** From the names that the first file has those to keep, the id first. They are data, never code or SQL. */
  choose(names: readonly string[]): string[];
  mostRows: number;
  /** What the most rows are, for the message: `the data has 1,200`. */
  mostRowsAre: string;
}

/**
 * Copies the chosen columns into one CSV file, line by line in bounded memory, and stops at the first row too many.
 * @returns how many columns were left out.
 * @throws UserError with file and line for what is not plain rows of short values.
 */
export async function copyUntrusted(
  paths: readonly string[],
  to: string,
  options: CopyOptions,
): Promise<{ leftOut: number }> {
  const first = await open(paths[0]!);
  const columns = options.choose(first.names);
  for (const name of columns) plain(paths[0]!, 1, name);
  async function* rows(): AsyncGenerator<string> {
    yield `${columns.map(csvField).join(',')}\n`;
    let count = 0;
    let batch = '';
    for (const path of paths) {
      const { read } = path === paths[0] ? first : await open(path);
      for await (const { text, line } of linesOf(path)) {
        const values = read(columns, text, line);
        if (!values) continue;
        count += 1;
        if (count > Math.min(options.mostRows, UNTRUSTED_LIMITS.rows)) throw tooManyRows(path, options);
        batch += `${values.map(csvField).join(',')}\n`;
        if (batch.length > 1 << 16) {
          yield batch;
          batch = '';
        }
      }
    }
    yield batch;
  }
  await pipeline(Readable.from(rows()), createWriteStream(to, { flags: 'wx' }));
  return { leftOut: first.names.length - columns.length };
}

function tooManyRows(path: string, { mostRows, mostRowsAre }: CopyOptions): UserError {
  const most =
    mostRows <= UNTRUSTED_LIMITS.rows ? mostRowsAre : `at most ${UNTRUSTED_LIMITS.rows} rows are read`;
  return new UserError(`The untrusted predictions have more rows than there are to judge: ${most}.`, {
    where: { file: path },
    fix: 'Predict each row of the data once.',
  });
}

interface OpenFile {
  names: string[];
  /** The values of one line; undefined for a line that is no row (the header, an empty one). */
  read(columns: readonly string[], text: string, line: number): string[] | undefined;
}

async function open(path: string): Promise<OpenFile> {
  return path.toLowerCase().endsWith('.csv') ? openCsv(path) : openJsonLines(path);
}

async function openCsv(path: string): Promise<OpenFile> {
  const { delimiter, names } = await readCsvHeader(path, { quoteChar: '"' });
  requireFewColumns(path, names);
  return {
    names,
    read(columns, text, line) {
      if (line === 1 || text === '') return undefined;
      const fields = splitFields(text, delimiter);
      if (!fields || fields.length !== names.length) {
        throw broken(
          path,
          line,
          fields
            ? `has ${fields.length} values, and there are ${names.length} columns`
            : 'has a quotation mark that does not end',
        );
      }
      return columns.map((name) => {
        const value = fields[names.indexOf(name)];
        if (value === undefined) throw broken(path, 1, 'is a header without the columns of the first file');
        return plain(path, line, value);
      });
    },
  };
}

async function openJsonLines(path: string): Promise<OpenFile> {
  let names: string[] = [];
  for await (const { text, line } of linesOf(path)) {
    if (text.trim() === '') continue;
    names = Object.keys(parseObject(path, line, text));
    break;
  }
  requireFewColumns(path, names);
  return {
    names,
    read(columns, text, line) {
      if (text.trim() === '') return undefined;
      const values = parseObject(path, line, text);
      return columns.map((name) => {
        const value = Object.hasOwn(values, name) ? values[name] : null;
        if (value === null) return '';
        if (typeof value === 'object')
          throw broken(path, line, 'has a list or an object where one value belongs');
        if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
          throw broken(path, line, 'has a whole number too large to be exact; write it as text');
        }
        return plain(path, line, String(value));
      });
    },
  };
}

function parseObject(path: string, line: number, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === 'object' && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Said below, in our words: the parser's message would quote the stranger.
  }
  throw broken(path, line, 'is not a JSON object');
}

function requireFewColumns(path: string, names: readonly string[]): void {
  if (names.length <= UNTRUSTED_LIMITS.columns) return;
  throw broken(path, 1, `has ${names.length} columns, and at most ${UNTRUSTED_LIMITS.columns} are read`);
}

function broken(path: string, line: number, what: string): UserError {
  return new UserError(`A line of the untrusted file ${path} ${what}.`, {
    where: { file: path, line },
    fix: 'Write a header and one line per row: the id and the predictions.',
  });
}

/** A name or a value; JSON can write characters that no line of the file could hold as they are. */
function plain(path: string, line: number, text: string): string {
  if (text.length > UNTRUSTED_LIMITS.valueCharacters)
    throw broken(path, line, `has a value of more than ${UNTRUSTED_LIMITS.valueCharacters} characters`);
  if (/[\0\r\n]/.test(text)) throw broken(path, line, 'has a line end or a NUL inside a value');
  return text;
}

/** Lines without their ends, from 1. @throws UserError for what is no UTF-8 text or has a line too long. */
async function* linesOf(path: string): AsyncGenerator<{ text: string; line: number }> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const source = createReadStream(path, { highWaterMark: 1 << 16 });
  const most = UNTRUSTED_LIMITS.lineCharacters;
  let line = 0;
  let rest = '';
  const decode = (chunk: Buffer | undefined): string => {
    try {
      const text = decoder.decode(chunk, { stream: chunk !== undefined });
      if (!text.includes('\0')) return text;
    } catch {
      // Said below.
    }
    throw broken(path, line + 1, 'is no UTF-8 text');
  };
  for await (const chunk of source) {
    const parts = (rest + decode(chunk as Buffer)).split('\n');
    rest = parts.pop()!;
    for (const part of parts) {
      line += 1;
      if (part.length > most) break;
      yield { text: part.endsWith('\r') ? part.slice(0, -1) : part, line };
    }
    if (rest.length > most || parts.some((part) => part.length > most)) {
      throw broken(path, line + 1, `is longer than ${most} characters`);
    }
  }
  rest += decode(undefined);
  if (rest !== '') yield { text: rest, line: line + 1 };
}

/** The fields of one line of CSV; undefined when quotation marks do not pair. */
function splitFields(text: string, delimiter: string): string[] | undefined {
  if (!text.includes('"')) return text.split(delimiter);
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === '"') {
      let end = at + 1;
      while (text[end] !== '"' || text[end + 1] === '"') {
        if (end >= text.length) return undefined;
        end += text[end] === '"' ? 2 : 1;
      }
      fields.push(text.slice(at + 1, end).replaceAll('""', '"'));
      at = end + 1;
    } else {
      const end = text.indexOf(delimiter, at);
      fields.push(text.slice(at, end < 0 ? undefined : end));
      at = end < 0 ? text.length : end;
    }
    if (at >= text.length) return fields;
    if (text[at] !== delimiter) return undefined;
    at += 1;
  }
}

/** A name that holds another delimiter would make the reader of the copy cut its lines there. */
const csvField = (value: string): string =>
  /[",;|\t]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
