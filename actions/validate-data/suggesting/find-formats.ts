import { type Engine, quoteIdentifier } from '../../../shared/data/engine.ts';
import { quoteText } from '../../../shared/data/sql-text.ts';
import { FORMATS } from '../formats.ts';

/** So many values that all have a form do not have it by chance. */
const ENOUGH_VALUES = 20;

/** For each column of text the format that all of its values have, in one pass over the data. */
export async function findFormats(
  engine: Engine,
  table: string,
  columns: readonly { name: string; kind: string; count: number }[],
): Promise<Map<string, string>> {
  const texts = columns.filter((column) => column.kind === 'text' && column.count >= ENOUGH_VALUES);
  // The narrow ones first. `byte` and `hostname` are not among them: they fit nearly every word.
  const formats = ['email', 'uuid', 'ipv4', 'ipv6', 'uri'];
  const parts = texts.flatMap(({ name }, column) =>
    formats.map((format, index) => {
      const matches = `regexp_full_match(${quoteIdentifier(name)}::VARCHAR, ${quoteText(FORMATS[format]!)})`;
      return `count_if(${matches}) AS f${column}_${index}`;
    }),
  );
  const found = new Map<string, string>();
  if (parts.length === 0) return found;
  const [row = {}] = await engine.rows(`SELECT ${parts.join(', ')} FROM ${quoteIdentifier(table)}`);
  for (const [column, { name, count }] of texts.entries()) {
    const format = formats.find((_, index) => Number(row[`f${column}_${index}`]) === count);
    if (format !== undefined) found.set(name, format);
  }
  return found;
}
