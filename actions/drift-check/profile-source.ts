/** Finds the DataProfile that an input stands for: records in place of rows, or the URI of a registered model. */
import { mergeProfiles, type TableSketch } from '../../shared/data/merge-profiles.ts';
import { type DataFiles, isRecordText, objectTexts } from '../../shared/data/source.ts';
import { UserError } from '../../shared/errors.ts';
import { sha256 } from '../../shared/records/canonical-json.ts';
import type { DataProfile } from '../../shared/records/data-profile.ts';
import { parseRecordText } from '../../shared/records/text.ts';
import { readAttachedRecord } from '../../shared/registries/packaged-model.ts';
import { openRegistry, parseModelUri, type RegistryOptions } from '../../shared/registries/registry.ts';

export interface FoundProfile {
  record: DataProfile;
  /** As given. */
  name: string;
}

/**
 * The training profile that was stored with a registered model; undefined where `given` is no model's URI.
 * @throws UserError when there is no such model, or it has no DataProfile.
 */
export async function registeredProfile(
  given: readonly string[],
  options: RegistryOptions,
): Promise<FoundProfile | undefined> {
  const [first] = given;
  const uri = first !== undefined && given.length === 1 ? parseModelUri(first) : undefined;
  if (!uri) return undefined;
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
  return { record, name: first! };
}

/**
 * The profile that files hold by their content; undefined where they hold rows. Several records are merged into one:
 * the days of a week are the week.
 * @throws UserError for records of another kind, and profiles that do not merge.
 */
export async function profileOfFiles(data: DataFiles): Promise<DataProfile | undefined> {
  const texts = await objectTexts(data);
  if (!texts?.some(isRecordText)) return undefined;
  const paths = data.files.map((file) => file.path);
  return mergeRecords(
    texts.map((text, at) => parseProfile(text, paths[at]!)),
    paths,
  );
}

/** Of several profiles one that stands for all their rows; its subject is that of all their subjects, sorted. */
function mergeRecords(records: readonly DataProfile[], paths: readonly string[]): DataProfile {
  const [first, ...others] = records;
  if (others.length === 0) return first!;
  const subjects = records.map((record) => record.subject.digest);
  const repeated = subjects.findIndex((digest, at) => subjects.indexOf(digest) !== at);
  if (repeated >= 0) {
    throw new UserError(`${paths[repeated]} speaks of the same rows as another one of the profiles.`, {
      where: { file: paths[repeated]! },
      fix: 'Give each profile once.',
    });
  }
  let sketch: TableSketch = first!;
  for (const [at, record] of others.entries()) {
    try {
      sketch = mergeProfiles(sketch, record);
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      throw new UserError(`The profiles do not merge: ${cause.message}.`, {
        where: { file: paths[at + 1]! },
        fix: 'Make each profile with the first one as reference, so that all have its columns and edges.',
      });
    }
  }
  return {
    ...first!,
    subject: { digest: sha256(subjects.sort().join('\n')) },
    rowCount: sketch.rowCount,
    columns: sketch.columns,
    chunks: records.flatMap((record) => record.chunks),
    files: records.flatMap((record) => record.files),
    rejectedLines: records.reduce((sum, record) => sum + record.rejectedLines, 0),
    approximate: [...new Set(records.flatMap((record) => record.approximate))],
  };
}

function parseProfile(text: string, path: string): DataProfile {
  const record = parseRecordText(text, path);
  if (record.kind !== 'DataProfile') {
    throw new UserError(`${path} is a ${record.kind}, and a DataProfile is needed here.`, {
      where: { file: path },
      fix: 'Give the DataProfile that validate-data wrote, or data files.',
    });
  }
  return record;
}
