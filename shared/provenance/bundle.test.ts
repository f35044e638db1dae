import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { signStatement, verifyBundle } from './bundle.ts';
import { readPublicKey, readSigningKey, type SigningKey, type VerificationKey } from './keys.ts';
import type { SignedRole } from './media-types.ts';

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const DIGEST = 'sha256:1fb0297be1fd58d319e8bce1b9a61ff3ded3760e044cea2d51fbaf5217908a14';
const SIGNATURE = readFileSync(fixture('signature.json'), 'utf8');
const PROVENANCE = readFileSync(fixture('provenance.json'), 'utf8');
const ANOTHER = `sha256:${'0'.repeat(64)}`;

let cosign: VerificationKey;
let ours: SigningKey;
let otherKind: SigningKey;
beforeAll(async () => {
  const options = { mask: () => undefined };
  cosign = await readPublicKey(fixture('cosign.pub'), { ...options, env: {} });
  ours = await readSigningKey(fixture('cosign.key'), {
    ...options,
    env: { COSIGN_PASSWORD: 'correct-horse' },
  });
  const { privateKey } = generateKeyPairSync('ed25519');
  const KEY = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  otherKind = await readSigningKey('env://KEY', { ...options, env: { KEY } });
});

const statement = (predicateType = 'https://sigstore.dev/cosign/sign/v1', digest = DIGEST) =>
  JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: digest.slice('sha256:'.length) } }],
    predicateType,
    predicate: {},
  });

function find(text: string | Uint8Array, role: SignedRole = 'signature', key = cosign, digest = DIGEST) {
  return verifyBundle(typeof text === 'string' ? Buffer.from(text) : text, { role, digest, key });
}
const reasonOf = (...given: Parameters<typeof find>) => {
  const finding = find(...given);
  return finding.state === 'valid' ? 'it is valid' : finding.reason;
};

interface Bundle {
  mediaType: string;
  verificationMaterial: Record<string, unknown>;
  dsseEnvelope: {
    payload: string;
    payloadType: string;
    signatures: { sig: string; [key: string]: unknown }[];
  };
  [key: string]: unknown;
}

/** Our own signed bundle, changed afterwards. */
function changed(change: (bundle: Bundle) => unknown, text = statement()): string {
  const bundle = JSON.parse(Buffer.from(signStatement(text, ours)).toString('utf8')) as Bundle;
  change(bundle);
  return JSON.stringify(bundle);
}

describe('what cosign signed', () => {
  test('is valid, and says what cosign put there', () => {
    const finding = find(SIGNATURE);
    expect(finding.state).toBe('valid');
    expect(find(PROVENANCE, 'provenance').state).toBe('valid');
  });

  test('is of nothing else', () => {
    expect(reasonOf(SIGNATURE, 'signature', cosign, ANOTHER)).toContain('something else than this version');
    expect(reasonOf(SIGNATURE, 'provenance')).toContain('statement is of another kind');
    expect(reasonOf(PROVENANCE, 'signature')).toContain('statement is of another kind');
    expect(reasonOf(SIGNATURE, 'signature', otherKind.publicKey)).toContain('signed by another key');
  });
});

