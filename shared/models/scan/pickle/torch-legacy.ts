import { Global, Tuple, type Value } from './values.ts';

/** What torch wrote before 1.6: five pickles, the first of them this number, and then the numbers of its tensors. */
export const PICKLES_OF_LEGACY_TORCH = 5;
const MAGIC = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];

export const beginsLegacyTorch = (head: Uint8Array): boolean =>
  head[0] === 0x80 && MAGIC.every((byte, index) => head[2 + index] === byte);

/** Bytes of one number. */
const NUMBER_BYTES: Record<string, number> = {
  FloatStorage: 4,
  DoubleStorage: 8,
  HalfStorage: 2,
  BFloat16Storage: 2,
  LongStorage: 8,
  IntStorage: 4,
  ShortStorage: 2,
  CharStorage: 1,
  ByteStorage: 1,
  BoolStorage: 1,
  ComplexFloatStorage: 8,
  ComplexDoubleStorage: 16,
  QInt8Storage: 1,
  QUInt8Storage: 1,
  QUInt4x2Storage: 1,
  QUInt2x4Storage: 1,
  QInt32Storage: 4,
  UntypedStorage: 1,
};
const MOST_STORAGES = 1_000_000;

/** The storages that the pickles of an old torch file ask for, which follow behind them. */
export class LegacyStorages {
  readonly #bytes = new Map<string, number>();

  /** How many bytes must follow: each storage with its length before it; NaN where that cannot be told. */
  get bytes(): number {
    let sum = 0;
    for (const bytes of this.#bytes.values()) sum += 8 + bytes;
    return sum;
  }

  /** @param id `('storage', type, key, location, count, …)`, or `('module', class, file, source)`, as torch writes them. */
  add(id: Value): void {
    const [kind, type, key, , count] = id instanceof Tuple ? id.items : [];
    // The source of a class, which torch compares with the one at hand, and never runs.
    if (kind === 'module' && type instanceof Global) return;
    const size =
      type instanceof Global && type.module.startsWith('torch') ? NUMBER_BYTES[type.name] : undefined;
    const isKnown =
      kind === 'storage' && size !== undefined && typeof key === 'string' && typeof count === 'number';
    if (isKnown && this.#bytes.size < MOST_STORAGES) this.#bytes.set(key, size * count);
    else this.#bytes.set('', Number.NaN);
  }
}
