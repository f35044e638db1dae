const ZERO = 0x30;
const NINE = 0x39;
const COMMA = 0x2c;
const SPACE = 0x20;
const NONE = -1;

/** Where the digits that begin at `from` end. */
function endOfDigits(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at]! >= ZERO && bytes[at]! <= NINE) at++;
  return at;
}

/** Where the number that begins at `start` ends (RFC 8259, section 6). @returns -1 where none begins. */
function endOfNumber(bytes: Uint8Array, start: number, end: number): number {
  const whole = bytes[start] === 0x2d ? start + 1 : start;
  let at = endOfDigits(bytes, whole, end);
  if (at === whole || (bytes[whole] === ZERO && at > whole + 1)) return NONE;
  if (at < end && bytes[at] === 0x2e) {
    const fraction = at + 1;
    at = endOfDigits(bytes, fraction, end);
    if (at === fraction) return NONE;
  }
  if (at < end && (bytes[at]! | 0x20) === 0x65) {
    const sign = bytes[at + 1];
    const exponent = at + (at + 1 < end && (sign === 0x2b || sign === 0x2d) ? 2 : 1);
    at = endOfDigits(bytes, exponent, end);
    if (at === exponent) return NONE;
  }
  return at;
}

/** Whether the bytes are a number as JSON writes it, and nothing else. */
export function isJsonNumber(bytes: Uint8Array, start: number, end: number): boolean {
  return endOfNumber(bytes, start, end) === end;
}

/**
 * Passes over numbers with a comma behind each, and at most a blank behind that: most of the JSON of a large model.
 *
 * @returns where the next value begins; `start` where there is no such number.
 */
export function skipNumbers(bytes: Uint8Array, start: number, end: number): number {
  for (let next = start; ; ) {
    const at = endOfNumber(bytes, next, end);
    if (at === NONE || at >= end || bytes[at] !== COMMA) return next;
    next = at + 1;
    if (next < end && bytes[next] === SPACE) next++;
  }
}
