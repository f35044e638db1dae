import { UserError } from '../errors.ts';
import type { Registry, StoredFile } from '../registries/registry-interface.ts';
import { type BundleFinding, LARGEST_BUNDLE, verifyBundle } from './bundle.ts';
import type { VerificationKey } from './keys.ts';
import type { SignedRole } from './media-types.ts';

export type SignedState = 'valid' | 'missing' | 'invalid';

/** What a key says of a version. Only `valid` in both is proof. */
export interface Verification {
  signature: SignedState;
  provenance: SignedState;
  keyFingerprint: string;
  /** One plain sentence for each of the two that is not valid; empty when both are. */
  reasons: string[];
  /** Who built it and in which run, as the valid provenance says; null when it does not, or is not valid. */
  builder: string | null;
  runUrl: string | null;
}

/** The part of a registry that signing and verifying need. */
export type SignedRegistry = Pick<Registry, 'resolve' | 'attach' | 'attachments'>;

/** More than people who sign one version; a stranger may attach without end. */
const MOST_BUNDLES = 50;

/**
 * Verifies signature and provenance of a version against one key. Several parties may have signed: one valid bundle of
 * this key is enough, and what others attached does not change that.
 * @param digest of a version that is in the registry.
 * @throws only what the registry throws when it cannot be read; what is attached never makes it throw.
 */
export async function verifyVersion(
  registry: SignedRegistry,
  digest: string,
  key: VerificationKey,
): Promise<Verification> {
  const reasons: string[] = [];
  const judge = async (role: SignedRole): Promise<{ state: SignedState; statement?: string }> => {
    const findings = await findingsOf(registry, digest, role, key);
    const valid = findings.find((finding) => finding.state === 'valid');
    if (valid) return { state: 'valid', statement: valid.statement };
    const told = new Set(findings.map((finding) => ('reason' in finding ? finding.reason : '')));
    const clause = [...told].join(', or ') || 'there is none';
    reasons.push(`The ${role} is not valid: ${clause}.`);
    return { state: findings.some((finding) => finding.state === 'invalid') ? 'invalid' : 'missing' };
  };
  const signature = await judge('signature');
  const provenance = await judge('provenance');
  return {
    signature: signature.state,
    provenance: provenance.state,
    keyFingerprint: key.fingerprint,
    reasons,
    ...originOf(provenance.statement),
  };
}

/** The statements of a role that this key has signed for this version, newest first. */
export async function validStatements(
  registry: SignedRegistry,
  digest: string,
  role: SignedRole,
  key: VerificationKey,
): Promise<string[]> {
  const findings = await findingsOf(registry, digest, role, key);
  return findings.flatMap((finding) => (finding.state === 'valid' ? [finding.statement] : []));
}

async function findingsOf(
  registry: SignedRegistry,
  digest: string,
  role: SignedRole,
  key: VerificationKey,
): Promise<BundleFinding[]> {
  const findings: BundleFinding[] = [];
  for (const file of (await registry.attachments(digest, role)).slice(0, MOST_BUNDLES)) {
    const bytes = await readBundle(file);
    findings.push(
      typeof bytes === 'string'
        ? { state: 'invalid', reason: bytes }
        : verifyBundle(bytes, { role, digest, key }),
    );
  }
  return findings;
}

/** The bytes, or why there are none: one damaged attachment must not hide the others. */
async function readBundle(file: StoredFile): Promise<Uint8Array | string> {
  if (file.size > LARGEST_BUNDLE) return 'it is too large';
  try {
    return await file.read();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return `it cannot be read (${error.message.replace(/\.$/, '')})`;
  }
}

/** The statement is signed by a key that is trusted, but its predicate is not ours to demand: cosign may have made it. */
function originOf(statement: string | undefined): Pick<Verification, 'builder' | 'runUrl'> {
  const details = (statement && JSON.parse(statement)?.predicate?.runDetails) || {};
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  return { builder: text(details.builder?.id), runUrl: text(details.metadata?.invocationId) };
}
