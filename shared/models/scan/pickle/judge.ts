import { ALLOWED, NEVER_CALLED } from './allow/allowed.ts';
import { FUNCTIONS } from './allow/functions.ts';
import { TORCH_SCRIPT } from './allow/torch.ts';
import { dangerOf } from './dangers.ts';
import type { Call, Import } from './values.ts';

type Names = ReadonlyMap<string, ReadonlySet<string>>;

function namesOf(lists: readonly Record<string, string>[]): Names {
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

const allowed = namesOf(ALLOWED);
const ofTorchScript = namesOf([TORCH_SCRIPT]);
const neverCalled = namesOf(NEVER_CALLED);
const functions = namesOf([FUNCTIONS]);

/** Modules and names of all imports that models need. */
export const KNOWN_WORDS: readonly string[] = [
  ...new Set([...allowed].flatMap(([module, names]) => [module, ...names])),
];

/** What TorchScript calls the classes of an archive, which only its own loader knows, and which has no code but TorchScript. */
const SCRIPT_CLASS = /^__torch__(?:\.|$)/;

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
 * @param isOfTorch whether it stands in a pickle of an archive that torch wrote.
 */
export function judge(what: Import, isOfTorch = false): Danger | undefined {
  if (allowed.get(what.module)?.has(what.name)) return undefined;
  if (isOfTorch && isOfTorchScript(what)) return undefined;
  const known = dangerOf(what);
  return known === undefined
    ? { what: 'is not among what the scan knows to be harmless', isKnown: false }
    : { what: known, isKnown: true };
}

const isOfTorchScript = ({ module, name }: Import): boolean =>
  ofTorchScript.get(module)?.has(name) || (SCRIPT_CLASS.test(module) && /^\w+$/.test(name));

/** What speaks against a call of an import that is on the list; undefined where nothing does. */
export function judgeCall(what: Import, how: Call): string | undefined {
  if (how === 'bare') return undefined;
  if (neverCalled.get(what.module)?.has(what.name))
    return 'is called with arguments, where picklers only make an empty object of it';
  return how === 'now' && isFunction(what) ? 'is called, where picklers only name it' : undefined;
}

/** A class with a small letter, and what makes an empty object. */
const CALLED_OF_SCIKIT_LEARN = ['make_column_selector', 'newObj'];

const isFunction = ({ module, name }: Import): boolean =>
  functions.get(module)?.has(name) ||
  (/^sklearn\./.test(module) && /^_?[a-z]/.test(name) && !CALLED_OF_SCIKIT_LEARN.includes(name));
