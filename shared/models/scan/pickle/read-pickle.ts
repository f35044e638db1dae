import { ByteReader, MOST_BUFFERED } from '../byte-reader.ts';
import { type ArrayData, arrayData } from './array-data.ts';
import { judge } from './judge.ts';
import { looksLikePickle } from './looks-like-pickle.ts';
import { Machine } from './machine.ts';
import { ARGUMENT, NO_OPCODE } from './opcodes.ts';
import { isSpecialKey, specialInWide, WIDE_HEAD_BYTES } from './special-keys.ts';
import { quotedName, rawUnicodeName } from './text.ts';
import type { UnpicklerEvents, UnpicklerOptions } from './unpickler.ts';
import { INSPECTED_BYTES, type Value } from './values.ts';

export interface PickleEvents extends UnpicklerEvents {
  /** Bytes in the pickle that are a stream of their own. @param offset of their first byte. */
  nested(stream: ByteReader, size: number, offset: number): Promise<void>;
}

/** So much of an array is tried as opcodes, which fails at once unless somebody meant it to be read as such. */
const TRIED_BYTES = 1 << 16;
const HEAD_BYTES = 4096;
/** Values at once on the stack, while an array is read; picklers have a few. */
const MOST_VALUES_AT_ARRAY = 100_000;

/** Reads one pickle. @returns how it ended; the reader is behind its STOP, or where no unpickler goes on. */
export async function readPickle(
  reader: ByteReader,
  events: PickleEvents,
  options: UnpicklerOptions = { hasArrays: true },
): Promise<'stopped' | 'failed'> {
  let readsAllBytes = false;
  const imported: UnpicklerEvents['imported'] = (what, offset) => {
    readsAllBytes ||= what.module === 'torch.storage';
    events.imported(what, offset);
  };
  const machine = new Machine({ ...events, imported }, options);
  let isLast = false;
  for (;;) {
    const { bytes, position, end, offset } = reader;
    reader.position = machine.advance(bytes, position, end, offset - position, isLast);
    switch (machine.pause) {
      case 'more':
        isLast = !(await reader.ensure(Math.min(machine.wants, MOST_BUFFERED)));
        break;
      case 'payload':
        machine.passed(await passPayload(reader, machine, events, readsAllBytes));
        break;
      case 'long-line': {
        const special = machine.isText ? specialInLine(reader) : undefined;
        await passLine(reader);
        machine.passed(special ?? machine.skipped);
        break;
      }
      case 'array':
        if (!(await passArray(reader, machine, events))) return 'failed';
        machine.passed(machine.array?.of.gives(false));
        break;
      default:
        return machine.pause;
    }
  }
}

/** @returns what then lies on the stack. */
async function passPayload(
  reader: ByteReader,
  machine: Machine,
  events: PickleEvents,
  readsAllBytes: boolean,
): Promise<Value> {
  const length = machine.wants;
  const wanted = Math.min(length, HEAD_BYTES);
  if (machine.isBytes && (reader.available >= wanted || (await reader.ensure(wanted)))) {
    const head = reader.bytes.subarray(reader.position, reader.position + wanted);
    if (readsAllBytes || isStream(head, length)) {
      const { offset } = reader;
      await events.nested(new ByteReader(partOf(reader, length)), length, offset);
      await passOver(reader, length - (reader.offset - offset), events, offset);
      return INSPECTED_BYTES;
    }
  }
  const beginning = Math.min(length, WIDE_HEAD_BYTES);
  if (reader.available < beginning) await reader.ensure(beginning);
  const special = specialInWide(
    reader.bytes,
    reader.position,
    Math.min(reader.end, reader.position + length),
  );
  if (reader.available >= length) reader.position += length;
  else await passOver(reader, length, events);
  return special ?? machine.skipped;
}

