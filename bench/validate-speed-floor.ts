/**
 * The floor of validate-data: a process with nothing but the engine, which asks the checks of
 * `validate-speed-checks.ts` as SQL by hand, without a table, a profile or an example; it prints nothing.
 * Usage: validate-speed-floor DATA
 */
import { DuckDBInstance } from '@duckdb/node-api';

const [data] = process.argv.slice(2) as [string];
const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
const connection = await instance.connect();
const from = `read_csv('${data.replaceAll("'", "''")}')`;
// The types of 20 columns.
await connection.runAndReadAll(`DESCRIBE FROM ${from}`);
await connection.runAndReadAll(`SELECT count(*), count(*) - count(DISTINCT id),
  count(*) - count(DISTINCT hash(customer, created_at)), count_if(age < quantity),
  count_if(customer IS NULL), count_if(amount IS NULL), count_if(score IS NULL), count_if(product IS NULL),
  count_if(email IS NULL), count_if(balance IS NULL), count_if(age IS NULL), count_if(country IS NULL),
  count_if(amount < 0), count_if(score > 4), count_if(temperature > 40), count_if(latitude > 90),
  count_if(age < 18), count_if(seconds > 86399), avg(amount), median(age), count(DISTINCT product),
  count_if(plan NOT IN ('free', 'basic', 'team', 'business', 'enterprise')),
  count_if(NOT regexp_matches(product, '^SKU-[0-9]{5}$')),
  count_if(NOT regexp_matches(email, '^[a-z0-9]+@example[.]org$')), count_if(length(remark) > 38) FROM ${from}`);
connection.closeSync();
