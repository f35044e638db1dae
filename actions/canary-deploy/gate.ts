import type { RecordFolder } from '../../shared/records/folder.ts';
import { decideByEvaluation } from '../../shared/records/model-version.ts';
import { readAttachedRecord } from '../../shared/registries/packaged-model.ts';
import type { Registry } from '../../shared/registries/registry.ts';
import type { Deps } from '../../shared/runtime/definition.ts';

/**
 * Whether a version may be deployed: its newest Evaluation, kept with it in the registry or in the records folder,
 * must pass and nobody may have rejected it, unless a person gives a reason. With a public key the version must also
 * be signed by it, and no reason stands in for that.
 */
export async function checkGate(
  evidence: { registry: Registry; records: RecordFolder; digest: string },
  given: { overrideReason?: string; verificationKey?: string },
  deps: Pick<Deps, 'env' | 'log'>,
): Promise<{ allowed: boolean; overridden: boolean; reason: string; unsafe: boolean }> {
  const { registry, records, digest } = evidence;
  if (given.verificationKey) {
    const problem = await findSignatureProblem(registry, digest, given.verificationKey, deps);
    if (problem)
      return { allowed: false, overridden: false, reason: problem.replace(/\.$/, ''), unsafe: true };
  }
  const stored = await readAttachedRecord(registry, digest, 'Evaluation');
  const local = await records.find('Evaluation', digest);
  // The newest counts, as when the version is promoted.
  const evaluation = local && (!stored || local.createdAt >= stored.createdAt) ? local : stored;
  const standing = await registry.standing(digest);
  const { gate, reason } = decideByEvaluation({
    digest,
    evaluation,
    overrideReason: given.overrideReason,
    standing,
  });
  return { allowed: gate !== 'refused', overridden: gate === 'overridden', reason, unsafe: false };
}

/** @returns what is wrong with the signature of a version, in sentences; undefined when it is of this key. */
export async function findSignatureProblem(
  registry: Registry,
  digest: string,
  key: string,
  { env, log }: Pick<Deps, 'env' | 'log'>,
): Promise<string | undefined> {
  const { checkSignature } = await import('../../shared/provenance/check-signature.ts');
  const { problem } = await checkSignature(registry, digest, key, { env, mask: log.mask });
  return problem || undefined;
}
