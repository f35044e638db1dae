/** What the first lines of a CSV file tell: how it is written, and its columns. */
import type { CsvDialect } from './csv-dialect.ts';
import { readBeginning } from './file-reading.ts';

const DELIMITERS = [',', ';', '\t', '|'];
const SAMPLED_LINES = 200;

export interface CsvHeader {
  delimiter: string;
  /** Empty where nothing is quoted. */
  quote: string;
  /** `,` where numbers are written so. */
  decimal: '.' | ',';
  /** As the table will have them: names that repeat get a number, as DuckDB does it. */
  names: string[];
  /** Names that stand twice or more in the header, as first written. */
  duplicates: string[];
  /** Whether the line that should name the columns is empty. */
  isEmpty: boolean;
}

/**
 * Looks at the first lines. The delimiter is the one that the header holds most of outside quotation marks, a comma
 * when it holds none; a single quotation mark quotes where whole columns are put in it; the comma is for decimals
 * where it is no delimiter and numbers with it, and none with a point, fill a column.
 */
export async function readCsvHeader(path: string, given: CsvDialect = {}): Promise<CsvHeader> {
  const text = (await readBeginning(path)).toString('utf8').replace(/^\ufeff/, '');
  const lines = text.split(/\r\n|\n|\r/, SAMPLED_LINES).filter((line) => !isComment(line, given));
  // The last line may be cut off in the middle.
  const whole = text.length < 1 << 19 ? lines : lines.slice(0, -1);
  const [first = ''] = lines;
  const delimiter = given.delimiter ?? likelyDelimiter(first);
  const quote = given.quoteChar === undefined ? likelyQuote(whole, delimiter) : (given.quoteChar ?? '');
  const fields = splitLine(headerText(text, quote, given) ?? first, delimiter, quote);
  const rows = whole.slice(given.header === false ? 0 : 1).map((line) => splitLine(line, delimiter, quote));
  const decimal = given.decimalChar ?? (delimiter !== ',' && hasDecimalCommas(rows) ? ',' : '.');
  if (given.header === false)
    return {
      delimiter,
      quote,
      decimal,
      names: fields.map((_, index) => `field${index + 1}`),
      duplicates: [],
      isEmpty: false,
    };
  const isEmpty = fields.length === 1 && fields[0]!.trim() === '';
  return { delimiter, quote, decimal, ...distinctNames(fields), isEmpty };
}

const isComment = (line: string, { commentChar }: CsvDialect): boolean =>
  commentChar !== undefined && line.startsWith(commentChar);

/** The header, which may hold ends of lines inside quotation marks. */
function headerText(text: string, quote: string, given: CsvDialect): string | undefined {
  if (quote === '' || given.commentChar !== undefined) return undefined;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === quote) quoted = !quoted;
    else if ((character === '\n' || character === '\r') && !quoted) return text.slice(0, at);
  }
  return quoted ? undefined : text;
}

function likelyDelimiter(line: string): string {
  const bare = line.replace(/"[^"]*"/g, '');
  const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
}

/** A column of which every value that is there is put in single quotation marks, and no field in double ones. */
function likelyQuote(lines: readonly string[], delimiter: string): string {
  if (lines.some((line) => line.startsWith('"') || line.includes(`${delimiter}"`))) return '"';
  const rows = lines.filter((line) => line !== '').map((line) => splitLine(line, delimiter, "'", true));
  const columns = rows[0]?.length ?? 0;
  for (let column = 0; column < columns; column++) {
    const values = rows
      .slice(1)
      .map((row) => row[column] ?? '')
      .filter((value) => value !== '');
    if (values.length >= 2 && values.every((value) => /^'.*'$/s.test(value) && value.length > 1)) return "'";
  }
  return '"';
}

const DECIMAL_COMMA = /^[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+$/;
const WITHOUT_DECIMALS = /^[+-]?\d+$/;
const DECIMAL_POINT = /^[+-]?\d*\.\d+$/;

function hasDecimalCommas(rows: readonly string[][]): boolean {
  if (rows.some((row) => row.some((value) => DECIMAL_POINT.test(value.trim())))) return false;
  const columns = Math.max(0, ...rows.map((row) => row.length));
  for (let column = 0; column < columns; column++) {
    const values = rows.map((row) => row[column]?.trim() ?? '').filter((value) => value !== '');
    if (!values.some((value) => DECIMAL_COMMA.test(value))) continue;
    if (values.every((value) => DECIMAL_COMMA.test(value) || WITHOUT_DECIMALS.test(value))) return true;
  }
  return false;
}

/** The fields of one line. @param keepQuotes leaves the quotation marks where they are. */
export function splitLine(line: string, delimiter: string, quote: string, keepQuotes = false): string[] {
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    if (quote !== '' && character === quote) {
      // Of two quotation marks inside quotes, the second closes and opens: one of them stands for itself.
      if (!keepQuotes && !quoted && at > 0 && line[at - 1] === quote && field !== '') field += quote;
      if (keepQuotes) field += quote;
      quoted = !quoted;
    } else if (!quoted && line.startsWith(delimiter, at)) {
      fields.push(field);
      field = '';
      at += delimiter.length - 1;
    } else field += character;
  }
  return [...fields, field];
}

function distinctNames(given: readonly string[]): { names: string[]; duplicates: string[] } {
  const seen = new Map<string, { first: string; times: number }>();
  const names = given.map((text, index) => {
    const name = text.trim() || `column${index}`;
    const known = seen.get(name.toLowerCase());
    if (!known) {
      seen.set(name.toLowerCase(), { first: name, times: 1 });
      return name;
    }
    known.times += 1;
    return `${name}_${known.times - 1}`;
  });
  const duplicates = [...seen.values()].filter(({ times }) => times > 1).map(({ first }) => first);
  return { names, duplicates };
}
