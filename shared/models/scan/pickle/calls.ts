import { judgeArguments, mayAct } from './arguments.ts';
import { isDistribution, isStateOfDistribution, mayGiveBack } from './distributions.ts';
import { codeOf, layoutBefore, layoutOfState } from './dtypes.ts';
import { OBJECT } from './special-keys.ts';
import {
  type Call,
  Entries,
  Global,
  type Import,
  INSPECTED_BYTES,
  Instance,
  Made,
  Nested,
  Tuple,
  type Value,
} from './values.ts';

/** What calls leave behind for the machine. */
export interface CallNotes {
  /** Whether arrays of joblib lie between the opcodes. */
  readonly hasArrays: boolean;
  /** How many wrappers of arrays, and distributions, wait for their state. */
  pendingStates: number;
  /** A distribution of SciPy that was imported, which then must not be given a state unseen. */
  distribution: Global | undefined;
  patched(what: Import): void;
  called(what: Import, how: Call): void;
  /** What is called is no import. */
  calledUnknown(): void;
  /** `getattr` of a known thing and name: imports an attribute, as the nested names of protocols below 4 do. */
  attribute(module: string, name: string): Global;
  /** Something on the list is used as it must not be. @param why a clause. */
  refused(what: Import, why: string): void;
  problem(what: string): void;
  unresolved(why: string): void;
  /** What must be used in no other way was used in the one that is harmless. */
  used(what: Global): void;
  /** The text that a value refers to; any other value as it is. */
  read(value: Value): Value;
}

const WRAPPER_MODULES = ['joblib.numpy_pickle', 'sklearn.externals.joblib.numpy_pickle'];
const OLD_WRAPPER_MODULES = [
  ...WRAPPER_MODULES,
  'joblib.numpy_pickle_compat',
  'sklearn.externals.joblib.numpy_pickle_compat',
];

const isWrapper = (of: Global): boolean =>
  of.name === 'NumpyArrayWrapper' && WRAPPER_MODULES.includes(of.module);
/** Of a function: whether it makes the type of texts of any length, which NumPy 2 has, and nothing else. */
export const makesStringDtype = (of: Global): boolean =>
  of.name === '_convert_to_stringdtype_kwargs' && /^numpy\._?core\._internal$/.test(of.module);
const isDtype = (of: Global): boolean => of.is('numpy', 'dtype') || makesStringDtype(of);
/** Of a class: whether its arrays lie in files, which it opens when it is called; that of an array of the memory names it too. */
const isMapped = (of: Global): boolean => of.is('numpy', 'memmap');
const makesArray = (of: Global): boolean =>
  of.name === '_reconstruct' && /^numpy\._?core\.multiarray$/.test(of.module);
/** Of a class: whether joblib reads an array after its objects. */
export const isArrayWrapper = (of: Global): boolean => isWrapper(of) || isOldWrapper(of);

/** What can do harm in other hands, and is only let through where each use of it is known. */
export type Guarded = 'getattr' | 'loads' | 'wrapper' | 'distribution' | 'memmap';

export function guarded(what: Global): Guarded | undefined {
  if (what.is('builtins', 'getattr')) return 'getattr';
  if (what.is('torch.storage', '_load_from_bytes')) return 'loads';
  if (isMapped(what)) return 'memmap';
  if (isArrayWrapper(what)) return 'wrapper';
  return isDistribution(what) ? 'distribution' : undefined;
}
const isOldWrapper = (of: Global): boolean =>
  (of.name === 'NDArrayWrapper' || of.name === 'ZNDArrayWrapper') && OLD_WRAPPER_MODULES.includes(of.module);

/** What lies on the stack after a call. @param isBare whether only `__new__` was called. */
export function applyCall(made: Value, args: Tuple | undefined, isBare: boolean, notes: CallNotes): Value {
  if (!(made instanceof Global)) {
    notes.calledUnknown();
    return undefined;
  }
  const given = args?.items[0];
  const isEmpty = isBare && args?.items.length === 0;
  notes.called(made, isEmpty ? 'bare' : 'now');
  const why = judgeArguments(made, args, notes.read);
  if (why !== undefined) notes.refused(made, why);
  const mayBeGiven = notes.distribution !== undefined && !isEmpty && mayGiveBack(made, given);
  const otherwise = made.gives(mayBeGiven);
  if (args?.items.some((item) => item instanceof Instance && isArrayWrapper(item.of))) {
    notes.problem('gives away an array of joblib before it is read');
  }
  // A class, or the name of one that it knows.
  if (made.is('numpy.random._pickle', '__bit_generator_ctor') && given instanceof Global)
    notes.called(given, 'now');
  if (made.is('functools', 'partial')) {
    if (given instanceof Global) notes.called(given, 'kept');
    notes.pendingStates += 1;
    return new Instance(made, undefined, false);
  }
  if (made.is('copyreg', '_reconstructor')) {
    const isAgain = !(given instanceof Global) || given.is('copyreg', '_reconstructor');
    return isAgain ? otherwise : applyCall(given, NOTHING, true, notes);
  }
  if (made.is('builtins', 'getattr')) {
    const name = notes.read(args?.items[1]);
    const isKnown = args?.items.length === 2 && given instanceof Global && typeof name === 'string';
    if (isKnown) notes.used(made);
    if (isKnown) return notes.attribute(given.module, `${given.name}.${name}`);
    const isOfDistribution = given instanceof Instance && isDistribution(given.of);
    if (isOfDistribution && args?.items.length === 2 && name === '_entropy') notes.used(made);
    return otherwise;
  }
  if (made.is('torch.storage', '_load_from_bytes') && given === INSPECTED_BYTES) notes.used(made);
  if (made.is('torch._tensor', '_rebuild_from_type_v2') && notes.distribution) {
    notes.refused(notes.distribution, `could get a state from a function of torch, ${RUNS}`);
  }
  if (makesArray(made) && given instanceof Global && isMapped(given)) notes.used(given);
  if (isDtype(made)) {
    const type = new Instance(made, args && read(args, notes), false);
    type.layout = layoutBefore(type);
    if (codeOf(type)?.kind === 'V') notes.pendingStates += 1;
    return type;
  }
  if (!isArrayWrapper(made) && !(isDistribution(made) && isEmpty)) return otherwise;
  notes.used(made);
  if (notes.hasArrays || isDistribution(made)) notes.pendingStates += 1;
  return new Instance(made, args && read(args, notes), isEmpty);
}

