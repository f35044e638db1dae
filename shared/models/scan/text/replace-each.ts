/** So many parts are kept by themselves before they are put together. */
const MOST_PARTS = 1 << 10;

/**
 * As `text.replace` with a function, which keeps some hundred bytes for each place until it has found all of them: of a
 * megabyte of escapes that is half a gigabyte.
 *
 * @param pattern with the flag `g`.
 */
export function replaceEach(
  text: string,
  pattern: RegExp,
  replacement: (match: RegExpExecArray) => string,
): string {
  const pieces: string[] = [];
  let parts: string[] = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push(text.slice(at, match.index), replacement(match));
    at = match.index + match[0].length;
    if (parts.length < MOST_PARTS) continue;
    pieces.push(parts.join(''));
    parts = [];
  }
  return at === 0 ? text : pieces.join('') + parts.join('') + text.slice(at);
}

/** The same text in memory of its own: a part of a text keeps all of that text. */
export const copied = (text: string): string => Buffer.from(text, 'utf16le').toString('utf16le');
