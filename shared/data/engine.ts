/**
 * `shared/data`: everything that touches rows of data. This file opens the one SQL engine (native DuckDB, in memory);
 * `source.ts` finds and loads files, `columns.ts` reads columns out, `profile.ts` summarises a table.
 * Nothing outside this folder imports `@duckdb/*`.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { locateEngineLibrary } from './engine-install.ts';
import { plainValue, readNumbers, readVectors, type VectorColumn } from './engine-values.ts';
import { quoteText, quoteTexts } from './sql-text.ts';

export { quoteIdentifier, quoteText } from './sql-text.ts';

export interface MemoryPlan {
  /** Keeps tables compressed: a quarter of the memory for half as much time again. */
  compressTables?: boolean;
  /** Of the engine, beyond which it spills to disk; its own where left out. */
  memoryLimitBytes?: number;
}

export interface EngineOptions {
  cacheFolder: string;
  /** Where the engine spills what exceeds memory: RUNNER_TEMP on a runner. */
  temporaryFolder: string;
  env: NodeJS.ProcessEnv;
  /** Default: the processors of this machine. */
  threads?: number;
  /** For data of their size. */
  memory?: MemoryPlan;
  signal?: AbortSignal;
  progress?: (message: string) => void;
}

export interface Engine {
  /** DuckDB's version, e.g. `v1.5.6`. */
  version: string;
  /** Whether the data are so large that memory counts for more than time. */
  savesMemory: boolean;
  run(sql: string): Promise<void>;
  /** Rows as plain values: whole numbers beyond 2^53 stay bigint, dates are Date, nulls null. */
  rows(sql: string): Promise<Record<string, unknown>[]>;
  /** Columns by name: DOUBLE as Float64Array (NaN for null), everything else as text or null. */
  columns(sql: string): Promise<Record<string, Float64Array | (string | null)[]>>;
  /** As `columns`, with the null masks. */
  vectors(sql: string): Promise<Record<string, VectorColumn>>;
  /**
   * The numbers of a statement that gives columns of DOUBLE, without the nulls.
   * @param rooms one for each column at least, for as many numbers at least; a part of each is returned.
   */
  numbers(sql: string, rooms: readonly Float64Array[]): Promise<Float64Array[]>;
  /** How many statements a text holds. @throws Error with DuckDB's message when it cannot be parsed. */
  countStatements(sql: string): Promise<number>;
  /** Allows SQL from outside: from here on no file but `readable` is reached, and no setting but the memory limit changes. */
  lock(readable: readonly string[]): Promise<void>;
  /**
   * The same tables by another connection: what is asked of it runs at the same time as what is asked here. Its temporary
   * tables are its own. Not while `numbers` are read, for which that connection is needed.
   */
  readonly beside: Engine;
  close(): void;
}

/**
 * Opens an engine in memory, fetching the native library where the machine has none.
 * @throws UserError when the library can neither be found nor fetched.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const library = await locateEngineLibrary(options);
  Reflect.set(globalThis, Symbol.for('mlops-actions.duckdb-library'), library);
  const { DuckDBInstance, version } = await import('./engine-library.ts');
  const limit = options.memory?.memoryLimitBytes;
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    temp_directory: join(options.temporaryFolder, 'duckdb-spill'),
    threads: String(options.threads ?? availableParallelism()),
  });
  const connection = await instance.connect();
  // Numbers stream, and a connection has room for one stream or one statement.
  const streaming = await instance.connect();
  const wholeMemory = limit === undefined ? undefined : await limitMemory(connection, limit);
  // What it frees goes back to the system at once: its allocator would hold on to as much again as it has in use.
  if (limit !== undefined) await connection.run("SET allocator_flush_threshold = '1MB'");
  if (options.memory?.compressTables) await connection.run("ATTACH ':memory:' AS compressed (COMPRESS)");
  for (const each of [connection, streaming]) {
    await each.run("SET TimeZone = 'UTC'");
    if (options.memory?.compressTables) await each.run('USE compressed');
  }
  const common = {
    version: version(),
    savesMemory: limit !== undefined,
    close() {
      streaming.closeSync();
      connection.closeSync();
      instance.closeSync();
    },
  };
  const on = (connections: Record<'connection' | 'streaming', DuckDBConnection>) => ({
    ...common,
    ...statements(connections, options.signal, wholeMemory),
  });
  const beside: Engine = {
    ...on({ connection: streaming, streaming: connection }),
    get beside() {
      return engine;
    },
  };
  const engine: Engine = { ...on({ connection, streaming }), beside };
  return engine;
}

const INTERRUPT_MILLISECONDS = 20;

/** @returns the limit that the engine would have set itself: RESET tells of it, and leaves the limit where it was. */
async function limitMemory(connection: DuckDBConnection, bytes: number): Promise<string> {
  const [row] = await connection
    .runAndReadAll(`SELECT current_setting('memory_limit') AS whole`)
    .then((read) => read.getRowObjectsJS());
  await connection.run(`SET memory_limit = '${bytes}B'`);
  return String(row?.whole);
}

