import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeUserError, UserError } from '../errors.ts';
import { readPublicKey, readSigningKey } from './keys.ts';

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const PASSWORD = 'correct-horse';
const OLD_CIPHER = { cipher: 'aes-256-cbc', passphrase: PASSWORD };
const MESSAGE = Buffer.from('what is signed');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keys-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const pkcs8 = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }) as string;
const spki = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }) as string;
const curve = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });

/** Reads a key, and gives what was masked meanwhile. */
async function signing(given: string, env: NodeJS.ProcessEnv = {}) {
  const masked: string[] = [];
  const key = await readSigningKey(given, { env, mask: (secret) => masked.push(secret) });
  return { key, masked };
}

/** The message of the error, which must hold nothing of these texts but their first and last lines. */
async function refusal(work: Promise<unknown>, ...secrets: string[]): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof UserError)) throw error ?? new Error('nothing was refused');
  const text = describeUserError(error);
  const everything = `${text}\n${error.stack}\n${error.cause}`;
  for (const line of secrets.flatMap((secret) => secret.split('\n'))) {
    if (line.length >= 8 && !line.startsWith('-----')) expect(everything).not.toContain(line);
  }
  return text;
}

const publicKey = (given: string, env: NodeJS.ProcessEnv = {}) =>
  readPublicKey(given, { env, mask: () => undefined });

