/**
 * `provenance/` says how a model version came about and signs it, so that cosign and anybody's own tools can verify
 * it. This file reads keys; `statement.ts` says what is known, `bundle.ts` is the signed form, `sign.ts` and
 * `verify.ts` do it for a version in a registry.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';
import { UserError } from '../errors.ts';
import { readKeyText } from './key-text.ts';

/** A public key that signatures are held against. */
export interface VerificationKey {
  /** `sha256:<hex>` of the key's SubjectPublicKeyInfo in DER: names the key in records and reports. */
  readonly fingerprint: string;
  /** What cosign writes into a bundle for people who keep several keys: the same hash in base64. */
  readonly hint: string;
  /** Whether this signature is of these bytes; never throws, whatever it is given. */
  verifies(message: Uint8Array, signature: Uint8Array): boolean;
}

export interface SigningKey {
  readonly publicKey: VerificationKey;
  sign(message: Uint8Array): Uint8Array;
}

/** What PEM calls the keys that cosign makes. */
const SEALED = ['ENCRYPTED SIGSTORE PRIVATE KEY', 'ENCRYPTED COSIGN PRIVATE KEY'];
const PLAIN = ['PRIVATE KEY', 'EC PRIVATE KEY', 'ENCRYPTED PRIVATE KEY'];
const HOW_TO_MAKE = 'Make a key with `cosign generate-key-pair`, or as docs/provenance.md says with openssl.';

/**
 * Reads a private key: cosign's own encrypted form, or PKCS#8 or SEC1 in PEM; ECDSA on P-256, or Ed25519.
 * @param given a path, or `env://NAME`. @param options.mask told of every line of the key, so that no log shows it.
 * COSIGN_PASSWORD of `options.env` opens an encrypted one.
 * @throws UserError that says what is wrong and never holds key material.
 */
export async function readSigningKey(
  given: string,
  options: { env: NodeJS.ProcessEnv; mask: (secret: string) => void },
): Promise<SigningKey> {
  const where = { key: 'signing-key' };
  const { label, block, der } = await readKeyText(given, { ...options, where });
  const password = options.env.COSIGN_PASSWORD ?? '';
  if (password) options.mask(password);
  if (SEALED.includes(label)) {
    const { openSealedKey } = await import('./encrypted-key.ts');
    const opened = Buffer.from(await openSealedKey(der, password));
    return signingKey(() => createPrivateKey({ key: opened, format: 'der', type: 'pkcs8' }), where);
  }
  if (PLAIN.includes(label)) {
    return signingKey(() => createPrivateKey({ key: block, format: 'pem', passphrase: password }), where);
  }
  throw new UserError(
    label.endsWith('PUBLIC KEY')
      ? 'A public key cannot sign.'
      : `A private key is wanted, and this is of another kind (${label}).`,
    { where, fix: HOW_TO_MAKE },
  );
}

/**
 * Reads a public key in PEM (`cosign.pub`): ECDSA on P-256, or Ed25519.
 * @param given a path, or `env://NAME`. @throws UserError for anything else.
 */
export async function readPublicKey(
  given: string,
  options: { env: NodeJS.ProcessEnv; mask: (secret: string) => void },
): Promise<VerificationKey> {
  const where = { key: 'verification-key' };
  const { label, block } = await readKeyText(given, { ...options, where });
  if (label !== 'PUBLIC KEY') {
    throw new UserError(
      label.endsWith('PRIVATE KEY')
        ? 'This is a private key, which belongs to nobody but who signs.'
        : `A public key is wanted, and this is of another kind (${label}).`,
      { where, fix: 'Give the public key, which cosign generate-key-pair writes to cosign.pub.' },
    );
  }
  try {
    return verificationKey(createPublicKey({ key: block, format: 'pem' }), where);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError('The public key cannot be read: it is damaged.', { where, fix: HOW_TO_MAKE });
  }
}

function signingKey(read: () => KeyObject, where: { key: string }): SigningKey {
  let key: KeyObject;
  try {
    key = read();
  } catch {
    throw new UserError('The private key cannot be read: it is damaged, or COSIGN_PASSWORD is wrong.', {
      where,
      fix: HOW_TO_MAKE,
    });
  }
  const publicKey = verificationKey(createPublicKey(key), where);
  return { publicKey, sign: (message) => signBytes(hashOf(key), message, key) };
}

function verificationKey(key: KeyObject, where: { key: string }): VerificationKey {
  const kind = key.asymmetricKeyType;
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (kind !== 'ed25519' && !(kind === 'ec' && curve === 'prime256v1')) {
    throw new UserError(
      `The key is of the kind ${[kind, curve].filter(Boolean).join(' on ')}; ECDSA on P-256 or Ed25519 is wanted.`,
      { where, fix: HOW_TO_MAKE },
    );
  }
  const hash = createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
  return {
    fingerprint: `sha256:${hash.toString('hex')}`,
    hint: hash.toString('base64'),
    verifies(message, signature) {
      try {
        return verifyBytes(hashOf(key), message, key, signature);
      } catch {
        return false;
      }
    },
  };
}

/** The algorithm follows from the key alone, never from what a bundle says. */
function hashOf(key: KeyObject): 'sha256' | null {
  return key.asymmetricKeyType === 'ec' ? 'sha256' : null;
}
