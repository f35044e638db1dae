/**
 * A statement in a DSSE envelope (github.com/secure-systems-lab/dsse) in a sigstore bundle, as cosign 3 writes and
 * reads it. What is read comes from strangers: whatever it is, it is either verified or refused with a reason.
 */
import * as z from 'zod';
import type { SigningKey, VerificationKey } from './keys.ts';
import { BUNDLE_TYPE, PREDICATE_TYPES, type SignedRole, STATEMENT_PAYLOAD_TYPE } from './media-types.ts';
import { parseStrictJson } from './strict-json.ts';

/** In bytes. A statement that names a thousand files is a tenth of it. */
export const LARGEST_BUNDLE = 4 * 1024 * 1024;

const base64 = z.base64();
const bundleSchema = z.strictObject({
  mediaType: z.literal([BUNDLE_TYPE, 'application/vnd.dev.sigstore.bundle+json;version=0.3']),
  /** Entries of a transparency log and times may be there as well; the key alone decides here. */
  verificationMaterial: z.looseObject({
    publicKey: z.object({ hint: z.string().optional() }).optional(),
    certificate: z.unknown().optional(),
    x509CertificateChain: z.unknown().optional(),
  }),
  dsseEnvelope: z.strictObject({
    payload: base64,
    payloadType: z.string(),
    signatures: z.array(z.strictObject({ sig: base64, keyid: z.string().optional() })),
  }),
});
const statementSchema = z.looseObject({
  // cosign attest still writes 0.1; nothing that is read here differs.
  _type: z.enum(['https://in-toto.io/Statement/v1', 'https://in-toto.io/Statement/v0.1']),
  predicateType: z.string(),
  subject: z.array(z.looseObject({ digest: z.record(z.string(), z.string()) })),
});

/** Signs a statement. @param statement JSON. @returns the bytes of the bundle. */
export function signStatement(statement: string, key: SigningKey): Uint8Array {
  const payload = Buffer.from(statement, 'utf8');
  const signature = key.sign(preAuthenticationEncoding(STATEMENT_PAYLOAD_TYPE, payload));
  const bundle = {
    mediaType: BUNDLE_TYPE,
    verificationMaterial: { publicKey: { hint: key.publicKey.hint } },
    dsseEnvelope: {
      payload: payload.toString('base64'),
      payloadType: STATEMENT_PAYLOAD_TYPE,
      signatures: [{ sig: Buffer.from(signature).toString('base64') }],
    },
  };
  return Buffer.from(JSON.stringify(bundle), 'utf8');
}

/**
 * What was found of one bundle. `foreign` is one that a key cannot judge, as it stands on a certificate: it is neither
 * proof nor an offence.
 */
export type BundleFinding =
  | { state: 'valid'; statement: string }
  | { state: 'invalid' | 'foreign'; reason: string };

/**
 * Verifies a bundle: the signature over the pre-authentication encoding, then what the statement says.
 * @param digest `sha256:<hex>` that the statement must have as a subject. @param reason (of the finding) a clause
 * such as "it is signed by another key".
 */
export function verifyBundle(
  bytes: Uint8Array,
  expected: { role: SignedRole; digest: string; key: VerificationKey },
): BundleFinding {
  if (bytes.length > LARGEST_BUNDLE) return invalid('it is too large');
  const bundle = bundleSchema.safeParse(parse(bytes));
  if (!bundle.success) return invalid('it is not a sigstore bundle of version 0.3 with a DSSE envelope');
  const { verificationMaterial: material, dsseEnvelope: envelope } = bundle.data;
  const hasCertificate = material.certificate !== undefined || material.x509CertificateChain !== undefined;
  if (material.publicKey && hasCertificate) return invalid('it names a key and a certificate');
  if (!material.publicKey) {
    return hasCertificate
      ? { state: 'foreign', reason: 'it is signed with a certificate, not with a key' }
      : invalid('it names no key');
  }
  const [signature, ...more] = envelope.signatures;
  if (!signature || more.length > 0)
    return invalid(`it has ${envelope.signatures.length} signatures, not one`);
  if (envelope.payloadType !== STATEMENT_PAYLOAD_TYPE) return invalid('what it signs is not a statement');
  const payload = decode(envelope.payload);
  const signed = decode(signature.sig);
  if (!payload || !signed) return invalid('its base64 is not as an encoder writes it');
  const message = preAuthenticationEncoding(envelope.payloadType, payload);
  if (!expected.key.verifies(message, signed)) {
    const isOther = material.publicKey.hint !== expected.key.hint;
    return invalid(isOther ? 'it is signed by another key' : 'its signature does not fit what it signs');
  }
  return verifyStatement(payload, expected);
}

function verifyStatement(
  payload: Buffer,
  { role, digest }: { role: SignedRole; digest: string },
): BundleFinding {
  const statement = statementSchema.safeParse(parse(payload));
  if (!statement.success) return invalid('its statement cannot be read');
  if (statement.data.predicateType !== PREDICATE_TYPES[role])
    return invalid('its statement is of another kind');
  const hex = digest.replace(/^sha256:/, '');
  if (!statement.data.subject.some((subject) => subject.digest.sha256 === hex)) {
    return invalid('its statement is of something else than this version');
  }
  return { state: 'valid', statement: payload.toString('utf8') };
}

/** DSSE's PAE: type and body with their lengths, so that no other pair of them reads the same. */
function preAuthenticationEncoding(type: string, body: Buffer): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(type)} ${type} ${body.length} `;
  return Buffer.concat([Buffer.from(head, 'utf8'), body]);
}

/** Undefined for what is no UTF-8, no JSON, or JSON that two readers could read differently. */
function parse(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** Undefined when the text is not exactly what encodes these bytes: a changed letter must never go unseen. */
function decode(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

function invalid(reason: string): BundleFinding {
  return { state: 'invalid', reason };
}
