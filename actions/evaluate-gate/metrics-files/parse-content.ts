/** From the text of a file to its parsed content: JSON with the bare NaN and Infinity of Python, JSON Lines, YAML, TOML, CSV. */
import { UserError } from '../../../shared/errors.ts';
import { type Content, numberOrText } from './metrics-format.ts';
import { parseTable } from './parse-table.ts';

const ENDINGS: Record<string, 'json' | 'lines' | 'yaml' | 'toml' | 'table'> = {
  json: 'json',
  jsonl: 'lines',
  ndjson: 'lines',
  yaml: 'yaml',
  yml: 'yaml',
  toml: 'toml',
  csv: 'table',
};

/** Parsers of these take long where the text is hostile, and nobody writes so many metrics by hand. */
const LARGEST_WRITTEN_CHARACTERS = 5_000_000;

/** Whether a file's name says that it can be read. */
export const isReadable = (path: string): boolean => Object.hasOwn(ENDINGS, endingOf(path));

const endingOf = (path: string): string => /\.([A-Za-z]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';

/**
 * Parses by the ending of the name, or by the content where the name says nothing.
 * @throws UserError with the file, and the line where it is known.
 */
export async function parseContent(bytes: Uint8Array, path: string): Promise<Content> {
  const text = decode(bytes, path);
  switch (ENDINGS[endingOf(path)]) {
    case 'json':
      return parseJsonOrLines(text, path);
    case 'lines':
      return { form: 'lines', values: parseLines(text, path) };
    case 'yaml':
      return { form: 'document', value: await parseYaml(text, path) };
    case 'toml':
      return { form: 'document', value: await parseToml(text, path) };
    case 'table':
      return parseTable(text, path);
    default:
      return parseUnnamed(text, path);
  }
}

function decode(bytes: Uint8Array, path: string): string {
  try {
    // A byte order mark at the start is left out by the decoder itself.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new UserError(`${path} is not text in UTF-8.`, {
      where: { file: path },
      fix: 'Write the file in UTF-8; in PowerShell, Out-File -Encoding utf8.',
      cause,
    });
  }
}

async function parseUnnamed(text: string, path: string): Promise<Content> {
  if (/^\s*[[{]/.test(text)) return parseJsonOrLines(text, path);
  const [first = '', second = ''] = text.split(/\r?\n/, 2);
  if (first.includes(',') && !first.includes(':') && second.includes(',')) return parseTable(text, path);
  return { form: 'document', value: await parseYaml(text, path) };
}

/** One JSON value; or, whatever the name says, one on each line. */
function parseJsonOrLines(text: string, path: string): Content {
  try {
    return { form: 'document', value: parseJson(text, path) };
  } catch (error) {
    if (!/^[^\n]*\}\s*\n\s*\{/.test(text)) throw error;
    return { form: 'lines', values: parseLines(text, path) };
  }
}

function parseLines(text: string, path: string): unknown[] {
  return text
    .split('\n')
    .flatMap((line, index) => (line.trim() === '' ? [] : [parseJson(line, path, index)]));
}

/** @param lineBefore where the text is one line of many: how many stand before it. */
function parseJson(text: string, path: string, lineBefore?: number): unknown {
  const { quoted, mark } = quoteBareNumbers(text);
  let value: unknown;
  try {
    value = JSON.parse(quoted);
  } catch (cause) {
    // The engine names the line of some mistakes only.
    const line =
      /line (\d+)/.exec((cause as Error).message)?.[1] ?? (lineBefore === undefined ? undefined : 1);
    throw new UserError(`${path} is not valid JSON.`, {
      where: { file: path, ...(line !== undefined && { line: (lineBefore ?? 0) + Number(line) }) },
      fix: 'Write the file again; the step that made it may have been interrupted.',
      cause,
    });
  }
  return mark === undefined ? value : unquoteBareNumbers(value, mark);
}

/** Puts bare NaN and Infinity into quotes behind a mark that occurs nowhere in the text, so that no text is taken for one. */
function quoteBareNumbers(text: string): { quoted: string; mark: string | undefined } {
  if (!/NaN|Infinity/.test(text)) return { quoted: text, mark: undefined };
  let mark = 'number:';
  while (text.includes(mark)) mark = `:${mark}`;
  const quoted = text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|-?Infinity|NaN/g, (part) =>
    part.startsWith('"') ? part : `"${mark}${part}"`,
  );
  return { quoted, mark };
}

/** Walks without recursion: a hostile file may be nested deeper than the stack. */
function unquoteBareNumbers(document: unknown, mark: string): unknown {
  const holder: Record<string, unknown> = { document };
  const pending: (Record<string, unknown> | unknown[])[] = [holder];
  for (let container = pending.pop(); container; container = pending.pop()) {
    for (const [key, value] of Object.entries(container)) {
      if (typeof value === 'string' && value.startsWith(mark)) {
        // Not by assignment, which means something else for the key __proto__.
        const number = numberOrText(value.slice(mark.length));
        Object.defineProperty(container, key, { value: number, enumerable: true, configurable: true });
      } else if (value !== null && typeof value === 'object') {
        pending.push(value as Record<string, unknown>);
      }
    }
  }
  return holder.document;
}

async function parseYaml(text: string, path: string): Promise<unknown> {
  const yaml = await import('yaml');
  return parseWritten('YAML', text, path, () => yaml.parse(text, { maxAliasCount: 100, logLevel: 'error' }));
}

async function parseToml(text: string, path: string): Promise<unknown> {
  const toml = await import('smol-toml');
  return parseWritten('TOML', text, path, () => toml.parse(text));
}

function parseWritten(name: string, text: string, path: string, parse: () => unknown): unknown {
  if (text.length > LARGEST_WRITTEN_CHARACTERS) {
    throw new UserError(`${path} is larger than ${LARGEST_WRITTEN_CHARACTERS / 1e6} MB.`, {
      where: { file: path },
      fix: 'Write so many numbers as JSON.',
    });
  }
  try {
    return parse();
  } catch (error) {
    const cause = error as { message: string; line?: number; linePos?: { line: number }[] };
    const line = cause.linePos?.[0]?.line ?? cause.line;
    throw new UserError(`${path} is not valid ${name}: ${cause.message.split('\n')[0]}`, {
      where: { file: path, ...(line !== undefined && { line }) },
      fix: 'Correct the syntax at this place.',
      cause: error,
    });
  }
}