/** @param wholeMemory where it is limited to less: the limit that is set where a statement needs more. */
function statements(
  { connection, streaming }: Record<'connection' | 'streaming', DuckDBConnection>,
  signal: AbortSignal | undefined,
  wholeMemory: string | undefined,
) {
  let canGiveMore = wholeMemory !== undefined;
  const withinMemory = async <Result>(query: () => Promise<Result>): Promise<Result> => {
    try {
      return await query();
    } catch (error) {
      if (!canGiveMore || !(error instanceof Error) || !error.message.startsWith('Out of Memory'))
        throw error;
      await giveMore();
      return query();
    }
  };
  const giveMore = async (): Promise<void> => {
    canGiveMore = false;
    if (wholeMemory !== undefined) await connection.run(`SET memory_limit = ${quoteText(wholeMemory)}`);
  };
  /** Runs one query; when the signal is aborted the engine is told until it stops, since it may not have begun. */
  async function interruptible<Result>(
    query: () => Promise<Result>,
    told: DuckDBConnection = connection,
  ): Promise<Result> {
    signal?.throwIfAborted();
    let telling: NodeJS.Timeout | undefined;
    const tell = (): void => {
      told.interrupt();
      telling = setTimeout(tell, INTERRUPT_MILLISECONDS);
    };
    signal?.addEventListener('abort', tell, { once: true });
    try {
      return await withinMemory(query);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', tell);
      clearTimeout(telling);
    }
  }
  const vectors = (sql: string): Promise<Record<string, VectorColumn>> =>
    interruptible(async () => readVectors(await connection.run(sql)));
  return {
    vectors,
    async run(sql: string): Promise<void> {
      await interruptible(() => connection.run(sql));
    },
    async rows(sql: string): Promise<Record<string, unknown>[]> {
      const rows = await interruptible(async () => (await connection.runAndReadAll(sql)).getRowObjectsJS());
      return rows.map((row) =>
        Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plainValue(value)])),
      );
    },
    async columns(sql: string): Promise<Record<string, Float64Array | (string | null)[]>> {
      return Object.fromEntries(
        Object.entries(await vectors(sql)).map(([name, column]) => [name, column.values]),
      );
    },
    numbers(sql: string, rooms: readonly Float64Array[]): Promise<Float64Array[]> {
      return interruptible(async () => readNumbers(await streaming.stream(sql), rooms), streaming);
    },
    async countStatements(sql: string): Promise<number> {
      return (await connection.extractStatements(sql)).count;
    },
    async lock(readable: readonly string[]): Promise<void> {
      // What is asked from outside may need more memory too: that one setting stays ours to raise.
      if (wholeMemory !== undefined) await connection.run(`SET allowed_configs = ['memory_limit']`);
      await connection.run(`SET allowed_paths = ${quoteTexts(readable)}`);
      await connection.run('SET enable_external_access = false');
      await connection.run('SET lock_configuration = true');
    },
  };
}
