/**
 * Columns for statistics over many rows: numbers as they are, text as codes and the list of its different values, made
 * by the engine, so that one text per value and not one per row is made here.
 */
import { type CodedTexts, codeTexts } from './code-texts.ts';
import {
  columnKind,
  columnValue,
  describeTable,
  type NumericColumn,
  placeOfRow,
  readColumns,
} from './columns.ts';
import { type Engine, quoteIdentifier } from './engine.ts';

export type CodedTextColumn = CodedTexts & { kind: 'text' };
/** NaN for null. */
export type CodedColumn = Omit<NumericColumn, 'nulls'> | CodedTextColumn;

/** Up to so many rows one query for all columns is faster than some for each. */
const FEW_ROWS = 50_000;
/** About so many bytes of different values are fetched as one text. */
const TEXT_BYTES = 1_000_000;

/**
 * Reads columns of a table whole into memory, in the order of the files' rows.
 * @param rowCount of the table.
 * @throws UserError naming the nearest column when one does not exist.
 */
export async function readCodedColumns(
  engine: Engine,
  table: string,
  names: string[],
  rowCount: number,
  fewRows = FEW_ROWS,
): Promise<Record<string, CodedColumn>> {
  const types = new Map((await describeTable(engine, table)).map((column) => [column.name, column.type]));
  const coded: Record<string, CodedColumn> = {};
  if (rowCount <= fewRows || names.some((name) => !types.has(name))) {
    for (const [name, column] of Object.entries(await readColumns(engine, table, names)))
      coded[name] = column.kind === 'text' ? { kind: 'text', ...codeTexts(column.values) } : column;
    return coded;
  }
  // One after the other, so that the engine holds the result of one column and not of all.
  for (const name of names) {
    if (columnKind(types.get(name)!) === 'text')
      coded[name] = { kind: 'text', ...(await readCodes(engine, table, name, rowCount)) };
    else coded[name] = (await readColumns(engine, table, [name]))[name] as NumericColumn;
  }
  return coded;
}

async function readCodes(engine: Engine, table: string, name: string, rowCount: number): Promise<CodedTexts> {
  const rows = `(SELECT ${await placeOfRow(engine, table)} AS place, ${columnValue(name, 'TEXT')} AS value FROM ${quoteIdentifier(table)})`;
  await engine.run(`CREATE OR REPLACE TEMP TABLE coded_values AS
    SELECT value, row_number() OVER (ORDER BY first) - 1 AS code
    FROM (SELECT value, min(place) AS first FROM ${rows} WHERE value IS NOT NULL GROUP BY value)`);
  // Joined rows come in any order, so each brings its place.
  const { place, code } = await engine.columns(`SELECT place::DOUBLE AS place, code::DOUBLE AS code
    FROM ${rows} JOIN coded_values USING (value)`);
  const codes = new Int32Array(rowCount).fill(-1);
  if (place instanceof Float64Array && code instanceof Float64Array)
    for (let row = 0; row < place.length; row++) codes[place[row]!] = code[row]!;
  const names = await readNames(engine);
  await engine.run('DROP TABLE coded_values');
  return { codes, names };
}

/** The different values by their codes, many in one text, since each text that is fetched costs as much as a long one. */
async function readNames(engine: Engine): Promise<string[]> {
  const [unfit] = await engine.rows(
    `SELECT 1 AS one FROM coded_values WHERE contains(value, chr(0)) LIMIT 1`,
  );
  if (unfit) {
    const { value } = await engine.columns('SELECT value FROM coded_values ORDER BY code');
    return value as string[];
  }
  const parts = await engine.rows(`SELECT string_agg(value, chr(0) ORDER BY code) AS texts
    FROM (SELECT value, code, sum(strlen(value)) OVER (ORDER BY code) // ${TEXT_BYTES} AS part FROM coded_values)
    GROUP BY part ORDER BY part`);
  return parts.flatMap(({ texts }) => String(texts).split('\0'));
}
