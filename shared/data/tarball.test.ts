import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readTarball } from './tarball.ts';

function entry(path: string, body: string, type = '0', prefix = ''): Buffer {
  const bytes = Buffer.from(body);
  const header = Buffer.alloc(512);
  header.write(path, 0);
  header.write(bytes.length.toString(8).padStart(11, '0'), 124);
  header.write(type, 156);
  header.write('ustar', 257);
  header.write(prefix, 345);
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

const pack = (...entries: Buffer[]): Buffer => gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)]));
const read = (archive: Buffer) =>
  readTarball(archive).map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]);

describe('readTarball', () => {
  test('reads files, passes folders over, joins prefixes and pax paths', () => {
    const long = `package/${'long'.repeat(40)}`;
    const pax = `${` path=${long}\n`.length + 3} path=${long}\n`;
    const archive = pack(
      entry('package/', '', '5'),
      entry('a', 'one', '0', 'package'),
      entry('x', pax, 'x'),
      entry('cut', 'two'),
    );
    expect(read(archive)).toEqual([
      ['package/a', 'one'],
      [long, 'two'],
    ]);
  });

  test('reads a file of exactly one block and an empty one', () => {
    expect(read(pack(entry('a', 'b'.repeat(512)), entry('c', '')))).toEqual([
      ['a', 'b'.repeat(512)],
      ['c', ''],
    ]);
  });

  test.each(['../evil', '/etc/passwd', 'a/../../b', 'C:\\x', 'a\\..\\b'])('refuses %s', (path) => {
    expect(() => readTarball(pack(entry(path, 'x')))).toThrow('outside its folder');
  });

  test('refuses links and truncated archives', () => {
    expect(() => readTarball(pack(entry('a', '', '2')))).toThrow('link');
    expect(() => readTarball(gzipSync(entry('a', 'x'.repeat(2000)).subarray(0, 1024)))).toThrow('truncated');
    expect(() => readTarball(gzipSync(entry('a', 'x')))).toThrow('truncated');
  });
});
