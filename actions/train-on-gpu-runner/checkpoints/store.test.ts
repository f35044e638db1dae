import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '../../../shared/records/canonical-json.ts';
import { type S3Server, startS3Server } from '../../../shared/testing/aws/s3-server.ts';
import { openCheckpoints } from './checkpoints.ts';
import { isOwnName } from './folder-note.ts';
import { manifestText, parseManifest } from './manifest.ts';
import { openObjects } from './open-objects.ts';
import { prune } from './prune.ts';
import { scanFolder } from './scan.ts';
import { readSnapshot } from './snapshot.ts';
import { type CheckpointStore, openCheckpointStore, type SnapshotFile } from './store.ts';

let folder: string;
let server: S3Server;
let said: string[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'checkpoint-store-'));
  server = await startS3Server();
  said = [];
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const KINDS = ['s3', 'folder'] as const;
const placeOf = (kind: (typeof KINDS)[number]): string =>
  kind === 's3' ? 's3://models/checkpoints' : join(folder, 'store');
const openAt = (
  kind: (typeof KINDS)[number],
  more: { work?: string; attempt?: string } = {},
): Promise<CheckpointStore> =>
  openCheckpointStore(placeOf(kind), { name: 'demo', work: 'w', env: server.env, ...more });
const objectsOf = (kind: (typeof KINDS)[number]) => openObjects(placeOf(kind), 'demo/w', { env: server.env });
const keysOf = async (kind: (typeof KINDS)[number], beginning: string) =>
  (await (await objectsOf(kind)).list(beginning)).map(({ key }) => key);

/** A folder with these files, and what a store is given of it. */
async function snapshot(name: string, files: Record<string, string>): Promise<SnapshotFile[]> {
  const own = join(folder, name);
  rmSync(own, { recursive: true, force: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(own, path)), { recursive: true });
    writeFileSync(join(own, path), text);
  }
  return (await readSnapshot(
    own,
    await scanFolder(own, isOwnName),
    new Map(),
    isOwnName,
    new AbortController().signal,
  ))!;
}

let machines = 0;
async function restoreOn(store: CheckpointStore, machine = join(folder, `machine-${machines++}`)) {
  const opened = await openCheckpoints({
    ...{
      folder: machine,
      name: 'demo',
      work: 'w',
      env: {},
      store,
      log: (message: string) => void said.push(message),
    },
    loadCache: () => expect.fail('with a store the cache is not used'),
  });
  const files: Record<string, string> = {};
  for (const name of readdirSync(machine, { recursive: true, withFileTypes: true }))
    if (name.isFile() && !isOwnName(name.name))
      files[name.name] = readFileSync(join(name.parentPath, name.name), 'utf8');
  return { ...opened, files, machine };
}

