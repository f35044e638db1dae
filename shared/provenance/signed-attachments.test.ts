import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordAttachment } from '../registries/packaged-model.ts';
import { type Attachment, openRegistry, parseRegistry, type Registry } from '../registries/registry.ts';
import { sampleEvaluation, sampleVersion } from '../testing/sample-records.ts';
import { checkSignature } from './check-signature.ts';
import { filesToHold, HELD_ROLES, type HeldFiles, strangeFiles } from './held-files.ts';
import { readSigningKey, type SigningKey } from './keys.ts';
import { signVersion } from './sign.ts';
import { heldBy } from './signed-attachments.ts';
import { provenanceStatement } from './statement.ts';

let folder: string;
let registry: Registry;
let digest: string;
let key: SigningKey;
let publicKey: string;

const bytes = (text: string) => Buffer.from(text);
const ATTACHED: Attachment[] = [
  {
    role: 'environment',
    files: [
      { name: 'uv.lock', bytes: bytes('version = 1') },
      { name: '.python-version', bytes: bytes('3.12') },
    ],
  },
  { role: 'model-card', files: [{ name: 'README.md', bytes: bytes('# Churn') }] },
  { role: 'predictions', files: [{ name: 'predictions.csv', bytes: bytes('id,score\n1,0.5') }] },
];
const EVALUATION = recordAttachment(sampleEvaluation());
const env = {};
const mask = () => undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attached-'));
  registry = await openRegistry(parseRegistry(`oci-layout:${join(folder, 'registry')}`, 'churn'), { env });
  await writeFile(join(folder, 'model.bin'), 'weights');
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  publicKey = join(folder, 'key.pub');
  await writeFile(publicKey, pair.publicKey.export({ type: 'spki', format: 'pem' }));
  await writeFile(join(folder, 'key'), pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  key = await readSigningKey(join(folder, 'key'), { env, mask });
  const attachments = [...ATTACHED, EVALUATION];
  ({ digest } = await registry.pushModel(join(folder, 'model.bin'), { attachments }));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** @param attached left out, the statement says nothing of attachments, as those of earlier releases. */
async function sign(attached?: HeldFiles): Promise<void> {
  const version = { ...sampleVersion(), subject: { digest }, predictCommand: null, serveCommand: null };
  const known = { version, evaluation: sampleEvaluation(), ...(attached ? { attached } : {}) };
  await signVersion(registry, digest, provenanceStatement(known, env), key);
}
const hold = () => filesToHold(registry, digest, ATTACHED);
const problem = async () => (await checkSignature(registry, digest, publicKey, { env, mask })).problem;

test.each(ATTACHED.map(({ role, files }) => ({ role, name: files[0]!.name })))(
  'another file in the place of $name of the $role is refused',
  async ({ role, name }) => {
    await sign(await hold());
    expect(await problem()).toBe('');
    const given = ATTACHED.find((attachment) => attachment.role === role)!.files;
    const files = given.map((file) => (file.name === name ? { name, bytes: bytes('other') } : file));
    await registry.attach(digest, role, files);
    expect(await problem()).toContain(`is not what was signed: ${role} (${name}).`);
    await registry.attach(digest, role, given);
    expect(await problem()).toBe('');
  },
);

test('a file more or less, and a role that had no files, are refused', async () => {
  await sign(await hold());
  const [, python] = ATTACHED[0]!.files;
  await registry.attach(digest, 'environment', [python!, { name: 'poetry.lock', bytes: bytes('x') }]);
  await registry.attach(digest, 'DataProfile', [{ name: 'record.json', bytes: bytes('{}') }]);
  const said = await problem();
  expect(said).toContain('environment (uv.lock), environment (poetry.lock), DataProfile (record.json)');
});

test('a version that was signed before files were named still verifies, and is held to the rest', async () => {
  await sign();
  expect(await problem()).toBe('');
  await registry.attach(digest, 'predictions', [{ name: 'predictions.csv', bytes: bytes('other') }]);
  expect(await problem()).toBe('');
  await registry.attach(digest, 'Evaluation', [{ name: 'record.json', bytes: bytes('{}') }]);
  expect(await problem()).toContain('is not what was signed: Evaluation.');
});

test('what is left as it is when a version is signed again is named as the key named it before', async () => {
  const first = await hold();
  await registry.attach(digest, 'predictions', [{ name: 'predictions.csv', bytes: bytes('another hand') }]);
  const [environment, card] = [ATTACHED[0]!, { role: 'model-card', files: [] }];
  const again = await filesToHold(registry, digest, [environment, card], [first]);
  expect(again).toEqual({ ...first, 'model-card': {} });
  // Where the key said nothing before, what is attached now is what is signed.
  const fresh = await filesToHold(registry, digest, []);
  expect(fresh.predictions).not.toEqual(first.predictions);
  expect(fresh).toEqual({ ...first, predictions: fresh.predictions });
  expect(Object.keys(fresh)).toEqual(HELD_ROLES);
});

test('the statement gives back what it was told, and one of another kind says nothing', async () => {
  const attached = await hold();
  const known = { version: sampleVersion(), attached };
  expect(heldBy(provenanceStatement(known, env))).toEqual(attached);
  expect(heldBy('{"predicate":{}}')).toEqual({});
  expect(strangeFiles({}, attached)).toEqual([]);
});
