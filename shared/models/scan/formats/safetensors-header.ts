import type { FindingRule } from '../rules.ts';
import { JsonStream } from './json-stream.ts';

/** In bits per element, of the types that the library knows. */
const BITS = new Map([
  ['BOOL', 8],
  ['U8', 8],
  ['I8', 8],
  ['F8_E5M2', 8],
  ['F8_E4M3', 8],
  ['F8_E8M0', 8],
  ['F8_E5M2FNUZ', 8],
  ['F8_E4M3FNUZ', 8],
  ['F4', 4],
  ['F6_E2M3', 6],
  ['F6_E3M2', 6],
  ['I16', 16],
  ['U16', 16],
  ['F16', 16],
  ['BF16', 16],
  ['I32', 32],
  ['U32', 32],
  ['F32', 32],
  ['C64', 64],
  ['F64', 64],
  ['I64', 64],
  ['U64', 64],
]);
/** Of any one kind, more are not told. */
const MOST_PROBLEMS = 20;
const MOST_METADATA = 4 << 20;

interface Tensor {
  name: string;
  dtype: unknown;
  /** Product of its sizes. */
  count: number;
  offsets: number[];
}

interface Problem {
  rule: FindingRule;
  what: string;
}

/** What the header of a safetensors file says, gathered while its JSON is walked over. */
export class SafetensorsHeader {
  readonly json: JsonStream;
  /** Texts of `__metadata__`, with their keys. */
  readonly metadata: { key: string; value: string }[] = [];
  readonly #problems: Problem[] = [];
  readonly #begins: number[] = [];
  readonly #ends: number[] = [];
  readonly #names: string[] = [];
  #depth = 0;
  #metadataLength = 0;
  #tensor: Tensor | undefined;
  #field = '';
  #name = '';

  constructor() {
    this.json = new JsonStream({
      takesNumbers: true,
      open: (kind) => this.#open(kind),
      close: () => this.#close(),
      key: (name) => this.#key(name),
      value: (value) => this.#value(value),
      duplicate: (name) =>
        this.#add('duplicate-key', `The header has ${JSON.stringify(name.slice(0, 200))} twice.`),
    });
  }

  /** What is wrong with the header alone. */
  problems(): readonly Problem[] {
    const { problem, isComplete } = this.json;
    if (problem !== undefined) this.#add('header-does-not-fit', `The header ${problem}.`);
    else if (!isComplete) this.#add('header-does-not-fit', 'The header is not one whole JSON object.');
    return this.#problems;
  }

  /** Whether the tensors lie one behind the other. @returns the end of the last, in bytes from the beginning of the data. */
  layout(report: (what: string) => void): number {
    const order = this.#begins.map((_, index) => index);
    order.sort((a, b) => this.#begins[a]! - this.#begins[b]! || this.#ends[a]! - this.#ends[b]!);
    let end = 0;
    let told = 0;
    for (const index of order) {
      const begin = this.#begins[index]!;
      if (begin !== end && told++ < MOST_PROBLEMS)
        report(
          begin < end
            ? `The tensor ${this.#names[index]} begins at byte ${begin}, within another one.`
            : `Before the tensor ${this.#names[index]} are ${begin - end} bytes that belong to none.`,
        );
      end = Math.max(end, this.#ends[index]!);
    }
    return end;
  }

  #add(rule: FindingRule, what: string): void {
    if (this.#problems.length < MOST_PROBLEMS) this.#problems.push({ rule, what });
  }

  #refuse(what: string): void {
    this.#add(
      'header-does-not-fit',
      `The entry ${JSON.stringify(this.#name.slice(0, 200))} of the header ${what}.`,
    );
  }

  #open(kind: 'object' | 'array'): void {
    this.#depth++;
    if (this.#depth === 1 && kind === 'array') this.#add('header-does-not-fit', 'The header is a list.');
    if (this.#depth === 2) {
      if (kind === 'array') this.#refuse('is a list');
      if (this.#name !== '__metadata__')
        this.#tensor = { name: this.#name, dtype: undefined, count: 1, offsets: [] };
    }
    const isList = kind === 'array' && (this.#field === 'shape' || this.#field === 'data_offsets');
    if (this.#depth > 3 || (this.#depth === 3 && (!isList || this.#tensor === undefined)))
      this.#refuse('is nested');
  }

  #close(): void {
    this.#depth--;
    if (this.#depth !== 1 || this.#tensor === undefined) return;
    this.#endTensor(this.#tensor);
    this.#tensor = undefined;
  }

  #key(name: string): void {
    if (this.#depth === 1) this.#name = name;
    this.#field = this.#depth === 2 ? name : '';
    if (this.#tensor !== undefined && !['dtype', 'shape', 'data_offsets'].includes(name))
      this.#refuse(`has a field ${JSON.stringify(name.slice(0, 200))}`);
  }

  #value(value: string | number | boolean | null): void {
    if (this.#depth <= 1) {
      this.#refuse('is no object');
      return;
    }
    if (this.#tensor === undefined) {
      this.#metadata(value);
      return;
    }
    if (this.#depth === 2 && this.#field === 'dtype') this.#tensor.dtype = value;
    else if (this.#depth === 3 && typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) {
      if (this.#field === 'shape') this.#tensor.count *= value;
      else if (this.#tensor.offsets.length < 3) this.#tensor.offsets.push(value);
    } else this.#refuse('has a value of a wrong kind');
  }

  #metadata(value: string | number | boolean | null): void {
    if (typeof value !== 'string') {
      this.#refuse('holds something other than texts');
      return;
    }
    this.#metadataLength += value.length;
    if (this.#metadataLength > MOST_METADATA) this.#refuse(`holds more than ${MOST_METADATA} characters`);
    else this.metadata.push({ key: this.#field, value });
  }

  #endTensor({ name, dtype, count, offsets }: Tensor): void {
    const [begin, end] = offsets;
    if (begin === undefined || end === undefined || offsets.length > 2 || begin > end) {
      this.#refuse('has no data_offsets of a beginning and an end');
      return;
    }
    const bits = typeof dtype === 'string' ? BITS.get(dtype) : undefined;
    if (bits === undefined) this.#refuse('has a dtype that the library does not know');
    else if ((bits * count) / 8 !== end - begin)
      this.#refuse(`needs ${(bits * count) / 8} bytes by its dtype and shape, and has ${end - begin}`);
    this.#begins.push(begin);
    this.#ends.push(end);
    this.#names.push(JSON.stringify(name.slice(0, 200)));
  }
}
