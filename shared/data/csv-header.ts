import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

const DELIMITERS = [',', ';', '\t', '|'];
/** A header longer than this is no header. */
const LONGEST_HEADER_BYTES = 1 << 20;

export interface CsvHeader {
  delimiter: string;
  names: string[];
}

/**
 * The first line of a CSV file: its delimiter is the one it holds most of outside quotation marks, a comma when it
 * holds none. Names that repeat get a number, as DuckDB does it.
 */
export async function readCsvHeader(path: string): Promise<CsvHeader> {
  const line = await firstLine(path);
  const bare = line.replace(/"[^"]*"/g, '');
  const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length);
  const delimiter = DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
  return { delimiter, names: distinctNames(splitLine(line, delimiter)) };
}

function splitLine(line: string, delimiter: string): string[] {
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  const characters = [...line];
  for (const [index, character] of characters.entries()) {
    if (character === '"') {
      // Of two quotation marks inside quotes, the second closes and opens: one of them stands for itself.
      if (!quoted && index > 0 && characters[index - 1] === '"' && field !== '') field += '"';
      quoted = !quoted;
    } else if (character === delimiter && !quoted) {
      fields.push(field);
      field = '';
    } else field += character;
  }
  return [...fields, field];
}

function distinctNames(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((given, index) => {
    const name = given.trim() || `column${index}`;
    const times = seen.get(name.toLowerCase()) ?? 0;
    seen.set(name.toLowerCase(), times + 1);
    return times === 0 ? name : `${name}_${times}`;
  });
}

async function firstLine(path: string): Promise<string> {
  const file = createReadStream(path, { end: LONGEST_HEADER_BYTES });
  const input = path.toLowerCase().endsWith('.gz') ? file.pipe(createGunzip()) : file;
  const parts: Buffer[] = [];
  try {
    for await (const part of input) {
      parts.push(part);
      if (part.includes(0x0a)) break;
    }
  } catch {
    // The beginning of a gzip file ends in the middle: what was read before that is what is wanted.
  } finally {
    file.destroy();
  }
  const text = Buffer.concat(parts).toString('utf8');
  return text.replace(/^\ufeff/, '').split(/\r?\n/)[0] ?? '';
}
