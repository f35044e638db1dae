import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '../records/canonical-json.ts';
import { modelDigest } from './digest.ts';
import { checkInnerPath } from './path.ts';

describe('the digest of a model', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'model-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function make(name: string, files: Record<string, string>): Promise<string> {
    const root = join(folder, name);
    await mkdir(root);
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), content);
    }
    return root;
  }

  test('is the one it has always been', async () => {
    const model = await make('m', { 'model.pkl': 'weights', 'conf/settings.json': '{}', 'README.md': '# m' });
    const { digest, manifest, files, config } = await modelDigest(model);
    // Were this to change, every registered model would get another name.
    expect(digest).toBe('sha256:e100b121c74ae70c58412d24a50948da5801bcd815599c1c866110ba80489189');
    expect(digest).toBe(sha256(manifest));
    expect(files.map((file) => file.path)).toEqual(['README.md', 'conf/settings.json', 'model.pkl']);
    const json = JSON.parse(new TextDecoder().decode(manifest));
    expect(json).toMatchObject({
      artifactType: 'application/vnd.cncf.model.manifest.v1+json',
      config: { mediaType: 'application/vnd.cncf.model.config.v1+json', digest: config.digest },
      layers: [
        { mediaType: 'application/vnd.cncf.model.doc.v1.raw' },
        { mediaType: 'application/vnd.cncf.model.weight.config.v1.raw' },
        {
          mediaType: 'application/vnd.cncf.model.weight.v1.raw',
          digest: sha256('weights'),
          size: 7,
          annotations: {
            'org.cncf.model.filepath': 'model.pkl',
            'org.opencontainers.image.title': 'model.pkl',
          },
        },
      ],
    });
    const diffIds = JSON.parse(new TextDecoder().decode(config.bytes)).modelfs.diffIds;
    expect(diffIds).toEqual(files.map((file) => file.digest));
  });

  test('is the same for a file alone and for a folder that holds just that file', async () => {
    const model = await make('m', { 'model.pkl': 'weights' });
    expect((await modelDigest(join(model, 'model.pkl'))).digest).toBe((await modelDigest(model)).digest);
  });

  test('sorts by bytes, not by the words of a language, and sees no empty folders', async () => {
    const model = await make('m', { b: '', B: '', ä: '', 'a/z': '', 'a.b': '', 'a-b': '' });
    await mkdir(join(model, 'nothing'));
    const { files } = await modelDigest(model);
    expect(files.map((file) => file.path)).toEqual(['B', 'a-b', 'a.b', 'a/z', 'b', 'ä']);
  });

  test('depends on names and contents alone', async () => {
    const name = fc.stringMatching(/^[a-z]{1,3}(\/[A-Z]{1,2})?$/);
    let count = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(name, fc.string(), { minKeys: 1, maxKeys: 5 }),
        fc.string(),
        async (given, other) => {
          const files = Object.fromEntries(
            Object.entries(given).filter(
              ([path]) => !Object.hasOwn(given, path.split('/')[0] ?? '') || !path.includes('/'),
            ),
          );
          const reversed = Object.fromEntries(Object.entries(files).reverse());
          const first = await modelDigest(await make(`p${count++}`, files));
          const second = await modelDigest(await make(`p${count++}`, reversed));
          expect(second.digest).toBe(first.digest);
          const [path = ''] = Object.keys(files);
          const changed = await modelDigest(
            await make(`p${count++}`, { ...files, [path]: `${files[path]}${other}` }),
          );
          expect(changed.digest === first.digest).toBe(Buffer.from(other).length === 0);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('is refused to what is no model', async () => {
    const empty = await make('empty', {});
    await expect(modelDigest(empty)).rejects.toThrow('holds no file');
    await expect(modelDigest(join(folder, 'missing'))).rejects.toThrow('no model at');
    const linked = await make('linked', { a: '1' });
    await symlink('/etc/passwd', join(linked, 'b'));
    await expect(modelDigest(linked)).rejects.toThrow('symbolic link');
    const odd = await make('odd', { 'a\\b': '1' });
    await expect(modelDigest(odd)).rejects.toThrow('backslash');
  });

  test.each(['', '/etc/passwd', '../x', 'a/../b', 'a//b', './a', 'a/', 'C:x', 'a\\b', 'a\nb', 'a\0b'])(
    'has no room for the path %j',
    (path) => {
      expect(() => checkInnerPath(path, 'The model')).toThrow('The model holds the path');
    },
  );
});
