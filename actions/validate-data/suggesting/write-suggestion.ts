import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { columnKind } from '../../../shared/data/columns.ts';
import type { Engine } from '../../../shared/data/engine.ts';
import { profileTable } from '../../../shared/data/profile.ts';
import { type DataFiles, loadTable } from '../../../shared/data/source.ts';
import { UserError } from '../../../shared/errors.ts';
import { personalColumns } from '../masking.ts';
import { findFormats } from './find-formats.ts';
import { suggestContract } from './suggest-contract.ts';

/** What is needed beside the data. */
export interface SuggestionRun {
  engine: Engine;
  data: DataFiles;
  temporaryFolder: string;
  progress: (message: string) => void;
}

const TABLE = 'suggested from';

/**
 * Makes a contract of the data and writes it, unless there is a file already.
 * @param file where. @param name the id of the contract and of its object.
 * @returns how many rules it has.
 * @throws UserError when no file is named, or there is one.
 */
export async function writeSuggestion(
  file: string | undefined,
  name: string,
  { engine, data, temporaryFolder, progress }: SuggestionRun,
): Promise<{ file: string; rules: number }> {
  if (file === undefined) {
    throw new UserError('It is open where the suggested contract goes.', {
      where: { key: 'contract' },
      fix: 'Set contract to the path of a file that is not there yet, such as contract.yaml.',
    });
  }
  const loaded = await loadTable(engine, data, TABLE, { temporaryFolder });
  const profile = await profileTable(engine, TABLE, loaded.columns, { progress });
  const { format } = data;
  const sketches = new Map(profile.columns.map((column) => [column.name, column]));
  const facts = {
    table: TABLE,
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
    formats: await findFormats(engine, TABLE, kinds),
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
  return { file, rules };
}
