export type WideEncoding = 'utf-16le' | 'utf-16be' | 'utf-32le' | 'utf-32be';

/** The first characters of texts that a loader may read so: of JSON, XML and YAML, and blanks. */
const FIRST = /^[\s{["<#%A-Za-z-]$/;

/**
 * Tells a text in UTF-16 or UTF-32, by its mark or, as Python's `json.loads` does, by where its first zeros lie.
 * @param head its first bytes. @returns undefined where it is none.
 */
export function wideEncoding(head: Uint8Array): WideEncoding | undefined {
  if (head.length < 2) return undefined;
  const [a = 0, b = 0, c = -1, d = -1] = head;
  const isFirst = (code: number) => FIRST.test(String.fromCharCode(code));
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? 'utf-32le' : 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return 'utf-32be';
  if (a === 0 && b !== 0) return isFirst(b) && (c === 0 || c === -1) ? 'utf-16be' : undefined;
  if (a === 0) return c === 0 && isFirst(d) ? 'utf-32be' : undefined;
  if (b !== 0 || !isFirst(a)) return undefined;
  if (c === 0 && d === 0) return 'utf-32le';
  return 'utf-16le';
}