describe.each(KINDS)('in %s', (kind) => {
  test('a checkpoint goes to another machine; of one content one object is kept, and two checkpoints', async () => {
    const store = await openAt(kind);
    for (const step of [1, 2, 3, 4])
      await store.publish(
        await snapshot('a', { 'config.json': '{}', 'same.json': '{}', 'w/model.bin': `m${step}` }),
        step,
      );
    expect(await keysOf(kind, 'manifests/')).toEqual([
      `manifests/${store.attempt}/000003.json`,
      `manifests/${store.attempt}/000004.json`,
    ]);
    expect(await keysOf(kind, 'objects/')).toHaveLength(3);
    const found = await restoreOn(await openAt(kind));
    expect(found).toMatchObject({ resumedFrom: 'store', resumedStep: 4, cacheKey: undefined });
    expect(found.files).toEqual({ 'config.json': '{}', 'same.json': '{}', 'model.bin': 'm4' });
  });

  test('what is there is not sent again by the same attempt, nor by its post step', async () => {
    const store = await openAt(kind);
    const files = await snapshot('a', { model: 'm', other: 'o' });
    await store.publish(files, 1);
    rmSync(join(folder, 'a', 'model'));
    // What was sent is not even read.
    expect(await store.publish(files, 1)).toMatchObject({ state: 'published', sequence: 2 });
    const post = await openAt(kind, { attempt: store.attempt });
    expect(post.attempt).toBe(store.attempt);
    expect(await post.publish(await snapshot('b', { model: 'm', other: 'o' }), 1)).toMatchObject({
      sequence: 3,
    });
    expect(await keysOf(kind, 'objects/')).toHaveLength(2);
    if (kind === 's3') expect(server.calls.filter(({ what }) => /PUT.*objects/.test(what))).toHaveLength(2);
  });

  test.each(['gone', 'damaged', 'cut off', 'manifest damaged'] as const)(
    'one that is not whole (%s) is passed by for the one before',
    async (how) => {
      const store = await openAt(kind);
      await store.publish(await snapshot('a', { model: 'one' }), 1);
      await store.publish(await snapshot('a', { model: 'two' }), 2);
      const objects = await objectsOf(kind);
      const key =
        how === 'manifest damaged'
          ? `manifests/${store.attempt}/000002.json`
          : `objects/${store.attempt}/${sha256('two').slice(7)}`;
      const text = new TextDecoder().decode((await objects.read(key))!.bytes);
      await objects.delete([key]);
      const put = (bytes: string) => objects.putIf(key, Buffer.from(bytes), 'absent');
      if (how === 'damaged') await put('owt');
      if (how === 'cut off') await put('t');
      const reasons = {
        gone: 'the object of model is missing',
        damaged: 'the bytes of model are damaged',
        'cut off': 'the object of model has 1 bytes of 3',
        'manifest damaged': 'its manifest is damaged',
      };
      if (how === 'manifest damaged') await put(text.replace('"step":2', '"step":3'));
      const found = await restoreOn(await openAt(kind));
      expect(found).toMatchObject({ resumedFrom: 'store', resumedStep: 1, files: { model: 'one' } });
      expect(said.join('\n')).toMatch(/A newer checkpoint is not used: .*000002\.json: /);
      expect(said.join('\n')).toContain(reasons[how]);
    },
  );

  test('a finished training is begun anew, and nothing is kept of it', async () => {
    const store = await openAt(kind);
    await store.publish(await snapshot('a', { model: 'one' }), 1);
    await store.finish();
    expect(await store.publish(await snapshot('a', { model: 'late' }), 2)).toEqual({ state: 'superseded' });
    expect(await keysOf(kind, 'manifests/')).toHaveLength(1);
    expect(await restoreOn(await openAt(kind))).toMatchObject({ resumedFrom: 'nothing', files: {} });
  });

  test('other work sees nothing of it', async () => {
    await (await openAt(kind)).publish(await snapshot('a', { model: 'one' }), 1);
    const other = await openAt(kind, { work: 'other' });
    expect(await other.restore(join(folder, 'b'), async () => undefined)).toEqual({
      state: 'nothing',
      step: null,
      skipped: [],
    });
  });

  test('an attempt that was taken for dead can neither overwrite nor delete what a later one wrote', async () => {
    const old = await openAt(kind);
    await old.publish(await snapshot('a', { model: 'old' }), 5);
    const later = await openAt(kind);
    expect(await old.publish(await snapshot('a', { model: 'zombie' }), 9)).toEqual({ state: 'superseded' });
    expect(await old.finish()).toEqual({ state: 'superseded' });
    await later.publish(await snapshot('b', { model: 'new' }), 6);
    // A manifest that was under way when the later attempt began arrives after it.
    const objects = await objectsOf(kind);
    const late = {
      schemaVersion: 1 as const,
      work: 'w',
      attempt: old.attempt,
      sequence: 7,
      createdAt: new Date().toISOString(),
    };
    await objects.putIf(
      `manifests/${old.attempt}/000007.json`,
      Buffer.from(manifestText({ ...late, step: 99, finished: false, files: [] })),
      'absent',
    );
    expect(await restoreOn(await openAt(kind))).toMatchObject({ resumedStep: 6, files: { model: 'new' } });
  });

  test('what an old attempt was about to remove is removed without touching the later one', async () => {
    const old = await openAt(kind);
    for (const step of [1, 2]) await old.publish(await snapshot('a', { model: `old ${step}` }), step);
    const later = await openAt(kind);
    await later.publish(await snapshot('b', { model: 'new' }), 3);
    await prune(await objectsOf(kind), { attempt: old.attempt, number: 1, keep: 1 });
    expect(await keysOf(kind, 'manifests/')).toEqual([
      `manifests/${old.attempt}/000002.json`,
      `manifests/${later.attempt}/000001.json`,
    ]);
    expect(await keysOf(kind, 'attempts/')).toEqual(['attempts/000002.json']);
    expect(await restoreOn(await openAt(kind))).toMatchObject({ resumedStep: 3, files: { model: 'new' } });
  });

  test('two that begin at once have two numbers', async () => {
    const attempts = await Promise.all([openAt(kind), openAt(kind), openAt(kind)]);
    expect(attempts.map(({ attempt }) => attempt.slice(0, 6)).sort()).toEqual(['000001', '000002', '000003']);
  });

  test('the folder is moved aside for what is in the store, and stays when nothing is there', async () => {
    const store = await openAt(kind);
    const machine = join(folder, 'machine');
    mkdirSync(machine);
    writeFileSync(join(machine, 'model'), 'half');
    expect(await restoreOn(store, machine)).toMatchObject({
      resumedFrom: 'folder',
      files: { model: 'half' },
    });
    await store.publish(await snapshot('a', { model: 'whole' }), null);
    expect(await restoreOn(await openAt(kind), machine)).toMatchObject({
      resumedFrom: 'store',
      files: { model: 'whole' },
    });
    expect(readFileSync(join(`${machine}.previous`, 'model'), 'utf8')).toBe('half');
  });

  test('links inside the folder come along, those that lead out do not', async () => {
    const own = join(folder, 'a');
    mkdirSync(join(own, 'checkpoint-5'), { recursive: true });
    writeFileSync(join(own, 'checkpoint-5', 'model'), 'm');
    symlinkSync('checkpoint-5', join(own, 'last'));
    symlinkSync('/etc/passwd', join(own, 'secret'));
    symlinkSync('../../outside', join(own, 'checkpoint-5', 'outside'));
    const scan = await scanFolder(own, isOwnName);
    expect(scan.leftOut.sort()).toEqual([
      'checkpoint-5/outside (a link that leads out of the folder)',
      'secret (a link that leads out of the folder)',
    ]);
    const store = await openAt(kind);
    await store.publish(
      (await readSnapshot(own, scan, new Map(), isOwnName, new AbortController().signal))!,
      5,
    );
    const { machine } = await restoreOn(await openAt(kind));
    expect(readFileSync(join(machine, 'last', 'model'), 'utf8')).toBe('m');
  });
});

