/** Loads what is judged, and what it is compared with. */
import type { Engine } from '../../shared/data/engine.ts';
import type { TableProfile } from '../../shared/data/profile.ts';
import {
  type DataAccess,
  type DataFiles,
  type LoadedTable,
  loadTable,
  type UnhashedData,
} from '../../shared/data/source.ts';
import type { Deps } from '../../shared/runtime/definition.ts';
import type { Given } from './inputs.ts';
import { type LoadedOthers, loadOtherData, needsReference } from './other-data.ts';
import type { FoundContract } from './read-contract.ts';
import { type Reference, readReference } from './reference.ts';

export type RunDeps = Pick<
  Deps,
  'log' | 'signal' | 'env' | 'now' | 'source' | 'records' | 'temporaryFolder' | 'cacheFolder'
>;

/** What the table of the data is called. */
export const TABLE = 'data';

/** What is judged, and by what. */
export interface Work {
  given: Given;
  deps: RunDeps;
  access: DataAccess;
  engine: Engine;
  found: UnhashedData;
  contract: FoundContract | undefined;
  /** The data as they were read to suggest the contract. */
  read?: { loaded: LoadedTable; profile: TableProfile };
}

/** The engine reads with its threads while this one hashes. What is wrong with a file as a whole explains the rest. */
export async function loadAndHash(
  { engine, found, read }: Pick<Work, 'engine' | 'found' | 'read'>,
  options: { temporaryFolder: string; textColumns: string[] },
): Promise<{ loaded: LoadedTable; data: DataFiles }> {
  const [loaded, data] = await Promise.allSettled([
    read?.loaded ?? loadTable(engine, found, TABLE, options),
    found.hash(),
  ]);
  if (data.status === 'rejected') throw data.reason;
  if (loaded.status === 'rejected') throw loaded.reason;
  return { loaded: loaded.value, data: data.value };
}

/** What the data are compared with: the reference, and what rules of the contract name. */
export async function loadCompared(
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
