/** Archives that fill the disk, or write where they should not. */
import { constants, deflateRawSync, gzipSync } from 'node:zlib';
import type { FindingRule } from '../../../shared/models/scan/rules.ts';
import { bytes, join, u32, utf8 } from '../bytes.ts';
import { tar } from '../tar-writer.ts';
import { zip } from '../zip-writer.ts';
import type { EvilFile } from './evil-file.ts';

const MEBIBYTE = 1 << 20;
const CONTENT = utf8('scanned\n');

const file = (
  technique: string,
  rule: FindingRule,
  files: Record<string, readonly [gadget: string, make: () => Uint8Array]>,
): EvilFile[] =>
  Object.entries(files).map(([name, [gadget, make]]) => ({
    name,
    technique,
    gadget,
    rule,
    make,
  }));

/** One member of 10 MiB, which ten thousand entries name: 100 GB. */
const quoted = (): Uint8Array =>
  zip([
    { name: '0', content: new Uint8Array(10 * MEBIBYTE), deflated: true },
    ...Array.from({ length: 10_000 }, (_, index) => ({
      name: `${index + 1}`,
      content: new Uint8Array(),
      quotes: 0,
    })),
  ]);

/** A part of a deflate stream that may be repeated. */
const zeros = (size: number): Uint8Array =>
  new Uint8Array(
    deflateRawSync(new Uint8Array(size), {
      finishFlush: constants.Z_FULL_FLUSH,
    }),
  );

/** 1.3 MB that unpack to 1.3 GB. */
function gzipOfZeros(): Uint8Array {
  const part = zeros(16 * MEBIBYTE);
  const header = bytes(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3);
  return join(header, ...Array.from({ length: 80 }, () => part), bytes(3, 0), u32(0), u32(0));
}

const BZIP2_OF_ZEROS =
  'QlpoOTFBWSZTWQ4J4t8BX45AAMAAAAggADCATUZCoCWpCoCXMUFZJlNZudCH0AAAxdAAwAAEAAAIIAAgpTQZjUhbBQvF3JFOFCQpcNCbgA==';
const base64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

function deep(depth: number): Uint8Array {
  let content: Uint8Array = CONTENT;
  for (let left = depth; left > 0; left--) content = new Uint8Array(gzipSync(content));
  return content;
}

/** Thirty members that say they are 4 GB each. */
const declared = (): Uint8Array =>
  zip(
    Array.from({ length: 30 }, (_, index) => ({
      name: `${index}`,
      content: CONTENT,
      deflated: true,
      size: 2 ** 32 - 2,
    })),
  );

const BOMBS = file('a bomb', 'too-much', {
  'declared.zip': ['120 GB in 30 members', declared],
  'zeros.gz': ['1.3 GB of zeros', gzipOfZeros],
  /** By Python's `bz2.compress(bytes(46_000_000), 9)`, which is one block, over and over. */
  'zeros.bz2': ['4.6 GB of zeros', () => join(...Array.from({ length: 100 }, () => base64(BZIP2_OF_ZEROS)))],
  'two-hundred-deep.gz': ['200 archives in each other', () => deep(200)],
});

const OVERLAPS = file('a bomb', 'archive-disagreement', {
  'quoted.zip': ['10,001 entries of one member', quoted],
});

const named = (name: string) => [name, () => zip([{ name, content: CONTENT }])] as const;
const tarNamed = (name: string) => [name, () => tar([{ name, content: CONTENT }])] as const;

const TRAVERSAL = file('a name outside of the archive', 'archive-path', {
  'above.zip': named('../../scanned.txt'),
  'in-and-above.zip': named('model/../../scanned.txt'),
  'absolute.zip': named('/tmp/scanned.txt'),
  'drive.zip': named('C:\\scanned.txt'),
  'backslashes.zip': named('..\\..\\scanned.txt'),
  'above.tar': tarNamed('../../scanned.txt'),
  'absolute.tar': tarNamed('/tmp/scanned.txt'),
  'above.tar.gz': [
    '../scanned.txt',
    () => new Uint8Array(gzipSync(tar([{ name: '../scanned.txt', content: CONTENT }]))),
  ],
});

const LINKS = file('a link in an archive', 'archive-link', {
  'symbolic-link.tar': [
    'a link to /etc/hostname',
    () => tar([{ name: 'weights', link: '/etc/hostname', type: '2' }]),
  ],
  'hard-link.tar': [
    'a hard link to /etc/hostname',
    () => tar([{ name: 'weights', link: '/etc/hostname', type: '1' }]),
  ],
  'through-a-link.tar': [
    'a file behind a link',
    () =>
      tar([
        { name: 'folder', link: '/tmp', type: '2' },
        { name: 'folder/scanned.txt', content: CONTENT },
      ]),
  ],
  'symbolic-link.zip': [
    'a link to /etc/hostname',
    () => zip([{ name: 'weights', content: utf8('/etc/hostname'), mode: 0o120777 }]),
  ],
});

export const UNPACKING: readonly EvilFile[] = [...BOMBS, ...OVERLAPS, ...TRAVERSAL, ...LINKS];
