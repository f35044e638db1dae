import type { ScanContext, ScanInput } from '../scan-input.ts';
import { judgeTemplate } from '../text/jinja.ts';
import { findSecrets, secretWords } from '../text/secrets.ts';
import { readTensors, type TensorLayout } from './gguf-tensors.ts';
import { FIXED_SIZES, GGUF_ARRAY, GGUF_STRING, GgufEnd, GgufValues } from './gguf-values.ts';

const MAGIC_BYTES = 4;
/** In bytes; a model says another by `general.alignment`. */
const ALIGNMENT = 32;
const NUMBER_32 = 4;
const MOST_NESTED = 4;
/** More than any model has, of values and of tensors: all their names are held. */
const MOST_ENTRIES = 65_536;
/** In characters: GGUF has no longer names. */
const MOST_NAME = 200;

class GgufScan {
  readonly #context: ScanContext;
  readonly #values: GgufValues;
  readonly #keys = new Set<string>();
  alignment = ALIGNMENT;

  constructor(values: GgufValues, context: ScanContext) {
    this.#values = values;
    this.#context = context;
  }

  /** Reads one key with its value. */
  async entry(): Promise<void> {
    const offset = this.#values.reader.offset;
    const key = await this.#values.text();
    if (key === undefined) throw new GgufEnd('A key in the header is longer than any model has.');
    const name = key.slice(0, MOST_NAME);
    if (this.#keys.has(name))
      this.#context.report({
        rule: 'duplicate-key',
        offset,
        what: `The header has ${JSON.stringify(name)} twice.`,
      });
    this.#keys.add(name);
    const type = await this.#values.number32();
    if (key === 'general.alignment') await this.#readAlignment(type);
    else await this.#value(key, type, 0);
  }

  /** Loaders take a power of two, as a number of 32 bits, and nothing else. */
  async #readAlignment(type: number): Promise<void> {
    if (type !== NUMBER_32) throw new GgufEnd('The alignment is no number of 32 bits.');
    this.alignment = await this.#values.number32();
    if (!Number.isInteger(Math.log2(this.alignment)))
      throw new GgufEnd(`The alignment is said to be ${this.alignment}.`);
  }

  async #value(key: string, type: number, depth: number): Promise<void> {
    const size = FIXED_SIZES[type];
    if (size !== undefined) await this.#values.skip(size);
    else if (type === GGUF_STRING) await this.#text(key);
    else if (type === GGUF_ARRAY && depth < MOST_NESTED) await this.#array(key, depth + 1);
    else
      throw new GgufEnd(
        `The value of ${JSON.stringify(key.slice(0, 200))} is of a type that GGUF does not have.`,
      );
  }

  async #array(key: string, depth: number): Promise<void> {
    const type = await this.#values.number32();
    const count = await this.#values.length();
    const size = FIXED_SIZES[type];
    if (size !== undefined) return this.#values.skip(size * count);
    // The words of a tokenizer: hundreds of thousands, and none of them is looked at.
    const isRead = type !== GGUF_STRING || !/^tokenizer\.ggml\.(?:tokens|merges)$/.test(key);
    for (let index = 0; index < count; index++) {
      if (isRead) await this.#value(key, type, depth);
      else await this.#values.skipText();
    }
  }

  async #text(key: string): Promise<void> {
    const { report } = this.#context;
    const offset = this.#values.reader.offset;
    const text = await this.#values.text();
    const name = JSON.stringify(key.slice(0, 200));
    if (text === undefined) {
      report({
        rule: 'cannot-look-into',
        offset,
        what: `The text of ${name} is longer than any model needs.`,
      });
      return;
    }
    for (const secret of findSecrets(text))
      report({ rule: 'secret', offset, what: `${name}: ${secretWords(secret)}` });
    if (!/template/i.test(key)) return;
    for (const problem of judgeTemplate(text))
      report({ rule: 'template-code', offset, what: `The template ${name} ${problem}.` });
  }
}

async function scanFrom(input: ScanInput, context: ScanContext): Promise<void> {
  const { reader } = input;
  if (!(await reader.ensure(MAGIC_BYTES * 2)))
    throw new GgufEnd('The file ends within its header.', 'cut-off');
  reader.position += MAGIC_BYTES;
  const head = new DataView(reader.bytes.buffer, reader.bytes.byteOffset + reader.position, 4);
  const isLittle = head.getUint16(0, true) !== 0;
  const version = head.getUint32(0, isLittle);
  reader.position += 4;
  if (version < 1 || version > 3) {
    const what = `The file is GGUF of version ${version}; versions 1 to 3 can be looked into.`;
    context.report({ rule: 'cannot-look-into', offset: MAGIC_BYTES, what });
    return;
  }
  const values = new GgufValues(reader, isLittle, version);
  const tensors = await values.length();
  const entries = await values.length();
  if (tensors > MOST_ENTRIES || entries > MOST_ENTRIES)
    throw new GgufEnd(`The header is said to have ${tensors} tensors and ${entries} values.`);
  const scan = new GgufScan(values, context);
  for (let index = 0; index < entries; index++) await scan.entry();
  const layout = await readTensors(values, tensors, scan.alignment, context.report);
  await reportEnd(input, layout, scan.alignment, context);
}

async function reportEnd(
  input: ScanInput,
  { end, isWhole }: TensorLayout,
  alignment: number,
  { report }: ScanContext,
): Promise<void> {
  const { reader, random } = input;
  const begin = Math.ceil(reader.offset / alignment) * alignment;
  const size = random?.size ?? reader.offset + (await reader.skip(Number.MAX_SAFE_INTEGER));
  if (end > 0 && begin + end > size) {
    const what = `The tensors reach to byte ${begin + end} of ${size}.`;
    report({ rule: 'cut-off', offset: null, what });
  }
  // The last tensor is filled up as the others are.
  const behind = size - begin - Math.ceil(end / alignment) * alignment;
  if (!isWhole || behind <= 0) return;
  report({ rule: 'bytes-after-end', offset: null, what: `${behind} bytes follow behind the last tensor.` });
}

/**
 * Looks into a GGUF file: whether its lengths fit, whether its chat templates are templates and nothing more, and
 * whether its texts hold keys. Weights are passed over.
 */
export async function scanGguf(input: ScanInput, context: ScanContext): Promise<void> {
  try {
    await scanFrom(input, context);
  } catch (error) {
    if (!(error instanceof GgufEnd)) throw error;
    context.report({ rule: error.rule, offset: input.reader.offset, what: error.message });
  }
}
