export const LZMA_HEADER_BYTES = 13;
/** Then a mark ends what is packed. */
export const LZMA_UNKNOWN_SIZE = 0xffff_ffff_ffff_ffffn;
const MOST_SIZE = 1n << 38n;

/**
 * Whether bytes begin as the old format of one stream does ("lzma-file-format.txt" of XZ Utils): properties, a dictionary
 * of 2^n or 2^n + 2^(n-1) bytes, a size below 256 GiB or none, and a first byte of 0.
 */
export function beginsLzma(head: Uint8Array): boolean {
  const properties = head[0]!;
  const areProperties = properties < 225 && (properties % 9) + (Math.floor(properties / 9) % 5) <= 4;
  if (head.length < LZMA_HEADER_BYTES || !areProperties || (head[LZMA_HEADER_BYTES] ?? 0) !== 0) return false;
  const view = new DataView(head.buffer, head.byteOffset, LZMA_HEADER_BYTES);
  const dictionary = view.getUint32(1, true);
  const size = view.getBigUint64(5, true);
  const withoutHighest = dictionary - 2 ** Math.floor(Math.log2(Math.max(1, dictionary)));
  const isRound = withoutHighest === 0 || withoutHighest * 3 === dictionary;
  return (
    dictionary >= 4096 &&
    (isRound || dictionary === 0xffffffff) &&
    (size === LZMA_UNKNOWN_SIZE || size < MOST_SIZE)
  );
}
