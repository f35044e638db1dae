import { canonicalJson } from '../records/canonical-json.ts';
import type { Attachment } from '../registries/registry-interface.ts';
import { signStatement } from './bundle.ts';
import type { SigningKey } from './keys.ts';
import {
  BUNDLE_FILE,
  bundleAnnotations,
  PREDICATE_TYPES,
  type SignedRole,
  STATEMENT_TYPE,
} from './media-types.ts';
import { type SignedRegistry, validStatements } from './verify.ts';

/**
 * The attachments that a version still lacks: the signature that `cosign verify` looks for, and the signed provenance.
 * What is there of this key and says the same is kept, since each new signature of the same would be other bytes.
 * @param digest of the version, which need not be registered yet. @param statement made by `provenanceStatement`.
 */
export async function attachmentsToSign(
  registry: SignedRegistry,
  digest: string,
  statement: string,
  key: SigningKey,
): Promise<Attachment[]> {
  const isStored = (await registry.resolve(digest)) !== undefined;
  const wanted: [role: SignedRole, statement: string][] = [
    ['signature', signatureStatement(digest)],
    ['provenance', statement],
  ];
  const attachments: Attachment[] = [];
  for (const [role, text] of wanted) {
    const present = isStored ? await validStatements(registry, digest, role, key.publicKey) : [];
    if (role === 'signature' ? present.length > 0 : present[0] === text) continue;
    const files = [{ name: BUNDLE_FILE, bytes: signStatement(text, key) }];
    attachments.push({ role, files, annotations: bundleAnnotations(role) });
  }
  return attachments;
}

/** Signs a version that is in the registry. Says of each part whether it was added, or kept as it is. */
export async function signVersion(
  registry: SignedRegistry,
  digest: string,
  statement: string,
  key: SigningKey,
): Promise<Record<SignedRole, 'added' | 'kept'>> {
  const done: Record<SignedRole, 'added' | 'kept'> = { signature: 'kept', provenance: 'kept' };
  for (const { role, files, annotations } of await attachmentsToSign(registry, digest, statement, key)) {
    await registry.attach(digest, role, files, annotations);
    done[role as SignedRole] = 'added';
  }
  return done;
}

/** As `cosign sign` writes it. */
function signatureStatement(digest: string): string {
  return canonicalJson({
    _type: STATEMENT_TYPE,
    subject: [{ digest: { sha256: digest.replace(/^sha256:/, '') } }],
    predicateType: PREDICATE_TYPES.signature,
    predicate: {},
  });
}
