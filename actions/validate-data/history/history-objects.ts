/** Profiles of earlier runs in S3, laid out there as in a folder. */
import type { AwsOptions } from '../../../shared/aws/client-settings.ts';
import { type ObjectStore, openObjectStore } from '../../../shared/aws/object-store.ts';
import { parseS3Uri } from '../../../shared/aws/s3-uri.ts';
import { inParallel } from '../../../shared/concurrency/parallel.ts';
import { globPattern, isGlob, literalBeginning } from '../../../shared/data/remote/glob-pattern.ts';
import { UserError } from '../../../shared/errors.ts';
import type { AnyRecord } from '../../../shared/records/kinds.ts';
import { parseRecordText } from '../../../shared/records/text.ts';
import type { FoundRun } from './found-run.ts';
import { isProfileName, validationBeside } from './history-names.ts';

/** Each is a request or two: years of daily runs, and no data lake by mistake. */
const MOST_PROFILES = 10_000;
const AT_ONCE = 16;

/**
 * The profiles below a prefix, of a glob, or of one key, each with the verdict of the DataValidation beside it.
 * Nothing below the prefix is the history of the first run.
 * @param given `s3://bucket/prefix`, `s3://bucket/prefix/*.json` or the key of one record.
 * @throws UserError when AWS refuses, a record is damaged, or a key is there and is no profile.
 */
export async function readHistoryObjects(given: string, options: AwsOptions): Promise<FoundRun[]> {
  const [, address = '', path = ''] = /^(s3:\/\/[^/]*)\/?(.*)$/is.exec(given) ?? [];
  const { bucket } = parseS3Uri(address.replace(/^s3:/i, 's3:'), 'inputs.history');
  const store = await openObjectStore({ bucket, prefix: '' }, options);
  const names = await profileKeys(store, path);
  if (names.length > MOST_PROFILES) {
    throw new UserError(`There are ${names.length} profiles in ${given}, and ${MOST_PROFILES} is the most.`, {
      where: { key: 'inputs.history' },
      fix: 'Name a folder or a glob with fewer, such as those of one year.',
    });
  }
  const runs: FoundRun[] = [];
  await inParallel(
    names,
    async (key) => {
      const profile = await readRecord(store, key);
      if (profile?.kind === 'DataProfile') {
        const { digest } = profile.subject;
        const validation = await readRecord(store, validationBeside(key, digest));
        const isOfIt = validation?.kind === 'DataValidation' && validation.subject.digest === digest;
        runs.push({ profile, verdict: isOfIt ? validation.verdict : undefined });
      } else if (key === path) {
        throw new UserError(`${given} is no DataProfile.`, {
          where: { file: given, key: 'inputs.history' },
          fix: 'Give the folder in which the profiles of earlier runs lie, or their keys.',
        });
      }
    },
    AT_ONCE,
  );
  return runs;
}

async function profileKeys(store: ObjectStore, path: string): Promise<string[]> {
  if (isGlob(path)) {
    const pattern = globPattern(path);
    const all = await store.list(literalBeginning(path));
    return all.map(({ key }) => key).filter((key) => key.endsWith('.json') && pattern.test(key));
  }
  if (path.endsWith('.json')) return [path];
  const folder = path === '' || path.endsWith('/') ? path : `${path}/`;
  return (await store.list(folder)).map(({ key }) => key).filter(isProfileName);
}

async function readRecord(store: ObjectStore, key: string): Promise<AnyRecord | undefined> {
  const found = await store.read(key);
  return found && parseRecordText(new TextDecoder().decode(found.bytes), store.uriOf(key));
}
