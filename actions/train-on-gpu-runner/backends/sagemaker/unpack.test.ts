import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unpackArchive } from './unpack.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unpack-'));
  mkdirSync(join(folder, 'from'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const pack = (...words: string[]): Buffer =>
  execFileSync('tar', [...words, '-czf', '-', '-C', join(folder, 'from'), '.']);

/** In pieces of a size that fits nothing. */
async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 333) yield bytes.subarray(at, at + 333);
}
const unpack = (bytes: Buffer) => unpackArchive(pieces(bytes), join(folder, 'to'), 'The model');

test.for(['gnu', 'pax', 'ustar', 'v7', 'oldgnu'])(
  "an archive in tar's dialect %s comes out as it went in",
  async (format) => {
    const long = format === 'v7' || format === 'ustar' ? 'short' : `${'ü'.repeat(60)}/${'long'.repeat(40)}`;
    const files: Record<string, Buffer> = {
      'model.bin': Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251)),
      [`${long}/weights`]: Buffer.from('w'),
      empty: Buffer.alloc(0),
    };
    for (const [name, bytes] of Object.entries(files)) {
      mkdirSync(join(folder, 'from', name, '..'), { recursive: true });
      writeFileSync(join(folder, 'from', name), bytes);
    }
    mkdirSync(join(folder, 'from/nothing'));
    chmodSync(join(folder, 'from/model.bin'), 0o755);
    await unpack(pack(`--format=${format}`));
    for (const [name, bytes] of Object.entries(files))
      expect(readFileSync(join(folder, 'to', name))).toEqual(bytes);
    expect(readdirSync(join(folder, 'to/nothing'))).toEqual([]);
    expect(statSync(join(folder, 'to/model.bin')).mode & 0o111).not.toBe(0);
  },
);

test('links, and paths that lead out, are refused', async () => {
  symlinkSync('/etc/passwd', join(folder, 'from/link'));
  await expect(unpack(pack())).rejects.toThrow('neither a file nor a folder: link');
  rmSync(join(folder, 'from/link'));
  writeFileSync(join(folder, 'from/a'), 'a');
  execFileSync('ln', [join(folder, 'from/a'), join(folder, 'from/b')]);
  await expect(unpack(pack('--sort=name'))).rejects.toThrow('neither a file nor a folder: b');
  rmSync(join(folder, 'from/b'));
  for (const [to, problem] of [
    ['../a', '"." or ".." part'],
    ['/tmp/a', 'is absolute'],
    ['x/../../a', '"." or ".." part'],
  ] as const)
    await expect(unpack(pack('-P', `--transform=s,^\\./a$,${to},`)), to).rejects.toThrow(problem);
});

test('what is damaged or cut off anywhere is refused', async () => {
  writeFileSync(join(folder, 'from/a'), 'a'.repeat(2000));
  const whole = pack();
  const plain = gunzipSync(whole);
  // Without the gzip's own end; without the archive's; a header that was changed; no archive at all.
  const changed = Buffer.from(plain);
  changed[600] = changed[600]! ^ 1;
  for (const bytes of [
    whole.subarray(0, -9),
    gzipSync(plain.subarray(0, 1500)),
    gzipSync(changed),
    Buffer.from('no gzip'),
  ])
    await expect(unpack(bytes)).rejects.toThrow('The model is damaged or cut off.');
  await unpack(whole);
  await expect(unpack(gzipSync(Buffer.alloc(10_240)))).resolves.toBeUndefined();
});