describe('what we sign', () => {
  test('has the form that cosign gives it', () => {
    const mine = JSON.parse(Buffer.from(signStatement(statement(), ours)).toString('utf8'));
    const theirs = JSON.parse(SIGNATURE);
    const shape = (value: unknown): unknown =>
      typeof value === 'string'
        ? 'text'
        : Array.isArray(value)
          ? value.map(shape)
          : Object.entries(value as object).map(([key, inner]) => [key, shape(inner)]);
    expect(shape(mine)).toEqual(shape(theirs));
    expect(mine.mediaType).toBe(theirs.mediaType);
    expect(mine.verificationMaterial).toEqual(theirs.verificationMaterial);
    expect(mine.dsseEnvelope.payloadType).toBe(theirs.dsseEnvelope.payloadType);
  });

  test('is a signature over the encoding that DSSE prescribes, by node:crypto alone', () => {
    const { dsseEnvelope } = JSON.parse(Buffer.from(signStatement(statement(), ours)).toString('utf8'));
    const body = Buffer.from(dsseEnvelope.payload, 'base64');
    const message = `DSSEv1 28 application/vnd.in-toto+json ${body.length} ${body.toString('utf8')}`;
    const key = createPublicKey(readFileSync(fixture('cosign.pub')));
    const sig = Buffer.from(dsseEnvelope.signatures[0].sig, 'base64');
    expect(verify('sha256', Buffer.from(message), key, sig)).toBe(true);
    const hint = createHash('sha256')
      .update(key.export({ type: 'spki', format: 'der' }))
      .digest('base64');
    expect(cosign.hint).toBe(hint);
  });

  test('is valid by its key and by no other, of either kind', () => {
    expect(find(signStatement(statement(), ours)).state).toBe('valid');
    const byOther = signStatement(statement(), otherKind);
    expect(find(byOther, 'signature', otherKind.publicKey).state).toBe('valid');
    expect(reasonOf(byOther)).toContain('signed by another key');
  });
});

describe('a hostile bundle', () => {
  const sign = (text: string) => signStatement(text, ours);
  test.each<[string, () => string | Uint8Array, string]>([
    ['of another version', () => sign(statement(undefined, ANOTHER)), 'something else than this version'],
    ['of another kind', () => sign(statement('https://slsa.dev/provenance/v1')), 'of another kind'],
    ['without a subject', () => sign(statement().replace(/\[.*?\]/, '[]')), 'something else'],
    [
      'with the digest under another algorithm',
      () => sign(statement().replace('"sha256"', '"sha512"')),
      'something else',
    ],
    ['with a statement that is no JSON', () => sign('[]]'), 'cannot be read'],
    ['with a statement that is a list', () => sign('[]'), 'cannot be read'],
    [
      'with another type of statement',
      () => sign(statement().replace('Statement/v1', 'X/v1')),
      'cannot be read',
    ],
    [
      'that says two things',
      () => sign(statement().replace('"subject"', '"subject":[],"subject"')),
      'cannot be read',
    ],
    ['cut off', () => SIGNATURE.slice(0, 300), 'not a sigstore bundle'],
    ['empty', () => '', 'not a sigstore bundle'],
    ['that is null', () => 'null', 'not a sigstore bundle'],
    ['that is no UTF-8', () => Buffer.from([0x7b, 0xff, 0x7d]), 'not a sigstore bundle'],
    ['with a mark before it', () => `\uFEFF${SIGNATURE}`, 'not a sigstore bundle'],
    ['too large', () => ' '.repeat(5_000_000), 'too large'],
    ['very deep', () => '['.repeat(1_000_000), 'not a sigstore bundle'],
    ['with an envelope twice', () => SIGNATURE.replace('"payload"', '"payload":"e30=","payload"'), 'not a'],
    [
      'of another version of the format',
      () =>
        changed((bundle) =>
          Object.assign(bundle, { mediaType: 'application/vnd.dev.sigstore.bundle.v0.9+json' }),
        ),
      'not a sigstore bundle',
    ],
    [
      'with a second content',
      () => changed((bundle) => Object.assign(bundle, { messageSignature: { signature: 'AA==' } })),
      'not a sigstore bundle',
    ],
    [
      'with two signatures, the first of them good',
      () => changed(({ dsseEnvelope: { signatures } }) => signatures.push({ sig: 'AAAA' })),
      'it has 2 signatures, not one',
    ],
    [
      'with no signature',
      () => changed(({ dsseEnvelope }) => Object.assign(dsseEnvelope, { signatures: [] })),
      'it has 0 signatures',
    ],
    [
      'with an empty signature',
      () => changed(({ dsseEnvelope }) => Object.assign(dsseEnvelope, { signatures: [{ sig: '' }] })),
      'does not fit',
    ],
    [
      'that names its own algorithm',
      () => changed(({ dsseEnvelope: { signatures } }) => Object.assign(signatures[0]!, { alg: 'none' })),
      'not a sigstore bundle',
    ],
    [
      'with another type of payload',
      () => changed(({ dsseEnvelope }) => Object.assign(dsseEnvelope, { payloadType: 'text/plain' })),
      'what it signs is not a statement',
    ],
    [
      'with another statement under the old signature',
      () =>
        changed(({ dsseEnvelope }) => {
          dsseEnvelope.payload = Buffer.from(statement().replace('{}', '{"a":1}')).toString('base64');
        }),
      'does not fit',
    ],
    [
      'with a certificate beside the key',
      () =>
        changed((bundle) =>
          Object.assign(bundle.verificationMaterial, { certificate: { rawBytes: 'AA==' } }),
        ),
      'a key and a certificate',
    ],
    [
      'with no key',
      () => changed((bundle) => Object.assign(bundle, { verificationMaterial: {} })),
      'names no key',
    ],
    [
      'with spare bits in its base64',
      () => {
        // One byte in the last group leaves four bits that no decoder looks at.
        const text = statement().padEnd(Math.ceil(statement().length / 3) * 3 + 1);
        return changed(({ dsseEnvelope }) => {
          expect(dsseEnvelope.payload).toMatch(/IA==$/);
          dsseEnvelope.payload = dsseEnvelope.payload.replace(/IA==$/, 'IB==');
        }, text);
      },
      'not as an encoder writes it',
    ],
  ])('%s is refused', (_, make, reason) => expect(reasonOf(make())).toContain(reason));

  test('with a certificate alone is neither proof nor an offence', () => {
    const text = changed((bundle) =>
      Object.assign(bundle, { verificationMaterial: { certificate: { rawBytes: 'AA==' } } }),
    );
    expect(find(text).state).toBe('foreign');
  });
});

