import type { Found } from '../finding.ts';
import { GgufEnd, type GgufValues } from './gguf-values.ts';

/** Per type of a tensor: how many elements a block has, and how many bytes. */
const BLOCKS: Readonly<Record<number, readonly [elements: number, bytes: number]>> = {
  0: [1, 4],
  1: [1, 2],
  2: [32, 18],
  3: [32, 20],
  6: [32, 22],
  7: [32, 24],
  8: [32, 34],
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
};
const MOST_DIMENSIONS = 4;
const MOST_PROBLEMS = 20;

/** How many bytes a tensor has. @returns 0 for a type that came after this list: then only its beginning is known. */
function tensorBytes(type: number, elements: number): number {
  const block = BLOCKS[type];
  return block === undefined ? 0 : Math.ceil(elements / block[0]) * block[1];
}

/** Reads where the tensors of a GGUF file lie. @returns the end of the last, in bytes from where the data begin. */
export async function readTensors(
  values: GgufValues,
  count: number,
  alignment: number,
  report: (found: Found) => void,
): Promise<number> {
  let end = 0;
  let problems = 0;
  for (let index = 0; index < count; index++) {
    const at = values.reader.offset;
    const name = JSON.stringify((await values.text())?.slice(0, 200));
    const dimensions = await values.number32();
    if (dimensions > MOST_DIMENSIONS)
      throw new GgufEnd(`The tensor ${name} is said to have ${dimensions} dimensions.`);
    let elements = 1;
    for (let dimension = 0; dimension < dimensions; dimension++) elements *= await values.length();
    const bytes = tensorBytes(await values.number32(), elements);
    const begin = await values.number64();
    if (begin % alignment !== 0 && problems++ < MOST_PROBLEMS)
      report({
        rule: 'tensor-layout',
        offset: at,
        what: `The tensor ${name} begins at byte ${begin}, not aligned.`,
      });
    end = Math.max(end, begin + bytes);
  }
  return end;
}