test('what was brought into the folder before the machine died is half a checkpoint, and is cleared', async () => {
  const machine = join(folder, 'machine');
  const options = {
    folder: machine,
    name: 'demo',
    work: 'w',
    env: {},
    log: () => undefined,
    loadCache: () => expect.fail(),
  };
  const dying = async (_: string, prepare: () => Promise<void>) => {
    await prepare();
    writeFileSync(join(machine, 'model'), 'one of two files');
    throw new Error('The power is lost.');
  };
  await expect(openCheckpoints({ ...options, store: { place: 's3://b', restore: dying } })).rejects.toThrow();
  expect(await openCheckpoints(options)).toMatchObject({ resumedFrom: 'nothing' });
  expect(readdirSync(machine)).toEqual(['.mlops-checkpoints.json']);
});

test('a file that changed since it was hashed is not stored in a folder, and leaves nothing there', async () => {
  const objects = await openObjects(join(folder, 'store'), '', { env: {} });
  const path = join(folder, 'model');
  writeFileSync(path, 'other');
  for (const size of [5, 4, 6])
    await expect(objects.put('objects/a', { digest: sha256('model'), size, path })).rejects.toThrow(
      'is not what it was',
    );
  expect(readdirSync(join(folder, 'store', 'objects'))).toEqual([]);
});

test('a store that cannot be read is an error, not a training from the beginning', async () => {
  await server.close();
  await expect(
    openCheckpointStore('s3://models/x', {
      name: 'demo',
      work: 'w',
      env: { ...server.env, AWS_MAX_ATTEMPTS: '1' },
    }),
  ).rejects.toThrow(/s3:\/\/models/);
  server = await startS3Server();
  writeFileSync(join(folder, 'file'), '');
  await expect(
    openCheckpointStore(join(folder, 'file'), { name: 'demo', work: 'w', env: {} }),
  ).rejects.toThrow(/EEXIST|ENOTDIR/);
});

test('a manifest that would write outside the folder, or is of a newer release, is none', () => {
  const manifest = {
    ...{
      schemaVersion: 1 as const,
      work: 'w',
      attempt: '000001-0123abcd',
      sequence: 1,
      createdAt: '2026-01-01T00:00:00Z',
    },
    ...{ step: null, finished: false, files: [{ path: 'a', size: 1, sha256: 'a'.repeat(64) }] },
  };
  expect(parseManifest(manifestText(manifest))).toEqual(manifest);
  for (const path of ['../a', '/a', 'a/../../b', 'C:/a', 'a\\b', ''])
    expect(
      parseManifest(manifestText({ ...manifest, files: [{ path, size: 1, sha256: 'a'.repeat(64) }] })),
    ).toMatch('does not follow');
  expect(parseManifest(manifestText({ ...manifest, files: [...manifest.files, ...manifest.files] }))).toMatch(
    'twice',
  );
  expect(parseManifest(manifestText({ ...manifest, schemaVersion: 2 as unknown as 1 }))).toMatch(
    'newer release',
  );
  expect(parseManifest(manifestText(manifest).slice(0, 40))).toMatch('cut off');
});