/** What a line of text, of which the beginning is at hand, would be to NumPy. */
function specialInLine(reader: ByteReader): Value {
  const end = Math.min(reader.end, reader.position + HEAD_BYTES);
  const head = Buffer.from(reader.bytes.subarray(reader.position, end)).toString('latin1');
  const found: Value[] = [rawUnicodeName(head), quotedName(`${head}${head[0]}`)];
  return found.find((text) => isSpecialKey(text));
}

const isStream = (head: Uint8Array, length: number): boolean =>
  (head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4) || looksLikePickle(head, length);

/** The next bytes of a reader, as a stream of their own. */
function partOf(reader: ByteReader, length: number): { read(): Promise<Uint8Array | null> } {
  let left = length;
  return {
    async read() {
      if (left === 0 || !(await reader.ensure(1))) return null;
      const now = Math.min(left, reader.available);
      const part = reader.bytes.slice(reader.position, reader.position + now);
      reader.position += now;
      left -= now;
      return part;
    },
  };
}

/** @param offset of the value. */
async function passOver(
  reader: ByteReader,
  length: number,
  events: PickleEvents,
  offset = reader.offset,
): Promise<void> {
  if ((await reader.skip(length)) < length) events.problem('ends in the middle of a value', offset);
}

async function passLine(reader: ByteReader): Promise<void> {
  while (await reader.ensure(1)) {
    const at = reader.bytes.subarray(reader.position, reader.end).indexOf(10);
    reader.position = at < 0 ? reader.end : reader.position + at + 1;
    if (at >= 0) return;
  }
}

/** @returns false where nobody can tell where the opcodes go on. */
async function passArray(reader: ByteReader, machine: Machine, events: PickleEvents): Promise<boolean> {
  const { offset } = reader;
  const data = machine.array && arrayData(machine.array);
  if (!data || machine.depth > MOST_VALUES_AT_ARRAY) {
    events.problem('has an array of joblib whose length cannot be told', offset);
    return false;
  }
  if (data.isPickled || data.bytes > 0) await tryAsOpcodes(reader, machine, data, events);
  if (data.isPickled) return (await readPickle(reader, events, {})) === 'stopped';
  const padding = data.isPadded ? await reader.take(1) : undefined;
  await passOver(reader, (padding?.[0] ?? 0) + data.bytes, events);
  return true;
}

/**
 * Reads the bytes of an array as `pickle.load` would, which knows nothing of joblib: whoever made them so that it finds
 * opcodes there wanted this file to be one thing to a scan and another to a loader.
 */
async function tryAsOpcodes(
  reader: ByteReader,
  below: Machine,
  data: ArrayData,
  events: PickleEvents,
): Promise<void> {
  const length = data.isPickled ? TRIED_BYTES : Math.min(data.bytes, TRIED_BYTES);
  await reader.ensure(length);
  const { position, offset } = reader;
  const end = Math.min(reader.end, position + length);
  if (position === end || ARGUMENT[reader.bytes[position]!] === NO_OPCODE) return;
  const ignored = () => undefined;
  const isReported = (what: Parameters<UnpicklerEvents['imported']>[0]): boolean =>
    !data.isPickled || judge(what)?.isKnown === true;
  const trial: UnpicklerEvents = {
    imported: (what, at) => isReported(what) && events.imported(what, at),
    unresolved: data.isPickled ? ignored : events.unresolved,
    called: ignored,
    calledUnknown: ignored,
    reaches: data.isPickled ? ignored : events.reaches,
    patched: ignored,
    refused: ignored,
    persistent: ignored,
    problem: ignored,
  };
  const machine = new Machine(trial, { strict: true }, below);
  let at = position;
  while (at < end && machine.pause !== 'failed' && machine.pause !== 'stopped') {
    at = machine.advance(reader.bytes, at, end, offset - position, false);
    if (machine.pause === 'payload') at += machine.wants;
    if (machine.pause === 'payload') machine.passed(undefined);
    else break;
  }
  if (machine.pause === 'failed' || data.isPickled) return;
  events.problem('has an array of joblib whose bytes are opcodes to other loaders', offset);
}
