import type { Found } from '../finding.ts';
import { GgufEnd, type GgufValues } from './gguf-values.ts';

/** Per type of a tensor: how many elements a block has, and how many bytes (`GGML_QUANT_SIZES` of gguf 0.19). */
const BLOCKS: Readonly<Record<number, readonly [elements: number, bytes: number]>> = {
  0: [1, 4],
  1: [1, 2],
  2: [32, 18],
  3: [32, 20],
  6: [32, 22],
  7: [32, 24],
  8: [32, 34],
  9: [32, 40],
  10: [256, 84],
  11: [256, 110],
  12: [256, 144],
  13: [256, 176],
  14: [256, 210],
  15: [256, 292],
  16: [256, 66],
  17: [256, 74],
  18: [256, 98],
  19: [256, 50],
  20: [32, 18],
  21: [256, 110],
  22: [256, 82],
  23: [256, 136],
  24: [1, 1],
  25: [1, 2],
  26: [1, 4],
  27: [1, 8],
  28: [1, 8],
  29: [256, 56],
  30: [1, 2],
  34: [256, 54],
  35: [256, 66],
  39: [32, 17],
  40: [64, 36],
  41: [128, 18],
};
const MOST_DIMENSIONS = 4;
const MOST_PROBLEMS = 20;

/** How many bytes a tensor has. @returns undefined for a type that came after this list. */
function tensorBytes(type: number, elements: number): number | undefined {
  const block = BLOCKS[type];
  return block === undefined ? undefined : Math.ceil(elements / block[0]) * block[1];
}

export interface TensorLayout {
  /** Of the last tensor, in bytes from where the data begin. */
  end: number;
  /** Whether the sizes of all are known: only then nothing lies behind. */
  isWhole: boolean;
}

/** Reads where the tensors of a GGUF file lie: one behind the other, in their order, as llama.cpp demands. */
export async function readTensors(
  values: GgufValues,
  count: number,
  alignment: number,
  report: (found: Found) => void,
): Promise<TensorLayout> {
  const names = new Set<string>();
  let end = 0;
  let isWhole = true;
  let problems = 0;
  const add = (rule: Found['rule'], offset: number, what: string): void => {
    if (problems++ < MOST_PROBLEMS) report({ rule, offset, what });
  };
  for (let index = 0; index < count; index++) {
    const at = values.reader.offset;
    const { name, type, elements, begin } = await readTensor(values);
    if (names.has(name)) add('duplicate-key', at, `Two tensors are named ${name}.`);
    names.add(name);
    const expected = Math.ceil(end / alignment) * alignment;
    if (begin % alignment !== 0)
      add('tensor-layout', at, `The tensor ${name} begins at byte ${begin}, not aligned.`);
    else if (isWhole && begin !== expected)
      add('tensor-layout', at, `The tensor ${name} begins at byte ${begin}, not at ${expected}.`);
    const bytes = tensorBytes(type, elements);
    isWhole &&= bytes !== undefined;
    end = Math.max(end, begin + (bytes ?? 0));
  }
  return { end, isWhole };
}

async function readTensor(
  values: GgufValues,
): Promise<{ name: string; type: number; elements: number; begin: number }> {
  const name = JSON.stringify((await values.text())?.slice(0, 200) ?? '');
  const dimensions = await values.number32();
  if (dimensions > MOST_DIMENSIONS)
    throw new GgufEnd(`The tensor ${name} is said to have ${dimensions} dimensions.`);
  let elements = 1;
  for (let dimension = 0; dimension < dimensions; dimension++) elements *= await values.length();
  const type = await values.number32();
  return { name, type, elements, begin: await values.number64() };
}
