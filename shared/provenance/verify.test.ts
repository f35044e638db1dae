import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../errors.ts';
import { sha256 } from '../records/canonical-json.ts';
import { type Attachment, openRegistry, parseRegistry, type StoredFile } from '../registries/registry.ts';
import { sampleEvaluation, sampleTraining, sampleVersion } from '../testing/sample-records.ts';
import { readSigningKey } from './keys.ts';
import { attachmentsToSign, signVersion } from './sign.ts';
import { provenanceStatement } from './statement.ts';
import { type SignedRegistry, verifyVersion } from './verify.ts';

/** What a store keeps of one version, newest first: several parties may sign. */
class Shelf implements SignedRegistry {
  readonly attached: Attachment[] = [];
  isStored = true;

  async resolve(digest: string) {
    return this.isStored ? { digest, version: digest, aliases: [], uri: digest } : undefined;
  }

  async attach(_digest: string, role: string, files: Attachment['files'], annotations = {}) {
    this.attached.unshift({ role, files, annotations });
  }

  async attachments(_digest: string, role: string): Promise<StoredFile[]> {
    if (!this.isStored) throw new Error('asked for a version that is not there');
    const files = this.attached.filter((one) => one.role === role).flatMap((one) => one.files);
    return files.map((file) => stored('bytes' in file ? file.bytes : readFileSync(file.path)));
  }
}

const stored = (bytes: Uint8Array): StoredFile => ({
  name: 'any',
  digest: sha256(bytes),
  size: bytes.length,
  read: async () => {
    if (bytes.length > 4 * 1024 * 1024) throw new Error('read into memory although its size was known');
    return bytes;
  },
  save: () => Promise.reject(new Error('not needed')),
});

async function newKey() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const KEY = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  return readSigningKey('env://KEY', { env: { KEY }, mask: () => undefined });
}

const version = sampleVersion();
const { digest } = version.subject;
const known = { version, trainingRun: sampleTraining(), evaluation: sampleEvaluation() };
const statement = provenanceStatement(known, {});
const BOTH = { signature: 'valid', provenance: 'valid', reasons: [] };

let shelf: Shelf;
beforeEach(() => {
  shelf = new Shelf();
});

