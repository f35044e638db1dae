import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { modelDigest } from '../../models/digest.ts';
import type { BlobSource } from '../manifest.ts';
import { parseManifest, storedManifest } from '../manifest.ts';
import { openRegistry, parseRegistry, type Registry } from '../registry.ts';
import { LayoutStore } from './layout.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'removal-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const layout = () => join(folder, 'store/churn');
const open = (): Promise<Registry> =>
  openRegistry(parseRegistry(`oci-layout:${join(folder, 'store')}`, 'churn'), { env: {} });

/** A model with a file of its own and one that all models share. */
async function makeModel(name: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  await writeFile(join(path, 'own.bin'), name);
  await writeFile(join(path, 'shared.bin'), 'shared');
  return path;
}

async function register(name: string): Promise<string> {
  const file = { name: 'record.json', bytes: Buffer.from(`"${name}"`) };
  const attachments = [{ role: 'ModelVersion', files: [file] }];
  return (await (await open()).pushModel(await makeModel(name), { attachments })).digest;
}

const blobs = async () => (await readdir(join(layout(), 'blobs/sha256'))).sort();

async function expectWhole(digest: string, out: string): Promise<void> {
  await (await open()).pullModel(digest, join(folder, out));
  expect((await modelDigest(join(folder, out))).digest).toBe(digest);
}

test('frees the bytes of a version and of what is attached to it, and no others', async () => {
  const kept = await register('kept');
  const before = await blobs();
  const gone = await register('gone');
  const registry = await open();
  await registry.setStanding(gone, { approval: 'rejected' });
  await registry.remove(gone);
  expect(await registry.resolve(gone)).toBeUndefined();
  expect(await registry.attachments(gone, 'ModelVersion')).toEqual([]);
  expect(await blobs()).toEqual(before);
  await expectWhole(kept, 'out');
  await registry.remove(gone);
  expect(await registry.versions()).toHaveLength(1);
});

test('creates no registry to remove something from', async () => {
  await (await open()).remove(`sha256:${'0'.repeat(64)}`);
  expect(await stat(layout()).catch(() => undefined)).toBeUndefined();
});

test.each(['before', 'after'] as const)(
  'killed %s it changed the index, is ended or undone by the next change',
  async (when) => {
    const kept = await register('kept');
    const before = await blobs();
    const gone = await register('gone');
    const index = JSON.parse(await readFile(join(layout(), 'index.json'), 'utf8'));
    const planned = (await blobs()).map((hex) => `sha256:${hex}`);
    await writeFile(join(layout(), '.removing.json'), JSON.stringify(planned));
    if (when === 'after') {
      const records = await (await open()).allAttachments(gone);
      expect(records).toHaveLength(1);
      index.manifests = index.manifests.slice(0, 2);
      await writeFile(join(layout(), 'index.json'), JSON.stringify(index));
    }
    await (await open()).moveAlias('champion', { to: kept });
    await expectWhole(kept, 'out');
    if (when === 'before') await expectWhole(gone, 'gone-out');
    // Of the move itself: the history and its manifest.
    else expect((await blobs()).filter((hex) => !before.includes(hex))).toHaveLength(2);
    expect(await stat(join(layout(), '.removing.json')).catch(() => undefined)).toBeUndefined();
  },
);

test.each(['another version', 'what is gone'] as const)(
  'killed after it changed the index, is ended by the removal of %s',
  async (next) => {
    await register('kept');
    const before = await blobs();
    const other = await register('other');
    const index = await readFile(join(layout(), 'index.json'), 'utf8');
    const gone = await register('gone');
    const planned = (await blobs()).map((hex) => `sha256:${hex}`);
    await writeFile(join(layout(), '.removing.json'), JSON.stringify(planned));
    await writeFile(join(layout(), 'index.json'), index);
    const registry = await open();
    await registry.remove(next === 'what is gone' ? gone : other);
    if (next === 'what is gone') await registry.remove(other);
    expect(await blobs()).toEqual(before);
  },
);

test('takes nothing from a push of the same bytes that was about to end', async () => {
  const digest = await register('both');
  const hashed = await modelDigest(join(folder, 'both'));
  const sources: BlobSource[] = [
    ...hashed.files.map((file) => ({ digest: file.digest, size: file.size, path: file.location })),
    { ...hashed.config, size: hashed.config.bytes.length },
  ];
  const pushing = new LayoutStore(layout());
  await pushing.putBlobs(sources);
  await (await open()).remove(digest);
  expect(await blobs()).toEqual([]);
  const manifest = storedManifest(hashed.manifest, parseManifest(hashed.manifest, digest));
  expect(await pushing.publishVersion(manifest, sources)).toBe(true);
  await expectWhole(digest, 'out');
});

test('and registrations of the same bytes, all at once, leave a whole version or none', async () => {
  const digest = await register('raced');
  for (let round = 0; round < 10; round++) {
    const jobs = [0, 1, 2, 3].map(async (job) => {
      const registry = await open();
      if (job % 2) await registry.remove(digest);
      else await registry.pushModel(join(folder, 'raced'));
    });
    await Promise.all(jobs);
    if (await (await open()).resolve(digest)) await expectWhole(digest, `out-${round}`);
    else expect(await blobs()).toEqual([]);
  }
});

test('an alias is not moved to a version that was removed meanwhile', async () => {
  const digest = await register('gone');
  const registry = await open();
  const store = new LayoutStore(layout());
  const manifest = (await store.getManifest(digest))!;
  await registry.remove(digest);
  const move = store.moveTags(['champion'], async () => [{ tag: 'champion', manifest, mustBePresent: true }]);
  await expect(move).rejects.toThrow('just removed');
  expect({ ...(await registry.aliases()) }).toEqual({});
});

test('frees nothing while a manifest that stays cannot be read', async () => {
  const kept = await register('kept');
  const gone = await register('gone');
  const manifest = join(layout(), 'blobs/sha256', kept.slice(7));
  const bytes = await readFile(manifest);
  // A folder in its place: what fails is the reading, and the file is not gone.
  await rm(manifest);
  await mkdir(manifest);
  await expect((await open()).remove(gone)).rejects.toThrow();
  await rm(manifest, { recursive: true });
  await writeFile(manifest, bytes);
  await (await open()).remove(gone);
  await expectWhole(kept, 'out');
});

test('and every change after it, is not stopped by what a strange manifest names', async () => {
  const digest = await register('gone');
  const store = new LayoutStore(layout());
  const model = (await store.getManifest(digest))!;
  const { config, layers } = parseManifest(model.bytes, digest);
  const type = 'application/vnd.oci.image.manifest.v1+json';
  const strange = {
    schemaVersion: 2,
    mediaType: type,
    config,
    // A file of the model, called a manifest, and digests that lead out of the folder.
    layers: layers.map((layer) => ({ ...layer, mediaType: type })),
    subject: model.descriptor,
    extra: [
      { mediaType: type, digest: 'sha256:../../../../own.bin' },
      { mediaType: 'text/plain', digest: 'sha512:1' },
    ],
  };
  const bytes = new TextEncoder().encode(JSON.stringify(strange));
  await store.putReferrers(model.descriptor, [storedManifest(bytes, parseManifest(bytes, 'strange'))], []);
  await (await open()).remove(digest);
  await expectWhole(await register('next'), 'out');
});
