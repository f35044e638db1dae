import { mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type AskedScan, scanAsAsked } from '../../shared/models/scan/scan-as-asked.ts';
import { type AppliedScan, describeScan } from '../../shared/records/model-scan.ts';
import { bringModel, readAttachedRecord } from '../../shared/registries/packaged-model.ts';
import type { Registry } from '../../shared/registries/registry.ts';
import type { Deps } from '../../shared/runtime/definition.ts';
import type { Given } from './inputs.ts';
import { packagedFolder } from './targets/local/launch-packaged-model.ts';
import type { DeployedModel, Target } from './targets/target.ts';

/**
 * What the challenger's files may do when they are loaded, before anything loads them. Where models are served on this
 * machine the files themselves are scanned, whatever a record says of them; elsewhere they do not come here, and the
 * record that register-model keeps with the version is asked.
 * @returns undefined where nothing is known, which the log says, and where the model serves already.
 */
export async function scanChallenger(
  model: DeployedModel,
  asked: AskedScan,
  around: { given: Given; deps: Deps; registry: Registry; target: Target },
): Promise<AppliedScan | undefined> {
  const { given, deps, registry, target } = around;
  const { champion, challenger } = target.served();
  if (champion?.digest === model.digest) return undefined;
  if (asked.mode === 'off') return scanAsAsked('', asked, deps);
  if (given.target === 'sagemaker' || given.target === 'kubernetes') {
    return asRecorded(model, asked, around);
  }
  // The files that a server works with already stay as they are.
  const isRunning = challenger?.digest === model.digest;
  const temporary = isRunning ? await mkdtemp(join(deps.temporaryFolder, 'scan-')) : undefined;
  try {
    const folder = temporary ?? packagedFolder(resolve(given.servingDir), model.digest);
    return await scanAsAsked(await bringModel(registry, model, folder), asked, deps);
  } finally {
    if (temporary) await rm(temporary, { recursive: true, force: true });
  }
}

async function asRecorded(
  { digest, uri }: DeployedModel,
  { mode }: AskedScan,
  { given, deps, registry }: { given: Given; deps: Deps; registry: Registry },
): Promise<AppliedScan | undefined> {
  const record = await readAttachedRecord(registry, digest, 'ModelVersion');
  if (!record?.scan?.result) {
    deps.log.warning(
      `With target: ${given.target} the files of the model do not come to this machine, and its record does not say that they were scanned. register-model with operation: scan and model: ${uri} looks into them.`,
    );
    return undefined;
  }
  const scan = { mode, result: record.scan.result };
  deps.log.info(`As its record of ${record.createdAt} says, ${describeScan(scan)}.`);
  return scan;
}
