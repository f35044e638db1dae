/** Pickles in archives: as PyTorch saves them, under names and in places where no one looks, and in each other. */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { bytes, join, utf8 } from '../bytes.ts';
import * as p from '../pickle-writer.ts';
import { tar } from '../tar-writer.ts';
import { type ZipMember, zip } from '../zip-writer.ts';
import { type EvilFile, importing, plainEvil } from './evil-file.ts';
import { packedEvil } from './joblib.ts';
import { legacyTorch } from './streams.ts';

/** As `torch.save` writes. */
const torchMembers = (content = plainEvil()): ZipMember[] => [
  { name: 'archive/data.pkl', content },
  { name: 'archive/byteorder', content: utf8('little') },
  { name: 'archive/data/0', content: new Uint8Array(64) },
  { name: 'archive/version', content: utf8('3\n') },
];

const safe = (): Uint8Array => p.pickle(2, p.EMPTY_DICT);
const TORCH: Record<string, () => Uint8Array> = {
  'model.pt': () => zip(torchMembers()),
  'model.bin': () => zip(torchMembers(plainEvil(4))),
  'model.pth': () => legacyTorch(),
  'constants.pt': () =>
    zip([...torchMembers(safe()), { name: 'archive/constants.pkl', content: plainEvil() }]),
  'pickle-as-a-storage.pt': () =>
    zip([...torchMembers(safe()), { name: 'archive/data/1', content: plainEvil() }]),
  'two-folders.pt': () => zip([...torchMembers(safe()), { name: 'other/data.pkl', content: plainEvil() }]),
  'of-the-time-of-tar.pt': () =>
    tar([
      { name: 'sys_info', content: safe() },
      { name: 'pickle', content: plainEvil() },
      { name: 'tensors', content: safe() },
      { name: 'storages', content: safe() },
    ]),
};

const evilMember = (rest: Partial<ZipMember> = {}): ZipMember => ({
  name: 'archive/data.pkl',
  content: plainEvil(),
  ...rest,
});
const others = torchMembers(safe()).slice(1);

/** Loaders take what a careful program would not. */
const ODD: Record<string, () => Uint8Array> = {
  'no-extension.zip': () => zip([evilMember({ name: 'weights' })]),
  'extension-of-a-picture.zip': () => zip([evilMember({ name: 'picture.png' })]),
  'name-with-a-slash-at-its-end.zip': () => zip([evilMember({ name: 'archive/data.pkl/' })]),
  'other-local-name.pt': () => zip([evilMember({ localName: 'archive/readme.txt' }), ...others]),
  'only-local.pt': () => zip([evilMember({ isLocalOnly: true }), ...torchMembers(safe())]),
  'same-name-first.pt': () => zip([evilMember(), ...torchMembers(safe())]),
  'same-name-last.pt': () => zip([...torchMembers(safe()), evilMember()]),
  'wrong-checksum.pt': () => zip([evilMember({ crc: 1 }), ...others]),
  'deflated-but-said-to-be-stored.pt': () => zip([evilMember({ localMethod: 8 }), ...others]),
  'stored-but-said-to-be-deflated.pt': () => zip([evilMember({ deflated: true, localMethod: 0 }), ...others]),
  'size-too-small.pt': () => zip([evilMember({ size: 4 }), ...others]),
  'text-before.pt': () => zip(torchMembers(), utf8('#!/bin/sh\nexit 0\n')),
  'pickle-before.zip': () => zip(torchMembers(safe()), plainEvil()),
  'pickle-after.zip': () => join(zip(torchMembers(safe())), plainEvil()),
};

/** The header of LZMA in a zip archive, and what follows that of a file of its own. */
const zipLzma = (): Uint8Array => {
  const alone = packedEvil('lzma');
  return join(bytes(9, 4, 5, 0), alone.subarray(0, 5), alone.subarray(13));
};

/** By what few zip programs unpack, and Python does. */
const PACKED: Record<string, () => Uint8Array> = {
  'by-bzip2.pt': () => zip([evilMember({ packed: { method: 12, bytes: packedEvil('bz2') } }), ...others]),
  'by-lzma.pt': () => zip([evilMember({ packed: { method: 14, bytes: zipLzma() }, flags: 2 }), ...others]),
  'by-zstandard.pt': () =>
    zip([evilMember({ packed: { method: 93, bytes: zstdCompressSync(plainEvil()) } }), ...others]),
  'by-xz.pt': () => zip([evilMember({ packed: { method: 95, bytes: packedEvil('xz') } }), ...others]),
};

const NESTED: Record<string, () => Uint8Array> = {
  'model.tar': () => tar([{ name: 'model/model.pkl', content: plainEvil() }]),
  'model.tar.gz': () => new Uint8Array(gzipSync(tar([{ name: 'model.joblib', content: plainEvil(4) }]))),
  'zip-in-zip.zip': () => zip([{ name: 'inner.zip', content: zip(torchMembers()), deflated: true }]),
  'zip-in-tar-in-gzip.tgz': () =>
    new Uint8Array(gzipSync(tar([{ name: 'model.pt', content: zip(torchMembers()) }]))),
  'five-deep.zip': () => {
    let content = plainEvil();
    for (let depth = 0; depth < 5; depth++) content = zip([{ name: `${depth}`, content, deflated: true }]);
    return content;
  },
  'npz-in-tar.tar': () =>
    tar([
      {
        name: 'notes.txt',
        content: zip([{ name: 'x', content: plainEvil(5) }]),
      },
    ]),
  'second-tar-member.tar': () =>
    tar([
      { name: 'config.json', content: utf8('{}') },
      { name: 'config', content: plainEvil() },
    ]),
};

/** Told by its content alone. */
const DISGUISED: Record<string, () => Uint8Array> = {
  'model.safetensors': () => plainEvil(),
  'weights.txt': () => plainEvil(0).subarray(2),
  'model.onnx': () => plainEvil(4),
  'config.json': () => plainEvil(),
  'readme.md': () => zip(torchMembers()),
  'model.h5': () => new Uint8Array(gzipSync(plainEvil())),
  'model.gguf': () => plainEvil(5),
  'model-00001-of-00002': () => plainEvil(),
  '.hidden': () => plainEvil(),
  'blank-lines-before.txt': () => join(p.MARK, p.POP, plainEvil(0).subarray(2)),
};

/** Not decrypted, and so refused. */
const ENCRYPTED: EvilFile = {
  name: 'said-to-be-encrypted.pt',
  technique: 'an odd member of a zip',
  gadget: 'os.system',
  rule: 'cannot-look-into',
  make: () => zip([evilMember({ flags: 1 }), ...others]),
};

export const ARCHIVES: readonly EvilFile[] = [
  ENCRYPTED,
  ...importing('in an archive of PyTorch', TORCH),
  ...importing('an odd member of a zip', ODD),
  ...importing('a member that is packed otherwise than by deflate', PACKED),
  ...importing('an archive in an archive', NESTED),
  ...importing('under the name of another format', DISGUISED),
];
