import type { ScanContext, ScanInput } from '../scan-input.ts';
import { findNamedCode } from '../text/named-code.ts';
import { findSecrets, secretWords } from '../text/secrets.ts';
import { SafetensorsHeader } from './safetensors-header.ts';

/** In bytes: the library itself refuses longer ones. */
const MOST_HEADER = 100_000_000;
const PART = 1 << 16;

/** Walks over the header. @returns undefined where the file ends within. */
async function readHeader({ reader }: ScanInput, length: number): Promise<SafetensorsHeader | undefined> {
  const header = new SafetensorsHeader();
  for (let left = length; left > 0; ) {
    if (!(await reader.ensure(1))) return undefined;
    const now = Math.min(left, reader.available, PART);
    header.json.push(reader.bytes.subarray(reader.position, reader.position + now));
    reader.position += now;
    left -= now;
    if (header.json.problem !== undefined) return header;
  }
  header.json.finish();
  return header;
}

/** How many bytes follow: told by the size where it is certain, otherwise by walking over them. */
async function bytesLeft({ reader, random }: ScanInput): Promise<number> {
  return random === undefined ? reader.skip(Number.MAX_SAFE_INTEGER) : random.size - reader.offset;
}

function reportLayout(header: SafetensorsHeader, data: number, context: ScanContext): void {
  const end = header.layout((what) => context.report({ rule: 'tensor-layout', offset: null, what }));
  if (end > data)
    context.report({
      rule: 'cut-off',
      offset: null,
      what: `The tensors reach to byte ${end} of the data, which are ${data} bytes.`,
    });
  if (end < data) {
    const what = `${data - end} bytes follow behind the last tensor.`;
    context.report({ rule: 'bytes-after-end', offset: null, what });
  }
}

/**
 * Looks into a safetensors file: 8 bytes with the length of the header, the header, which is JSON, and the tensors one
 * right behind the other. Nothing in it is code; what can go wrong are lengths.
 */
export async function scanSafetensors(input: ScanInput, context: ScanContext): Promise<void> {
  const { reader } = input;
  const cutOff = () =>
    context.report({ rule: 'cut-off', offset: reader.offset, what: 'The file ends within its header.' });
  const head = await reader.take(8);
  if (head === undefined) return cutOff();
  const length = Number(new DataView(head.buffer, head.byteOffset).getBigUint64(0, true));
  if (length > MOST_HEADER) {
    const what = `The header is said to be ${length} bytes long: the library takes ${MOST_HEADER}.`;
    return context.report({ rule: 'header-does-not-fit', offset: 0, what });
  }
  const header = await readHeader(input, length);
  if (header === undefined) return cutOff();
  for (const { rule, what } of header.problems())
    context.report({ rule, offset: 8 + header.json.offset, what });
  for (const { key, value } of header.metadata) {
    for (const secret of findSecrets(key === '' ? value : `${key} = ${JSON.stringify(value)}`))
      context.report({ rule: 'secret', offset: null, what: secretWords(secret) });
    // Libraries keep a configuration there, in one text or with its keys.
    findNamedCode(`${key}:\n${value}`, context.report);
  }
  if (header.json.isComplete) reportLayout(header, await bytesLeft(input), context);
}
