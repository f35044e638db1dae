import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mutated } from '../../../testing/mutated-bytes.ts';
import { rulesBroken, scanBytes } from '../../../testing/scan-bytes.ts';
import { scanGguf } from './gguf.ts';

const number32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const number64 = (value: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const text = (value: string) => Buffer.concat([number64(Buffer.byteLength(value)), Buffer.from(value)]);
const entry = (key: string, type: number, ...value: Buffer[]) =>
  Buffer.concat([text(key), number32(type), ...value]);
const textEntry = (key: string, value: string) => entry(key, 8, text(value));
const tensor = (name: string, sizes: number[], type: number, offset: number) =>
  Buffer.concat([
    text(name),
    number32(sizes.length),
    ...sizes.map(number64),
    number32(type),
    number64(offset),
  ]);

function gguf(entries: Buffer[], tensors: Buffer[] = [], data = 0): Buffer {
  const counts = [number64(tensors.length), number64(entries.length)];
  const head = Buffer.concat([Buffer.from('GGUF'), number32(3), ...counts, ...entries, ...tensors]);
  return Buffer.concat([head, Buffer.alloc(((32 - (head.length % 32)) % 32) + data)]);
}

/** Values and tensors of most types, as GGUFWriter of gguf 0.19 writes them, by zlib. */
const WRITTEN_BY_GGUF =
  'eNrtVM1u00AQXqd14kIPIBXx18NeohyQrKY1UYUqJaeWKwdOCJlNMv4Ru+vU3oiWKKKPxCPwKH0E3gC8rr3e2E7gCGrGmszszDc/Ox7n4uL9' +
  '+Q5C6CG6o0e5PMilDxxiQm0ST4JQwETMY7BSu5n7KSWM7FfAnLAMtJvbRcivD/QAexJxAVfCpcB9EUjcjVb0DhNHM7C9GC7dMUmgLR2jw/Nq' +
  'LY8Sv5OejapDED/ZS8+ykVbuM3JJCmW8lytXNp+zMcRZiLzcjhbSys+WAns0IiLDtrX0CP0YIoRHpsLNB84DVGYqHd7A2VdRt8Nd5QhPZcVf' +
  'xShE9Bl4+BVi2/cZtVk0BVqb/5NmcHZUMygiimbFkdL6SjtW2onSnDXpk0kUg5qBidbT8w39ueJ6BsXQTW3oVX5aSzIJiHAFsBklItu3tzlk' +
  '0cVeFGOGQ44ZJAnxIcHd5WKB2YdeHFHofcSvcO8N7qUiNWXbyEVqXS7TWOBTGd5dPtZLusDGU/sLhH4g5GxGubPp4sXrDAj1Wtoy6UtVBBa2' +
  'iIOhragkbK6me3fqHumlC7u8+6iKdZqx0vapXcG+dvtN2I76KW0hF9mGFm0/k1vfWR1FiukPdJBcgNs66ORYB71A5SemgQaODnopx2Jp7aWU' +
  'fYyrsEN5Gwv9Dd0Mt7zlLW/5XvJZ7Wn4f1xPFv72B7pfiNqAvv9jljqd/c92wzA2Xs7Ink3+ktf5m+Qq/Rw2S4R+Az8AHjg=';

const valid = gguf(
  [
    textEntry('general.architecture', 'llama'),
    entry('general.alignment', 4, number32(32)),
    entry('llama.rope.freq_base', 6, Buffer.alloc(4)),
    entry('tokenizer.ggml.tokens', 9, number32(8), number64(3), text('<s>'), text('__'), text('c')),
    entry('tokenizer.ggml.scores', 9, number32(6), number64(3), Buffer.alloc(12)),
    textEntry('tokenizer.chat_template', "{% for m in messages %}{{ m['content'] }}{% endfor %}"),
  ],
  [tensor('a', [32, 2], 2, 0), tensor('b', [4], 0, 64)],
  80,
);

describe('scanGguf', () => {
  test('passes an ordinary model, however its bytes come', async () => {
    expect(await scanBytes(scanGguf, valid, 5)).toEqual({ found: [], inner: [] });
  });

  test('passes one of another byte order', async () => {
    const bytes = Buffer.concat([Buffer.from('GGUF'), Buffer.from([0, 0, 0, 3]), Buffer.alloc(16)]);
    expect(await rulesBroken(scanGguf, bytes)).toEqual([]);
  });

  test.each([
    [
      'a template that runs code',
      [textEntry('tokenizer.chat_template', "{{ ''.__class__ }}")],
      'template-code',
    ],
    ['a second template', [textEntry('tokenizer.chat_template.tool_use', '{{ cycler }}')], 'template-code'],
    [
      'a template in a list',
      [entry('tokenizer.chat_templates', 9, number32(8), number64(1), text('{{ x.__init__ }}'))],
      'template-code',
    ],
    ['a key twice', [textEntry('a', 'b'), textEntry('a', 'c')], 'duplicate-key'],
    ['a key of a cloud', [textEntry('general.description', `AKIA${'IOSFODNN7EXAMPLE'}`)], 'secret'],
    ['a type that GGUF does not have', [entry('a', 13)], 'header-does-not-fit'],
    ['an alignment of six', [entry('general.alignment', 4, number32(6))], 'header-does-not-fit'],
    ['an alignment in a text', [textEntry('general.alignment', '32')], 'header-does-not-fit'],
    ['an alignment of nothing', [entry('general.alignment', 4, number32(0))], 'header-does-not-fit'],
    ['a text past the end', [entry('a', 8, number64(2 ** 40))], 'cut-off'],
    ['a list past the end', [entry('a', 9, number32(0), number64(2 ** 60))], 'cut-off'],
    ['a list of lists past the end', [entry('a', 9, number32(9), number64(2 ** 60))], 'cut-off'],
  ])('says that it has %s', async (_, entries, rule) => {
    expect(await rulesBroken(scanGguf, gguf(entries))).toEqual([rule]);
  });

  test.each([
    ['past the end', [tensor('a', [1000], 0, 0)], ['cut-off']],
    ['that begins past the end', [tensor('a', [1], 99, 320)], ['tensor-layout', 'cut-off']],
    ['that is not aligned', [tensor('a', [8], 0, 4)], ['tensor-layout']],
    [
      'in the place of another',
      [tensor('a', [8], 0, 0), tensor('b', [8], 0, 0)],
      ['tensor-layout', 'bytes-after-end'],
    ],
    ['behind a hole', [tensor('a', [8], 0, 32)], ['tensor-layout']],
    ['with the name of another', [tensor('a', [8], 0, 0), tensor('a', [8], 0, 32)], ['duplicate-key']],
    ['of many dimensions', [tensor('a', [1, 1, 1, 1, 1], 0, 0)], ['header-does-not-fit']],
    ['and bytes of none', [tensor('a', [8], 0, 0)], ['bytes-after-end']],
  ] as [string, Buffer[], string[]][])('says that it has a tensor %s', async (_, tensors, rules) => {
    expect(await rulesBroken(scanGguf, gguf([], tensors, 64))).toEqual(rules);
  });

  test('says nothing of what lies behind a tensor of a type that came later', async () => {
    expect(await rulesBroken(scanGguf, gguf([], [tensor('a', [8], 200, 0)], 64))).toEqual([]);
  });

  test('takes what gguf 0.19 writes', async () => {
    const bytes = inflateSync(Buffer.from(WRITTEN_BY_GGUF, 'base64'));
    expect(await scanBytes(scanGguf, bytes, 7)).toEqual({ found: [], inner: [] });
    expect(await rulesBroken(scanGguf, bytes.subarray(0, -33))).toEqual(['cut-off']);
  });

  test('does not look into a version that it does not know', async () => {
    const bytes = Buffer.from(valid);
    bytes[4] = 9;
    expect(await rulesBroken(scanGguf, bytes)).toEqual(['cannot-look-into']);
  });

  test('says that the file ends, wherever it does', async () => {
    for (let end = 4; end < valid.length; end += 7)
      expect(await rulesBroken(scanGguf, valid.subarray(0, end))).toEqual(['cut-off']);
  });

  test('ends on every mutation', async () => {
    await fc.assert(
      fc.asyncProperty(mutated(valid), async (changed) => {
        await scanBytes(scanGguf, changed);
      }),
      { seed: 4, numRuns: 300 },
    );
  });
});
