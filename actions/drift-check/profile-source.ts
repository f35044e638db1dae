/** Finds the DataProfile that an input stands for: a record's path, or the URI of a registered model. */
import { UserError } from '../../shared/errors.ts';
import type { DataProfile } from '../../shared/records/data-profile.ts';
import { readRecordFile } from '../../shared/records/folder.ts';
import { readAttachedRecord } from '../../shared/registries/packaged-model.ts';
import { openRegistry, parseModelUri, type RegistryOptions } from '../../shared/registries/registry.ts';

export interface FoundProfile {
  record: DataProfile;
  /** As given. */
  name: string;
}

/**
 * The profile that `given` names, or undefined where it names data files.
 * @throws UserError when the record or the registered model has no DataProfile.
 */
export async function findProfile(
  given: readonly string[],
  options: RegistryOptions,
): Promise<FoundProfile | undefined> {
  const [first] = given;
  if (first === undefined || given.length !== 1) return undefined;
  const uri = parseModelUri(first);
  if (!uri) return first.endsWith('.json') ? { record: await readProfile(first), name: first } : undefined;
  const registry = await openRegistry(uri, options);
  const version = await registry.resolve(uri.reference);
  if (!version) {
    throw new UserError(`There is no version ${uri.reference} of ${uri.name} in its registry.`, {
      where: { key: 'inputs.reference' },
      fix: 'Check the alias, or register the model first.',
    });
  }
  const record = await readAttachedRecord(registry, version.digest, 'DataProfile');
  if (!record) {
    throw new UserError(`No DataProfile was stored with ${first}.`, {
      where: { key: 'inputs.reference' },
      fix: 'Run validate-data before register-model so that the training profile is stored, or give data files.',
    });
  }
  return { record, name: first };
}

async function readProfile(path: string): Promise<DataProfile> {
  const record = await readRecordFile(path);
  if (record.kind !== 'DataProfile') {
    throw new UserError(`${path} is a ${record.kind}, and a DataProfile is needed here.`, {
      where: { file: path },
      fix: 'Give the DataProfile that validate-data wrote, or data files (JSON Lines end in .jsonl).',
    });
  }
  return record;
}
