/**
 * The run of validate-data: resolves and loads the data, compiles the contract into rules, runs them on the engine, and
 * returns a DataProfile and a DataValidation.
 */
import { columnKind } from '../../shared/data/columns.ts';
import { type Engine, openEngine, quoteIdentifier } from '../../shared/data/engine.ts';
import { memoryPlan } from '../../shared/data/memory-plan.ts';
import { profileTable, type TableProfile } from '../../shared/data/profile.ts';
import {
  accessOf,
  type DataAccess,
  type DataFiles,
  type LoadedTable,
  loadingNotes,
  loadTable,
  parseDialect,
  resolveData,
  whileReading,
} from '../../shared/data/source.ts';
import type { DataProfile } from '../../shared/records/data-profile.ts';
import type { DataCheck, DataValidation } from '../../shared/records/data-validation.ts';
import type { RecordInput } from '../../shared/records/envelope.ts';
import type { ActionResult, Deps } from '../../shared/runtime/definition.ts';
import { annotations } from './annotations.ts';
import { chunkRule } from './chunk-rule.ts';
import { columnName, compileContract, textColumns } from './compile-contract.ts';
import { exampleSource, maskKey } from './examples.ts';
import { exportsOf, writeExports } from './exporting/write-exports.ts';
import { duplicateHeaderRules } from './header-rules.ts';
import { asksForHistory } from './history/history.ts';
import type { Given } from './inputs.ts';
import { makeRecords } from './make-records.ts';
import { classifiedColumns, personalColumns } from './masking.ts';
import { type LoadedOthers, loadOtherData, needsReference } from './other-data.ts';
import { type FoundContract, leftOverRule, readContract } from './read-contract.ts';
import { type Reference, readReference, referenceRules } from './reference.ts';
import type { Rule } from './rule.ts';
import { historyOfRows } from './rules/history.ts';
import type { DataFacts } from './rules/rule-context.ts';
import { runRules } from './run-rules.ts';
import { withSince } from './since.ts';

type RunDeps = Pick<
  Deps,
  'log' | 'signal' | 'env' | 'now' | 'source' | 'records' | 'temporaryFolder' | 'cacheFolder'
>;

const TABLE = 'data';

/** Judges the data. @throws UserError for inputs, files and contracts that cannot be used. */
export async function run(given: Given, deps: RunDeps): Promise<ActionResult> {
  const exports = exportsOf(given.export ?? {});
  const isSuggestion = given.operation === 'suggest-contract';
  const known = isSuggestion || given.contract === undefined ? undefined : await readContract(given.contract);
  if (given.examplesKey !== undefined) deps.log.mask(given.examplesKey);
  const dialect = given.dialect === undefined ? undefined : await parseDialect(given.dialect);
  const access = accessOf(deps, { query: given.query, ...(dialect && { dialect }) });
  const data = await resolveData(given.data, access);
  const engine = await openEngine({ ...deps, progress: deps.log.progress, memory: memoryPlan(data) });
  try {
    const result = await whileReading(data, async () => {
      const found = isSuggestion ? await suggested(given, deps, engine, data) : { contract: known };
      return judge({ given, deps, access, engine, data, ...found });
    });
    await writeExports(exports, result.record, result.profile);
    return { record: result.record, alsoRecords: [result.profile], annotations: annotations(result.record) };
  } finally {
    engine.close();
  }
}

/** Writes a contract that the data keep, so that they are judged by it as by any other. */
async function suggested(
  { contract, name }: Given,
  { temporaryFolder, log }: RunDeps,
  engine: Engine,
  data: DataFiles,
): Promise<Pick<Work, 'contract' | 'read'>> {
  const { writeSuggestion } = await import('./suggesting/write-suggestion.ts');
  const run = { engine, data, table: TABLE, temporaryFolder, progress: log.progress };
  const { file, rules, ...read } = await writeSuggestion(contract, name, run);
  log.info(`Suggested a contract of ${rules} rules: ${file}`);
  return { contract: { ...(await readContract(file)), suggestedRules: rules }, read };
}

interface Work {
  given: Given;
  deps: RunDeps;
  access: DataAccess;
  engine: Engine;
  data: DataFiles;
  contract: FoundContract | undefined;
  /** The data as they were read to suggest the contract. */
  read?: { loaded: LoadedTable; profile: TableProfile };
}

