/** Infinite numbers among numbers: the engine takes a first `inf` for a date, and the numbers after it for text. */
import type { CsvWriting } from './csv-writing.ts';
import type { Engine } from './engine.ts';
import { readBeginning } from './file-reading.ts';
import { quoteIdentifier } from './sql-text.ts';
import { quotePaths } from './table-files.ts';

const WORD = /(^|[^\p{L}\p{N}])inf(inity)?($|[^\p{L}\p{N}])/iu;
const LOOKED_AT_BYTES = 1 << 16;
const SAMPLED_ROWS = 20_480;

/**
 * Columns guessed to be dates or text whose first values are all numbers, some of them infinite.
 * @param types the guessed type of each column.
 */
export async function infiniteColumns(
  engine: Engine,
  paths: readonly string[],
  { options, names, plainNumber }: CsvWriting,
  types: ReadonlyMap<string, string>,
): Promise<string[]> {
  const doubtful = [...types]
    .filter(([, type]) => /^(DATE|TIMESTAMP.*|VARCHAR)$/.test(type))
    .map(([name]) => name);
  if (doubtful.length === 0) return [];
  const beginnings = await Promise.all(paths.map((path) => readBeginning(path, LOOKED_AT_BYTES)));
  const index = beginnings.findIndex((beginning) => WORD.test(beginning.toString('utf8')));
  if (index === -1) return [];
  const tests = doubtful.map((name, at) => {
    const column = quoteIdentifier(name);
    const number = `TRY_CAST(${plainNumber(column)} AS DOUBLE)`;
    return `count(${column}) = count(${number}) AND count_if(isinf(${number})) > 0 AS c${at}`;
  });
  const rows = `SELECT * FROM read_csv(${quotePaths([paths[index]!])}, ${options}${names}, all_varchar = true, ignore_errors = true)`;
  const [row] = await engine.rows(`SELECT ${tests.join(', ')} FROM (${rows} LIMIT ${SAMPLED_ROWS})`);
  return doubtful.filter((_, at) => row?.[`c${at}`] === true);
}
