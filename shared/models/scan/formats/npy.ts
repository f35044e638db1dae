import { MOST_BUFFERED } from '../byte-reader.ts';
import type { ScanContext, ScanInput } from '../scan-input.ts';
import { type ArrayType, arrayType, elementCount } from './array-type.ts';
import { type PythonDict, type PythonValue, readPythonLiteral } from './python-literal.ts';

const KEYS = ['descr', 'fortran_order', 'shape'];
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

interface ArrayHeader {
  type: ArrayType;
  count: number;
}

function isDict(value: PythonValue | undefined): value is PythonDict {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @returns what is wrong with it, as the end of "The header of the array …", or what it says. */
function readHeader(text: string): ArrayHeader | string {
  const value = readPythonLiteral(text);
  if (!isDict(value)) return 'is no dictionary of plain values.';
  const keys = value.entries.map(([key]) => key);
  if (keys.length !== KEYS.length || !KEYS.every((key) => keys.includes(key)))
    return 'has other keys than descr, fortran_order and shape.';
  const entries = new Map(value.entries);
  const type = arrayType(entries.get('descr')!);
  if (type === undefined) return 'has a descr that numpy.save does not write.';
  if (typeof entries.get('fortran_order') !== 'boolean')
    return 'has a fortran_order that is not True or False.';
  const count = elementCount(entries.get('shape')!);
  if (count === undefined || !Number.isSafeInteger(count * type.size))
    return 'has a shape that is no tuple of sizes.';
  return { type, count };
}

/** Of the text of the header, from what follows the magic. */
function headerLength(head: Uint8Array): number {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return head[0] === 1 ? view.getUint16(2, true) : view.getUint32(2, true);
}

/** Looks at one array. @returns whether the stream can be followed behind it. */
async function scanOne(input: ScanInput, context: ScanContext): Promise<boolean> {
  const { reader } = input;
  const offset = reader.offset;
  const cutOff = (part: string): false => {
    context.report({
      rule: 'cut-off',
      offset: reader.offset,
      what: `The file ends within the ${part} of an array.`,
    });
    return false;
  };
  const refuse = (what: string): false => {
    context.report({ rule: 'array-header', offset, what: `The header of the array ${what}` });
    return false;
  };
  if (!(await reader.ensure(10))) return cutOff('header');
  reader.position += MAGIC.length;
  const version = reader.bytes[reader.position]!;
  if (version < 1 || version > 3) return refuse(`is of version ${version}, which NumPy does not have.`);
  const size = version === 1 ? 4 : 6;
  const head = await reader.take(size);
  if (head === undefined) return cutOff('header');
  const length = headerLength(head);
  if (length > MOST_BUFFERED) return refuse(`is ${length} bytes long: more than any array needs.`);
  const text = await reader.take(length);
  if (text === undefined) return cutOff('header');
  const header = readHeader(new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(text));
  if (typeof header === 'string') return refuse(header);
  if (header.type.hasObjects) {
    await context.inner('objects of the array', { reader, size: undefined, role: 'pickle' });
    return false;
  }
  const bytes = header.count * header.type.size;
  const passed = await reader.skip(bytes);
  if (passed === bytes) return true;
  context.report({
    rule: 'cut-off',
    offset: reader.offset,
    what: `The shape of the array needs ${bytes} bytes, and only ${passed} follow.`,
  });
  return false;
}

/** Whether another array follows: numpy.save can write several into one file. */
async function isArrayNext({ reader }: ScanInput): Promise<boolean> {
  if (!(await reader.ensure(MAGIC.length))) return false;
  return MAGIC.every((byte, index) => reader.bytes[reader.position + index] === byte);
}

/**
 * Looks into what numpy.save writes. The header is a text that Python would evaluate: it is read strictly, as what
 * numpy.save writes and nothing else. Arrays of objects are a pickle behind the header.
 */
export async function scanNpy(input: ScanInput, context: ScanContext): Promise<void> {
  do {
    if (!(await scanOne(input, context))) return;
  } while (await isArrayNext(input));
  if (await input.reader.isAtEnd()) return;
  const offset = input.reader.offset;
  context.report({ rule: 'bytes-after-end', offset, what: 'Bytes follow behind the last array.' });
  await context.inner('behind the last array', { reader: input.reader, size: undefined });
}
