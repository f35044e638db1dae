import { Global, type Import, INSPECTED_BYTES, Instance, Tuple, type Value } from './values.ts';

/** What calls leave behind for the machine. */
export interface CallNotes {
  /** Whether arrays of joblib lie between the opcodes. */
  readonly hasArrays: boolean;
  /** How many wrappers of arrays wait for their state. */
  pendingArrays: number;
  patched(what: Import): void;
  called(what: Import): void;
  /** `getattr` of a known thing and name: imports an attribute, as the nested names of protocols below 4 do. */
  attribute(module: string, name: string): Global;
  problem(what: string): void;
  unresolved(why: string): void;
}

const WRAPPER_MODULES = ['joblib.numpy_pickle', 'sklearn.externals.joblib.numpy_pickle'];
const OLD_WRAPPER_MODULES = [
  ...WRAPPER_MODULES,
  'joblib.numpy_pickle_compat',
  'sklearn.externals.joblib.numpy_pickle_compat',
];

const isWrapper = (of: Global): boolean =>
  of.name === 'NumpyArrayWrapper' && WRAPPER_MODULES.includes(of.module);
const isOldWrapper = (of: Global): boolean =>
  (of.name === 'NDArrayWrapper' || of.name === 'ZNDArrayWrapper') && OLD_WRAPPER_MODULES.includes(of.module);

/** What lies on the stack after a call. @param isBare whether only `__new__` was called. */
export function applyCall(made: Value, args: Tuple | undefined, isBare: boolean, notes: CallNotes): Value {
  if (!(made instanceof Global)) return undefined;
  notes.called(made);
  if (made.is('copyreg', '_reconstructor') && args) {
    const [type, base] = args.items;
    const isObject = base instanceof Global && base.is('builtins', 'object');
    return type instanceof Global && !type.is('copyreg', '_reconstructor')
      ? applyCall(type, NOTHING, isObject, notes)
      : undefined;
  }
  if (made.is('builtins', 'getattr')) {
    const [owner, name] = args?.items ?? [];
    const isKnown = args?.items.length === 2 && owner instanceof Global && typeof name === 'string';
    return isKnown ? notes.attribute(owner.module, `${owner.name}.${name}`) : undefined;
  }
  if (made.is('torch.storage', '_load_from_bytes') && args?.items[0] !== INSPECTED_BYTES) {
    notes.unresolved('torch loads bytes that are made while they are loaded');
  }
  if (made.is('numpy', 'dtype')) return new Instance(made, args, false);
  if (!isWrapper(made) && !isOldWrapper(made)) return undefined;
  if (notes.hasArrays) notes.pendingArrays += 1;
  return new Instance(made, args, isBare && args?.items.length === 0);
}

const NOTHING = new Tuple([]);

/** Gives what lies on the stack its state. @returns whether joblib reads an array from here on. */
export function applyState(target: Value, state: Value, notes: CallNotes): boolean {
  if (target instanceof Global) notes.patched(target);
  if (!(target instanceof Instance)) return false;
  target.state = state;
  target.builds += 1;
  if (!notes.hasArrays || target.of.is('numpy', 'dtype')) return false;
  notes.pendingArrays = Math.max(0, notes.pendingArrays - 1);
  return true;
}

/** Whether an instance stands for an array in a file beside this one, as joblib below 0.10 wrote. */
export const isOfOtherFile = (wrapper: Instance): boolean => isOldWrapper(wrapper.of);
