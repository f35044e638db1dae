import { isOfOtherFile, makesStringDtype } from './calls.ts';
import { Entries, Instance, Tuple, type Value } from './values.ts';

/** What joblib reads in place of an array. */
export interface ArrayData {
  /** Of the array; 0 where `isPickled`, or where it lies in another file. */
  bytes: number;
  /** Whether a byte with the length of a padding, and the padding, come first. */
  isPadded: boolean;
  /** Whether it is a pickle of its own, for it holds objects. */
  isPickled: boolean;
}

/**
 * What joblib reads once a wrapper of an array has its state, as `NumpyArrayWrapper.read_array` in joblib/numpy_pickle.py
 * does. Strict: whoever made joblib read on from another place than the scan would hide opcodes.
 * @returns undefined where it cannot be told for sure.
 */
export function arrayData(wrapper: Instance): ArrayData | undefined {
  const { state } = wrapper;
  if (!wrapper.isBare || wrapper.builds !== 1 || !(state instanceof Entries) || state.isOdd) return undefined;
  const of = state.of;
  if (isOfOtherFile(wrapper)) {
    const isNamed = typeof of.get('filename') === 'string';
    return isNamed ? { bytes: 0, isPadded: false, isPickled: false } : undefined;
  }
  const layout = layoutOf(of.get('dtype'));
  const count = countOf(of.get('shape'));
  if (!layout || count === undefined || !of.has('order') || !of.has('subclass')) return undefined;
  if (layout.hasObjects) return { bytes: 0, isPadded: false, isPickled: true };
  const alignment = of.get('numpy_array_alignment_bytes') ?? null;
  if (alignment !== null && typeof alignment !== 'number') return undefined;
  if (of.has('numpy_array_alignment_bytes') && of.get('numpy_array_alignment_bytes') === undefined)
    return undefined;
  const bytes = count * layout.itemSize;
  return Number.isSafeInteger(bytes) ? { bytes, isPadded: alignment !== null, isPickled: false } : undefined;
}

function countOf(shape: Value): number | undefined {
  if (!(shape instanceof Tuple)) return undefined;
  let count = 1;
  for (const length of shape.items) {
    if (typeof length !== 'number' || !Number.isSafeInteger(length) || length < 0) return undefined;
    count *= length;
  }
  return Number.isSafeInteger(count) ? count : undefined;
}

interface Layout {
  itemSize: number;
  hasObjects: boolean;
}

/** Of a type of NumPy, from the arguments of its call and from its state, which says the size of what has no fixed one. */
function layoutOf(dtype: Value): Layout | undefined {
  if (!(dtype instanceof Instance) || dtype.builds > 1) return undefined;
  if (makesStringDtype(dtype.of)) return { itemSize: 16, hasObjects: true };
  if (!dtype.of.is('numpy', 'dtype')) return undefined;
  const code = dtype.created?.items[0];
  const found = typeof code === 'string' ? /^([biufcmMSUOV])(\d*)$/.exec(code) : null;
  if (!found) return undefined;
  const [kind, digits] = [found[1]!, Number(found[2] || 'NaN')];
  if (kind === 'O') return { itemSize: 8, hasObjects: true };
  if ('biufcmM'.includes(kind)) return digits <= 32 ? { itemSize: digits, hasObjects: false } : undefined;
  if (dtype.builds === 0) return undefined;
  const state = dtype.state instanceof Tuple ? dtype.state.items : [];
  const [itemSize, flags] = [state[5], state[7]];
  if (typeof itemSize !== 'number' || typeof flags !== 'number' || itemSize < 0 || flags < 0)
    return undefined;
  // NPY_ITEM_REFCOUNT
  return { itemSize, hasObjects: kind === 'V' && (flags & 1) === 1 };
}
