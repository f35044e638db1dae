import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mutated } from '../../../testing/mutated-bytes.ts';
import { rulesBroken, scanBytes } from '../../../testing/scan-bytes.ts';
import { findingsOf } from '../../../testing/scan-one.ts';
import { scanHdf5 } from './hdf5.ts';

const signature = Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0]);
const noise = Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * index * 31) % 251));
/** As a text lies in a heap: its size before it, and filled up behind it. */
const file = (...parts: (string | Buffer)[]) =>
  Buffer.concat([
    signature,
    noise,
    ...parts.flatMap((part) => [Buffer.alloc(8, 1), Buffer.from(part), Buffer.alloc(5)]),
    noise,
  ]);
const config = (className: string) =>
  JSON.stringify({ class_name: 'Sequential', config: { layers: [{ class_name: className }] } });

/** `where` → `/there` in the file. */
function link(target: string, flags = 0x08, between = Buffer.alloc(0)): Buffer {
  const value = Buffer.from(`\0${target}\0/there\0`);
  return Buffer.concat([
    Buffer.from([1, flags, 0x40]),
    between,
    Buffer.from([5]),
    Buffer.from('where'),
    Buffer.from([value.length, 0]),
    value,
  ]);
}

const fileList = Buffer.alloc(24 + 24);
fileList.set([7, 0, 40, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0]);

/** A layout in a header of the second version, and of the first: as h5py 3 writes them. */
const virtual = Buffer.from('0b080e00000403000800000000000001000000', 'hex');
const virtualBefore = Buffer.from('0800100000000000040300080000000000000100000000', 'hex');

