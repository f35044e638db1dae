import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../shared/errors.ts';
import { checkSignature } from '../../shared/provenance/check-signature.ts';
import { readAttachedRecord } from '../../shared/registries/packaged-model.ts';
import type { Registry } from '../../shared/registries/registry.ts';
import type { ActionResult, Deps } from '../../shared/runtime/definition.ts';
import { followUpRecord } from './follow-up-record.ts';
import type { Given } from './inputs.ts';
import { openVersion } from './open-model.ts';
import { requiredInput } from './required-input.ts';

/** Checks that a version is signed by a key, that its provenance is, and that its bytes are those it was made of. */
export async function verify(given: Given, deps: Deps): Promise<ActionResult> {
  const key = requiredInput(given, 'verificationKey', 'cosign.pub');
  const { registry, registryText, version } = await openVersion(given, deps);
  const { digest } = version;
  const earlier = await readAttachedRecord(registry, digest, 'ModelVersion');
  const evaluation = await readAttachedRecord(registry, digest, 'Evaluation');
  const { provenance, problem } = await checkSignature(registry, digest, key, {
    env: deps.env,
    mask: deps.log.mask,
  });
  const damage = await findDamage(registry, digest, deps);
  const problems = [problem, damage].filter(Boolean).join(' ');
  const record = followUpRecord(
    given,
    deps,
    { registryText, version, earlier, evaluation, standing: await registry.standing(digest) },
    {
      provenance,
      reason: problems || 'Signature, provenance and bytes are those of this version.',
    },
  );
  return {
    record: { ...record, verdict: problems ? 'fail' : 'pass' },
    outputs: { uri: version.uri, version: version.version, digest },
  };
}

/** What is wrong with the stored bytes: every one of the model and of what is attached is read and held to its digest. */
async function findDamage(registry: Registry, digest: string, deps: Deps): Promise<string> {
  const folder = await mkdtemp(join(deps.temporaryFolder, 'verify-'));
  try {
    await registry.pullModel(digest, join(folder, 'model'));
    const attached = (await registry.allAttachments(digest)).flatMap(({ files }) => files);
    for (const [index, file] of attached.entries()) {
      deps.signal.throwIfAborted();
      const path = join(folder, String(index));
      await file.save(path);
      await rm(path);
    }
    return '';
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
