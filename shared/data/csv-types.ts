/** Of which types the columns of CSV files are: guessed, mistrusted, and made narrow where all values allow it. */
import type { CsvHeader } from './csv-header.ts';
import type { CsvWriting } from './csv-writing.ts';
import type { Engine } from './engine.ts';
import { infiniteColumns } from './infinite-numbers.ts';
import { quoteIdentifier } from './sql-text.ts';
import { quotePaths, requireSameColumns } from './table-files.ts';

/** So many lines rejected for a value's type mean that the type is wrong. */
const WRONG_TYPE_SHARE = 0.01;
/** Above 2^53 a DOUBLE no longer holds every whole number. */
const LARGEST_EXACT = 2 ** 53;
const FIRST_ROWS = 2048;

/**
 * The types by the first lines of the files, whole numbers as DOUBLE.
 * @returns undefined where the engine makes nothing of the lines.
 */
export async function guessTypes(
  engine: Engine,
  paths: readonly string[],
  writing: CsvWriting,
  headers: readonly CsvHeader[],
): Promise<Map<string, string> | undefined> {
  const { options, names } = writing;
  const describe = (path: string): Promise<Record<string, unknown>[]> =>
    engine.rows(
      `DESCRIBE SELECT * FROM read_csv(${quotePaths([path])}, ${options}${names}, ignore_errors = true)`,
    );
  const shapes = await Promise.all(paths.map(describe)).catch((error: Error) => {
    if (/detect the CSV parsing dialect/.test(error.message)) return undefined;
    throw error;
  });
  if (!shapes) return undefined;
  requireSameColumns(
    paths,
    shapes.map((rows) => rows.map((row) => String(row.column_name))),
  );
  // The engine makes one column of a file in whose lines it finds no delimiter: then the header is believed.
  if (shapes.some((rows, index) => rows.length < headers[index]!.names.length)) return undefined;
  const types = new Map<string, string>();
  for (const { column_name, column_type } of shapes.flat()) {
    const name = String(column_name);
    const type = column_type === 'BIGINT' ? 'DOUBLE' : String(column_type);
    const known = types.get(name);
    types.set(name, known === undefined || known === type ? type : 'VARCHAR');
  }
  for (const name of await infiniteColumns(engine, paths, writing, types)) types.set(name, 'DOUBLE');
  return types;
}

/** Columns for which more than one line in a hundred was rejected because a value is not of the guessed type. */
export async function wronglyTyped(engine: Engine, table: string): Promise<string[]> {
  const rows = await engine.rows(`
    SELECT regexp_extract(error_message, 'converting column "(.*)"\\. ', 1) AS name, count(DISTINCT (file_id, line)) AS n
    FROM rejected_lines WHERE error_type = 'CAST' GROUP BY 1
    HAVING n > ${WRONG_TYPE_SHARE} * (n + (SELECT count(*) FROM ${quoteIdentifier(table)}))`);
  const known = await engine.rows(`DESCRIBE ${quoteIdentifier(table)}`);
  return rows
    .map((row) => String(row.name))
    .filter((name) => known.some((column) => column.column_name === name));
}

/** Columns of whole numbers too large to be exact as DOUBLE. */
export async function inexactColumns(
  engine: Engine,
  table: string,
  types: ReadonlyMap<string, string>,
): Promise<string[]> {
  const doubles = namesOfType(types, 'DOUBLE');
  if (doubles.length === 0) return [];
  // The engine knows the extremes of each part of a table, and looks at none that cannot hold such a number.
  const parts = doubles.flatMap((name, index) => {
    const column = quoteIdentifier(name);
    const exists = (condition: string): string =>
      `EXISTS (FROM ${quoteIdentifier(table)} WHERE ${column} ${condition})`;
    return [
      `${exists(`>= ${LARGEST_EXACT}`)} AS above${index}`,
      `${exists(`<= -${LARGEST_EXACT}`)} AS below${index}`,
    ];
  });
  const [found] = await engine.rows(`SELECT ${parts.join(', ')}`);
  const doubtful = doubles.filter(
    (_, index) => found?.[`above${index}`] === true || found?.[`below${index}`] === true,
  );
  if (doubtful.length === 0) return [];
  const tests = doubtful.map((name, index) => {
    const column = quoteIdentifier(name);
    return `count_if(abs(${column}) >= ${LARGEST_EXACT} AND isfinite(${column})) AS c${index}`;
  });
  const [row] = await engine.rows(`SELECT ${tests.join(', ')} FROM ${quoteIdentifier(table)}`);
  return doubtful.filter((_, index) => Number(row?.[`c${index}`]) > 0);
}

/** Text that was read as text for exactness: whole numbers if all of it is, else DOUBLE. */
export async function narrowText(
  engine: Engine,
  table: string,
  name: string,
  { plainNumber }: CsvWriting,
): Promise<void> {
  const column = quoteIdentifier(name);
  const number = plainNumber(column);
  const [row] = await engine.rows(`SELECT
      count(${column}) = count(TRY_CAST(${number} AS HUGEINT)) AND bool_and(regexp_full_match(${number}, '[+-]?[0-9]+')) AS whole,
      count(${column}) = count(TRY_CAST(${number} AS BIGINT)) AS fits,
      count(${column}) = count(TRY_CAST(${number} AS DOUBLE)) AS numeric
    FROM ${quoteIdentifier(table)}`);
  const type = row?.whole ? (row.fits ? 'BIGINT' : 'HUGEINT') : row?.numeric ? 'DOUBLE' : undefined;
  if (type)
    await engine.run(
      `ALTER TABLE ${quoteIdentifier(table)} ALTER ${column} TYPE ${type} USING ${number}::${type}`,
    );
}

/** Makes columns of DOUBLE that hold whole numbers alone BIGINT. */
export async function narrowNumbers(
  engine: Engine,
  table: string,
  types: ReadonlyMap<string, string>,
): Promise<void> {
  // Most columns of fractions have one among their first rows.
  const beginning = `(SELECT * FROM ${quoteIdentifier(table)} LIMIT ${FIRST_ROWS})`;
  const likely = await wholeColumns(engine, beginning, namesOfType(types, 'DOUBLE'), false);
  for (const name of await wholeColumns(engine, quoteIdentifier(table), likely, true))
    await engine.run(`ALTER TABLE ${quoteIdentifier(table)} ALTER ${quoteIdentifier(name)} TYPE BIGINT`);
}

/** Columns of DOUBLE that hold whole, finite numbers alone. @param some whether there must be a number. */
async function wholeColumns(
  engine: Engine,
  from: string,
  names: readonly string[],
  some: boolean,
): Promise<string[]> {
  if (names.length === 0) return [];
  const tests = names.map((name, index) => {
    const column = quoteIdentifier(name);
    return `COALESCE(bool_and(${column} = trunc(${column}) AND isfinite(${column})), ${!some}) AS c${index}`;
  });
  const [row] = await engine.rows(`SELECT ${tests.join(', ')} FROM ${from}`);
  return names.filter((_, index) => row?.[`c${index}`] === true);
}

function namesOfType(types: ReadonlyMap<string, string>, type: string): string[] {
  return [...types].filter(([, known]) => known === type).map(([name]) => name);
}