const read = (args: Tuple, notes: CallNotes): Tuple => new Tuple(args.items.map(notes.read));

const NOTHING = new Tuple([]);

/** What a distribution does with a state, and what to do about it. */
const RUNS =
  'and SciPy runs the text `_parse_arg_template` in it as Python. Save it again with SciPy 1.6 or newer and protocol 1 ' +
  'or newer of pickle, or save what has no distributions in it, as `search.best_estimator_`';

const FORGED =
  'gets a state that NumPy does not write, by which it could take numbers of the file for addresses of the memory';

const ASKED =
  'gets an object in place of a dictionary for its state, and loaders call methods that such an object brings along';

const isObject = (value: Value): boolean =>
  value instanceof Global || value instanceof Instance || (value instanceof Made && mayAct(value));

/** Classes with a `__setstate__` of their own in C, that get pairs with objects. */
const GET_PAIRS = ['__bit_generator_ctor', '__pyx_unpickle_NDArrayBacked'];

/**
 * Whether a state could have methods that a loader calls. What picklers give is made by opcodes, and not by calls: a dictionary,
 * or a pair of it and one for slots, or what a class of its own knows to read.
 */
function asks(state: Value, target: Value): boolean {
  if (state instanceof Nested) return mayAct(state);
  if (!(state instanceof Tuple) || state.items.length !== 2) return isObject(state);
  const owner = target instanceof Made ? target.of : undefined;
  return state.items.some(isObject) && !GET_PAIRS.includes(owner?.name ?? '');
}

/** What gets a state, as far as it is known. */
const classOf = (target: Value): Import =>
  (target instanceof Made || target instanceof Instance ? target.of : undefined) ?? OBJECT;

/** Gives what lies on the stack its state. @returns whether joblib reads an array from here on. */
export function applyState(target: Value, state: Value, notes: CallNotes): boolean {
  if (target instanceof Global) notes.patched(target);
  if (asks(state, target)) notes.refused(classOf(target), ASKED);
  if (target instanceof Made && target.mayBeGiven && notes.distribution) {
    notes.refused(notes.distribution, `could be what a call gave back and gets a state, ${RUNS}`);
  }
  // In place of an array of objects, joblib takes whatever the pickle there gives.
  if (target instanceof Made && target.of && isArrayWrapper(target.of))
    notes.refused(target.of, 'gets a state once its array was read, which may be of any class');
  if (!(target instanceof Instance)) {
    // Its class could change the dictionary.
    if (state instanceof Entries) state.isOdd = true;
    return false;
  }
  target.state = state;
  target.builds += 1;
  if (isDistribution(target.of)) {
    notes.pendingStates = Math.max(0, notes.pendingStates - 1);
    if (!isStateOfDistribution(state))
      notes.refused(target.of, `gets a state that is not what SciPy writes, ${RUNS}`);
    return false;
  }
  if (target.of.is('functools', 'partial')) {
    notes.pendingStates = Math.max(0, notes.pendingStates - 1);
    const [called, args, named]: readonly Value[] = state instanceof Tuple ? state.items : [];
    if (called instanceof Global) notes.called(called, 'kept');
    else notes.calledUnknown();
    for (const given of givenLater(args, named)) {
      if (given instanceof Global) notes.called(given, 'kept');
      else notes.refused(target.of, 'gives an object to what it calls, where people give values and names');
    }
    return false;
  }
  if (target.of.is('numpy', 'dtype')) {
    if (codeOf(target)?.kind === 'V') notes.pendingStates = Math.max(0, notes.pendingStates - 1);
    target.layout = layoutOfState(target);
    if (!target.layout) notes.refused(target.of, FORGED);
    return false;
  }
  if (!notes.hasArrays || isDtype(target.of)) return false;
  notes.pendingStates = Math.max(0, notes.pendingStates - 1);
  const kind = state instanceof Entries && !state.isOdd ? state.of.get('subclass') : undefined;
  if (kind instanceof Global && isMapped(kind)) notes.used(kind);
  return true;
}

const PARTIAL: Import = { module: 'functools', name: 'partial' };

/** What `functools.partial` gives to what it calls and is more than a value. */
function givenLater(args: Value, named: Value): Value[] {
  const positional: readonly Value[] =
    args instanceof Tuple ? args.items : args instanceof Nested ? [args.holds] : [args];
  // One that was made elsewhere could hold anything.
  const isGiven = args instanceof Tuple || args instanceof Nested;
  const isTold =
    isGiven && (named === null || (named instanceof Entries && !named.isUnknown && !named.isShared));
  if (named instanceof Entries) named.holder = PARTIAL;
  const byName: readonly Value[] = named instanceof Entries ? named.values : [];
  const found: Value[] = [...positional, ...byName].filter((value) => mayAct(value));
  return isTold ? found : [...found, named];
}

/** Whether an instance stands for an array in a file beside this one, as joblib below 0.10 wrote. */
export const isOfOtherFile = (wrapper: Instance): boolean => isOldWrapper(wrapper.of);
