/** Names by their module, as sets. */
export type Names = ReadonlyMap<string, ReadonlySet<string>>;

/** @param lists names by their module, in one text with spaces between them. */
export function namesOf(lists: readonly Record<string, string>[]): Names {
  const all = new Map<string, Set<string>>();
  for (const list of lists) {
    for (const [module, names] of Object.entries(list)) {
      const known = all.get(module) ?? new Set();
      for (const name of names.split(/\s+/)) known.add(name);
      all.set(module, known);
    }
  }
  return all;
}
