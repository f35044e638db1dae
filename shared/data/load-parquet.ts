import type { Engine } from './engine.ts';
import { partitionColumn, partitionsOf } from './hive-partitions.ts';
import { quoteIdentifier } from './sql-text.ts';
import { quotePaths, requireSameColumns } from './table-files.ts';

/**
 * Makes Parquet files a view, so that queries read from them only what they need.
 * @param files where they lie, and how they are called, on whose way `key=value` folders may be.
 * @returns what a reader of the record must know, and names that the first file has twice (letter case aside).
 */
export async function openParquet(
  engine: Engine,
  files: readonly { path: string; name: string }[],
  table: string,
): Promise<{ notes: string[]; duplicateColumns: string[] }> {
  const paths = files.map(({ path }) => path);
  const shapes = await Promise.all(
    paths.map((path) =>
      engine.rows(`DESCRIBE SELECT * FROM read_parquet(${quotePaths([path])}, hive_partitioning = false)`),
    ),
  );
  const columns = shapes.map((rows) => rows.map((row) => String(row.column_name)));
  requireSameColumns(
    files.map(({ name }) => name),
    columns,
  );
  const present = new Set(columns[0]?.map((name) => name.toLowerCase()));
  const partitions = [...partitionsOf(files.map(({ name }) => name))];
  const added = partitions.filter(([key]) => !present.has(key.toLowerCase()));
  const names = columns[0]?.map(quoteIdentifier) ?? [];
  const select = [...names, ...added.map(([key, values]) => partitionColumn(key, values))].join(', ');
  await engine.run(`CREATE OR REPLACE VIEW ${quoteIdentifier(table)} AS
    SELECT ${select} FROM read_parquet(${quotePaths(paths)}, hive_partitioning = false)`);
  const kept = partitions.filter((partition) => !added.includes(partition));
  const notes = [
    ...(added.length > 0
      ? [`Columns from the names of folders (key=value): ${added.map(([key]) => key).join(', ')}.`]
      : []),
    ...(kept.length > 0
      ? [
          `The files have columns of the names of their folders, which count: ${kept.map(([key]) => key).join(', ')}.`,
        ]
      : []),
  ];
  return { notes, duplicateColumns: await duplicateNames(engine, paths[0]!, columns[0] ?? []) };
}

/** The engine gives a name that stands twice a number; what a file calls none of its columns it made so. */
async function duplicateNames(engine: Engine, path: string, columns: readonly string[]): Promise<string[]> {
  const rows = await engine.rows(`SELECT name FROM parquet_schema(${quotePaths([path])})`);
  const written = new Set(rows.map((row) => String(row.name)));
  const renamed = columns.filter((name) => !written.has(name)).map((name) => name.replace(/_\d+$/, ''));
  return [...new Set(renamed)];
}
