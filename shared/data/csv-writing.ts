/** How CSV files are written, as options of the engine's reader and in words. */
import type { CsvDialect } from './csv-dialect.ts';
import type { CsvHeader } from './csv-header.ts';
import { quoteText, quoteTexts } from './sql-text.ts';

export interface CsvWriting {
  /** Options of `read_csv`; nothing is skipped that the user does not name: the engine would guess comments and titles. */
  options: string;
  /** `, names = […]` where no header names the columns. */
  names: string;
  /** A text column's expression as the text of a plain number: `1.234,5` → `1234.5`. */
  plainNumber(column: string): string;
}

export const LARGEST_LINE_BYTES = 64 * 2 ** 20;

/** Parts of about a row group of wide rows each are put together in a sixth less time than those the engine takes. */
const BUFFER_BYTES = 27 * 2 ** 20;

/** @param longLines leaves room for lines of up to 64 MiB, which costs memory. */
export function csvWriting(header: CsvHeader, dialect: CsvDialect, longLines = false): CsvWriting {
  const { delimiter, quote, decimal, names } = header;
  const escapeChar = dialect.escapeChar ?? (dialect.doubleQuote === false ? '' : quote);
  const nulls = [...new Set(['', ...[dialect.nullSequence ?? []].flat()])];
  const group = dialect.groupChar;
  const options = [
    `header = ${dialect.header !== false}`,
    `delim = ${quoteText(delimiter)}`,
    `quote = ${quoteText(quote)}`,
    `escape = ${quoteText(escapeChar)}`,
    `comment = ${quoteText(dialect.commentChar ?? '')}`,
    'skip = 0',
    'hive_partitioning = false',
    ...(longLines
      ? [`max_line_size = ${LARGEST_LINE_BYTES}`, `buffer_size = ${2 * LARGEST_LINE_BYTES}`]
      : [`buffer_size = ${BUFFER_BYTES}`]),
    ...(decimal === ',' ? [`decimal_separator = ','`] : []),
    ...(group ? [`thousands = ${quoteText(group)}`] : []),
    ...(nulls.length > 1 ? [`nullstr = ${quoteTexts(nulls)}`] : []),
  ];
  const withoutGroups = (column: string): string =>
    group ? `replace(${column}, ${quoteText(group)}, '')` : column;
  return {
    options: options.join(', '),
    names: dialect.header === false ? `, names = ${quoteTexts(names)}` : '',
    plainNumber: (column) =>
      decimal === ',' ? `replace(${withoutGroups(column)}, ',', '.')` : withoutGroups(column),
  };
}

/** What was found out, one sentence each; nothing for what is usual. */
export function describeWriting(
  header: CsvHeader,
  given: CsvDialect,
  encodings: readonly string[],
): string[] {
  const other = [...new Set(encodings)].filter((encoding) => encoding !== 'utf-8');
  return [
    ...(other.length > 0 ? [`Read as ${other.join(' and ')}.`] : []),
    ...(header.decimal === ',' && given.decimalChar === undefined
      ? ['Numbers were found to be written with decimal commas (set dialect if they are not).']
      : []),
    ...(header.quote === "'" && given.quoteChar === undefined
      ? ['Values were found to be quoted by single quotation marks (set dialect if they are not).']
      : []),
  ];
}
