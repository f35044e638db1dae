/**
 * Reads JSON that two parsers cannot understand differently: of a key that is there twice, JSON.parse takes the last
 * and others take the first, so that one could verify what another does not read.
 * @throws SyntaxError when the text is not JSON or holds a key twice.
 */
export function parseStrictJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  refuseDoubleKeys(text);
  return value;
}

/** Walks the tokens of a text that is JSON already: only strings, brackets and commas matter. */
function refuseDoubleKeys(text: string): void {
  /** One entry per open bracket: the keys seen of an object, undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  let keyIsNext = false;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],]/g)) {
    if (token === '{') {
      open.push(new Set());
      keyIsNext = true;
    } else if (token === '[') {
      open.push(undefined);
      keyIsNext = false;
    } else if (token === '}' || token === ']') {
      open.pop();
      keyIsNext = false;
    } else if (token === ',') {
      keyIsNext = open.at(-1) !== undefined;
    } else if (keyIsNext) {
      // Escapes are resolved: "a" and "\u0061" are one key.
      const key = JSON.parse(token) as string;
      const keys = open.at(-1);
      if (keys?.has(key)) throw new SyntaxError('A key is there twice');
      keys?.add(key);
      keyIsNext = false;
    }
  }
}