describe('a private key', () => {
  test('of cosign is opened by its password, and fits the public key that cosign wrote', async () => {
    const { key, masked } = await signing(fixture('cosign.key'), { COSIGN_PASSWORD: PASSWORD });
    const cosignPublicKey = await publicKey(fixture('cosign.pub'));
    expect(key.publicKey.fingerprint).toBe(cosignPublicKey.fingerprint);
    // As cosign itself wrote it into the bundle.
    expect(cosignPublicKey.hint).toBe('TMxiHMBrEMY4ENZt+yOTt+2jAoB6NZTXGXmtPLGSsTo=');
    expect(cosignPublicKey.verifies(MESSAGE, key.sign(MESSAGE))).toBe(true);
    expect(cosignPublicKey.verifies(Buffer.from('other'), key.sign(MESSAGE))).toBe(false);
    const lines = (await readFile(fixture('cosign.key'), 'utf8')).trim().split('\n').slice(1, -1);
    expect(masked).toEqual([...lines, PASSWORD]);
  });

  test.each([
    ['SEC1', () => curve('P-256').privateKey.export({ type: 'sec1', format: 'pem', ...OLD_CIPHER })],
    [
      'PKCS#1',
      () => {
        const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
        return privateKey.export({ type: 'pkcs1', format: 'pem', ...OLD_CIPHER });
      },
    ],
  ])('encrypted in the old way of %s is told how to be converted', async (_, make) => {
    const text = make() as string;
    const reading = signing('env://KEY', { KEY: text, COSIGN_PASSWORD: PASSWORD });
    const said = await refusal(reading, text);
    expect(said).toContain('The private key is encrypted in the old way of OpenSSL');
    expect(said).toContain('openssl pkcs8 -topk8 -in old.pem -out new.pem');
    expect(said).toContain('COSIGN_PASSWORD');
  });

  test('under the older label of cosign is the same', async () => {
    const text = (await readFile(fixture('cosign.key'), 'utf8')).replaceAll('SIGSTORE', 'COSIGN');
    const { key } = await signing('env://KEY', { KEY: text, COSIGN_PASSWORD: PASSWORD });
    expect(key.publicKey.fingerprint).toBe((await publicKey(fixture('cosign.pub'))).fingerprint);
  });

  test.each([
    ['P-256 in PKCS#8', () => curve('P-256'), pkcs8],
    [
      'P-256 as openssl ecparam writes it',
      () => curve('P-256'),
      (key: KeyObject) =>
        `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${key.export({ type: 'sec1', format: 'pem' })}`,
    ],
    ['Ed25519 in PKCS#8', () => generateKeyPairSync('ed25519'), pkcs8],
    [
      'P-256 in PKCS#8 under a password',
      () => curve('P-256'),
      (key: KeyObject) =>
        key.export({
          type: 'pkcs8',
          format: 'pem',
          cipher: 'aes-256-cbc',
          passphrase: PASSWORD,
        }) as string,
    ],
  ])('%s signs what its public key verifies', async (_, generate, write) => {
    const pair = generate();
    const { key } = await signing(await file('key.pem', write(pair.privateKey)), {
      COSIGN_PASSWORD: PASSWORD,
    });
    const verification = await publicKey('env://PUBLIC', { PUBLIC: spki(pair.publicKey) });
    expect(verification.fingerprint).toBe(key.publicKey.fingerprint);
    expect(verification.verifies(MESSAGE, key.sign(MESSAGE))).toBe(true);
    const stranger = curve('P-256');
    const other = await publicKey('env://PUBLIC', { PUBLIC: spki(stranger.publicKey) });
    expect(other.verifies(MESSAGE, key.sign(MESSAGE))).toBe(false);
    expect(other.verifies(MESSAGE, new Uint8Array())).toBe(false);
  });

  test('is refused with a wrong password, and with none', async () => {
    const sealed = await readFile(fixture('cosign.key'), 'utf8');
    const wrong = signing(fixture('cosign.key'), { COSIGN_PASSWORD: 'wrong-battery' });
    expect(await refusal(wrong, sealed, 'wrong-battery')).toContain(
      'The password of the private key is wrong',
    );
    expect(await refusal(signing(fixture('cosign.key')), sealed)).toContain('it is empty or not set');
  });

  test('is refused where its place is wanted, after it was masked', async () => {
    const text = pkcs8(curve('P-256').privateKey);
    const masked: string[] = [];
    const work = readSigningKey(text, { env: {}, mask: (secret) => masked.push(secret) });
    expect(await refusal(work, text)).toContain('env://MODEL_KEY');
    expect(masked).toEqual(text.trim().split('\n').slice(1, -1));
  });

  test.each([
    ['a public key', spki(curve('P-256').publicKey), 'A public key cannot sign'],
    [
      'another curve',
      pkcs8(curve('P-384').privateKey),
      'ec on secp384r1; ECDSA on P-256 or Ed25519 is wanted',
    ],
    ['RSA', pkcs8(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey), 'of the kind rsa'],
    [
      'a key of ssh',
      '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n-----END OPENSSH PRIVATE KEY-----',
      'OPENSSH',
    ],
    [
      'a damaged key',
      '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqG\n-----END PRIVATE KEY-----',
      'it is damaged',
    ],
    [
      'a damaged key of cosign',
      '-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\neyJrZGYiOnsibmFtZSI6\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----',
      'damaged or of an unknown format',
    ],
    ['two keys', pkcs8(curve('P-256').privateKey).repeat(2), 'more than one key'],
    ['half a key', pkcs8(curve('P-256').privateKey).slice(0, 100), 'not a key in PEM'],
    ['another text', 'hunter2-hunter2', 'not a key in PEM'],
  ])('is not %s', async (_, text, message) => {
    expect(await refusal(signing('env://KEY', { KEY: text }), text)).toContain(message);
    expect(await refusal(signing(await file('refused.pem', text)), text)).toContain(message);
  });

  test('of cosign with another cost of its password is not computed', async () => {
    const text = await readFile(fixture('cosign.key'), 'utf8');
    const body = Buffer.from(text.split('\n').slice(1, -2).join(''), 'base64').toString('utf8');
    expect(body).toContain('"N":65536');
    const costly = Buffer.from(body.replace('"N":65536', '"N":1073741824')).toString('base64');
    const label = 'ENCRYPTED SIGSTORE PRIVATE KEY';
    const pem = `-----BEGIN ${label}-----\n${costly}\n-----END ${label}-----\n`;
    const work = signing('env://KEY', { KEY: pem, COSIGN_PASSWORD: PASSWORD });
    expect(await refusal(work, pem)).toContain('damaged or of an unknown format');
  });

  test.each([
    ['env://NOTHING', 'The variable "NOTHING" that should hold the key is empty or not set'],
    ['no/such/file.key', 'The key file no/such/file.key cannot be read'],
    ['awskms:///alias/model', 'not by awskms:'],
    ['https://example.com/key', 'not by https:'],
  ])('is not at %s', async (given, message) => {
    expect(await refusal(signing(given))).toContain(message);
  });

  test('is not a folder, however many files are in it', async () => {
    const many = await mkdtemp(join(tmpdir(), 'many-files-'));
    try {
      for (let index = 0; (await stat(many)).size <= 64 * 1024 && index < 5_000; index++)
        await writeFile(join(many, `${index}-${'x'.repeat(200)}`), '');
      expect(await refusal(signing(many))).toContain('cannot be read');
    } finally {
      await rm(many, { recursive: true });
    }
  });

  test('is not a file of 70 kB', async () => {
    expect(await refusal(signing(await file('large', 'A'.repeat(70_000))))).toContain('too large');
  });
});

describe('a public key', () => {
  test('is never a private key, which node:crypto would take', async () => {
    const text = pkcs8(curve('P-256').privateKey);
    expect(await refusal(publicKey('env://KEY', { KEY: text }), text)).toContain('This is a private key');
  });

  test('is not damaged', async () => {
    const text = '-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----';
    expect(await refusal(publicKey('env://KEY', { KEY: text }))).toContain('it is damaged');
  });
});
