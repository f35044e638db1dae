/** Names of columns in a sentence. */

/** How many column names a sentence lists. */
const NAMED = 5;

/** `a, b and 3 more` */
export function listNames(names: readonly string[], most = NAMED): string {
  if (names.length <= most)
    return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}
