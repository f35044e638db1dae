/** Changes of messages of Protocol Buffers that leave all lengths right. */
import type { Dice } from './dice.ts';
import type { Material, Mutation } from './havoc.ts';

interface Field {
  number: number;
  wire: number;
  /** Of a varint: its bytes. */
  value: Uint8Array | Field[];
}

const LENGTH = 2;
const MOST_DEPTH = 12;

function varint(value: number): number[] {
  const digits: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) digits.push((rest % 0x80) | 0x80);
  return [...digits, rest];
}

/** @returns undefined where it is no message. */
function parse(bytes: Uint8Array, depth = 0): Field[] | undefined {
  const fields: Field[] = [];
  let at = 0;
  const number = (): number | undefined => {
    let value = 0;
    for (let scale = 1; at < bytes.length && scale < 2 ** 49; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    return undefined;
  };
  while (at < bytes.length) {
    const tag = number();
    if (tag === undefined || tag < 8) return undefined;
    const wire = tag % 8;
    const begin = at;
    const length = wire === 0 || wire === LENGTH ? number() : wire === 1 ? 8 : wire === 5 ? 4 : undefined;
    if (length === undefined) return undefined;
    const end = wire === 0 ? at : wire === LENGTH ? at + length : begin + length;
    if (end > bytes.length) return undefined;
    const value = bytes.slice(wire === LENGTH ? at : begin, end);
    const inner =
      wire === LENGTH && value.length > 1 && depth < MOST_DEPTH ? parse(value, depth + 1) : undefined;
    fields.push({ number: Math.floor(tag / 8), wire, value: inner ?? value });
    at = end;
  }
  return fields;
}

function written(fields: readonly Field[]): Uint8Array {
  const parts = fields.map(({ number, wire, value }) => {
    const content = Array.isArray(value) ? written(value) : value;
    const length = wire === LENGTH ? varint(content.length) : [];
    return Buffer.concat([Uint8Array.from([...varint(number * 8 + wire), ...length]), content]);
  });
  return new Uint8Array(Buffer.concat(parts));
}

/** All lists of fields in a message, itself among them. */
const listsOf = (fields: Field[]): Field[][] => [
  fields,
  ...fields.flatMap(({ value }) => (Array.isArray(value) ? listsOf(value) : [])),
];

function wrapped(field: Field, dice: Dice): Field {
  let made = field;
  for (let left = dice.length(300); left > 0; left--)
    made = { number: field.number, wire: LENGTH, value: [made] };
  return made;
}

export function changedMessage(bytes: Uint8Array, material: Material, changed: Mutation): Uint8Array {
  const { dice, other } = material;
  const message = parse(bytes);
  if (!message || message.length === 0) return bytes;
  const list = dice.pick(listsOf(message).filter((fields) => fields.length > 0));
  const at = dice.below(list.length);
  const field = list[at]!;
  const content = () => (Array.isArray(field.value) ? written(field.value) : field.value);
  const put: () => Field[] = dice.pick<() => Field[]>([
    () => [],
    () => Array.from({ length: dice.length(40) }, () => field),
    () => [
      { ...field, number: dice.chance(0.5) ? 1 + dice.below(20) : dice.pick([100, 200, 500, 555, 2 ** 28]) },
    ],
    () => [{ ...field, value: changed(content(), material) }],
    () => [{ ...field, wire: dice.pick([0, 1, 2, 3, 4, 5, 6, 7]) }],
    () => [field, dice.pick([...listsOf(parse(other()) ?? []).flat(), field])],
    () => [wrapped(field, dice)],
  ]);
  list.splice(at, 1, ...put());
  return written(message);
}
