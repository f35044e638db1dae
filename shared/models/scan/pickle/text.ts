import { specialInWide, WIDE_HEAD_BYTES } from './special-keys.ts';
import { STRANGE_TEXT } from './values.ts';

/** Longer texts name nothing. */
export const MOST_NAME = 255;

/** Whether a byte can be in a name: letters, digits, `_`, `.`, and what is not ASCII. */
export const IN_NAME = new Uint8Array(256).fill(1, 128);
for (const character of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.') {
  IN_NAME[character.charCodeAt(0)] = 1;
}

/** @returns the text, where it could be the name of a module or of something in it. */
export function nameIn(bytes: Buffer, from: number, to: number): string | typeof STRANGE_TEXT {
  if (to - from > MOST_NAME) return STRANGE_TEXT;
  let all = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    if (IN_NAME[byte] === 0) return STRANGE_TEXT;
    all |= byte;
  }
  return all < 128 ? bytes.toString('latin1', from, to) : asName(bytes.toString('utf8', from, to));
}

function asName(text: string): string | typeof STRANGE_TEXT {
  return text.length > MOST_NAME || text.includes('\ufffd') || /[^\w.\u0080-\uffff]/.test(text)
    ? (specialInWide(Buffer.from(text.slice(0, WIDE_HEAD_BYTES), 'latin1'), 0, text.length) ?? STRANGE_TEXT)
    : text;
}

/** So much of a line is decoded, which is more than any name has even if each character is escaped. */
const MOST_DECODED = 16 * MOST_NAME;

/** The argument of UNICODE: bytes as Latin-1, in which `\uXXXX` and `\UXXXXXXXX` stand for characters. */
export function rawUnicodeName(line: string): string | typeof STRANGE_TEXT {
  const decoded = line
    .slice(0, MOST_DECODED)
    .replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|[\s\S])/g, (whole, short?: string, long?: string) => {
      const code = Number.parseInt(short ?? long ?? '110000', 16);
      return code < 0x11_00_00 ? String.fromCodePoint(code) : whole;
    });
  return asName(decoded);
}

const ESCAPES: Record<string, string> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** The argument of STRING: quoted, with the escapes of bytes in Python. @returns undefined where it is not quoted. */
export function quotedName(line: string): string | typeof STRANGE_TEXT | undefined {
  const quote = line[0];
  if (line.length < 2 || (quote !== "'" && quote !== '"') || line.at(-1) !== quote) return undefined;
  const decoded = line
    .slice(1, Math.min(line.length - 1, MOST_DECODED))
    .replace(
      /\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|([\s\S]))/g,
      (whole, hex?: string, octal?: string, other?: string) => {
        if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
        if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 255);
        return ESCAPES[other ?? ''] ?? whole;
      },
    );
  return asName(decoded);
}

/** As the unpickler in C reads a line of digits: up to a zero byte. */
const digits = (line: string): string => line.split('\0', 1)[0] ?? '';

/** Whether Python reads a line as the argument of INT or LONG. */
export const isIntegerLine = (line: string): boolean =>
  /^\s*[+-]?(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|[0-9][0-9_]*)L?\s*$/.test(digits(line));

/** Whether Python reads a line as the argument of FLOAT. */
export const isFloatLine = (line: string): boolean =>
  /^\s*[+-]?(?:[0-9][0-9_]*\.?[0-9_]*(?:[eE][+-]?[0-9_]+)?|\.[0-9_]+(?:[eE][+-]?[0-9_]+)?|inf(?:inity)?|nan)\s*$/i.test(
    line,
  );

/** The place in the memo that GET or PUT names. @returns undefined where it names none. */
export function placeIn(line: string): number | undefined {
  const text = digits(line).trim();
  if (!/^(?:\+?[0-9][0-9_]*|-0+)$/.test(text)) return undefined;
  const place = Math.abs(Number(text.replaceAll('_', '')));
  return Number.isSafeInteger(place) ? place : undefined;
}
