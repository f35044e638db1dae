/**
 * The words by which cosign finds what is signed: a sigstore bundle, attached as a referrer of its own. This file
 * imports nothing, so that stores can use it.
 */

/** Artifact type of the referrer and media type of its one layer. */
export const BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
export const BUNDLE_FILE = 'bundle.sigstore.json';
const CONTENT_ANNOTATION = 'dev.sigstore.bundle.content';
export const PREDICATE_ANNOTATION = 'dev.sigstore.bundle.predicateType';
export const STATEMENT_PAYLOAD_TYPE = 'application/vnd.in-toto+json';
export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';

/** Roles of attachments that are signed, and what the statement in them is about. */
export const PREDICATE_TYPES = {
  /** What `cosign sign` writes: no more than that the holder of the key signed this digest. */
  signature: 'https://sigstore.dev/cosign/sign/v1',
  /** How the model came about. */
  provenance: 'https://slsa.dev/provenance/v1',
} as const;
export type SignedRole = keyof typeof PREDICATE_TYPES;

/** The annotations of a role's attachment: by them a store and cosign tell one bundle from another. */
export function bundleAnnotations(role: SignedRole): Record<string, string> {
  return { [CONTENT_ANNOTATION]: 'dsse-envelope', [PREDICATE_ANNOTATION]: PREDICATE_TYPES[role] };
}
