/** Finds what is compared: rows of files and databases, or profiles that stand for rows; and labels that came later. */
import {
  accessOf,
  type DataFiles,
  parseDialect,
  publicNames,
  resolveData,
} from '../../shared/data/source.ts';
import { UserError } from '../../shared/errors.ts';
import type { Deps } from '../../shared/runtime/definition.ts';
import type { Source } from './compare-sides.ts';
import type { DriftInputs } from './inputs.ts';
import { profileOfFiles, registeredProfile } from './profile-source.ts';

/**
 * Opens the inputs that name data.
 * @throws UserError for what is not there, and for a query or a dialect that none of them can have.
 */
export async function openSides(
  inputs: DriftInputs,
  deps: Deps,
): Promise<{ sources: { reference: Source; data: Source }; labels?: DataFiles }> {
  const dialect = inputs.dialect === undefined ? undefined : await parseDialect(inputs.dialect);
  const read = (given: readonly string[], query: string | undefined, input: string) =>
    namingInput(input, () =>
      resolveData([...given], accessOf(deps, { query, ...(dialect && { dialect, dialectIsShared: true }) })),
    );
  const open = async (
    given: readonly string[],
    query: string | undefined,
    input: string,
  ): Promise<Source> => {
    const { env, signal, log } = deps;
    const { githubToken } = inputs;
    const registered = await registeredProfile(given, { env, githubToken, signal, progress: log.progress });
    if (registered && query !== undefined) throw noQuery(input);
    if (registered) return { profile: registered };
    const files = await read(given, query, input);
    const record = await profileOfFiles(files);
    return record ? { profile: { record, name: publicNames(given) } } : { files };
  };
  const reference = await open(inputs.reference, inputs.referenceQuery, 'reference-query');
  const data = await open(inputs.data, inputs.query, 'query');
  if (inputs.labelsQuery !== undefined && !inputs.labels) throw noQuery('labels-query');
  const labels = inputs.labels && (await read(inputs.labels, inputs.labelsQuery, 'labels-query'));
  const isCsv = [reference, data].some((side) => 'files' in side && side.files.format === 'csv');
  if (dialect && !isCsv && labels?.format !== 'csv') {
    throw new UserError('The input dialect is about CSV, and none of the data is.', {
      where: { key: 'inputs.dialect' },
      fix: 'Leave dialect out.',
    });
  }
  return { sources: { reference, data }, labels };
}

function noQuery(input: string): UserError {
  return new UserError(`The input ${input} is about a database, and there is none.`, {
    where: { key: `inputs.${input}` },
    fix: 'Leave it out, or give an address that begins with postgresql:// or sqlite:.',
  });
}

/** Errors about a query say which of the three it is. */
async function namingInput<Result>(input: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UserError) || error.where?.key !== 'inputs.query') throw error;
    const where = { ...error.where, key: `inputs.${input}` };
    throw new UserError(error.message, { where, fix: error.fix, cause: error });
  }
}
