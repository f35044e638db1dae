/**
 * The floor of drift: a process with nothing but the engine, which loads two CSV files and asks of every column what a
 * comparison cannot do without; it prints nothing. Usage: drift-speed-floor REFERENCE DATA
 */
import { DuckDBInstance } from '@duckdb/node-api';

const [reference, data] = process.argv.slice(2) as [string, string];
const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
const connection = await instance.connect();
const ask = async (sql: string): Promise<Record<string, unknown>[]> =>
  (await connection.runAndReadAll(sql)).getRowObjectsJS();
const quote = (path: string): string => `'${path.replaceAll("'", "''")}'`;

await ask(`CREATE TABLE reference AS SELECT * FROM read_csv(${quote(reference)})`);
await ask(`CREATE TABLE data AS SELECT * FROM read_csv(${quote(data)})`);

const numbers: string[] = [];
for (const { column_name, column_type } of await ask('DESCRIBE reference')) {
  const name = `"${String(column_name)}"`;
  if (column_name === 'id') continue;
  if (/^(BIGINT|DOUBLE|DATE|TIMESTAMP)/.test(String(column_type))) numbers.push(name);
  else if (column_name === 'remark') {
    // Free text: how long it is, and how often each of its words is on either side.
    for (const table of ['reference', 'data'])
      await ask(`SELECT avg(length(${name})) AS length FROM ${table}`);
    const words = (table: string, side: number): string =>
      `SELECT unnest(regexp_extract_all(lower(${name}), '[\\p{L}\\p{N}]+')) AS word, ${side} AS side FROM ${table}`;
    await ask(`SELECT count(*) AS words FROM (SELECT word, count(*), sum(side)
      FROM (${words('reference', 0)} UNION ALL ${words('data', 1)}) GROUP BY word)`);
  } else {
    const both = `SELECT ${name} AS value, 0 AS side FROM reference UNION ALL SELECT ${name}, 1 FROM data`;
    await ask(`SELECT sum(abs(n - 2 * of_data)) AS distance
      FROM (SELECT value, count(*) AS n, sum(side) AS of_data FROM (${both}) GROUP BY value)`);
  }
}

// Numbers: moments, and on both sides how many values lie between the deciles of the reference.
const each = (expression: (name: string) => string): string => numbers.map(expression).join(', ');
const asNumber = (name: string): string => `(epoch_us(${name}::TIMESTAMP))::DOUBLE`;
const types = new Map(
  (await ask('DESCRIBE reference')).map((row) => [`"${row.column_name}"`, row.column_type]),
);
const value = (name: string): string =>
  /^(DATE|TIMESTAMP)/.test(String(types.get(name))) ? asNumber(name) : `${name}::DOUBLE`;
const [deciles] = await ask(
  `SELECT ${each((name) => `quantile_cont(${value(name)}, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]) AS ${name}`)} FROM reference`,
);
for (const table of ['reference', 'data']) {
  await ask(
    `SELECT ${each((name) => {
      const { items } = deciles![name.slice(1, -1)] as { items: number[] };
      const edges = [...new Set(items)].join(', ');
      return `count(${name}), avg(${value(name)}), stddev(${value(name)}), histogram(${value(name)}, [${edges}])`;
    })} FROM ${table}`,
  );
}
connection.closeSync();
