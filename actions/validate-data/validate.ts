/**
 * The run of validate-data: resolves and loads the data, compiles the contract into rules, runs them on the engine, and
 * returns a DataProfile and a DataValidation.
 */
import { columnKind } from '../../shared/data/columns.ts';
import { type Engine, openEngine, quoteIdentifier } from '../../shared/data/engine.ts';
import { memoryPlan } from '../../shared/data/memory-plan.ts';
import { profileTable } from '../../shared/data/profile.ts';
import {
  accessOf,
  type FoundData,
  findData,
  loadingNotes,
  parseDialect,
  whileReading,
} from '../../shared/data/source.ts';
import type { DataProfile } from '../../shared/records/data-profile.ts';
import type { DataCheck, DataValidation } from '../../shared/records/data-validation.ts';
import type { RecordInput } from '../../shared/records/envelope.ts';
import type { ActionResult } from '../../shared/runtime/definition.ts';
import { annotations } from './annotations.ts';
import { chunkRule } from './chunk-rule.ts';
import { columnName, compileContract, textColumns } from './compile-contract.ts';
import { exampleSource, maskKey } from './examples.ts';
import { exportsOf, writeExports } from './exporting/write-exports.ts';
import { duplicateHeaderRules } from './header-rules.ts';
import { asksForHistory } from './history/history.ts';
import type { Given } from './inputs.ts';
import { loadAndHash, loadCompared, type RunDeps, TABLE, type Work } from './load-data.ts';
import { makeRecords } from './make-records.ts';
import { classifiedColumns, personalColumns } from './masking.ts';
import { type FoundContract, leftOverRule, readContract } from './read-contract.ts';
import { type Reference, referenceRules } from './reference.ts';
import type { Rule, RuleRun } from './rule.ts';
import { historyOfRows } from './rules/history.ts';
import type { DataFacts } from './rules/rule-context.ts';
import { runRules } from './run-rules.ts';
import { askAhead } from './shared-pass.ts';
import { withSince } from './since.ts';

/** Judges the data. @throws UserError for inputs, files and contracts that cannot be used. */
export async function run(given: Given, deps: RunDeps): Promise<ActionResult> {
  const exports = exportsOf(given.export ?? {});
  const isSuggestion = given.operation === 'suggest-contract';
  const known = isSuggestion || given.contract === undefined ? undefined : await readContract(given.contract);
  if (given.examplesKey !== undefined) deps.log.mask(given.examplesKey);
  const dialect = given.dialect === undefined ? undefined : await parseDialect(given.dialect);
  const access = accessOf(deps, { query: given.query, ...(dialect && { dialect }) });
  const found = await findData(given.data, access);
  const engine = await openEngine({ ...deps, progress: deps.log.progress, memory: memoryPlan(found) });
  try {
    const result = await whileReading(found, async () => {
      const contract = isSuggestion ? await suggested(given, deps, engine, found) : { contract: known };
      return judge({ given, deps, access, engine, found, ...contract });
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
  data: FoundData,
): Promise<Pick<Work, 'contract' | 'read'>> {
  const { writeSuggestion } = await import('./suggesting/write-suggestion.ts');
  const run = { engine, data, table: TABLE, temporaryFolder, progress: log.progress };
  const { file, rules, ...read } = await writeSuggestion(contract, name, run);
  log.info(`Suggested a contract of ${rules} rules: ${file}`);
  return { contract: { ...(await readContract(file)), suggestedRules: rules }, read };
}

async function judge(work: Work): Promise<{ record: DataValidation; profile: DataProfile }> {
  const { given, deps, engine, contract, read } = work;
  const object = contract?.document.value.schema[contract.objectIndex];
  const options = { temporaryFolder: deps.temporaryFolder, textColumns: textColumns(object) };
  const { reference, others } = await loadCompared(work, options);
  // A suggested contract has the types that were read, so that the table would be the same again.
  const { loaded, data } = await loadAndHash(work, options);
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
  const rulesOf = (known: DataFacts): Rule[] =>
    contract ? compileContract(contract.document, contract.objectIndex, known) : [];
  const unprofiledRules = rulesOf(unprofiled);
  // While this process sorts the numbers of a profile, the engine has time for what needs no profile.
  const [profiled, searched, asked] = await Promise.allSettled([
    read && !reference && !chunk
      ? read.profile
      : profileTable(engine, TABLE, loaded.columns, { edges, chunk, progress: deps.log.progress }),
    engine.savesMemory ? undefined : personalColumns(engine, unprofiled),
    engine.savesMemory ? undefined : askAhead(unprofiledRules, { engine, table: TABLE }),
  ]);
  if (profiled.status === 'rejected') throw profiled.reason;
  if (searched.status === 'rejected') throw searched.reason;
  if (asked.status === 'rejected') throw asked.reason;
  const profile = profiled.value;
  const personal = searched.value ?? (await personalColumns(engine, unprofiled));
  const sketches = new Map(profile.columns.map((column) => [column.name, column]));
  const facts: DataFacts = { ...unprofiled, sketches };
  const masked = classifiedColumns(object);
  const rules = [
    ...duplicateHeaderRules(loaded.duplicateColumns, loaded.columns, object),
    ...rulesOf(facts),
    ...(contract?.left ?? []).map(leftOverRule),
    ...(reference ? rulesOfReference(reference, facts) : []),
    ...(facts.history && !asksForHistory(object) ? [historyOfRows(facts)] : []),
  ];
  const readable = [...loaded.readsFrom, ...others.readsFrom];
  const checks = await check(work, rules, facts, {
    masked,
    readable,
    key: maskKey(given, data.digest),
    answered: asked.value,
  });
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

function rulesOfReference(reference: Reference, facts: DataFacts): Rule[] {
  const columns = facts.columns.map(({ name, type }) => {
    return { name, kind: columnKind(type), count: facts.sketches.get(name)?.count ?? 0 };
  });
  return referenceRules(reference, columns, facts.rowCount);
}

async function check(
  { given, engine, contract, deps }: Work,
  rules: readonly Rule[],
  facts: DataFacts,
  more: {
    masked: ReadonlySet<string>;
    readable: readonly string[];
    key: string;
    answered: RuleRun['answered'];
  },
): Promise<DataCheck[]> {
  const object = contract?.document.value.schema[contract.objectIndex];
  const columns = facts.columns.map((column) => column.name);
  const present = new Set(columns);
  for (const name of [object?.name, object?.physicalName]) {
    // Queries of a contract may name the object as the contract does.
    if (name && name.toLowerCase() !== TABLE)
      await engine.run(`CREATE OR REPLACE VIEW ${quoteIdentifier(name)} AS FROM ${TABLE}`);
  }
  await engine.lock(more.readable);
  const keys =
    object?.properties.filter((property) => property.primaryKey || property.unique).map(columnName) ?? [];
  const shown = { columns, keys: keys.filter((name) => present.has(name)).slice(0, 2), masked: more.masked };
  return runRules(rules, {
    engine,
    table: TABLE,
    rowCount: facts.rowCount,
    now: deps.now(),
    ...(more.answered && { answered: more.answered }),
    distinct: new Map(
      [...facts.sketches.values()].flatMap(({ name, distinct, count }) =>
        distinct === null ? [] : [[name, { distinct, count }]],
      ),
    ),
    examples: exampleSource(shown, given.examples ?? 'masked', more.key),
    missingColumns: new Set(object?.properties.map(columnName).filter((name) => !present.has(name))),
    locate: (path) => contract!.document.locate(path),
    progress: deps.log.progress,
  });
}
