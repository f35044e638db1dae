/** Checkpoints of `torch.distributed.checkpoint` whose metadata sends the loader to bytes that are no piece of it. */
import { join, utf8 } from '../bytes.ts';
import {
  checkpointMetadata,
  dictionary,
  METADATA,
  object,
  place,
  storageInfo,
  storageInfoClass,
  tensorArchive,
} from '../checkpoint-writer.ts';
import * as p from '../pickle-writer.ts';
import { tar } from '../tar-writer.ts';
import { zip } from '../zip-writer.ts';
import { type EvilFile, plainCall, plainEvil } from './evil-file.ts';

const DATA = '__0_0.distcp';

/** In the numbers of a tensor, which may be any. */
const hidden = plainEvil();
const first = tensorArchive(join(new Uint8Array(100), hidden, new Uint8Array(100)));
const second = tensorArchive(tensorArchive(undefined, plainEvil()));
const data = join(first, second);
const at = Buffer.from(data).indexOf(hidden);
/** Of what is hidden. */
const evilPlace = [DATA, at, hidden.length] as const;
const whole = storageInfo(DATA, 0, first.length);
const evilInfo = storageInfo(...evilPlace);

type File = [name: string, content: Uint8Array];
const folder = (metadata: Uint8Array, ...others: readonly File[]): File[] => [
  ['checkpoint/.metadata', metadata],
  [`checkpoint/${DATA}`, data],
  ...others,
];
const packed = (files: readonly File[]): Uint8Array =>
  tar(files.map(([name, content]) => ({ name, content })));
/** The archive of a folder whose metadata says of an object where it lies. */
const saying = (value: Uint8Array): Uint8Array => packed(folder(checkpointMetadata([whole, value])));
/** The same objects in another order: each lies elsewhere. */
const swapped = join(second, first);
const evilArchiveAt = Buffer.from(data).indexOf(plainEvil(), first.length);

/** Objects that a loader takes for the place of a piece. */
const TAKEN: Record<string, Uint8Array> = {
  namespace: object('argparse', 'Namespace', place(...evilPlace)),
  'other-class': object(METADATA, 'StorageMeta', place(...evilPlace)),
  'made-by-a-call': join(storageInfoClass, p.MARK, ...Object.values(place(...evilPlace)), p.TUPLE, p.REDUCE),
  'made-with-arguments': join(
    storageInfoClass,
    p.MARK,
    ...Object.values(place(...evilPlace)),
    p.TUPLE,
    p.NEWOBJ,
  ),
  'built-twice': join(whole, dictionary(place(...evilPlace)), p.BUILD),
  'attributes-in-a-tuple': join(
    object('torch.distributed.checkpoint.filesystem', '_StorageInfo'),
    join(dictionary({}), dictionary(place(...evilPlace)), p.TUPLE2, p.BUILD),
  ),
  'changed-class': join(storageInfoClass, dictionary(place(...evilPlace)), p.BUILD),
  compressed: storageInfo(DATA, 0, first.length, {
    transform_descriptors: join(p.EMPTY_LIST, p.shortBinunicode('stream.zstd/1'), p.APPEND),
  }),
  'compressed-by-a-tuple': storageInfo(DATA, 0, first.length, {
    transform_descriptors: join(p.shortBinunicode('stream.zstd/1'), p.TUPLE1),
  }),
  'offset-that-is-true': storageInfo(DATA, 0, first.length, { offset: p.NEWTRUE }),
};

/** Places that are none of a piece. */
const PLACES: Record<string, readonly [path: string, offset: number, length: number]> = {
  'a-pickle-in-a-tensor': evilPlace,
  'an-archive-in-a-tensor': [DATA, evilArchiveAt, 200],
  'longer-than-an-archive': [DATA, 0, first.length + 1],
  'shorter-than-an-archive': [DATA, 0, first.length - 1],
  'past-the-end': [DATA, at, 1_000_000],
  nothing: [DATA, 0, 0],
  'folder-above': [`../other/${DATA}`, 0, first.length],
  'absolute-path': [`/tmp/${DATA}`, 0, first.length],
  'file-of-another-format': ['model.safetensors', 8, 100],
  'file-that-is-not-there': ['__1_0.distcp', 0, first.length],
  'no-name': ['', 0, first.length],
};

const OTHERS: Record<string, () => Uint8Array> = {
  '.metadata': () => checkpointMetadata([whole]),
  '__0.metadata': () => checkpointMetadata([whole]),
  'metadata-of-a-rank.tar': () =>
    packed([
      ...folder(checkpointMetadata([whole])),
      ['checkpoint/__0.metadata', checkpointMetadata([evilInfo])],
    ]),
  'capital-letters.tar': () =>
    packed([
      ['.METADATA', checkpointMetadata([evilInfo])],
      [DATA, data],
    ]),
  'deflated.zip': () =>
    zip(
      folder(checkpointMetadata([whole, evilInfo])).map(([name, content]) => ({
        name,
        content,
        deflated: true,
      })),
    ),
  'archive-in-an-archive.tar': () => tar([{ name: 'inner.tar', content: saying(evilInfo) }]),
  'two-of-one-name.tar': () =>
    packed(
      folder(checkpointMetadata([storageInfo(DATA, 0, second.length)]), [`./checkpoint/${DATA}`, swapped]),
    ),
  'protocol-0.tar': () => packed(folder(join(p.global(METADATA, 'Metadata'), utf8('N0N0.')))),
  'no-stop.tar': () => packed(folder(checkpointMetadata([whole]).slice(0, -1))),
  'any-key.tar': () =>
    packed(
      folder(
        p.pickle(
          4,
          object('argparse', 'Namespace', {
            state_dict_metadata: dictionary({}),
            storage_data: join(
              p.stackGlobal('collections', 'defaultdict'),
              p.stackGlobal('functools', 'partial'),
              join(p.TUPLE1, p.REDUCE),
            ),
          }),
        ),
      ),
    ),
};

const sending = (name: string, make: () => Uint8Array): EvilFile => ({
  name,
  technique: 'a checkpoint that names other bytes',
  gadget: 'bytes that only a loader looks at',
  rule: 'checkpoint-piece',
  make,
});

export const DISTRIBUTED_CHECKPOINTS: readonly EvilFile[] = [
  ...Object.entries(PLACES).map(([name, where]) =>
    sending(`${name}.tar`, () => saying(storageInfo(...where))),
  ),
  ...Object.entries(TAKEN).map(([name, value]) => sending(`${name}.tar`, () => saying(value))),
  ...Object.entries(OTHERS).map(([name, make]) => sending(name, make)),
  {
    name: 'call-in-the-metadata.tar',
    technique: 'a checkpoint that names other bytes',
    gadget: 'os.system',
    rule: 'pickle-import',
    make: () => saying(plainCall()),
  },
  {
    name: 'metadata-by-another-name.pkl',
    technique: 'a checkpoint that names other bytes',
    gadget: `${METADATA}.Metadata`,
    rule: 'pickle-import',
    make: () => checkpointMetadata([evilInfo]),
  },
];
