import {
  type Call,
  Entries,
  Global,
  type Import,
  INSPECTED_BYTES,
  Instance,
  Tuple,
  type Value,
} from './values.ts';

/** What calls leave behind for the machine. */
export interface CallNotes {
  /** Whether arrays of joblib lie between the opcodes. */
  readonly hasArrays: boolean;
  /** How many wrappers of arrays wait for their state. */
  pendingArrays: number;
  patched(what: Import): void;
  called(what: Import, how: Call): void;
  /** What is called is no import. */
  calledUnknown(): void;
  /** `getattr` of a known thing and name: imports an attribute, as the nested names of protocols below 4 do. */
  attribute(module: string, name: string): Global;
  problem(what: string): void;
  unresolved(why: string): void;
  /** A wrapper of an array was made of its class. */
  wrapped(): void;
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
/** Of a class: whether joblib reads an array after its objects. */
export const isArrayWrapper = (of: Global): boolean => isWrapper(of) || isOldWrapper(of);
const isOldWrapper = (of: Global): boolean =>
  (of.name === 'NDArrayWrapper' || of.name === 'ZNDArrayWrapper') && OLD_WRAPPER_MODULES.includes(of.module);

/** What lies on the stack after a call. @param isBare whether only `__new__` was called. */
export function applyCall(made: Value, args: Tuple | undefined, isBare: boolean, notes: CallNotes): Value {
  if (!(made instanceof Global)) {
    notes.calledUnknown();
    return undefined;
  }
  notes.called(made, isBare ? 'bare' : 'now');
  const given = args?.items[0];
  if (args?.items.some((item) => item instanceof Instance && isArrayWrapper(item.of))) {
    notes.problem('gives away an array of joblib before it is read');
  }
  // A class, or the name of one that it knows.
  if (made.is('numpy.random._pickle', '__bit_generator_ctor') && given instanceof Global)
    notes.called(given, 'now');
  const caller = CALLERS.find(([module, name]) => made.is(module, name));
  if (caller) {
    const [, , place, how] = caller;
    const called = args?.items[place];
    if (called instanceof Global) notes.called(called, how);
    else if (!args || args.items.length > place) notes.calledUnknown();
  }
  if (made.is('copyreg', '_reconstructor') && args) {
    const base = args.items[1];
    const isObject = base instanceof Global && base.is('builtins', 'object');
    return given instanceof Global && !given.is('copyreg', '_reconstructor')
      ? applyCall(given, NOTHING, isObject, notes)
      : undefined;
  }
  if (made.is('builtins', 'getattr')) {
    const name = notes.read(args?.items[1]);
    const isKnown = args?.items.length === 2 && given instanceof Global && typeof name === 'string';
    return isKnown ? notes.attribute(given.module, `${given.name}.${name}`) : undefined;
  }
  if (made.is('torch.storage', '_load_from_bytes') && given !== INSPECTED_BYTES) {
    notes.unresolved('torch loads bytes that are made while they are loaded');
  }
  if (isDtype(made)) return new Instance(made, args && read(args, notes), false);
  if (!isArrayWrapper(made)) return undefined;
  notes.wrapped();
  if (notes.hasArrays) notes.pendingArrays += 1;
  return new Instance(made, args && read(args, notes), isBare && args?.items.length === 0);
}

/** Functions on the list of what is harmless that call one of their arguments: which, and how. */
const CALLERS = [
  ['torch._tensor', '_rebuild_from_type_v2', 0, 'now'],
  ['functools', 'partial', 0, 'kept'],
  ['numpy.random._pickle', '__generator_ctor', 1, 'now'],
  ['numpy.random._pickle', '__randomstate_ctor', 1, 'now'],
] as const;

const read = (args: Tuple, notes: CallNotes): Tuple => new Tuple(args.items.map(notes.read));

const NOTHING = new Tuple([]);

/** Gives what lies on the stack its state. @returns whether joblib reads an array from here on. */
export function applyState(target: Value, state: Value, notes: CallNotes): boolean {
  if (target instanceof Global) notes.patched(target);
  if (!(target instanceof Instance)) {
    // Its class could change the dictionary.
    if (state instanceof Entries) state.isOdd = true;
    return false;
  }
  target.state = state;
  target.builds += 1;
  if (!notes.hasArrays || isDtype(target.of)) return false;
  notes.pendingArrays = Math.max(0, notes.pendingArrays - 1);
  return true;
}

/** Whether an instance stands for an array in a file beside this one, as joblib below 0.10 wrote. */
export const isOfOtherFile = (wrapper: Instance): boolean => isOldWrapper(wrapper.of);
