import { ALLOWED } from './allow/allowed.ts';
import { CALLED } from './allow/called.ts';
import { FUNCTIONS } from './allow/functions.ts';
import { namesOf } from './allow/names.ts';
import { TORCH_SCRIPT } from './allow/torch.ts';
import { dangerOf } from './dangers.ts';
import { RESPONSES, SPECIAL_KEYS } from './special-keys.ts';
import type { Call, Change, Import } from './values.ts';

const allowed = namesOf(ALLOWED);
const ofTorchScript = namesOf([TORCH_SCRIPT]);
const called = namesOf(CALLED);
const functions = namesOf([FUNCTIONS]);

/** Modules and names of all imports that models need, and the names of attributes that are looked at. */
export const KNOWN_WORDS: readonly string[] = [
  ...new Set([
    ...[...allowed].flatMap(([module, names]) => [module, ...names]),
    ...SPECIAL_KEYS,
    ...RESPONSES,
  ]),
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
  const isOther = !allowed.get(what.module)?.has(what.name);
  if (isOther || how === 'bare') return undefined;
  if (how === 'filled' || how === 'appended' || how === 'added')
    return CHANGED[how].has(what.name)
      ? undefined
      : 'gets items, where picklers only fill lists, sets and dictionaries';
  if (how === 'kept')
    return isFunction(what) || isOfScikitLearn(what) || KEPT.has(what.name)
      ? undefined
      : 'is called later, where picklers only name it';
  return called.get(what.module)?.has(what.name)
    ? undefined
    : 'is called with arguments, where picklers only name it or make an empty object of it';
}

/**
 * Dictionaries by other names; and lists and sets whose objects have no attributes of their own, since an unpickler looks
 * there for the method by which it adds something.
 */
const CHANGED: Readonly<Record<Change, ReadonlySet<string>>> = {
  filled: new Set(
    'Bunch Counter OptimizeResult OrderedDict defaultdict dict dok_array dok_matrix list'.split(' '),
  ),
  appended: new Set(['bytearray', 'deque', 'list']),
  added: new Set(['set']),
};
/** Classes and makers of arrays that people give to `functools.partial`. */
const KEPT = new Set(
  'Counter OrderedDict array asarray bool defaultdict deque dict float frozenset int list set str tuple'.split(
    ' ',
  ),
);

/** Estimators are made of what they are given, and call nothing before they are fitted. */
const isOfScikitLearn = ({ module, name }: Import): boolean =>
  /^sklearn\./.test(module) && /^[A-Z]/.test(name);

const OF_FUNCTIONS = /^(?:sklearn\.|torch\.nn\.functional$|torch\._C\._nn$|scipy\.special\.)/;
const isFunction = ({ module, name }: Import): boolean =>
  functions.get(module)?.has(name) ||
  (OF_FUNCTIONS.test(module) && /^_?[a-z]/.test(name) && !CALLED_OF_SCIKIT_LEARN.includes(name));

/** A class with a small letter, and what makes an empty object. */
const CALLED_OF_SCIKIT_LEARN = ['make_column_selector', 'newObj'];
