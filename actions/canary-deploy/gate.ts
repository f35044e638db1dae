import type { RecordFolder } from '../../shared/records/folder.ts';
import { decideByEvaluation } from '../../shared/records/model-version.ts';
import { readAttachedRecord } from '../../shared/registries/packaged-model.ts';
import type { Registry } from '../../shared/registries/registry.ts';

/**
 * Whether a version may be deployed: its Evaluation, kept with it in the registry or else in the records folder,
 * must pass, unless a person gives a reason.
 */
export async function checkGate(
  evidence: { registry: Registry; records: RecordFolder; digest: string },
  overrideReason: string | undefined,
): Promise<{ allowed: boolean; overridden: boolean; reason: string }> {
  const { registry, records, digest } = evidence;
  const evaluation =
    (await readAttachedRecord(registry, digest, 'Evaluation')) ?? (await records.find('Evaluation', digest));
  const { gate, reason } = decideByEvaluation({ digest, evaluation, overrideReason });
  return { allowed: gate !== 'refused', overridden: gate === 'overridden', reason };
}
