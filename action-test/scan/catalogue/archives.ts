import { crc32, deflateRawSync } from 'node:zlib';
import { join, utf8 } from '../bytes.ts';
import { type TarMember, tar } from '../tar-writer.ts';
import { type ZipMember, zip } from '../zip-writer.ts';
import { tensor } from './compressed.ts';
import { type CatalogueEntry, cutOff, evil, example } from './entry.ts';
import { weights } from './pickle.ts';

const content = utf8('scanned\n');
const member: ZipMember = { name: 'model/vocabulary.txt', content };
const ordinary = example('vocabulary.zip', () => zip([member]));
const deflated = example('vocabulary-deflated.zip', () => zip([{ ...member, deflated: true }]));

/** Deflated by hand, so that its headers can say what is not so. */
function cutOffMember(): ZipMember {
  const content = tensor();
  const packed = new Uint8Array(deflateRawSync(content));
  const said = { size: content.length, crc: crc32(content), localMethod: 8, centralMethod: 8 };
  return { name: 'tensor', content: cutOff(packed, 9), ...said };
}

const ZIP: readonly CatalogueEntry[] = [
  {
    format: 'pickle',
    rule: 'pickle-import',
    says: 'It holds `data.pkl`, as PyTorch saves a model, and that imports `os.system`.',
    passing: example('dict.pt', () =>
      zip([
        { name: 'archive/data.pkl', content: weights() },
        { name: 'archive/version', content: utf8('3\n') },
      ]),
    ),
    failing: evil('in-an-archive-of-PyTorch/model.pt'),
  },
  {
    format: 'zip',
    rule: 'pickle-import',
    says: 'It is a package of torch, whose loader runs the Python files in it.',
    passing: example('python.zip', () => zip([{ name: 'package/model.py', content: utf8('WIDTH = 8\n') }])),
    failing: evil('an-archive-of-Python-files/package.pt'),
  },
  {
    format: 'zip',
    rule: 'archive-path',
    says: 'The name of a member leads out of the folder that it is unpacked into.',
    passing: ordinary,
    failing: evil('a-name-outside-of-the-archive/above.zip'),
  },
  {
    format: 'zip',
    rule: 'archive-name',
    says: 'The name of a member has a backslash, which is a folder on Windows and a letter elsewhere.',
    passing: ordinary,
    failing: example('backslash.zip', () => zip([{ ...member, name: 'model\\vocabulary.txt' }])),
  },
  {
    format: 'zip',
    rule: 'archive-link',
    says: 'A member is a symbolic link.',
    passing: ordinary,
    failing: evil('a-link-in-an-archive/symbolic-link.zip'),
  },
  {
    format: 'zip',
    rule: 'archive-duplicate',
    says: 'Two members have the same name.',
    passing: example('two-names.zip', () => zip([member, { name: 'model/labels.txt', content }])),
    failing: example('same-name.zip', () => zip([member, { ...member, content: utf8('another') }])),
  },
  {
    format: 'zip',
    rule: 'archive-hidden',
    says: 'A member lies in it that its list does not name.',
    passing: example('two-names.zip', () => zip([member, { name: 'model/labels.txt', content }])),
    failing: example('unlisted.zip', () =>
      zip([member, { name: 'model/labels.txt', content, isLocalOnly: true }]),
    ),
  },
  {
    format: 'zip',
    rule: 'archive-disagreement',
    says: 'A member has one name in the list and another before its bytes.',
    passing: ordinary,
    failing: example('two-names-of-one.zip', () => zip([{ ...member, localName: 'model/other.txt' }])),
  },
  {
    format: 'zip',
    rule: 'archive-checksum',
    says: 'A member does not have the checksum that is written beside it.',
    passing: ordinary,
    failing: example('checksum.zip', () => zip([{ ...member, crc: 1 }])),
  },
  {
    format: 'zip',
    rule: 'cannot-look-into',
    says: 'A member is said to be encrypted.',
    passing: example('not-encrypted.zip', () => zip([{ name: 'archive/data.pkl', content: weights() }])),
    failing: evil('an-odd-member-of-a-zip/said-to-be-encrypted.pt'),
  },
  {
    format: 'zip',
    rule: 'unreadable',
    says: 'The compressed bytes of a member end too early.',
    passing: example('tensor.zip', () => zip([{ name: 'tensor', content: tensor(), deflated: true }])),
    failing: example('cut-off-member.zip', () => zip([cutOffMember()])),
  },
  {
    format: 'zip',
    rule: 'too-much',
    says: 'Its members are said to unpack to 120 GB.',
    passing: deflated,
    failing: evil('a-bomb/declared.zip'),
  },
];

const file: TarMember = { name: 'model/vocabulary.txt', content };
const plain = example('vocabulary.tar', () => tar([file]));

const TAR: readonly CatalogueEntry[] = [
  {
    format: 'tar',
    rule: 'archive-path',
    says: 'The name of a member leads out of the folder that it is unpacked into.',
    passing: plain,
    failing: evil('a-name-outside-of-the-archive/above.tar'),
  },
  {
    format: 'tar',
    rule: 'archive-name',
    says: 'The name of a member has a backslash, which is a folder on Windows and a letter elsewhere.',
    passing: plain,
    failing: example('backslash.tar', () => tar([{ ...file, name: 'model\\vocabulary.txt' }])),
  },
  {
    format: 'tar',
    rule: 'archive-link',
    says: 'A member is a symbolic link to a file of the machine.',
    passing: plain,
    failing: evil('a-link-in-an-archive/symbolic-link.tar'),
  },
  {
    format: 'tar',
    rule: 'archive-duplicate',
    says: 'Two members have the same name.',
    passing: example('two-names.tar', () => tar([file, { name: 'model/labels.txt', content }])),
    failing: example('same-name.tar', () => tar([file, { ...file, content: utf8('another') }])),
  },
  {
    format: 'tar',
    rule: 'archive-hidden',
    says: 'A second archive follows its end.',
    passing: example('two-names.tar', () => tar([file, { name: 'model/labels.txt', content }])),
    failing: example('two-archives.tar', () =>
      join(tar([file]), tar([{ name: 'model/labels.txt', content }])),
    ),
  },
  {
    format: 'tar',
    rule: 'archive-disagreement',
    says: 'The header of a second member does not have its checksum: some loaders end there, some go on.',
    passing: example('two-names.tar', () => tar([file, { name: 'model/labels.txt', content }])),
    failing: example('header.tar', () => {
      const archive = tar([file, { name: 'model/labels.txt', content }]);
      archive[1024] = 0x6e;
      return archive;
    }),
  },
  {
    format: 'tar',
    rule: 'unreadable',
    says: 'It ends in the middle of a member.',
    passing: plain,
    failing: example('cut-off.tar', () => tar([file]).subarray(0, 515)),
  },
];

export const ARCHIVES: readonly CatalogueEntry[] = [...ZIP, ...TAR];
