/** Formats for weights, in which nothing is code: safetensors, GGUF, HDF5 and CatBoost's. */
import { join, u32, u64, utf8 } from '../bytes.ts';
import { hdf5, hdf5WithExternalLink, hdf5WithLink } from '../hdf5-writer.ts';
import { type CatalogueEntry, cutOff, evil, example } from './entry.ts';

interface Tensor {
  name?: string;
  begin: number;
  end: number;
}

/** Tensors of 32-bit numbers. */
export function safetensors(tensors: readonly Tensor[], size: number, metadata = {}): Uint8Array {
  const texts = tensors.map(({ name = 'weight', begin, end }) => {
    const tensor = { dtype: 'F32', shape: [(end - begin) / 4], data_offsets: [begin, end] };
    return `${JSON.stringify(name)}:${JSON.stringify(tensor)}`;
  });
  const header = utf8(`{${[`"__metadata__":${JSON.stringify(metadata)}`, ...texts].join(',')}}`);
  return join(u64(header.length), header, new Uint8Array(size));
}

const tensor = { begin: 0, end: 8 };
const second = { name: 'bias', begin: 8, end: 16 };
const one = example('weight.safetensors', () => safetensors([tensor], 8));
const two = example('weight-and-bias.safetensors', () => safetensors([tensor, second], 16));

const SAFETENSORS: readonly CatalogueEntry[] = [
  {
    format: 'safetensors',
    rule: 'header-does-not-fit',
    says: 'Its header is said to be longer than the file.',
    passing: one,
    failing: evil('a-header-of-safetensors-that-lies/header-of-2-to-the-60.safetensors'),
  },
  {
    format: 'safetensors',
    rule: 'cut-off',
    says: 'The last tensor reaches past the end of the file.',
    passing: one,
    failing: evil('a-header-of-safetensors-that-lies/beyond-the-end.safetensors'),
  },
  {
    format: 'safetensors',
    rule: 'tensor-layout',
    says: 'Two tensors share bytes.',
    passing: two,
    failing: evil('a-header-of-safetensors-that-lies/overlap.safetensors'),
  },
  {
    format: 'safetensors',
    rule: 'duplicate-key',
    says: 'Two tensors have the same name.',
    passing: two,
    failing: example('same-name.safetensors', () => safetensors([tensor, { ...second, name: 'weight' }], 16)),
  },
  {
    format: 'safetensors',
    rule: 'bytes-after-end',
    says: 'Bytes follow the last tensor.',
    passing: one,
    failing: example('bytes-behind.safetensors', () => safetensors([tensor], 12)),
  },
];

const [STRING, NUMBER_32] = [8, 4];
const text = (value: string): Uint8Array => join(u64(utf8(value).length), utf8(value));
export const pair = (key: string, value: string): Uint8Array => join(text(key), u32(STRING), text(value));
const alignment = (value: number): Uint8Array => join(text('general.alignment'), u32(NUMBER_32), u32(value));

/** @param offset of its one tensor of sixteen 32-bit numbers, from where the numbers begin. */
export function gguf(pairs: readonly Uint8Array[], offset = 0, version = 3): Uint8Array {
  const info = join(text('weight'), u32(1), u64(16), u32(0), u64(offset));
  const counts = join(utf8('GGUF'), u32(version), u64(1), u64(pairs.length + 1));
  const head = join(counts, pair('general.architecture', 'llama'), ...pairs, info);
  return join(head, new Uint8Array((32 - (head.length % 32)) % 32), new Uint8Array(offset + 64));
}

const llama = example('llama.gguf', () => gguf([]));
const named = example('named.gguf', () => gguf([pair('general.name', 'Llama')]));

const GGUF: readonly CatalogueEntry[] = [
  {
    format: 'gguf',
    rule: 'template-code',
    says: 'Its chat template reaches for the inside of Python.',
    passing: example('template.gguf', () =>
      gguf([pair('tokenizer.chat_template', "{% for m in messages %}{{ m['content'] | trim }}{% endfor %}")]),
    ),
    failing: evil('a-chat-template-that-reaches-for-Python/subclasses.gguf'),
  },
  {
    format: 'gguf',
    rule: 'duplicate-key',
    says: 'A key stands in it twice.',
    passing: named,
    failing: example('key-twice.gguf', () =>
      gguf([pair('general.name', 'Llama'), pair('general.name', 'Other')]),
    ),
  },
  {
    format: 'gguf',
    rule: 'tensor-layout',
    says: 'A tensor does not begin at a multiple of the alignment.',
    passing: llama,
    failing: example('not-aligned.gguf', () => gguf([], 8)),
  },
  {
    format: 'gguf',
    rule: 'header-does-not-fit',
    says: 'The alignment is 0.',
    passing: example('aligned.gguf', () => gguf([alignment(32)])),
    failing: example('alignment-0.gguf', () => gguf([alignment(0)])),
  },
  {
    format: 'gguf',
    rule: 'cut-off',
    says: 'Its tensor reaches past the end of the file.',
    passing: llama,
    failing: example('cut-off.gguf', () => cutOff(gguf([]), 40)),
  },
  {
    format: 'gguf',
    rule: 'bytes-after-end',
    says: 'Bytes follow its tensor.',
    passing: llama,
    failing: example('bytes-behind.gguf', () => join(gguf([]), new Uint8Array(64))),
  },
  {
    format: 'gguf',
    rule: 'cannot-look-into',
    says: 'It is of a version that the scan does not know.',
    passing: llama,
    failing: example('version-9.gguf', () => gguf([], 0, 9)),
  },
];

const configured = (): Uint8Array => hdf5('{"class_name": "Sequential", "config": {}}');

const HDF5: readonly CatalogueEntry[] = [
  {
    format: 'hdf5',
    rule: 'hdf5-external',
    says: 'A link leads into another file.',
    passing: example('link.h5', hdf5WithLink),
    failing: example('external-link.h5', hdf5WithExternalLink),
  },
  {
    format: 'hdf5',
    rule: 'cut-off',
    says: 'It ends within its first bytes.',
    passing: example('model.h5', configured),
    failing: example('cut-off.h5', () => configured().subarray(0, 8)),
  },
  {
    format: 'hdf5',
    rule: 'cannot-look-into',
    says: 'Plain letters of its configuration are written as escapes, which hides the names of layers.',
    passing: example('model.h5', configured),
    failing: example('escapes.h5', () => hdf5('{"class_name": "\\u0053equential", "config": {}}')),
  },
];

/** @param size that its header says, of 64 bytes. */
const catboost = (size: number): Uint8Array => join(utf8('CBM1'), u32(size), new Uint8Array(64));

const CATBOOST: readonly CatalogueEntry[] = [
  {
    format: 'catboost',
    rule: 'cut-off',
    says: 'It is said to be longer than it is.',
    passing: example('model.cbm', () => catboost(64)),
    failing: example('cut-off.cbm', () => catboost(65)),
  },
];

export const WEIGHTS: readonly CatalogueEntry[] = [...SAFETENSORS, ...GGUF, ...HDF5, ...CATBOOST];