describe('scanHdf5', () => {
  test('passes an ordinary model, however its bytes come', async () => {
    const bytes = file('{not JSON', config('Dense'), '{"class": 1}', '["layer_names"]');
    expect(await scanBytes(scanHdf5, bytes, 13)).toEqual({ found: [], inner: [] });
  });

  test('passes one that is longer than a part', async () => {
    const bytes = file(
      Buffer.alloc(250_000),
      config('Dense').padEnd(30_000),
      Buffer.alloc(600_000),
      config('Dense'),
    );
    expect(await rulesBroken(scanHdf5, bytes)).toEqual([]);
  });

  test.each([
    ['a Lambda layer', [config('Lambda')], ['keras-code']],
    ['one across two parts', [Buffer.alloc(256_950), config('Lambda')], ['keras-code']],
    ['one behind JSON that breaks off', ['{"a": ', config('Lambda')], ['keras-code']],
    [
      'one whose key comes late',
      [config('Lambda').replace('{', `{${' \n\t\r'.repeat(200)}`)],
      ['keras-code'],
    ],
    ['one with a long key first', [`{"${'a'.repeat(400)}":1,${config('Lambda').slice(1)}`], ['keras-code']],
    ['more beginnings of JSON than are followed', ['{"a":x'.repeat(60_000)], ['cannot-look-into']],
    ['one right behind such', [`{"a": 1 ${config('Lambda')}`], ['keras-code']],
    ['one within a text that does not end', [`{"${config('Lambda')}`], ['keras-code']],
    [
      'letters behind escapes',
      [`{"${config('Dense')} {"class\\u005fname": "Lambda"}`],
      ['keras-code', 'cannot-look-into'],
    ],
    ['a link into another file', [link('/etc/passwd')], ['hdf5-external']],
    ['a link with an order and its characters', [link('other.h5', 0x1c, Buffer.alloc(9))], ['hdf5-external']],
    ['data in other files', [fileList], ['hdf5-external']],
    ['a dataset of others', [virtual], ['hdf5-external']],
    ['one in an older header', [virtualBefore], ['hdf5-external']],
  ] as [string, (string | Buffer)[], string[]][])('tells %s', async (_, parts, rules) => {
    expect(await rulesBroken(scanHdf5, file(...parts))).toEqual(rules);
  });

  const inst = "(S'echo'\niposix\nsystem\n.";
  /** A text of bytes in a header of the first version: its type, that it is one, and it. */
  const attribute = (content: string) => {
    const type = Buffer.from('1300000000000000', 'hex');
    type.writeUInt32LE(content.length, 4);
    return Buffer.concat([type, Buffer.from('0100000000000000', 'hex'), Buffer.from(content, 'latin1')]);
  };
  /** A heap with one object. */
  const heap = (content: string) => {
    const head = Buffer.alloc(32);
    head.write('GCOL\x01');
    head.writeUInt32LE(4096, 8);
    head[16] = 1;
    head.writeUInt32LE(content.length, 24);
    return Buffer.concat([head, Buffer.from(content, 'latin1')]);
  };
  const shared = Buffer.concat([
    Buffer.from('0302' + '1020000000000000' + '02000000', 'hex'),
    Buffer.from(inst),
  ]);
  const long = `\x80\x02X\0\0\x10\0${'a'.repeat(1 << 20)}cposix\nsystem\n(V\ntR.`;

  test.each([
    ['in an attribute', attribute(inst)],
    ['in an attribute whose type is elsewhere', shared],
    ['as an object', heap(inst)],
    ['with a mark, anywhere', '\x80\x02cposix\nsystem\n(V\ntR.'],
    ['without a mark, anywhere', 'cposix\nsystem\n(V\ntR.'],
    ['of Python 2', 'c__builtin__\neval\n(V\ntR.'],
    ['of a class that is not known', attribute('cchurn\nEncoder\n(tR.')],
    ['longer than a part', heap(long)],
  ])('tells a pickle %s', async (_, content) => {
    const bytes = file(Buffer.from(content as string, 'latin1'));
    for (const part of [1_000, 1 << 16])
      expect(await rulesBroken(scanHdf5, bytes, part)).toEqual(['pickle-import']);
  });

  test.each([
    ['a list', attribute('(lp0\nVcolumn\np1\na.')],
    ['an array', attribute('cnumpy\ndtype\np0\n(Vf8\np1\nI00\nI01\ntp2\nRp3\n.')],
    ['a list of words', attribute('arccos\nstudios\nsys\nos\nsystem\ncos\nsin\n.')],
    ['words as an object', heap('cat\ndog\nchaos\nmodel.')],
    ['a script', 'import os\nimport sys\nos.system\n'],
  ])('passes %s', async (_, content) => {
    expect(await rulesBroken(scanHdf5, file(Buffer.from(content as string, 'latin1')))).toEqual([]);
  });

  describe('of PyTables', () => {
    /** A message that is the type of a list, in an older header, and in a newer one. */
    const older = (base: string) => Buffer.from(`0300180001000000${'1900000010000000'}${base}`, 'hex');
    const newer = (base: string, order = '') =>
      Buffer.concat([
        Buffer.from(`OHDR\x02${order && '\x04'}${order ? '' : '\0'}\x80`, 'latin1'),
        // Another message before it, longer than a part.
        Buffer.from(`05ffff00${order}`, 'hex'),
        Buffer.alloc(0xffff),
        Buffer.from(`03140000${order}${'1900000010000000'}${base}`, 'hex'),
      ]);
    const swapped = '1001000002000000' + '00001000';
    const converted: [string, string][] = [
      ['in the other order', swapped],
      ['of wide numbers with a byte in them', '1000000004000000' + '00000800'],
      ['in the upper bits of a byte', '1000000001000000' + '01000700'],
      ['of numbers with a point in the other order', '11213f0008000000' + '00004000340b0034ff030000'],
      ['of named numbers in the other order', `1801000002000000${swapped}`],
    ];
    const plain: [string, string][] = [
      ['of bytes', '1000000001000000' + '00000800'],
      ['of bytes that are said to be in the other order', '1001000001000000' + '00000800'],
      ['of wide numbers', '1008000008000000' + '00004000'],
      ['of numbers with a point', '11203f0008000000' + '00004000340b0034ff030000'],
      ['of named bytes', '1801000001000000' + '1000000001000000' + '00000800'],
    ];
    const object = heap('x'.repeat(16));

    test.each(converted)('has no list of objects %s', async (_, base) => {
      for (const header of [older(base), newer(base), newer(base, '0000')])
        for (const part of [1_000, 1 << 16])
          expect(await rulesBroken(scanHdf5, file('PSEUDOATOM', header, object), part)).toEqual([
            'cannot-look-into',
          ]);
    });

    test.each(plain)('may have lists %s', async (_, base) => {
      for (const header of [older(base), newer(base)])
        expect(await rulesBroken(scanHdf5, file('PSEUDOATOM', header, object))).toEqual([]);
    });

    test('may have none that HDF5 converts where there is no object as long as a number', async () => {
      expect(await rulesBroken(scanHdf5, file('PSEUDOATOM', older(swapped)))).toEqual([]);
    });

    test('is told from other files, which may have such lists', async () => {
      expect(await rulesBroken(scanHdf5, file(older(swapped), object))).toEqual([]);
    });
  });

  test('does not follow pickles in each other without end', async () => {
    const bytes = file(Buffer.alloc(2_000_000, '\x80\x02', 'latin1'));
    expect(await rulesBroken(scanHdf5, bytes)).toEqual(['cannot-look-into']);
  });

  test.each([512, 1024, 1 << 20])('is found behind a block of %d bytes', async (size) => {
    const bytes = Buffer.concat([Buffer.alloc(size, 'a'), file(config('Lambda'))]);
    expect(await findingsOf(bytes)).toEqual(['keras-code']);
  });

  test('does not look into a version that it does not know', async () => {
    const bytes = file('');
    bytes[8] = 4;
    expect(await rulesBroken(scanHdf5, bytes)).toEqual(['cannot-look-into']);
  });

  test('says that the file ends in its signature', async () => {
    expect(await rulesBroken(scanHdf5, signature.subarray(0, 8))).toEqual(['cut-off']);
  });

  test('ends on every mutation', async () => {
    const valid = Buffer.concat([signature, Buffer.from(config('Dense')), link('a'), fileList]);
    await fc.assert(
      fc.asyncProperty(mutated(valid), async (changed) => {
        await scanBytes(scanHdf5, changed);
      }),
      { seed: 8, numRuns: 300 },
    );
  });
});
