/** What we sign, the real cosign verifies; what it signs, we verify; and what is wrong, both refuse. */
import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPublicKey, readSigningKey, type SigningKey } from '../../shared/provenance/keys.ts';
import { BUNDLE_FILE, bundleAnnotations } from '../../shared/provenance/media-types.ts';
import { attachmentsToSign, signVersion } from '../../shared/provenance/sign.ts';
import { provenanceStatement } from '../../shared/provenance/statement.ts';
import { verifyVersion } from '../../shared/provenance/verify.ts';
import { openRegistry, parseRegistry, type Registry } from '../../shared/registries/registry.ts';
import { sampleEvaluation, sampleTraining, sampleVersion } from '../../shared/testing/sample-records.ts';
import { type ContainerRegistry, startContainerRegistry } from '../workflow/container-registry.ts';
import { findTool } from '../workflow/tools.ts';

const cosign = process.env.MLOPS_TEST_COSIGN ?? findTool('cosign');
const server = findTool('docker-registry');
const missing = [cosign ? '' : 'cosign', server ? '' : 'docker-registry'].filter(Boolean);
const isSkipped = missing.length > 0 && process.env.CI !== 'true';
if (isSkipped) console.warn(`Skipped: ${missing.join(', ')} not installed`);

const PASSWORD = 'correct-horse';
const BOTH = { signature: 'valid', provenance: 'valid', reasons: [] };
const mask = () => undefined;

