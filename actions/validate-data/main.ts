/**
 * `validate-data`: holds data to a contract and sketches them. `run` resolves and loads the data, compiles the
 * contract into rules, runs them on the engine, and returns a DataProfile and a DataValidation.
 */
import type { ChunkRule } from '../../shared/data/chunks.ts';
import { columnKind } from '../../shared/data/columns.ts';
import { type Engine, openEngine, quoteIdentifier } from '../../shared/data/engine.ts';
import { profileTable, type TableProfile } from '../../shared/data/profile.ts';
import { type DataFiles, type LoadedTable, loadTable, resolveData } from '../../shared/data/source.ts';
import { UserError } from '../../shared/errors.ts';
import type { DataProfile } from '../../shared/records/data-profile.ts';
import type { DataCheck, DataValidation } from '../../shared/records/data-validation.ts';
import { recordHead } from '../../shared/records/envelope.ts';
import { nearest } from '../../shared/records/nearest.ts';
import {
  type ActionResult,
  type Annotation,
  type Deps,
  defineAction,
} from '../../shared/runtime/definition.ts';
import { columnName, compileContract, textColumns } from './compile-contract.ts';
import { type Given, inputs } from './inputs.ts';
import { maskedColumns, withoutMaskedValues } from './masking.ts';
import { type FoundContract, readContract } from './read-contract.ts';
import { type Reference, readReference, referenceRules } from './reference.ts';
import { report } from './report.ts';
import { runRules } from './run-rules.ts';
import { describeCheck, overallVerdict, reasonFor } from './verdict.ts';

type RunDeps = Pick<Deps, 'log' | 'signal' | 'env' | 'now' | 'source' | 'temporaryFolder' | 'cacheFolder'>;

const TABLE = 'data';

/** Judges the data. @throws UserError for inputs, files and contracts that cannot be used. */
export async function run(given: Given, deps: RunDeps): Promise<ActionResult> {
  const contract = given.contract === undefined ? undefined : await readContract(given.contract);
  const data = await resolveData(given.data);
  const engine = await openEngine({ ...deps, progress: deps.log.progress });
  try {
    const reference =
      given.reference &&
      (await readReference(given.reference, engine, deps.temporaryFolder, deps.log.progress));
    return await judge({ given, deps, engine, data, contract, reference });
  } finally {
    engine.close();
  }
}

interface Work {
  given: Given;
  deps: RunDeps;
  engine: Engine;
  data: DataFiles;
  contract: FoundContract | undefined;
  reference: Reference | undefined;
}

async function judge(work: Work): Promise<ActionResult> {
  const { given, deps, engine, data, contract, reference } = work;
  const object = contract?.document.value.schema[contract.objectIndex];
  const loaded = await loadTable(engine, data, TABLE, {
    textColumns: object ? textColumns(object) : [],
    temporaryFolder: deps.temporaryFolder,
  });
  deps.log.info(
    `Read ${loaded.rowCount} rows of ${loaded.columns.length} columns from ${data.files.length} file(s)`,
  );
  const masked = maskedColumns(object);
  const profile = await profileTable(engine, TABLE, loaded.columns, {
    edges: new Map(reference?.columns.map((column) => [column.name, column.histogram?.edges ?? []])),
    chunk: chunkRule(given, loaded, contract),
    progress: deps.log.progress,
  });
  const checks = await check(work, loaded, profile, masked);
  const judged = {
    rejectedLines: loaded.rejectedCount,
    rowCount: loaded.rowCount,
    described: object?.properties.length,
  };
  const verdict = overallVerdict(checks, judged);
  const head = {
    name: given.name,
    source: deps.source,
    createdAt: deps.now(),
    subject: data.digest,
    inputs: [
      { role: 'data', name: given.data.join(', '), digest: data.digest },
      ...(contract ? [{ role: 'contract', name: contract.document.file, digest: contract.digest }] : []),
      ...(reference ? [reference.input] : []),
    ],
    verdict,
    reason: reasonFor(checks, judged),
  };
  const covered = new Set(object?.properties.map(columnName));
  const record: DataValidation = {
    ...recordHead('DataValidation', head),
    contract:
      contract && object
        ? {
            file: contract.document.file,
            id: contract.document.value.id,
            version: contract.document.value.version,
            object: object.name,
            digest: contract.digest,
          }
        : null,
    rowCount: loaded.rowCount,
    rejectedLines: { count: loaded.rejectedCount, examples: loaded.rejected.slice(0, 20) },
    checks,
    uncoveredColumns: object
      ? loaded.columns.map((column) => column.name).filter((name) => !covered.has(name))
      : [],
  };
  const profileRecord: DataProfile = {
    ...recordHead('DataProfile', {
      ...head,
      verdict: 'pass',
      reason: `${loaded.rowCount.toLocaleString('en-US')} rows were profiled.`,
    }),
    format: data.format,
    files: data.files.map((file) => ({
      path: file.path,
      bytes: file.bytes,
      digest: `sha256:${file.sha256}`,
    })),
    rejectedLines: loaded.rejectedCount,
    ...withoutMaskedValues(profile, masked),
  };
  return {
    record,
    alsoRecords: [profileRecord],
    annotations: annotations(record),
  };
}

