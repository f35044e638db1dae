import type { ByteReader } from '../byte-reader.ts';

/** What is looked at in a message of one kind; all other fields are passed over. */
export interface MessageType {
  name: string;
  /** By number. A function where the kinds name each other. */
  fields: Readonly<Record<number, 'text' | 'number' | (() => MessageType)>>;
}

/** A message, as far as it was looked at. */
export interface Message {
  type: MessageType;
  /** The number of the field that holds it; 0 for the outermost. */
  field: number;
  /** Of its first byte, in the stream. */
  offset: number;
  /** By number of the field; all that were written, as loaders differ in which they take. */
  texts: Map<number, string[]>;
  numbers: Map<number, number[]>;
}

export interface MessageEvents {
  open?(message: Message): void;
  /** @param holders the messages that hold it, the outermost first. */
  close(message: Message, holders: readonly Message[]): void;
}

export interface ProtobufProblem {
  kind: 'cut-off' | 'does-not-fit' | 'too-much';
  what: string;
}

/** In bytes: of a longer text only the beginning is looked at. */
export const MOST_TEXT = 1 << 20;
/** Of one field of one message; and as many characters of all messages that are open. */
const MOST_VALUES = 100_000;
const MOST_CHARACTERS = 32 << 20;
/** Libraries of Protocol Buffers refuse deeper ones. */
const MOST_DEPTH = 100;
/** In bytes, of a tag and a number behind it. */
const MOST_FIELD_HEAD = 20;

interface OpenMessage extends Message {
  end: number;
  characters: number;
}

/** Walks over a message of Protocol Buffers in one pass, without holding more than what is asked of open messages. */
export class ProtobufWalk {
  readonly #reader: ByteReader;
  readonly #events: MessageEvents;
  readonly #stack: OpenMessage[] = [];
  #characters = 0;
  #problem: ProtobufProblem | undefined;

  constructor(reader: ByteReader, events: MessageEvents) {
    this.#reader = reader;
    this.#events = events;
  }

  /** @param size of the message, in bytes, where it is known. @returns why it could not be walked to its end. */
  async walk(type: MessageType, size: number | undefined): Promise<ProtobufProblem | undefined> {
    const reader = this.#reader;
    this.#open(type, 0, size === undefined ? Number.POSITIVE_INFINITY : reader.offset + size);
    while (this.#problem === undefined) {
      this.#closeEnded();
      if (this.#stack.length === 0) return this.#problem;
      if (reader.available < MOST_FIELD_HEAD) await reader.ensure(MOST_FIELD_HEAD);
      if (reader.available === 0) return this.#endOfStream();
      await this.#field(this.#stack.at(-1)!);
    }
    return this.#problem;
  }

  #fail(kind: ProtobufProblem['kind'], what: string): void {
    this.#problem ??= { kind, what };
  }

  #endOfStream(): ProtobufProblem | undefined {
    if (this.#stack.length > 1 || Number.isFinite(this.#stack[0]!.end)) {
      this.#fail('cut-off', `The file ends within ${this.#stack.at(-1)!.type.name}.`);
      return this.#problem;
    }
    this.#events.close(this.#stack.pop()!, []);
    return undefined;
  }

  #open(type: MessageType, field: number, end: number): void {
    if (this.#stack.length >= MOST_DEPTH) {
      this.#fail('too-much', `It is nested more than ${MOST_DEPTH} deep.`);
      return;
    }
    const offset = this.#reader.offset;
    const message = { type, field, offset, end, characters: 0, texts: new Map(), numbers: new Map() };
    this.#stack.push(message);
    this.#events.open?.(message);
  }

  #closeEnded(): void {
    for (;;) {
      const message = this.#stack.at(-1);
      if (message === undefined || this.#reader.offset < message.end) return;
      if (this.#reader.offset > message.end) {
        this.#doesNotFit(message);
        return;
      }
      this.#stack.pop();
      this.#characters -= message.characters;
      this.#events.close(message, this.#stack);
    }
  }

  #doesNotFit(message: OpenMessage): void {
    this.#fail('does-not-fit', `A field of ${message.type.name} reaches past its end.`);
  }

  /** Of at most 64 bits; those above 53 are lost, and make any length one that does not fit. */
  #number(): number {
    const reader = this.#reader;
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 10 && reader.position < reader.end; count++) {
      const byte = reader.bytes[reader.position++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    this.#fail(reader.available === 0 ? 'cut-off' : 'does-not-fit', 'A number is longer than numbers are.');
    return 0;
  }

  async #field(message: OpenMessage): Promise<void> {
    const tag = this.#number();
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    if (this.#problem !== undefined) return;
    if (number === 0) return this.#fail('does-not-fit', `${message.type.name} has a field without a number.`);
    if (wire === 0) {
      const value = this.#number();
      if (message.type.fields[number] === 'number') this.#keep(message.numbers, number, value);
    } else if (wire === 1 || wire === 5) await this.#skip(wire === 1 ? 8 : 4);
    else if (wire === 2) await this.#lengthDelimited(message, number);
    else
      this.#fail('does-not-fit', `${message.type.name} has a field of a kind that is not written any more.`);
  }

  async #lengthDelimited(message: OpenMessage, number: number): Promise<void> {
    const length = this.#number();
    if (this.#problem !== undefined) return;
    const type = message.type.fields[number];
    if (this.#reader.offset + length > message.end) return this.#doesNotFit(message);
    if (typeof type === 'function') this.#open(type(), number, this.#reader.offset + length);
    else if (type === 'text') await this.#text(message, number, length);
    else await this.#skip(length);
  }

  async #text(message: OpenMessage, number: number, length: number): Promise<void> {
    const reader = this.#reader;
    const kept = Math.min(length, MOST_TEXT);
    if (reader.available < kept && !(await reader.ensure(kept)))
      return this.#fail('cut-off', `The file ends within a text of ${message.type.name}.`);
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(
      reader.bytes.subarray(reader.position, reader.position + kept),
    );
    message.characters += text.length;
    this.#characters += text.length;
    if (this.#characters > MOST_CHARACTERS)
      return this.#fail('too-much', `${message.type.name} has too many texts.`);
    this.#keep(message.texts, number, text);
    await this.#skip(length);
  }

  #keep<Value>(values: Map<number, Value[]>, number: number, value: Value): void {
    const list = values.get(number);
    if (list === undefined) values.set(number, [value]);
    else if (list.length < MOST_VALUES) list.push(value);
    else this.#fail('too-much', 'A field comes more often than in any model.');
  }

  async #skip(length: number): Promise<void> {
    const reader = this.#reader;
    if (length <= reader.available) reader.position += length;
    else if ((await reader.skip(length)) < length) this.#fail('cut-off', 'The file ends within a field.');
  }
}

/** What a finding calls it. */
export const PROTOBUF_RULES = {
  'cut-off': 'cut-off',
  'does-not-fit': 'header-does-not-fit',
  'too-much': 'cannot-look-into',
} as const;
