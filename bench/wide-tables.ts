/** Tables of 20 mixed columns, about 212 bytes a row as CSV, for the benchmarks of validate-data and drift-check. */
import { openEngine, quoteIdentifier, quoteText } from '../shared/data/engine.ts';

export interface WideTable {
  rows: number;
  /** Two seeds give two samples of one population. */
  seed: number;
  /** Standard deviations by which `amount` and `score` move, and the share of rows that move to the first `plan`. */
  drift?: number;
  /** The share of nulls in the columns that have some. */
  missing?: number;
}

/** As the engine names the types, in the order of the file. */
const WIDE_COLUMNS = {
  id: 'BIGINT',
  customer: 'BIGINT',
  created_at: 'TIMESTAMP',
  due_on: 'DATE',
  amount: 'DOUBLE',
  balance: 'DOUBLE',
  score: 'DOUBLE',
  temperature: 'DOUBLE',
  latitude: 'DOUBLE',
  longitude: 'DOUBLE',
  distance: 'DOUBLE',
  age: 'BIGINT',
  quantity: 'BIGINT',
  seconds: 'BIGINT',
  is_member: 'BOOLEAN',
  plan: 'VARCHAR',
  country: 'VARCHAR',
  product: 'VARCHAR',
  email: 'VARCHAR',
  remark: 'VARCHAR',
} as const;

/**
 * Writes one sample, as CSV or Parquet by each path's ending; the same arguments give the same rows.
 * @param cacheFolder where the engine is kept.
 */
export async function writeWideTable(
  paths: readonly string[],
  table: WideTable,
  cacheFolder: string,
): Promise<void> {
  const engine = await openEngine({ cacheFolder, temporaryFolder: cacheFolder, env: process.env });
  try {
    for (const path of paths) {
      const format = path.endsWith('.parquet') ? 'parquet' : 'csv';
      await engine.run(`COPY (${rowsOf(table)}) TO ${quoteText(path)} (FORMAT ${format})`);
    }
  } finally {
    engine.close();
  }
}

function rowsOf({ rows, seed, drift = 0, missing = 0.02 }: WideTable): string {
  let salt = 0;
  const uniform = (): string => {
    salt += 1;
    // One number is hashed: the engine's hash of several leaves what comes of them dependent on each other.
    return `((hash((i * 1000 + ${salt}) * 1000 + ${seed}) + 1) / 18446744073709551617.0)`;
  };
  const normal = (): string => `(sqrt(-2 * ln(${uniform()})) * cos(2 * pi() * ${uniform()}))`;
  const integer = (below: number): string => `floor(${uniform()} * ${below})::BIGINT`;
  /** The lower numbers are the more frequent. */
  const skewed = (below: number): string => `floor(pow(${uniform()}, 2) * ${below})::BIGINT`;
  const orNull = (value: string): string => `CASE WHEN ${uniform()} >= ${missing} THEN ${value} END`;
  const word = (): string =>
    `['paid', 'late', 'returned', 'urgent', 'gift', 'sent twice', 'no answer'][1 + ${integer(7)}]`;
  const columns: Record<keyof typeof WIDE_COLUMNS, string> = {
    id: `i + ${seed} * 1000000000`,
    customer: integer(200_000),
    created_at: `TIMESTAMP '2026-01-01' + to_seconds(i * 15000000 // ${rows})`,
    due_on: `DATE '2026-01-01' + ${integer(365)}::INTEGER`,
    amount: `round(exp(4 + ${normal()} + ${drift}), 2)`,
    balance: orNull(`round(1000 * ${normal()}, 2)`),
    score: `${normal()} + ${drift}`,
    temperature: orNull(`round(15 + 8 * ${normal()}, 4)`),
    latitude: `round(-60 + 130 * ${uniform()}, 6)`,
    longitude: `round(-180 + 360 * ${uniform()}, 6)`,
    distance: `round(-20 * ln(${uniform()}), 3)`,
    age: orNull(`18 + ${skewed(70)}`),
    quantity: `1 + ${skewed(20)}`,
    seconds: integer(86_400),
    is_member: orNull(`${uniform()} < 0.4`),
    plan: `CASE WHEN ${uniform()} < ${drift} THEN 'free' ELSE ['free', 'basic', 'team', 'business', 'enterprise'][1 + ${skewed(5)}] END`,
    country: orNull(`'country ' || ${skewed(50)}`),
    product: `printf('SKU-%05d', ${skewed(1000)})`,
    email: `'user' || ${integer(200_000)} || '@example.org'`,
    remark: orNull(`${word()} || ', ' || ${word()} || ', order ' || ${integer(1_000_000)}`),
  };
  const named = Object.entries(columns).map(([name, value]) => `${value} AS ${quoteIdentifier(name)}`);
  return `SELECT ${named.join(',\n')} FROM range(${rows}) numbers(i)`;
}
