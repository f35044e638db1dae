import { checkSignature } from '../../shared/provenance/check-signature.ts';
import {
  decideByEvaluation,
  type GateDecision,
  type ModelVersion,
} from '../../shared/records/model-version.ts';
import type { Registry } from '../../shared/registries/registry.ts';
import type { Deps } from '../../shared/runtime/definition.ts';
import type { Given } from './inputs.ts';

/**
 * Whether a version may be used: it is signed by the key that is asked for, its Evaluation passes, and people have
 * nothing against it. No reason of a person makes a signature right: who means to go without leaves the key out.
 */
export async function decideOnUse(
  registry: Registry,
  given: Pick<Given, 'verificationKey' | 'overrideReason'>,
  known: Omit<Parameters<typeof decideByEvaluation>[0], 'overrideReason'>,
  deps: Pick<Deps, 'env' | 'log'>,
): Promise<{ decision: GateDecision; provenance: Pick<ModelVersion, 'provenance'> | undefined }> {
  const signature = given.verificationKey
    ? await checkSignature(registry, known.digest, given.verificationKey, {
        env: deps.env,
        mask: deps.log.mask,
      })
    : undefined;
  const provenance = signature && { provenance: signature.provenance };
  if (signature?.problem) {
    const reason = signature.problem.replace(/^The /, 'the ').replace(/\.$/, '');
    return { decision: { gate: 'refused', reason }, provenance };
  }
  return { decision: decideByEvaluation({ ...known, overrideReason: given.overrideReason }), provenance };
}
