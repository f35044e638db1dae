import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packCode } from './code-archive.ts';
import { unpackTar } from './tar-read.ts';
import { writeTar } from './tar-write.ts';

describe('the archive of a code folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'code-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function make(name: string, files: Record<string, string>): Promise<string> {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name, path)), { recursive: true });
      await writeFile(join(folder, name, path), content);
    }
    return join(folder, name);
  }

  test('holds the code and nothing that is not', async () => {
    const code = await make('code', {
      'serve.py': 'x',
      'lib/a.py': 'y',
      '.git/HEAD': 'ref',
      '.env': 'SECRET=1',
      'lib/__pycache__/a.pyc': 'z',
      'env/pyvenv.cfg': '',
      'env/lib/b.py': '',
      'store/churn/oci-layout': '{}',
      'records/a.json': '{}',
      'node_modules/x/index.js': '',
    });
    const archive = join(folder, 'code.tar');
    expect(await packCode(code, archive, [join(code, 'records')])).toEqual(['lib/a.py', 'serve.py']);
    await unpackTar(archive, join(folder, 'out'));
    expect(await readFile(join(folder, 'out/lib/a.py'), 'utf8')).toBe('y');
  });

  test('is the same bytes whatever the dates, and keeps what may be executed', async () => {
    const one = await make('one', { 'a.sh': '1', b: '2' });
    const two = await make('two', { b: '2', 'a.sh': '1' });
    for (const code of [one, two]) await chmod(join(code, 'a.sh'), 0o755);
    await utimes(join(two, 'b'), 1, 1);
    await packCode(one, join(folder, '1.tar'), []);
    await packCode(two, join(folder, '2.tar'), []);
    expect(await readFile(join(folder, '1.tar'))).toEqual(await readFile(join(folder, '2.tar')));
    await unpackTar(join(folder, '1.tar'), join(folder, 'out'));
    expect((await stat(join(folder, 'out/a.sh'))).mode & 0o111).toBe(0o111);
    expect((await stat(join(folder, 'out/b'))).mode & 0o111).toBe(0);
  });

  test('gives back any file of any size under any name', async () => {
    let count = 0;
    const part = fc.stringMatching(/^[a-zA-Zäß€😀 ._-]{1,60}$/u).filter((text) => !/^\.+$/.test(text));
    const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    await fc.assert(
      fc.asyncProperty(path, fc.uint8Array({ maxLength: 1500 }), async (name, content) => {
        const run = join(folder, String(count++));
        await mkdir(run);
        await writeFile(join(run, 'source'), content);
        const entry = {
          path: name,
          location: join(run, 'source'),
          size: content.length,
          isExecutable: false,
        };
        await writeTar(join(run, 'x.tar'), [entry]);
        await unpackTar(join(run, 'x.tar'), join(run, 'out'));
        expect(new Uint8Array(await readFile(join(run, 'out', name)))).toEqual(content);
      }),
      { numRuns: 50 },
    );
  });

  test('is refused where it would lie, leak or break out', async () => {
    const archive = join(folder, 'x.tar');
    const linked = await make('linked', { a: '1' });
    await symlink('/etc/passwd', join(linked, 'b'));
    await expect(packCode(linked, archive, [])).rejects.toThrow('neither a file nor a folder');
    await expect(packCode(join(folder, 'missing'), archive, [])).rejects.toThrow('cannot be read');
    await expect(packCode(await make('hidden', { '.a': '1' }), archive, [])).rejects.toThrow(
      'no file to pack',
    );

    const code = await make('code', { a: '12345' });
    const entry = { location: join(code, 'a'), size: 5, isExecutable: false };
    await writeTar(archive, [{ ...entry, path: '../escaped' }]);
    await expect(unpackTar(archive, join(folder, 'out'))).rejects.toThrow('".." part');
    await writeTar(archive, [{ ...entry, path: 'a' }]);
    const bytes = await readFile(archive);
    await writeFile(archive, bytes.subarray(0, 514));
    await expect(unpackTar(archive, join(folder, 'out2'))).rejects.toThrow('cut off');
    bytes[0] = 98;
    await writeFile(archive, bytes);
    await expect(unpackTar(archive, join(folder, 'out3'))).rejects.toThrow('damaged');

    // A size below zero would lead back to the same header for ever.
    bytes.write('-0000001000\0', 124);
    bytes.write('5', 156);
    bytes.write('        ', 148);
    const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    await writeFile(archive, bytes);
    await expect(unpackTar(archive, join(folder, 'out4'))).rejects.toThrow('damaged');
  });
});
