/**
 * Private keys as `cosign generate-key-pair` writes them: JSON inside PEM, the PKCS#8 key sealed by NaCl's secretbox
 * under a key that scrypt makes from the password (github.com/secure-systems-lab/go-securesystemslib/encrypted).
 */
import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import * as z from 'zod';
import { UserError } from '../errors.ts';

const base64 = z.base64().transform((text) => Buffer.from(text, 'base64'));
const sealedKeySchema = z.object({
  kdf: z.object({
    name: z.literal('scrypt'),
    params: z.object({ N: z.int(), r: z.literal(8), p: z.literal(1) }),
    salt: base64.refine((salt) => salt.length === 32),
  }),
  cipher: z.object({
    name: z.literal('nacl/secretbox'),
    nonce: base64.refine((nonce) => nonce.length === 24),
  }),
  ciphertext: base64,
});

/** The only costs that cosign accepts; any other could be meant to exhaust this machine. */
const COSTS = [2 ** 15, 2 ** 16, 2 ** 17];
const KEY_BYTES = 32;
const MEMORY_LIMIT = 256 * 1024 * 1024;

/**
 * Opens a sealed key.
 * @param sealed what the PEM block holds. @param password of the key; may be empty, as the key's may.
 * @returns PKCS#8 DER. @throws UserError for another format or a wrong password; it never holds key material.
 */
export async function openSealedKey(sealed: Uint8Array, password: string): Promise<Uint8Array> {
  const { kdf, cipher, ciphertext } = parseSealedKey(sealed);
  const derive = promisify<string, Uint8Array, number, object, Buffer>(scrypt);
  const { N, r, p } = kdf.params;
  const key = await derive(password, kdf.salt, KEY_BYTES, { N, r, p, maxmem: MEMORY_LIMIT });
  const { xsalsa20poly1305 } = await import('@noble/ciphers/salsa.js');
  try {
    return xsalsa20poly1305(key, cipher.nonce).decrypt(ciphertext);
  } catch {
    throw new UserError('The password of the private key is wrong.', {
      where: { key: 'COSIGN_PASSWORD' },
      fix: password
        ? 'Set COSIGN_PASSWORD to the password that cosign generate-key-pair was given.'
        : 'Set COSIGN_PASSWORD in the environment of this step: it is empty or not set.',
    });
  }
}

function parseSealedKey(sealed: Uint8Array): z.infer<typeof sealedKeySchema> {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(sealed).toString('utf8'));
  } catch {
    // The parser's own message would quote the key.
    json = undefined;
  }
  const parsed = sealedKeySchema.safeParse(json);
  if (parsed.success && COSTS.includes(parsed.data.kdf.params.N)) return parsed.data;
  throw new UserError('The encrypted private key is damaged or of an unknown format.', {
    fix: 'Give the file cosign.key as cosign generate-key-pair wrote it.',
  });
}
