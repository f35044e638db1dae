import type { ScanInput } from '../scan-input.ts';

const DECODER = new TextDecoder();

/** All of a small text. @param most bytes that it may have. @returns undefined where it has more. */
export async function wholeText({ reader }: ScanInput, most: number): Promise<string | undefined> {
  const isLarger = await reader.ensure(most + 1);
  return isLarger ? undefined : DECODER.decode(reader.bytes.subarray(reader.position, reader.end));
}
