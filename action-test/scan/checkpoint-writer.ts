/** Checkpoints of `torch.distributed.checkpoint`: a pickle of places, `.metadata`, and files of archives beside it. */
import { join, utf8 } from './bytes.ts';
import * as p from './pickle-writer.ts';
import { zip } from './zip-writer.ts';

export const METADATA = 'torch.distributed.checkpoint.metadata';
const FILESYSTEM = 'torch.distributed.checkpoint.filesystem';
const SETITEMS = utf8('u');

/** A dictionary of texts. */
export const dictionary = (entries: Record<string, Uint8Array>): Uint8Array =>
  join(
    p.EMPTY_DICT,
    p.MARK,
    ...Object.entries(entries).flatMap(([key, value]) => [p.shortBinunicode(key), value]),
    SETITEMS,
  );
/** An object as pickle makes one that has attributes alone. */
export const object = (module: string, name: string, attributes?: Record<string, Uint8Array>): Uint8Array =>
  join(
    p.stackGlobal(module, name),
    p.EMPTY_TUPLE,
    p.NEWOBJ,
    ...(attributes ? [dictionary(attributes), p.BUILD] : []),
  );

export const place = (path: string, offset: number, length: number): Record<string, Uint8Array> => ({
  relative_path: p.shortBinunicode(path),
  offset: p.binint(offset),
  length: p.binint(length),
});
/** Where a piece lies. @param more attributes. */
export const storageInfo = (
  path: string,
  offset: number,
  length: number,
  more: Record<string, Uint8Array> = {},
): Uint8Array => object(FILESYSTEM, '_StorageInfo', { ...place(path, offset, length), ...more });
export const storageInfoClass = p.stackGlobal(FILESYSTEM, '_StorageInfo');

/** @param values one for each object, which says where it lies. @param version of the protocol. */
export function checkpointMetadata(values: readonly Uint8Array[], version = 4): Uint8Array {
  const index = (number: number) =>
    object(METADATA, 'MetadataIndex', { fqn: p.shortBinunicode(`${number}`) });
  const entries = values.flatMap((value, number) => [index(number), value]);
  const objects = values.map((_, number) => [`${number}`, object(METADATA, 'BytesStorageMetadata')]);
  return p.pickle(
    version,
    object(METADATA, 'Metadata', {
      state_dict_metadata: dictionary(Object.fromEntries(objects)),
      planner_data: p.NONE,
      storage_data: join(p.EMPTY_DICT, p.MARK, ...entries, SETITEMS),
      storage_meta: object(METADATA, 'StorageMeta', { save_id: p.NONE }),
      version: p.shortBinunicode('1.0.0'),
    }),
  );
}

/** An archive as `torch.save` writes it of one tensor. */
export const tensorArchive = (
  data: Uint8Array = new Uint8Array(64),
  content = p.pickle(2, p.NONE),
): Uint8Array =>
  zip([
    { name: 'archive/data.pkl', content },
    { name: 'archive/data/0', content: data },
    { name: 'archive/version', content: utf8('3\n') },
  ]);
