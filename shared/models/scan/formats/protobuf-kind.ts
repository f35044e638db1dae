/** Models that are a message of Protocol Buffers, which has no signature: what tells are the fields at the outermost. */
export type ProtobufKind = 'onnx' | 'saved-model' | 'keras-metadata' | 'coreml';

const NUMBER = 0;
const LENGTH = 2;

/** By kind: what may be a field of its outermost message. */
const KINDS: readonly [ProtobufKind, (field: number) => number | undefined][] = [
  ['saved-model', (field) => ({ 1: NUMBER, 2: LENGTH })[field]],
  [
    'onnx',
    (field) =>
      ({ 1: NUMBER, 2: LENGTH, 3: LENGTH, 4: LENGTH, 5: NUMBER, 6: LENGTH, 7: LENGTH, 8: LENGTH })[field] ??
      ([14, 20, 25, 26].includes(field) ? LENGTH : undefined),
  ],
  [
    'coreml',
    (field) => (field === 1 || field === 10 ? NUMBER : field === 2 || field >= 200 ? LENGTH : undefined),
  ],
  ['keras-metadata', (field) => (field === 1 ? LENGTH : undefined)],
];

interface Field {
  number: number;
  wire: number;
  value: number;
  /** Where the bytes of a field with a length begin. */
  begin: number;
}

/** The outermost fields that begin in `head`. @returns undefined where it is no message. */
function outermostFields(head: Uint8Array, size: number | undefined): Field[] | undefined {
  const fields: Field[] = [];
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let scale = 1; at < head.length; scale *= 128) {
      const byte = head[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) break;
    }
    return value;
  };
  while (at < head.length && fields.length < 100) {
    const tag = number();
    if (at >= head.length) break;
    const field = { number: Math.floor(tag / 8), wire: tag % 8, value: number(), begin: at };
    if (field.number === 0 || (field.wire !== NUMBER && field.wire !== LENGTH)) return undefined;
    fields.push(field);
    if (field.wire === LENGTH) at += field.value;
    if (size !== undefined && at > size && field.number !== 7) return undefined;
  }
  return fields;
}

/** In a message of SavedModel the second field is a graph with its own parts; in the others it is a text or other. */
function isMetaGraph(head: Uint8Array, { begin }: Field): boolean {
  return [0x0a, 0x12, 0x1a, 0x22, 0x2a, 0x32, 0x3a].includes(head[begin] ?? 0);
}

function isOf(kind: ProtobufKind, fields: readonly Field[], head: Uint8Array): boolean {
  const first = (number: number) => fields.find((field) => field.number === number);
  const version = first(1)?.value;
  const second = first(2);
  if (kind === 'saved-model')
    return second !== undefined && (version ?? 1) === 1 && isMetaGraph(head, second);
  if (kind === 'onnx') return first(7) !== undefined || (version !== undefined && fields.length > 1);
  if (kind === 'coreml') return version !== undefined && fields.some(({ number }) => number >= 200);
  // Each part of it begins with a number, its place, or what it is.
  return fields.every(({ begin }) => [0x10, 0x1a, 0x22, 0x2a].includes(head[begin] ?? 0x10));
}

/** Tells which model a message of Protocol Buffers is, by its outermost fields in any order. */
export function protobufKind(head: Uint8Array, size: number | undefined): ProtobufKind | undefined {
  const fields = outermostFields(head, size);
  if (fields === undefined || fields.length === 0) return undefined;
  for (const [kind, wireOf] of KINDS)
    if (fields.every(({ number, wire }) => wireOf(number) === wire) && isOf(kind, fields, head)) return kind;
  return undefined;
}
