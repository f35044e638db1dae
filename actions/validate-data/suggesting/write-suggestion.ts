import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { columnKind } from '../../../shared/data/columns.ts';
import type { Engine } from '../../../shared/data/engine.ts';
import { profileTable, type TableProfile } from '../../../shared/data/profile.ts';
import { type FoundData, type LoadedTable, loadTable } from '../../../shared/data/source.ts';
import { UserError } from '../../../shared/errors.ts';
import { personalColumns } from '../masking.ts';
import { findFormats } from './find-formats.ts';
import { suggestContract } from './suggest-contract.ts';

/** What is needed beside the data. */
export interface SuggestionRun {
  engine: Engine;
  data: FoundData;
  /** What the table of the data is called; it stays. */
  table: string;
  temporaryFolder: string;
  progress: (message: string) => void;
}

/** What was made: how many rules the contract has, and the data as they were read for it. */
export interface Suggested {
  file: string;
  rules: number;
  loaded: LoadedTable;
  profile: TableProfile;
}

/**
 * Makes a contract of the data and writes it, unless there is a file already.
 * @param file where. @param name the id of the contract and of its object.
 * @throws UserError when no file is named, or there is one.
 */
export async function writeSuggestion(
  file: string | undefined,
  name: string,
  { engine, data, table, temporaryFolder, progress }: SuggestionRun,
): Promise<Suggested> {
  if (file === undefined) {
    throw new UserError('It is open where the suggested contract goes.', {
      where: { key: 'contract' },
      fix: 'Set contract to the path of a file that is not there yet, such as contract.yaml.',
    });
  }
  const loaded = await loadTable(engine, data, table, { temporaryFolder });
  const profile = await profileTable(engine, table, loaded.columns, { progress });
  const { format } = data;
  const sketches = new Map(profile.columns.map((column) => [column.name, column]));
  const facts = {
    table,
    format,
    rowCount: loaded.rowCount,
    columns: loaded.columns,
    sketches,
    others: new Map(),
  };
  const personal = await personalColumns(engine, facts);
  const kinds = loaded.columns.map(({ name, type }) => ({
    name,
    kind: columnKind(type),
    count: sketches.get(name)?.count ?? 0,
  }));
  const { text, rules } = await suggestContract(profile, {
    id: name,
    object: name,
    sensitive: new Set(personal.map(({ column }) => column)),
    formats: await findFormats(engine, table, kinds),
  });
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text, { flag: 'wx' }).catch((cause: NodeJS.ErrnoException) => {
    throw new UserError(
      cause.code === 'EEXIST'
        ? `There is a file ${file} already, and it stays as it is.`
        : `${file} cannot be written: ${cause.message}`,
      { where: { file, key: 'contract' }, fix: 'Name a file that is not there yet.', cause },
    );
  });
  return { file, rules, loaded, profile };
}
