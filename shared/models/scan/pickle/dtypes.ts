import { Entries, Global, type Import, Instance, Tuple, type TypeLayout, type Value } from './values.ts';

/**
 * Flags of a type of NumPy (numpy/core/include/numpy/ndarraytypes.h) that say it holds pointers to objects:
 * NPY_ITEM_REFCOUNT, NPY_LIST_PICKLE, NPY_NEEDS_INIT and NPY_NEEDS_PYAPI.
 */
const OF_OBJECTS = 0x1b;
/** NPY_ITEM_REFCOUNT, NPY_LIST_PICKLE and NPY_ITEM_IS_POINTER, which none other has. */
const ONLY_OF_OBJECTS = 0x07;
const IS_POINTER = 0x04;

/** `i8` of `numpy.dtype('i8', False, True)`; a class of NumPy stands for a record of its own. */
export function codeOf(type: Instance): { kind: string; digits: number } | undefined {
  const code = type.created?.items[0];
  if (code instanceof Global)
    return /^(?:record|void)$/.test(code.name) ? { kind: 'V', digits: Number.NaN } : undefined;
  const found = typeof code === 'string' ? /^([biufcmMSUOV])(\d*)$/.exec(code) : null;
  return found ? { kind: found[1]!, digits: Number(found[2] || 'NaN') } : undefined;
}

/** Of a type that has no state yet; undefined where only that tells. */
export function layoutBefore(type: Instance): TypeLayout | undefined {
  const code = codeOf(type);
  if (!code || 'SUV'.includes(code.kind) || code.digits > 64) return undefined;
  return { itemSize: code.digits || 8, hasObjects: code.kind === 'O' };
}

/**
 * What one value of a type holds, once it has its state; undefined where NumPy writes no such state. Flags that do not match
 * the fields would make NumPy take numbers of the file for the addresses of objects, and it would write to fields that lie
 * behind the end.
 */
export function layoutOfState(type: Instance): TypeLayout | undefined {
  const code = codeOf(type);
  if (!code || type.builds > 1 || !(type.state instanceof Tuple) || !isCopy(type)) return undefined;
  const { items } = type.state;
  const [version, , subType, , fields, size, , flags] = items;
  const isState = items.length >= 8 && (version === 3 || version === 4);
  if (!isState) return undefined;
  const isRecord = code.kind === 'V';
  if (!isRecord && (subType !== null || fields !== null)) return undefined;
  const ofFields = fields === null ? false : fieldsHaveObjects(fields, size);
  const hasObjects = isRecord ? ofFields : code.kind === 'O';
  if (hasObjects === undefined) return undefined;
  // NumPy 1 wrote a number below 0 for records whose fields are aligned, and those are not told apart.
  const isAligned = flags === undefined && fields !== null && !hasObjects;
  if (!(isAligned || areFlagsOf(flags, hasObjects, isRecord)) || !(subType === null || isPlainType(subType)))
    return undefined;
  const before = layoutBefore(type);
  if (before) return before;
  return typeof size === 'number' ? { itemSize: size, hasObjects } : undefined;
}

function areFlagsOf(flags: Value, hasObjects: boolean, isRecord: boolean): boolean {
  if (typeof flags !== 'number' || flags < 0) return false;
  if (!hasObjects) return (flags & ONLY_OF_OBJECTS) === 0;
  return (flags & OF_OBJECTS) === OF_OBJECTS && !(isRecord && (flags & IS_POINTER) !== 0);
}

const DTYPE: Import = { module: 'numpy', name: 'dtype' };

const isPlainType = (type: Value): boolean => type instanceof Instance && type.layout?.hasObjects === false;

/** Types that NumPy keeps one of for everyone are not given a state: picklers make a copy. */
const isCopy = (type: Instance): boolean => {
  const third = type.created?.items[2];
  return third === true || third === 1;
};

/** @param size of all, in bytes. @returns undefined where a field cannot be told, or lies outside. */
function fieldsHaveObjects(fields: Value, size: Value): boolean | undefined {
  if (!(fields instanceof Entries) || fields.isUnknown || fields.isShared || typeof size !== 'number')
    return undefined;
  let hasObjects = false;
  for (const field of fields.values) {
    const [type, offset] = field instanceof Tuple ? field.items : [];
    const layout = type instanceof Instance ? type.layout : undefined;
    if (!layout || typeof offset !== 'number' || offset + layout.itemSize > size) return undefined;
    hasObjects ||= layout.hasObjects;
  }
  fields.holder = DTYPE;
  return hasObjects;
}
