import { type ByteReader, MOST_BUFFERED } from '../byte-reader.ts';

/** The file ends, or says what it cannot have: nothing behind it can be read. */
export class GgufEnd extends Error {
  override name = 'GgufEnd';
  readonly rule: 'cut-off' | 'header-does-not-fit';

  constructor(what: string, rule: GgufEnd['rule'] = 'header-does-not-fit') {
    super(what);
    this.rule = rule;
  }
}

export const GGUF_STRING = 8;
export const GGUF_ARRAY = 9;
/** In bytes, of the types of a value that are of one size. */
export const FIXED_SIZES: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};

/** Reads the values of a GGUF file, and waits only where they are not at hand. */
export class GgufValues {
  readonly reader: ByteReader;
  readonly #isLittle: boolean;
  /** Version 1 wrote lengths as 32 bits. */
  readonly #lengthSize: 4 | 8;

  constructor(reader: ByteReader, isLittle: boolean, version: number) {
    this.reader = reader;
    this.#isLittle = isLittle;
    this.#lengthSize = version === 1 ? 4 : 8;
  }

  async #atHand(count: number): Promise<DataView> {
    const { reader } = this;
    if (reader.available < count && !(await reader.ensure(count)))
      throw new GgufEnd('The file ends within its header.', 'cut-off');
    const view = new DataView(reader.bytes.buffer, reader.bytes.byteOffset + reader.position, count);
    reader.position += count;
    return view;
  }

  async number32(): Promise<number> {
    return (await this.#atHand(4)).getUint32(0, this.#isLittle);
  }

  /** @returns more than is exact where it is beyond 53 bits; that is past every end. */
  async number64(): Promise<number> {
    return Number((await this.#atHand(8)).getBigUint64(0, this.#isLittle));
  }

  length(): Promise<number> {
    return this.#lengthSize === 4 ? this.number32() : this.number64();
  }

  async skip(count: number): Promise<void> {
    const { reader } = this;
    if (count <= reader.available) reader.position += count;
    else if ((await reader.skip(count)) < count)
      throw new GgufEnd('A length in the header reaches past the end.', 'cut-off');
  }

  /** @returns undefined where it is longer than is held at once; it is passed over then. */
  async text(): Promise<string | undefined> {
    const length = await this.length();
    if (length >= MOST_BUFFERED) {
      await this.skip(length);
      return undefined;
    }
    const { buffer, byteOffset } = await this.#atHand(length);
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new Uint8Array(buffer, byteOffset, length));
  }

  async skipText(): Promise<void> {
    await this.skip(await this.length());
  }
}