async function check(
  work: Work,
  loaded: LoadedTable,
  profile: TableProfile,
  masked: ReadonlySet<string>,
): Promise<DataCheck[]> {
  const { engine, contract, reference, deps, data } = work;
  const object = contract?.document.value.schema[contract.objectIndex];
  const present = new Set(loaded.columns.map((column) => column.name));
  for (const name of [object?.name, object?.physicalName]) {
    // Queries of a contract may name the object as the contract does.
    if (name && name.toLowerCase() !== TABLE)
      await engine.run(`CREATE OR REPLACE VIEW ${quoteIdentifier(name)} AS FROM ${TABLE}`);
  }
  const shape = { columns: loaded.columns, format: data.format, table: TABLE };
  const rules = contract ? compileContract(contract.document, contract.objectIndex, shape) : [];
  if (reference) {
    const columns = loaded.columns.map((column) => ({ name: column.name, kind: columnKind(column.type) }));
    rules.push(...referenceRules(reference, columns, loaded.rowCount));
  }
  await engine.lock(loaded.readsFrom);
  const keys =
    object?.properties.filter((property) => property.primaryKey || property.unique).map(columnName) ?? [];
  return runRules(rules, {
    engine,
    table: TABLE,
    rowCount: loaded.rowCount,
    now: deps.now(),
    distinct: new Map(
      profile.columns.flatMap(({ name, distinct, count }) =>
        distinct === null ? [] : [[name, { distinct, count }]],
      ),
    ),
    examples: {
      columns: loaded.columns.map((column) => column.name),
      keys: keys.filter((name) => present.has(name)).slice(0, 2),
      masked,
    },
    missingColumns: new Set(object?.properties.map(columnName).filter((name) => !present.has(name))),
    locate: (path) => contract!.document.locate(path),
    progress: deps.log.progress,
  });
}

/** The chunks that are asked for; a period needs a time column, the input's, the contract's or the only one. */
function chunkRule(
  given: Given,
  loaded: LoadedTable,
  contract: FoundContract | undefined,
): ChunkRule | undefined {
  if (!given.chunk) {
    if (given.timestamp === undefined) return undefined;
    throw new UserError('The input timestamp has no meaning without chunk.', { where: { key: 'timestamp' } });
  }
  if ('rows' in given.chunk) return given.chunk;
  const times = loaded.columns
    .filter((column) => columnKind(column.type) === 'time')
    .map((column) => column.name);
  const promised = contract?.document.value.slaProperties?.find(
    ({ property }) => property === 'freshness',
  )?.element;
  const column =
    given.timestamp ??
    times.find((name) => promised?.split('.').at(-1) === name) ??
    (times.length === 1 ? times[0] : undefined);
  if (column !== undefined && times.includes(column))
    return { column, milliseconds: given.chunk.milliseconds };
  const guess = column === undefined ? undefined : nearest(column, times);
  throw new UserError(
    column === undefined
      ? 'It is open which column the periods of chunk are cut by.'
      : `${column} is no time column of the data.`,
    {
      where: { key: 'timestamp' },
      fix: guess
        ? `Did you mean ${guess}?`
        : `Set timestamp; time columns are: ${times.join(', ') || 'none'}.`,
    },
  );
}

function annotations(record: DataValidation): Annotation[] {
  const lines = record.rejectedLines.examples.slice(0, 5).map((line): Annotation => {
    return {
      level: 'error',
      message: `This line cannot be read: ${line.message}`,
      where: { file: line.file, line: line.line },
    };
  });
  const broken = record.checks.filter(
    (entry) => entry.verdict === 'fail' || (entry.verdict === 'warn' && entry.severity === 'warning'),
  );
  return [
    ...lines,
    ...broken.map((entry): Annotation => {
      const level = entry.verdict === 'fail' ? 'error' : 'warning';
      return { level, message: `${entry.rule}: ${describeCheck(entry)}`, where: entry.where ?? {} };
    }),
  ];
}

export const definition = defineAction({
  id: 'validate-data',
  kind: 'DataValidation',
  inputs,
  outputs: [],
  run: (given, deps) => run(given, deps),
  report,
});
