import type { ModelVersion } from '../records/model-version.ts';
import type { Registry } from '../registries/registry-interface.ts';
import { readPublicKey } from './keys.ts';
import { unsignedAttachments } from './signed-attachments.ts';
import { validStatements, verifyVersion } from './verify.ts';

export interface SignatureCheck {
  /** What the record of a check says. */
  provenance: NonNullable<ModelVersion['provenance']>;
  /** Empty when signature and provenance are of this key and name what is attached; otherwise whole sentences. */
  problem: string;
}

/**
 * Checks a version against a public key: its signature, its provenance, and that what is attached (code, requirements,
 * commands, Evaluation, lock files, card, predictions) is what the provenance names.
 * @param given the input `verification-key`: a path or `env://NAME`.
 * @throws UserError for a key that cannot be read.
 */
export async function checkSignature(
  registry: Registry,
  digest: string,
  given: string,
  options: { env: NodeJS.ProcessEnv; mask: (secret: string) => void },
): Promise<SignatureCheck> {
  const key = await readPublicKey(given, options);
  const { signature, provenance, reasons } = await verifyVersion(registry, digest, key);
  const isSigned = signature === 'valid' && provenance === 'valid';
  const problem = isSigned
    ? await unsignedAttachments(registry, digest, await validStatements(registry, digest, 'provenance', key))
    : reasons.join(' ');
  return { provenance: { signature, statement: provenance, key: key.fingerprint }, problem };
}
