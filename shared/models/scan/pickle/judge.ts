import { ALLOWED } from './allow/allowed.ts';
import { dangerOf } from './dangers.ts';
import type { Import } from './values.ts';

const allowed = new Map<string, Set<string>>();
for (const list of ALLOWED) {
  for (const [module, names] of Object.entries(list)) {
    const known = allowed.get(module) ?? new Set();
    for (const name of names.split(/\s+/)) known.add(name);
    allowed.set(module, known);
  }
}

const words = new Set<string>();
for (const [module, names] of allowed) {
  words.add(module);
  for (const name of names) words.add(name);
}

/** Whether a text is the module or the name of an import that models need. */
export const isKnownWord = (text: string): boolean => words.has(text);

/** Whether the scan knows a module, as harmless or as dangerous. */
export const isKnownModule = (module: string): boolean =>
  allowed.has(module) || dangerOf({ module, name: '' }) !== undefined;

export interface Danger {
  /** A clause: `runs commands of the shell`; of what is merely not known, that it is not. */
  what: string;
  /** Whether it is known for its danger. */
  isKnown: boolean;
}

/**
 * What speaks against an import; undefined where it is on the list of what models need. Names are compared with the
 * module in which they are looked for, so that `numpy` and `os.system` is not `numpy.os` and `system`.
 */
export function judge(what: Import): Danger | undefined {
  if (allowed.get(what.module)?.has(what.name)) return undefined;
  const known = dangerOf(what);
  return known === undefined
    ? { what: 'is not among what the scan knows to be harmless', isKnown: false }
    : { what: known, isKnown: true };
}
