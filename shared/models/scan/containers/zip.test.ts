import { crc32, deflateRawSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { CONTENTS, type Content, packed } from '../../../testing/packed-samples.ts';
import { EVIL_PICKLE, findingsOf, PLAIN_PICKLE, scanOne } from '../../../testing/scan-one.ts';
import { zipByHand } from '../../../testing/zip-by-hand.ts';

const evil = { name: 'weights', bytes: EVIL_PICKLE };
const plain = { name: 'plain', bytes: PLAIN_PICKLE, method: 8 };

describe('an ordinary zip archive', () => {
  test.each([0, 8])('has no finding, packed by method %i, with and without descriptors', async (method) => {
    const members = [
      { name: 'a', bytes: PLAIN_PICKLE, method },
      { name: 'folder/b', bytes: Buffer.alloc(300_000, 'numbers'), method, hasDescriptor: true },
      { name: 'folder/', bytes: Buffer.alloc(0) },
    ];
    const { findings, streams, formats } = await scanOne(
      zipByHand(members, { comment: Buffer.from('Hello.') }),
    );
    expect(findings).toEqual([]);
    expect(streams).toBe(5);
    expect(formats).toMatchObject({ zip: 1, pickle: 1 });
  });

  test('has no finding where it is empty', async () => {
    expect(await findingsOf(zipByHand([]))).toEqual([]);
  });
});

describe('what lies in a zip archive', () => {
  test.each([0, 8])('is looked into, packed by method %i', async (method) => {
    expect(await findingsOf(zipByHand([plain, { ...evil, method }]))).toEqual(['pickle-import: weights']);
  });

  test.each([0, 8])('is looked into where archives lie in each other, by method %i', async (method) => {
    const inner = zipByHand([evil]);
    const outer = zipByHand([{ name: 'b', bytes: zipByHand([{ name: 'a', bytes: inner, method }]), method }]);
    expect(await findingsOf(outer)).toEqual(['pickle-import: b > a > weights']);
  });

  test('is looked into only so deep', async () => {
    let bytes = zipByHand([evil]);
    for (let depth = 0; depth < 20; depth++) bytes = zipByHand([{ name: 'a', bytes }]);
    expect((await scanOne(bytes)).findings.map((found) => found.rule)).toEqual(['too-much']);
  });
});

describe('what loaders disagree about', () => {
  test.each([
    ['name', { name: 'other' }],
    ['packed size', { packedSize: 3 }],
    ['size', { size: 3 }],
    ['checksum', { checksum: 1 }],
    ['compression', { method: 8 }],
    ['mark of encryption', { flags: 1 }],
  ])('another %s before the bytes than in the directory', async (difference, local) => {
    const { findings } = await scanOne(zipByHand([{ ...evil, local }]));
    expect(findings.map((found) => found.rule)).toContain('pickle-import');
    const what = `"weights" has another ${difference} in the directory than before its bytes.`;
    expect(findings.map((found) => found.what)).toContain(what);
  });

  test('a member that is deflated by its own header alone', async () => {
    const packed = deflateRawSync(EVIL_PICKLE);
    const local = { method: 8, size: EVIL_PICKLE.length };
    const found = await findingsOf(zipByHand([{ name: 'a', bytes: packed, local }]));
    expect(found).toContain('pickle-import: a');
    expect(found).toContain('archive-disagreement');
  });

  test('two members of one name', async () => {
    const found = await findingsOf(zipByHand([plain, { ...evil, name: 'plain' }]));
    expect(found.sort()).toEqual(['archive-duplicate', 'pickle-import: plain']);
  });

  test('a member that the directory does not list', async () => {
    const found = await findingsOf(zipByHand([plain, { ...evil, isHidden: true }, { ...plain, name: 'c' }]));
    expect(found.sort()).toEqual(['archive-hidden', 'pickle-import: weights']);
  });

  test('a member that the directory does not list, with its sizes behind it', async () => {
    const found = await findingsOf(
      zipByHand([{ ...evil, isHidden: true, method: 8, hasDescriptor: true }, plain]),
    );
    expect(found).toContain('archive-hidden');
    expect(found).toContain('pickle-import: weights');
  });

  test('a directory that lists what is not there, and one of another length', async () => {
    expect(await findingsOf(zipByHand([{ ...plain, listed: { offset: 9 } }]))).toContain(
      'archive-disagreement',
    );
    expect(await findingsOf(zipByHand([plain], { count: 2 }))).toEqual(['archive-disagreement']);
  });

  test('members that share their bytes', async () => {
    const twice = zipByHand([
      { ...plain, listed: { packedSize: 90 } },
      { ...plain, name: 'b' },
    ]);
    const { findings } = await scanOne(twice);
    expect(findings.map((found) => found.what)).toContain(
      'A member, or the directory, begins within another one.',
    );
  });

  test('a second archive in the comment, of which loaders take the last', async () => {
    const found = await findingsOf(zipByHand([evil], { comment: zipByHand([plain]) }));
    expect(found).toContain('archive-disagreement');
    expect(found).toContain('pickle-import: weights');
  });

  test('a member longer than it says', async () => {
    const long = {
      name: 'a',
      bytes: Buffer.alloc(2000),
      method: 8,
      local: { size: 10 },
      listed: { size: 10 },
    };
    expect(await findingsOf(zipByHand([long]))).toEqual(['archive-disagreement']);
    const longer = { ...long, bytes: Buffer.alloc(5_000_000) };
    expect(await findingsOf(zipByHand([longer]))).toEqual(['unreadable']);
  });

  test('a wrong checksum, with what comes out looked into', async () => {
    const wrong = { ...evil, method: 8, local: { checksum: 1 }, listed: { checksum: 1 } };
    expect(await findingsOf(zipByHand([wrong]))).toEqual(['pickle-import: weights', 'archive-checksum']);
  });

  test.each([100, 100_000])('a deflated member of %i bytes that is damaged', async (size) => {
    const packed = deflateRawSync(Buffer.alloc(size, 'some text'));
    const claims = { method: 8, size };
    const cut = { name: 'a', bytes: packed.subarray(0, packed.length - 4), local: claims, listed: claims };
    expect(await findingsOf(zipByHand([cut]))).toEqual(['unreadable: a']);
  });

  test('bytes behind the end of a deflated stream', async () => {
    const bytes = Buffer.concat([deflateRawSync(PLAIN_PICKLE), EVIL_PICKLE]);
    const right = { method: 8, size: PLAIN_PICKLE.length, checksum: 0 };
    const found = await findingsOf(zipByHand([{ name: 'a', bytes, local: right, listed: right }]));
    expect(found).toContain('pickle-import: a (behind its end)');
    expect(found).toContain('archive-hidden');
  });
});

describe('bytes around an archive', () => {
  test('before it', async () => {
    const found = await findingsOf(Buffer.concat([EVIL_PICKLE, zipByHand([plain])]));
    expect(found).toContain('archive-hidden');
    expect(found).toContain('pickle-import');
  });

  test('before it, where the archive is what is dangerous', async () => {
    const found = await findingsOf(Buffer.concat([Buffer.from([1, 2, 3, 250]), zipByHand([evil])]));
    expect(found.sort()).toEqual(['archive-hidden', 'pickle-import: weights']);
  });

  test('behind it', async () => {
    const archive = zipByHand([plain]);
    expect((await findingsOf(Buffer.concat([archive, EVIL_PICKLE]))).sort()).toEqual([
      'archive-hidden',
      `pickle-import: (bytes from ${archive.length} on)`,
    ]);
  });

  test('a cut-off archive is read by what is left', async () => {
    const archive = zipByHand([evil]);
    const found = await findingsOf(archive.subarray(0, archive.length - 30));
    expect(found).toContain('unreadable');
    expect(found).toContain('pickle-import: weights');
  });
});

describe('a member', () => {
  test.each([
    ['../x', 'archive-path'],
    ['a/../../x', 'archive-path'],
    ['..\\x', 'archive-path'],
    ['/etc/x', 'archive-path'],
    ['C:x', 'archive-path'],
    ['a\0b', 'archive-disagreement'],
    ['a\\b', 'archive-name'],
    ['a\nb', 'archive-name'],
  ])('with the name %j', async (name, rule) => {
    expect(await findingsOf(zipByHand([{ ...plain, name }]))).toEqual([rule]);
  });

  test('with a name that is no UTF-8 although it says so', async () => {
    const name = Buffer.from([0x61, 0xff]);
    expect(await findingsOf(zipByHand([{ ...plain, name, flags: 0x800 }]))).toEqual(['archive-name']);
  });

  test('that is a symbolic link', async () => {
    const link = { name: 'l', bytes: Buffer.from('/etc/passwd'), mode: 0o120777 };
    expect(await findingsOf(zipByHand([link]))).toContain('archive-link');
  });

  test.each([
    ['encrypted', { flags: 1 }],
    ['packed by PPMd', { method: 98 }],
    ['packed by the unknown method 77', { method: 77 }],
  ])('that is %s cannot be looked into', async (what, how) => {
    const { findings } = await scanOne(zipByHand([{ ...plain, ...how }]));
    expect(findings).toMatchObject([{ rule: 'cannot-look-into', what: `"plain" is ${what}.` }]);
  });
});

test('an archive that declares far more than it holds is refused before anything is unpacked', async () => {
  const bytes = deflateRawSync(Buffer.alloc(1 << 20));
  const big = { method: 8, size: 0xf000_0000 };
  const members = [1, 2, 3].map((n) => ({ name: `${n}`, bytes, local: big, listed: big }));
  const { findings, streams } = await scanOne(zipByHand(members));
  expect(findings).toMatchObject([{ rule: 'too-much' }]);
  expect(streams).toBe(1);
});

test('an archive of which every member is wrong is looked into only so far', async () => {
  const wrong = (name: string) => ({ ...plain, name, local: { method: 0 } });
  const inner = zipByHand(Array.from({ length: 100 }, (_, n) => wrong(`${n}`)));
  const members = Array.from({ length: 20 }, (_, n) => ({ name: `${n}`, bytes: inner }));
  const { findings, counts } = await scanOne(zipByHand(members));
  // A thousand, the one that is too many, and what that is called.
  expect(counts.error).toBe(1_002);
  const what = 'It has more than 1,000 errors: the rest is not looked into.';
  expect(findings).toContainEqual(expect.objectContaining({ rule: 'too-much', what }));
});

describe('a member that is packed otherwise than by deflate', () => {
  /** As `zipfile` writes it, and 7-Zip: versions, the length of the properties, these, and what they pack. */
  const lzma = (content: Content) => {
    const alone = packed('lzma', content);
    return Buffer.concat([Buffer.from('09040500', 'hex'), alone.subarray(0, 5), alone.subarray(13)]);
  };
  const member = (content: Content, method: number, bytes: Buffer, flags: number) => {
    const claims = { method, flags, size: CONTENTS[content].length, checksum: crc32(CONTENTS[content]) };
    return { name: content, bytes, local: claims, listed: claims };
  };
  const WAYS: [string, number, (content: Content) => Buffer, number][] = [
    ['bzip2', 12, (content) => packed('bzip2', content), 0],
    ['LZMA, which a mark ends', 14, lzma, 2],
    ['LZMA, which its size ends', 14, lzma, 0],
    ['Zstandard', 93, (content) => zstdCompressSync(CONTENTS[content]), 0],
    ['xz', 95, (content) => packed('xz', content), 0],
  ];

  test.each(WAYS)('by %s is looked into', async (_name, method, pack, flags) => {
    const made = (content: Content) => member(content, method, pack(content), flags);
    expect(await findingsOf(zipByHand([made('plain'), made('evil')]))).toEqual(['pickle-import: evil']);
  });

  test.each(WAYS)(
    'by %s has its size, its checksum and its end looked at',
    async (_name, method, pack, flags) => {
      const made = member('plain', method, pack('plain'), flags);
      const wrong = { ...made.listed, checksum: 1 };
      expect(await findingsOf(zipByHand([{ ...made, local: wrong, listed: wrong }]))).toEqual([
        'archive-checksum',
      ]);
      const longer = { ...made, bytes: Buffer.concat([made.bytes, EVIL_PICKLE]) };
      expect(await findingsOf(zipByHand([longer]))).toEqual([
        'archive-hidden',
        'pickle-import: plain (behind its end)',
      ]);
      const cut = { ...made, bytes: made.bytes.subarray(0, -3) };
      expect(await findingsOf(zipByHand([cut]))).toEqual(['unreadable: plain']);
      const strange = { ...made, bytes: Buffer.from('nothing of this kind') };
      expect(await findingsOf(zipByHand([strange]))).toEqual([expect.stringMatching(/^unreadable/)]);
    },
  );

  test('by LZMA is read in two ways, where its headers say different things of its end', async () => {
    const made = member('plain', 14, lzma('plain'), 2);
    const found = await findingsOf(zipByHand([{ ...made, local: { ...made.local, flags: 0 } }]));
    expect(found).toEqual(['archive-disagreement']);
  });
});

describe('a torch archive', () => {
  const persistent = Buffer.from('\x80\x02(X\x07\x00\x00\x00storageX\x01\x00\x00\x000tQ.', 'latin1');
  const archive = (first: Uint8Array) => [
    { name: 'model/data.pkl', bytes: persistent },
    { name: 'model/data/0', bytes: first },
    { name: 'model/version', bytes: Buffer.from('3\n') },
  ];

  test('may name its storages, whose bytes may begin with anything', async () => {
    for (const begin of ['\x78\x9c', 'cab', 'PK\x03\x04', '\x80\x02', '(']) {
      const first = Buffer.concat([Buffer.from(begin, 'latin1'), Buffer.alloc(500, 0xf3)]);
      expect(await findingsOf(zipByHand(archive(first)))).toEqual([]);
    }
  });

  test('has a pickle found in place of a storage', async () => {
    expect(await findingsOf(zipByHand(archive(EVIL_PICKLE)))).toEqual(['pickle-import: model/data/0']);
  });
});

describe('archives of torch one behind the other', () => {
  const archive = (bytes: Buffer) =>
    zipByHand([
      { name: 'archive/data.pkl', bytes },
      { name: 'archive/data/0', bytes: Buffer.alloc(64, 'numbers') },
      { name: 'archive/version', bytes: Buffer.from('3\n') },
    ]);
  const plainOne = archive(PLAIN_PICKLE);
  const evilOne = archive(EVIL_PICKLE);

  test('have no finding', async () => {
    expect(await findingsOf(Buffer.concat([plainOne, plainOne, plainOne]))).toEqual([]);
  });

  test.each([0, 1, 2])('are looked into each by itself, the one at %i', async (place) => {
    const archives = [plainOne, plainOne, plainOne].with(place, evilOne);
    const start = place * plainOne.length;
    expect(await findingsOf(Buffer.concat(archives))).toEqual([
      `pickle-import: (archive from ${start} on) > archive/data.pkl`,
    ]);
  });

  test('are no such ones where bytes lie in between, or where others wrote them', async () => {
    const between = Buffer.concat([plainOne, Buffer.from('between'), plainOne]);
    expect(await findingsOf(between)).toContain('archive-hidden');
    const others = zipByHand([plain]);
    expect((await findingsOf(Buffer.concat([others, others]))).join()).toContain('archive-');
  });
});