describe.skipIf(isSkipped)('cosign', () => {
  let folder: string;
  let container: ContainerRegistry;
  let registry: Registry;
  let cosignKey: SigningKey;

  beforeAll(async () => {
    expect(missing, 'programs that must be installed where CI=true').toEqual([]);
    folder = await mkdtemp(join(tmpdir(), 'cosign-'));
    container = await startContainerRegistry(server!, join(folder, 'registry'));
    registry = await openRegistry(parseRegistry(`oci://${container.host}/models`, 'churn'), { env: {} });
    run('generate-key-pair');
    run('signing-config', 'create', '--out', 'signing.json');
    run('trusted-root', 'create', '--out', 'root.json');
    cosignKey = await readSigningKey(join(folder, 'cosign.key'), {
      env: { COSIGN_PASSWORD: PASSWORD },
      mask,
    });
  });

  afterAll(async () => {
    await container?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  /** A proxy that nobody answers holds cosign on this machine. */
  const surroundings = () => ({
    cwd: folder,
    encoding: 'utf8' as const,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      COSIGN_PASSWORD: PASSWORD,
      HTTPS_PROXY: 'http://127.0.0.1:9',
    },
  });
  const run = (...words: string[]) => execFileSync(cosign!, words, surroundings());

  const reference = (digest: string) => `${container.host}/models/churn@${digest}`;

  /** What cosign printed, or undefined when it refuses. */
  function verify(kind: 'verify' | 'verify-attestation', digest: string, key = 'cosign.pub') {
    const type = kind === 'verify' ? [] : ['--type', 'slsaprovenance1'];
    const words = [kind, '--key', key, ...type, '--insecure-ignore-tlog=true', '--allow-http-registry'];
    const { status, stdout, stderr } = spawnSync(cosign!, [...words, reference(digest)], surroundings());
    if (status === 0) return stdout;
    expect(stderr).toMatch(
      /no matching (signatures|attestations)|no (signatures|valid bundles)|failed to verify/,
    );
    return undefined;
  }

  function signByCosign(digest: string) {
    const words = [
      '--yes',
      '--key',
      'cosign.key',
      '--signing-config',
      'signing.json',
      '--trusted-root',
      'root.json',
    ];
    run('sign', ...words, '--allow-http-registry', reference(digest));
    return words;
  }

  /** A model of its own for each test. */
  async function register(content: string): Promise<string> {
    const model = join(folder, `model-${content}`);
    await mkdir(model);
    await writeFile(join(model, 'model.pkl'), content);
    return (await registry.pushModel(model)).digest;
  }

  function statementOf(digest: string): string {
    const version = { ...sampleVersion(), subject: { digest } };
    return provenanceStatement(
      { version, trainingRun: sampleTraining(), evaluation: sampleEvaluation() },
      {},
    );
  }

  test.each([
    ['its own key', async () => ['cosign.key', 'cosign.pub'] as const],
    ['a key of P-256 in PKCS#8', () => keyFiles('p256', generateKeyPairSync('ec', { namedCurve: 'P-256' }))],
    ['a key of Ed25519', () => keyFiles('ed25519', generateKeyPairSync('ed25519'))],
  ])('verifies signature and provenance that we made with %s', async (name, files) => {
    const [privateFile, publicFile] = await files();
    const env = { COSIGN_PASSWORD: PASSWORD };
    const key = await readSigningKey(join(folder, privateFile), { env, mask });
    const digest = await register(name);
    const statement = statementOf(digest);
    expect(verify('verify', digest, publicFile)).toBeUndefined();
    await signVersion(registry, digest, statement, key);
    const [signature] = JSON.parse(verify('verify', digest, publicFile)!);
    expect(signature.critical.image['docker-manifest-digest']).toBe(digest);
    const attestation = JSON.parse(verify('verify-attestation', digest, publicFile)!);
    expect(Buffer.from(attestation.payload, 'base64').toString('utf8')).toBe(statement);
    expect(await verifyVersion(registry, digest, key.publicKey)).toMatchObject(BOTH);
  });

  async function keyFiles(name: string, { privateKey, publicKey }: KeyPairKeyObjectResult) {
    await writeFile(join(folder, `${name}.key`), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await writeFile(join(folder, `${name}.pub`), publicKey.export({ type: 'spki', format: 'pem' }));
    return [`${name}.key`, `${name}.pub`] as const;
  }

  test('verifies what was pushed with the version, before anybody could see it', async () => {
    const model = join(folder, 'unseen');
    await mkdir(model);
    await writeFile(join(model, 'model.pkl'), 'unseen');
    const { modelDigest } = await import('../../shared/models/digest.ts');
    const hashed = await modelDigest(model);
    const attachments = await attachmentsToSign(
      registry,
      hashed.digest,
      statementOf(hashed.digest),
      cosignKey,
    );
    await registry.pushModel(hashed, { attachments });
    expect(verify('verify', hashed.digest)).toBeDefined();
    expect(verify('verify-attestation', hashed.digest)).toBeDefined();
  });

  test('signs and attests what we then verify, and do not sign again', async () => {
    const digest = await register('signed-by-cosign');
    const words = signByCosign(digest);
    const key = await readPublicKey(join(folder, 'cosign.pub'), { env: {}, mask });
    expect(await verifyVersion(registry, digest, key)).toMatchObject({
      signature: 'valid',
      provenance: 'missing',
    });
    const predicate = JSON.stringify(JSON.parse(statementOf(digest)).predicate);
    await writeFile(join(folder, 'predicate.json'), predicate);
    const what = ['--type', 'slsaprovenance1', '--predicate', 'predicate.json', '--allow-http-registry'];
    run('attest', ...words, ...what, reference(digest));
    expect(await verifyVersion(registry, digest, key)).toMatchObject({
      ...BOTH,
      builder: 'urn:mlops-actions:builder:outside-github',
    });
    expect(await signVersion(registry, digest, statementOf(digest), cosignKey)).toEqual({
      signature: 'kept',
      // cosign wrote the same predicate into a statement of another name.
      provenance: 'added',
    });
  });

  test('and we refuse another key, another version and a changed statement', async () => {
    const [signed, other] = [await register('signed'), await register('other')];
    await signVersion(registry, signed, statementOf(signed), cosignKey);
    const [, strangers] = await keyFiles('stranger', generateKeyPairSync('ec', { namedCurve: 'P-256' }));
    expect(verify('verify', signed, strangers)).toBeUndefined();
    const stranger = await readPublicKey(join(folder, strangers), { env: {}, mask });
    expect(await verifyVersion(registry, signed, stranger)).toMatchObject({
      signature: 'invalid',
      provenance: 'invalid',
    });
    const refused = async (digest: string) => {
      expect(verify('verify', digest)).toBeUndefined();
      expect(verify('verify-attestation', digest)).toBeUndefined();
      expect(await verifyVersion(registry, digest, cosignKey.publicKey)).toMatchObject({
        signature: 'invalid',
        provenance: 'invalid',
      });
    };
    // A true signature, of something else.
    for (const role of ['signature', 'provenance'] as const) {
      const [file] = await registry.attachments(signed, role);
      const files = [{ name: BUNDLE_FILE, bytes: await file!.read() }];
      await registry.attach(other, role, files, bundleAnnotations(role));
    }
    await refused(other);
    const changed = await register('changed');
    for (const { role, files, annotations } of await attachmentsToSign(
      registry,
      changed,
      statementOf(changed),
      cosignKey,
    )) {
      const [file] = files;
      const bundle = JSON.parse(Buffer.from('bytes' in file! ? file.bytes : []).toString('utf8'));
      const { payload } = bundle.dsseEnvelope;
      const text = Buffer.from(payload, 'base64')
        .toString('utf8')
        .replace('"predicate":{', '"predicate":{"a":1,');
      bundle.dsseEnvelope.payload = Buffer.from(text.replace(',}', '}')).toString('base64');
      await registry.attach(
        changed,
        role,
        [{ name: BUNDLE_FILE, bytes: Buffer.from(JSON.stringify(bundle)) }],
        annotations,
      );
    }
    await refused(changed);
  });
});