describe('a signed version', () => {
  test('is valid by its key, and says where it was built', async () => {
    const key = await newKey();
    const env = {
      GITHUB_WORKFLOW_REF: 'octocat/flights/.github/workflows/train.yml@refs/heads/main',
      GITHUB_REPOSITORY: 'octocat/flights',
    };
    const source = { ...version.source, runUrl: 'https://github.com/octocat/flights/actions/runs/7' };
    const text = provenanceStatement({ version: { ...version, source } }, env);
    expect(await signVersion(shelf, digest, text, key)).toEqual({ signature: 'added', provenance: 'added' });
    expect(await verifyVersion(shelf, digest, key.publicKey)).toEqual({
      ...BOTH,
      keyFingerprint: key.publicKey.fingerprint,
      builder: `https://github.com/${env.GITHUB_WORKFLOW_REF}`,
      runUrl: source.runUrl,
    });
    expect(shelf.attached.map(({ role, annotations, files }) => [role, annotations, files[0]?.name])).toEqual(
      [
        [
          'provenance',
          {
            'dev.sigstore.bundle.content': 'dsse-envelope',
            'dev.sigstore.bundle.predicateType': 'https://slsa.dev/provenance/v1',
          },
          'bundle.sigstore.json',
        ],
        [
          'signature',
          {
            'dev.sigstore.bundle.content': 'dsse-envelope',
            'dev.sigstore.bundle.predicateType': 'https://sigstore.dev/cosign/sign/v1',
          },
          'bundle.sigstore.json',
        ],
      ],
    );
  });

  test('is signed before it can be seen, without asking the registry what it keeps with it', async () => {
    const key = await newKey();
    shelf.isStored = false;
    const attachments = await attachmentsToSign(shelf, digest, statement, key);
    shelf.isStored = true;
    shelf.attached.push(...attachments);
    expect(await verifyVersion(shelf, digest, key.publicKey)).toMatchObject(BOTH);
  });

  test('is not signed again by the same key, only its provenance when more is known', async () => {
    const key = await newKey();
    await signVersion(shelf, digest, statement, key);
    expect(await signVersion(shelf, digest, statement, key)).toEqual({
      signature: 'kept',
      provenance: 'kept',
    });
    expect(shelf.attached).toHaveLength(2);
    const more = provenanceStatement({ ...known, evaluation: undefined }, {});
    expect(await signVersion(shelf, digest, more, key)).toEqual({ signature: 'kept', provenance: 'added' });
  });

  test('is signed by a second key beside the first, and each is valid', async () => {
    const [first, second] = [await newKey(), await newKey()];
    await signVersion(shelf, digest, statement, first);
    expect(await signVersion(shelf, digest, statement, second)).toEqual({
      signature: 'added',
      provenance: 'added',
    });
    expect(await verifyVersion(shelf, digest, first.publicKey)).toMatchObject(BOTH);
    expect(await verifyVersion(shelf, digest, second.publicKey)).toMatchObject(BOTH);
  });

  test('stays valid whatever strangers attach, and is invalid with theirs alone', async () => {
    const key = await newKey();
    const strange = [Buffer.from('{"mediaType":'), Buffer.alloc(5_000_000), Buffer.from('null')];
    const attachStrange = async () => {
      for (const bytes of strange) await shelf.attach(digest, 'signature', [{ name: 'x', bytes }]);
    };
    await attachStrange();
    expect(await verifyVersion(shelf, digest, key.publicKey)).toMatchObject({
      signature: 'invalid',
      provenance: 'missing',
      reasons: [
        'The signature is not valid: it is not a sigstore bundle of version 0.3 with a DSSE envelope, or it is too large.',
        'The provenance is not valid: there is none.',
      ],
    });
    await signVersion(shelf, digest, statement, key);
    await attachStrange();
    expect(await verifyVersion(shelf, digest, key.publicKey)).toMatchObject(BOTH);
  });

  test('cannot lend its signature to another version, nor its provenance to its signature', async () => {
    const key = await newKey();
    await signVersion(shelf, digest, statement, key);
    const other = await verifyVersion(shelf, `sha256:${'9'.repeat(64)}`, key.publicKey);
    expect(other).toMatchObject({ signature: 'invalid', provenance: 'invalid', builder: null, runUrl: null });
    const [provenance] = shelf.attached;
    shelf.attached.length = 0;
    await shelf.attach(digest, 'signature', provenance!.files);
    const swapped = await verifyVersion(shelf, digest, key.publicKey);
    expect(swapped).toMatchObject({ signature: 'invalid', provenance: 'missing' });
    expect(swapped.reasons[0]).toContain('its statement is of another kind');
  });

  test('signed with a certificate alone counts as not signed by this key', async () => {
    const key = await newKey();
    const bundle = JSON.parse(
      readFileSync(fileURLToPath(new URL('fixtures/signature.json', import.meta.url)), 'utf8'),
    );
    bundle.verificationMaterial = { certificate: { rawBytes: 'AA==' } };
    const bytes = Buffer.from(JSON.stringify(bundle));
    await shelf.attach(digest, 'provenance', [{ name: 'x', bytes }]);
    const found = await verifyVersion(shelf, digest, key.publicKey);
    expect(found).toMatchObject({ signature: 'missing', provenance: 'missing' });
    expect(found.reasons).toContain(
      'The provenance is not valid: it is signed with a certificate, not with a key.',
    );
  });

  test('with bytes that the registry cannot give is invalid, and other failures are no verdict', async () => {
    const key = await newKey();
    const failing = (error: Error): SignedRegistry => ({
      resolve: shelf.resolve,
      attach: shelf.attach,
      attachments: async () => [{ ...stored(Buffer.from('')), read: () => Promise.reject(error) }],
    });
    const damaged = new UserError('The stored file is damaged.');
    expect(await verifyVersion(failing(damaged), digest, key.publicKey)).toMatchObject({
      signature: 'invalid',
      reasons: [
        'The signature is not valid: it cannot be read (The stored file is damaged).',
        'The provenance is not valid: it cannot be read (The stored file is damaged).',
      ],
    });
    const bug = new TypeError('a bug');
    await expect(verifyVersion(failing(bug), digest, key.publicKey)).rejects.toBe(bug);
  });

  test('whose valid provenance is of another shape says nothing of its origin', async () => {
    const key = await newKey();
    const shapes = [
      'null',
      '[]',
      '{"runDetails":{"builder":{"id":7},"metadata":"x"}}',
      '{"runDetails":null}',
    ];
    for (const predicate of shapes) {
      const text = `{"_type":"https://in-toto.io/Statement/v1","predicate":${predicate},"predicateType":"https://slsa.dev/provenance/v1","subject":[{"digest":{"sha256":"${digest.slice(7)}"}}]}`;
      await signVersion(shelf, digest, text, key);
      expect(await verifyVersion(shelf, digest, key.publicKey)).toMatchObject({
        ...BOTH,
        builder: null,
        runUrl: null,
      });
    }
  });

  test('in a folder of this machine keeps the signatures of two keys', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'signed-'));
    try {
      writeFileSync(join(folder, 'model.pkl'), 'weights');
      const registry = await openRegistry(parseRegistry(`oci-layout:${join(folder, 'registry')}`, 'churn'), {
        env: {},
      });
      const pushed = await registry.pushModel(join(folder, 'model.pkl'));
      const text = provenanceStatement({ version: { ...version, subject: { digest: pushed.digest } } }, {});
      const keys = [await newKey(), await newKey()];
      for (const key of [...keys, ...keys]) await signVersion(registry, pushed.digest, text, key);
      expect(await registry.attachments(pushed.digest, 'signature')).toHaveLength(2);
      expect(await registry.attachments(pushed.digest, 'provenance')).toHaveLength(2);
      for (const { publicKey } of keys) {
        expect(await verifyVersion(registry, pushed.digest, publicKey)).toMatchObject(BOTH);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