async function judge(work: Work): Promise<{ record: DataValidation; profile: DataProfile }> {
  const { given, deps, engine, data, contract, read } = work;
  const object = contract?.document.value.schema[contract.objectIndex];
  const options = { temporaryFolder: deps.temporaryFolder, textColumns: textColumns(object) };
  const { reference, others } = await loadCompared(work, options);
  // A suggested contract has the types that were read, so that the table would be the same again.
  const loaded = read?.loaded ?? (await loadTable(engine, data, TABLE, options));
  deps.log.info(
    `Read ${loaded.rowCount} rows of ${loaded.columns.length} columns from ${data.files.length} file(s)`,
  );
  for (const note of loaded.notes) deps.log.info(note);
  const chunk = chunkRule(given, loaded, contract?.document.value);
  const edges = new Map(reference?.columns.map((column) => [column.name, column.histogram?.edges ?? []]));
  const { history } = given;
  const { digest } = data;
  const earlier =
    history &&
    (await (
      await import('./history/earlier-runs.ts')
    ).earlierRuns({ ...given, history }, { digest, columns: loaded.columns }, deps));
  const unprofiled: DataFacts = {
    table: TABLE,
    format: data.format,
    rowCount: loaded.rowCount,
    columns: loaded.columns,
    sketches: new Map(),
    others: others.others,
    ...(earlier && { history: earlier }),
  };
  // While this process sorts the numbers of a profile, the engine can look for personal data.
  const [profiled, searched] = await Promise.allSettled([
    read && !reference && !chunk
      ? read.profile
      : profileTable(engine, TABLE, loaded.columns, { edges, chunk, progress: deps.log.progress }),
    engine.savesMemory ? undefined : personalColumns(engine, unprofiled),
  ]);
  if (profiled.status === 'rejected') throw profiled.reason;
  if (searched.status === 'rejected') throw searched.reason;
  const profile = profiled.value;
  const personal = searched.value ?? (await personalColumns(engine, unprofiled));
  const sketches = new Map(profile.columns.map((column) => [column.name, column]));
  const facts: DataFacts = { ...unprofiled, sketches };
  const masked = classifiedColumns(object);
  const rules = [
    ...duplicateHeaderRules(loaded.duplicateColumns, loaded.columns, object),
    ...(contract ? compileContract(contract.document, contract.objectIndex, facts) : []),
    ...(contract?.left ?? []).map(leftOverRule),
    ...(reference ? rulesOfReference(reference, facts) : []),
    ...(facts.history && !asksForHistory(object) ? [historyOfRows(facts)] : []),
  ];
  const checks = await check(work, rules, facts, masked, [...loaded.readsFrom, ...others.readsFrom]);
  const { validation, profile: profileRecord } = makeRecords({
    given,
    source: deps.source,
    now: deps.now(),
    data,
    contract,
    loaded,
    profile,
    checks,
    personalColumns: personal,
    masked: new Set([...masked, ...personal.map(({ column }) => column)]),
    notes: [...loadingNotes(loaded.notes), ...(reference?.notes ?? []), ...others.notes],
    compared: [
      ...(reference ? [reference.input] : []),
      ...others.inputs,
      ...(facts.history ? [facts.history.input] : []),
    ] satisfies RecordInput[],
  });
  const record: DataValidation = {
    ...validation,
    checks: withSince(checks, validation.contract, await deps.records.all()),
    suggestedRules: contract?.suggestedRules,
    proposedEdit: contract && (await editFor(contract, validation, profileRecord)),
  };
  return { record, profile: profileRecord };
}

/** The edit of the contract that would let the data pass; of contracts of other tools there is none. */
async function editFor(
  { document, isImported }: FoundContract,
  { checks, rowCount }: DataValidation,
  { columns }: DataProfile,
): Promise<DataValidation['proposedEdit']> {
  const isBroken = checks.some(
    (check) => check.where && (check.verdict === 'fail' || check.verdict === 'warn'),
  );
  if (!isBroken || isImported) return undefined;
  const { proposeEdit } = await import('./suggesting/propose-edit.ts');
  return proposeEdit(document, checks, { rowCount, columns });
}

/** What the data are compared with: the reference, and what rules of the contract name. */
async function loadCompared(
  { given, deps, access, engine, contract }: Work,
  options: { temporaryFolder: string; textColumns: string[] },
): Promise<{ reference: Reference | undefined; others: LoadedOthers }> {
  const keepsRows = contract !== undefined && needsReference(contract.document.value, contract.objectIndex);
  const { progress } = deps.log;
  const toReference = { ...options, keepsRows, progress, access };
  const reference = given.reference && (await readReference(given.reference, engine, toReference));
  const others = contract
    ? await loadOtherData(engine, contract.document, contract.objectIndex, reference, { ...options, access })
    : { others: new Map(), inputs: [], readsFrom: [], notes: [] };
  return { reference, others };
}

function rulesOfReference(reference: Reference, facts: DataFacts): Rule[] {
  const columns = facts.columns.map(({ name, type }) => {
    return { name, kind: columnKind(type), count: facts.sketches.get(name)?.count ?? 0 };
  });
  return referenceRules(reference, columns, facts.rowCount);
}

async function check(
  { given, engine, contract, deps, data }: Work,
  rules: readonly Rule[],
  facts: DataFacts,
  masked: ReadonlySet<string>,
  readsFrom: readonly string[],
): Promise<DataCheck[]> {
  const object = contract?.document.value.schema[contract.objectIndex];
  const columns = facts.columns.map((column) => column.name);
  const present = new Set(columns);
  for (const name of [object?.name, object?.physicalName]) {
    // Queries of a contract may name the object as the contract does.
    if (name && name.toLowerCase() !== TABLE)
      await engine.run(`CREATE OR REPLACE VIEW ${quoteIdentifier(name)} AS FROM ${TABLE}`);
  }
  await engine.lock(readsFrom);
  const keys =
    object?.properties.filter((property) => property.primaryKey || property.unique).map(columnName) ?? [];
  const shown = { columns, keys: keys.filter((name) => present.has(name)).slice(0, 2), masked };
  return runRules(rules, {
    engine,
    table: TABLE,
    rowCount: facts.rowCount,
    now: deps.now(),
    distinct: new Map(
      [...facts.sketches.values()].flatMap(({ name, distinct, count }) =>
        distinct === null ? [] : [[name, { distinct, count }]],
      ),
    ),
    examples: exampleSource(shown, given.examples ?? 'masked', maskKey(given, data.digest)),
    missingColumns: new Set(object?.properties.map(columnName).filter((name) => !present.has(name))),
    locate: (path) => contract!.document.locate(path),
    progress: deps.log.progress,
  });
}
