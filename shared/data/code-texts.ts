export interface CodedTexts {
  /** Index into `names`; −1: null. */
  codes: Int32Array;
  /** The different texts, in the order of their first rows. */
  names: string[];
}

/** Texts to codes. Equal text has one code; null is −1. */
export function codeTexts(values: readonly (string | null)[]): CodedTexts {
  const codes = new Int32Array(values.length);
  const names: string[] = [];
  const known = new Map<string, number>();
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value === null || value === undefined) {
      codes[row] = -1;
      continue;
    }
    let code = known.get(value);
    if (code === undefined) {
      code = names.length;
      names.push(value);
      known.set(value, code);
    }
    codes[row] = code;
  }
  return { codes, names };
}
