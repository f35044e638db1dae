import type { RandomAccess } from '../byte-reader.ts';
import { pagedAccess } from '../containers/paged-access.ts';
import type { ProtobufKind } from './protobuf-kind.ts';

interface Stretch {
  begin: number;
  end: number;
}

/** Fields of one message; no model has more at its outermost. */
const MOST_FIELDS = 1_000_000;
/** Of a tag and a number behind it, in bytes. */
const MOST_FIELD_HEAD = 20;
const [VARINT, EIGHT_BYTES, LENGTH, FOUR_BYTES] = [0, 1, 2, 5];

/**
 * Whether a head may be that of any message of Protocol Buffers: parsers pass over fields that they do not know, of any
 * kind and length, in any order, so that those which tell a model can lie far behind it.
 */
export function mayBeProtobuf(head: Uint8Array, size: number | undefined): boolean {
  let at = 0;
  while (at < head.length) {
    const field = fieldAt(head, at);
    if (field === undefined)
      return head.length - at < MOST_FIELD_HEAD && size !== undefined && size > head.length;
    at = field.end;
    if (size !== undefined && at > size) return false;
  }
  return size !== undefined;
}

/**
 * Which models a message of Protocol Buffers is whose beginning does not tell: those of which it has the part that makes a
 * loader read it. @returns several where it has the parts of several; none where it is no message at all.
 */
export async function protobufModels(access: RandomAccess): Promise<ProtobufKind[]> {
  const paged = pagedAccess(access);
  const parts = await lengthFields(paged, { begin: 0, end: access.size });
  if (parts === undefined) return [];
  const has = async (number: number, ...of: number[]): Promise<boolean> => {
    for (const part of parts.get(number) ?? []) {
      const inner = await lengthFields(paged, part);
      if (inner !== undefined && of.some((one) => inner.has(one))) return true;
    }
    return false;
  };
  const kinds: ProtobufKind[] = [];
  // The nodes, the name, the tensors or the outputs of a graph.
  if (await has(7, 1, 2, 5, 12)) kinds.push('onnx');
  // What is said of a graph, or the graph.
  if (await has(2, 1, 2)) kinds.push('saved-model');
  // The settings of a layer.
  if (await has(1, 5)) kinds.push('keras-metadata');
  // A description, and one of the kinds of models.
  const isCoreMl = parts.has(2) && [...parts.keys()].some((number) => number >= 200 && number < 4_000);
  if (isCoreMl) kinds.push('coreml');
  return kinds;
}

/** By number: the first of the fields that have a length. */
type Parts = Map<number, Stretch[]>;
const MOST_OF_ONE = 100;

/** @returns undefined where the bytes are no message. */
async function lengthFields(access: RandomAccess, { begin, end }: Stretch): Promise<Parts | undefined> {
  const parts: Parts = new Map();
  let at = begin;
  for (let count = 0; at < end; count++) {
    const field = fieldAt(await access.readAt(at, Math.min(MOST_FIELD_HEAD, end - at)), 0);
    if (field === undefined || at + field.end > end || count >= MOST_FIELDS) return undefined;
    if (field.wire === LENGTH) {
      const known = parts.get(field.number) ?? [];
      if (known.length < MOST_OF_ONE) known.push({ begin: at + field.begin, end: at + field.end });
      parts.set(field.number, known);
    }
    at += field.end;
  }
  return parts;
}

interface Field extends Stretch {
  number: number;
  wire: number;
}

/** @returns undefined where no field is. */
function fieldAt(bytes: Uint8Array, from: number): Field | undefined {
  const tag = varintAt(bytes, from);
  if (tag === undefined) return undefined;
  const [number, wire] = [Math.floor(tag.value / 8), tag.value % 8];
  if (number === 0 || number >= 2 ** 29) return undefined;
  const begin = tag.end;
  if (wire === EIGHT_BYTES || wire === FOUR_BYTES)
    return { number, wire, begin, end: begin + (wire === EIGHT_BYTES ? 8 : 4) };
  if (wire !== VARINT && wire !== LENGTH) return undefined;
  const value = varintAt(bytes, begin);
  if (value === undefined) return undefined;
  return { number, wire, begin: value.end, end: value.end + (wire === LENGTH ? value.value : 0) };
}

function varintAt(bytes: Uint8Array, from: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let at = from; at < Math.min(bytes.length, from + 10); at++) {
    value += (bytes[at]! & 127) * 128 ** (at - from);
    if (bytes[at]! < 128) return { value, end: at + 1 };
  }
  return undefined;
}
