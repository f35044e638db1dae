import type { Engine } from './engine.ts';
import { quoteIdentifier } from './sql-text.ts';
import { quotePaths } from './table-files.ts';

/**
 * The SELECT that reads JSON objects as rows, keys as columns.
 * @param layout `newline_delimited`, or `auto` for an array as well.
 */
export async function selectObjects(
  engine: Engine,
  paths: readonly string[],
  layout: 'newline_delimited' | 'auto',
): Promise<string> {
  const reader = `read_json(${quotePaths(paths)}, format = '${layout}', records = true, sample_size = -1,
    union_by_name = true, hive_partitioning = false)`;
  const shape = await engine.rows(`DESCRIBE SELECT * FROM ${reader}`);
  const columns = shape.map(({ column_name, column_type }) => {
    const name = quoteIdentifier(String(column_name));
    // A JSON text keeps its quotation marks; its string value does not.
    return column_type === 'JSON' ? `json_extract_string(${name}, '$') AS ${name}` : name;
  });
  return `SELECT ${columns.join(', ')} FROM ${reader}`;
}
