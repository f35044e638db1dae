import { ByteReader } from '../models/scan/byte-reader.ts';
import type { Found } from '../models/scan/finding.ts';
import type { Scanner } from '../models/scan/scan-input.ts';

export interface Looked {
  found: Found[];
  /** Streams that were handed back, and their bytes. */
  inner: { member: string; bytes: Buffer; role?: string }[];
}

async function readAll(reader: ByteReader): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for (let part = await reader.take(1); part !== undefined; part = await reader.take(1)) parts.push(part);
  return Buffer.concat(parts);
}

/** Looks at bytes with the scanner of one format alone. @param part how many bytes come at once. */
export async function scanBytes(scanner: Scanner, bytes: Uint8Array, part = 1 << 16): Promise<Looked> {
  const looked: Looked = { found: [], inner: [] };
  let at = 0;
  const reader = new ByteReader({
    read: async () => {
      if (at >= bytes.length) return null;
      at += part;
      return bytes.slice(at - part, at);
    },
  });
  const input = { place: { file: 'model', members: [] }, reader, size: bytes.length };
  await scanner(input, {
    report: (found) => looked.found.push(found),
    inner: async (member, stream) => {
      looked.inner.push({
        member,
        bytes: await readAll(stream.reader),
        ...(stream.role && { role: stream.role }),
      });
    },
    randomAccess: async () => ({
      size: bytes.length,
      readAt: async (offset, length) => bytes.slice(offset, offset + length),
    }),
    unpacked: () => undefined,
    expect: () => undefined,
    memory: { hold: () => undefined, release: () => undefined },
    lookedIntoArchive: () => undefined,
    named: () => undefined,
    signal: new AbortController().signal,
  });
  return looked;
}

/** The rules that a scanner finds broken, in order. */
export async function rulesBroken(scanner: Scanner, bytes: Uint8Array, part?: number): Promise<string[]> {
  return (await scanBytes(scanner, bytes, part)).found.map((found) => found.rule);
}
