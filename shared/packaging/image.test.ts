import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packCode } from '../models/code-archive.ts';
import { modelDigest } from '../models/digest.ts';
import { writeTar } from '../models/tar-write.ts';
import { sha256 } from '../records/canonical-json.ts';
import type { Manifest } from '../registries/manifest.ts';
import { LayoutStore } from '../registries/oci/layout.ts';
import { type OciServer, startOciServer } from '../testing/oci-server.ts';
import { readImage } from './base-image.ts';
import { buildImage, findImage, type ImageRequest, refuseOwnPlace } from './image.ts';
import { modelLayer } from './image-layers.ts';

const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

test('a model that changed after it was hashed and scanned comes into no image', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'layer-'));
  try {
    const path = join(folder, 'model');
    await mkdir(path);
    await writeFile(join(path, 'model.pkl'), 'scanned');
    const model = await modelDigest(path);
    await writeFile(join(path, 'model.pkl'), 'changed');
    await expect(modelLayer(model, folder)).rejects.toThrow(/model\.pkl changed while it was read/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe('the container image that serves a model', () => {
  let folder: string;
  let server: OciServer | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'image-'));
  });
  afterEach(async () => {
    await server?.close();
    server = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  /** A base image of one layer, as Docker would have pushed it, in a layout with an index of two platforms. */
  async function makeBase(
    architecture = process.arch === 'x64' ? 'amd64' : process.arch,
    os = 'linux',
  ): Promise<string> {
    const store = new LayoutStore(join(folder, 'base'));
    await writeFile(join(folder, 'sh'), '#!/bin/true');
    const tar = join(folder, 'base.tar');
    await writeTar(tar, [{ path: 'bin/sh', location: join(folder, 'sh'), size: 11, isExecutable: true }]);
    const plain = await readFile(tar);
    const layer = gzipSync(plain);
    const config = text({
      architecture,
      os,
      created: '2026-01-02T03:04:05Z',
      config: { Env: ['PATH=/bin', 'PORT=1'], Cmd: ['python3'], Labels: { from: 'base' } },
      rootfs: { type: 'layers', diff_ids: [sha256(plain)] },
      history: [{ created_by: 'base' }],
    });
    const manifest = text({
      schemaVersion: 2,
      mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
      config: {
        mediaType: 'application/vnd.docker.container.image.v1+json',
        digest: sha256(config),
        size: config.length,
      },
      layers: [
        {
          mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
          digest: sha256(layer),
          size: layer.length,
        },
      ],
    });
    const index = text({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [
        {
          mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
          digest: sha256(manifest),
          size: manifest.length,
          platform: { os: 'linux', architecture },
        },
      ],
    });
    const blob = (bytes: Uint8Array) => ({ bytes, digest: sha256(bytes), size: bytes.length });
    const stored = (bytes: Uint8Array, mediaType: string) => ({
      bytes,
      descriptor: { mediaType, digest: sha256(bytes), size: bytes.length },
    });
    await store.putBlobs([blob(config), blob(layer), blob(manifest)]);
    await store.moveTags(['1'], async () => [
      { tag: '1', manifest: stored(index, 'application/vnd.oci.image.index.v1+json') },
    ]);
    return `oci-layout:${join(folder, 'base')}:1`;
  }

  async function request(image: string, baseImage: string): Promise<ImageRequest> {
    await mkdir(join(folder, 'model/sub'), { recursive: true });
    await writeFile(join(folder, 'model/model.bin'), 'weights');
    await writeFile(join(folder, 'model/sub/config.json'), '{}');
    await mkdir(join(folder, 'code'), { recursive: true });
    await writeFile(join(folder, 'code/serve.py'), 'serve()');
    const codeArchive = join(folder, 'code.tar');
    await packCode(join(folder, 'code'), codeArchive, []);
    return {
      baseImage,
      image,
      model: await modelDigest(join(folder, 'model')),
      codeArchive,
      serveCommand: 'exec python3 serve.py',
      labels: { 'org.opencontainers.image.title': 'churn' },
      temporaryFolder: folder,
    };
  }

  test('is the base with the model and its code on top, and says how it is started', async () => {
    const given = await request(`oci-layout:${join(folder, 'out')}:1`, await makeBase());
    const { reference, digest } = await buildImage(given, { env: {} });
    expect(reference).toBe(`oci-layout:${join(folder, 'out')}@${digest}`);
    const image = await readImage(new LayoutStore(join(folder, 'out')), '1', 'it', 'image');
    expect(image.digest).toBe(digest);
    expect(image.config).toMatchObject({
      created: '2026-01-02T03:04:05Z',
      config: {
        Env: ['PATH=/bin', 'MODEL_DIR=/opt/mlops/model', 'PORT=8080'],
        WorkingDir: '/opt/mlops/code',
        Entrypoint: ['/bin/sh', '-c', 'exec python3 serve.py'],
        Cmd: null,
        Labels: { from: 'base', 'org.cncf.model.digest': given.model.digest },
      },
    });
    expect(image.manifest.layers.map(({ mediaType }) => mediaType)).toEqual([
      'application/vnd.oci.image.layer.v1.tar+gzip',
      'application/vnd.oci.image.layer.v1.tar',
      'application/vnd.oci.image.layer.v1.tar',
    ]);
    // Plain layers: what is stored is what is unpacked.
    const own = image.manifest.layers.slice(1).map((layer) => layer.digest);
    expect(image.config.rootfs.diff_ids.slice(1)).toEqual(own);
    expect(await findImage(`oci-layout:${join(folder, 'out')}:1`, { env: {} })).toEqual({
      reference,
      digest,
    });
    expect(await findImage(reference, { env: {} })).toEqual({ reference, digest });
  });

  test('is the same bytes whenever and wherever it is made', async () => {
    const base = await makeBase();
    const first = await buildImage(await request(`oci-layout:${join(folder, 'a')}:1`, base), { env: {} });
    const second = await buildImage(await request(`oci-layout:${join(folder, 'b')}:2`, base), { env: {} });
    expect(second.digest).toBe(first.digest);
    await writeFile(join(folder, 'code/serve.py'), 'other()');
  });

  test('goes to a registry, and borrows the layers of a base that lies there', async () => {
    server = await startOciServer({});
    const base = await makeBase();
    const inRegistry = `${server.host}/team/base:1`;
    const moved = await buildImage(await request(inRegistry, base), { env: {} });
    const image = await buildImage(await request(`${server.host}/team/server:1`, inRegistry), { env: {} });
    expect(image.reference).toBe(`${server.host}/team/server@${image.digest}`);
    expect(image.digest).not.toBe(moved.digest);
    const answer = await fetch(`http://${server.host}/v2/team/server/manifests/1`, {
      headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
    });
    const manifest = (await answer.json()) as Manifest;
    expect(manifest.layers).toHaveLength(5);
    expect(manifest.annotations?.['org.opencontainers.image.base.digest']).toBe(moved.digest);
  });

  test('needs a base that is there, for this machine, and an image', async () => {
    const image = `oci-layout:${join(folder, 'out')}:1`;
    const missing = await request(image, `oci-layout:${join(folder, 'none')}:1`);
    await expect(buildImage(missing, { env: {} })).rejects.toThrow('There is no container image');
    const foreign = await request(image, await makeBase('s390x'));
    await expect(buildImage(foreign, { env: {} })).rejects.toThrow('is not for linux/');
    const windows = await request(image, await makeBase(undefined, 'windows'));
    await expect(buildImage(windows, { env: {} })).rejects.toThrow('is for windows, not for Linux');
    await expect(buildImage({ ...foreign, image: 'A B' }, { env: {} })).rejects.toThrow('no reference');
  });

  test('does not lie among the versions of the model', () => {
    const location = { scheme: 'oci' as const, path: 'ghcr.io/team', name: 'churn' };
    expect(() => refuseOwnPlace('ghcr.io/team/churn:1', location)).toThrow('among the versions');
    expect(() => refuseOwnPlace('ghcr.io/team/churn-server:1', location)).not.toThrow();
    const layout = { scheme: 'oci-layout' as const, path: 'store', name: 'churn' };
    expect(() => refuseOwnPlace('oci-layout:./store/churn:1', layout)).toThrow('among the versions');
  });
});
