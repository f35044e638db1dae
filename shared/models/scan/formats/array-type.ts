import type { PythonValue } from './python-literal.ts';

/** What a header says of one element of an array. */
export interface ArrayType {
  /** In bytes. */
  size: number;
  /** Whether it holds Python objects: then the data are a pickle. */
  hasObjects: boolean;
}

/** In bytes, of the kinds whose number is not a count of bytes. */
const CHARACTER = 4;
const PLAIN = /^[<>|=]?([?biufcSUVOMm])(\d*)(?:\[(?:\d+)?[A-Za-zμ]+(?:\/\d+)?\])?$/;

function plainType(text: string): ArrayType | undefined {
  const match = PLAIN.exec(text);
  if (match === null) return undefined;
  const kind = match[1]!;
  const count = match[2] === '' ? undefined : Number(match[2]);
  if (kind === 'O') return { size: 8, hasObjects: true };
  if (kind === '?') return count === undefined ? { size: 1, hasObjects: false } : undefined;
  if (count === undefined) return undefined;
  return { size: kind === 'U' ? count * CHARACTER : count, hasObjects: false };
}

function elements(shape: PythonValue): number | undefined {
  const sizes = Array.isArray(shape) ? shape : [shape];
  let product = 1;
  for (const size of sizes) {
    if (typeof size !== 'number' || size < 0) return undefined;
    product *= size;
  }
  return Number.isSafeInteger(product) ? product : undefined;
}

function field(value: PythonValue): ArrayType | undefined {
  if (!Array.isArray(value) || value.length < 2 || value.length > 3) return undefined;
  const [name, descr, shape] = value;
  const isNamed =
    typeof name === 'string' ||
    (Array.isArray(name) && name.length === 2 && name.every((part) => typeof part === 'string'));
  const type = isNamed ? arrayType(descr!) : undefined;
  return shape === undefined || type === undefined ? type : repeated(type, shape);
}

function repeated(type: ArrayType, shape: PythonValue): ArrayType | undefined {
  const count = elements(shape);
  return count === undefined ? undefined : { ...type, size: type.size * count };
}

/**
 * Reads `descr` of the header of an array: `'<f4'`, or a list of `(name, descr[, shape])`.
 *
 * @returns undefined where it is none that numpy.save writes: NumPy takes many more words for a type, and objects may
 *   hide under any of them.
 */
export function arrayType(descr: PythonValue): ArrayType | undefined {
  if (typeof descr === 'string') return plainType(descr);
  if (!Array.isArray(descr)) return undefined;
  const whole: ArrayType = { size: 0, hasObjects: false };
  for (const part of descr) {
    const type = field(part);
    if (type === undefined) return undefined;
    whole.size += type.size;
    whole.hasObjects ||= type.hasObjects;
  }
  return whole;
}

/** How many elements an array of this shape has. @returns undefined where it is no tuple of sizes, or more than fit. */
export function elementCount(shape: PythonValue): number | undefined {
  return Array.isArray(shape) ? elements(shape) : undefined;
}
