import { ByteReader, type ByteSource } from '../models/scan/byte-reader.ts';
import { FileScan } from '../models/scan/file-scan.ts';
import type { Found, Place } from '../models/scan/finding.ts';

/** Bytes that come in parts of these sizes, in turn. */
export function sourceInParts(bytes: Uint8Array, sizes: readonly number[]): ByteSource {
  let [at, turn] = [0, 0];
  return {
    read: async () => {
      if (at >= bytes.length) return null;
      const from = at;
      at += sizes[turn++ % sizes.length]!;
      return bytes.slice(from, at);
    },
  };
}

/** What is found in bytes that come in parts. @param temporaryFolder is empty again afterwards. */
export async function foundInParts(
  bytes: Uint8Array,
  sizes: readonly number[],
  temporaryFolder: string,
): Promise<[Place, Found][]> {
  const found: [Place, Found][] = [];
  const scan = new FileScan({
    size: bytes.length,
    signal: new AbortController().signal,
    temporaryFolder,
    report: (place, one) => found.push([place, one]),
    count: () => undefined,
  });
  const reader = new ByteReader(sourceInParts(bytes, sizes));
  await scan.look({ place: { file: 'model', members: [] }, reader, size: undefined });
  return found;
}
