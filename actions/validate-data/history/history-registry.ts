import { inParallel } from '../../../shared/concurrency/parallel.ts';
import { UserError } from '../../../shared/errors.ts';
import { parseModelUri } from '../../../shared/registries/model-uri.ts';
import { readAttachedRecord } from '../../../shared/registries/packaged-model.ts';
import { openRegistry, type RegistryOptions } from '../../../shared/registries/registry.ts';
import type { FoundRun } from './found-run.ts';

/** Each is a few requests; more versions than these say no more of what is usual. */
const MOST_VERSIONS = 200;

/**
 * The training profiles that were stored with the newest versions of a model, each with the verdict on its data where
 * that was stored too.
 * @param given a registry and a name without a version, `oci://host/namespace/name`.
 * @throws UserError where the address names a version, or the registry cannot be read.
 */
export async function readStoredProfiles(given: string, options: RegistryOptions): Promise<FoundRun[]> {
  const last = given.slice(given.lastIndexOf('/') + 1);
  if (last.includes('@'))
    throw new UserError(`The history ${JSON.stringify(given)} names one version, and one is no history.`, {
      where: { key: 'inputs.history' },
      fix: `Leave ${last.slice(last.lastIndexOf('@'))} out: all versions count.`,
    });
  const registry = await openRegistry(parseModelUri(`${given}@all`)!, options);
  const versions = (await registry.versions()).slice(-MOST_VERSIONS);
  const runs: FoundRun[] = [];
  await inParallel(versions, async ({ digest }) => {
    const profile = await readAttachedRecord(registry, digest, 'DataProfile');
    if (!profile) return;
    const validation = await readAttachedRecord(registry, digest, 'DataValidation');
    const isOfIt = validation?.subject.digest === profile.subject.digest;
    runs.push({ profile, verdict: isOfIt ? validation.verdict : undefined });
  });
  return runs;
}