describe('any change is found', () => {
  const flip = (bytes: Uint8Array, bit: number) => {
    const copy = Buffer.from(bytes);
    copy[bit >> 3]! ^= 1 << (bit & 7);
    return copy;
  };

  test('of one bit of the signature, every one of them', () => {
    const { sig } = JSON.parse(SIGNATURE).dsseEnvelope.signatures[0];
    const bytes = Buffer.from(sig, 'base64');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      expect(find(SIGNATURE.replace(sig, flip(bytes, bit).toString('base64'))).state).toBe('invalid');
    }
  });

  test('of one bit of the payload, every one of them', () => {
    const { payload } = JSON.parse(SIGNATURE).dsseEnvelope;
    const bytes = Buffer.from(payload, 'base64');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      expect(find(SIGNATURE.replace(payload, flip(bytes, bit).toString('base64'))).state).toBe('invalid');
    }
  });

  test('of one bit anywhere in the file, unless it changes nothing that counts', () => {
    const bytes = Buffer.from(SIGNATURE);
    const original = find(SIGNATURE);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const finding = find(flip(bytes, bit));
      // The hint is no part of what is signed.
      if (finding.state === 'valid') expect(finding).toEqual(original);
    }
  });

  test('and no bytes at all make it throw, or are valid', () => {
    const texts = fc.oneof(
      fc.json().map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 400 }),
      fc
        .tuple(fc.nat(SIGNATURE.length), fc.nat(SIGNATURE.length), fc.string())
        .map(([from, to, between]) => Buffer.from(SIGNATURE.slice(0, from) + between + SIGNATURE.slice(to)))
        .filter((bytes) => bytes.toString('utf8') !== SIGNATURE),
    );
    fc.assert(
      fc.property(texts, (bytes) => {
        const finding = find(bytes);
        if (finding.state === 'valid') expect(finding).toEqual(find(SIGNATURE));
      }),
      { numRuns: 500 },
    );
  });
});
