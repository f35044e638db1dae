/** Keys of dictionaries, and so attributes of objects, by which loaders find what to call or to believe. */
import { type Import, Made, RESPONSE_METHODS, type Value } from './values.ts';

/** Attributes by which NumPy, pandas and Python's unpickler find what to do with an object, where an instance has them. */
export const SPECIAL_ATTRIBUTES: readonly string[] = (
  '__array__ __array_finalize__ __array_function__ __array_interface__ __array_namespace__ __array_prepare__ ' +
  '__array_struct__ __array_ufunc__ __array_wrap__ __arrow_array__ __arrow_c_array__ __arrow_c_schema__ ' +
  '__arrow_c_stream__ __dataframe__ __dlpack__ __new__ __numpy_dtype__ __reduce__ __reduce_ex__ __setstate__ ' +
  '__sklearn_tags__ __torch_function__'
).split(' ');
/** How a scorer of scikit-learn asks an estimator: a name of a method, which it calls with what is beside it. */
export const RESPONSE_METHOD = '_response_method';
export const RESPONSES: readonly string[] = [
  'decision_function',
  'predict',
  'predict_log_proba',
  'predict_proba',
];

const isResponse = (name: Value): boolean => RESPONSES.includes(name as string);
/** Of the items of a tuple. */
export const areResponses = (items: readonly Value[]): boolean =>
  typeof items[0] === 'string' && items.every(isResponse);

/** The hyperparameter by which Lightning below 2.6 finds what it calls to make a model: the name of anything in Python. */
export const INSTANTIATOR = '_instantiator';
const INSTANTIATORS: readonly Value[] = ['lightning.pytorch', 'pytorch_lightning'].map(
  (library) => `${library}.cli.instantiate_module`,
);

/** Keys that are looked at together with their values. */
export const SPECIAL_KEYS: readonly string[] = [...SPECIAL_ATTRIBUTES, RESPONSE_METHOD, INSTANTIATOR];
const SPECIAL: ReadonlySet<Value> = new Set(SPECIAL_KEYS);
export const isSpecialKey = (key: Value): boolean => SPECIAL.has(key);

/** More than the longest of them has, in characters of four bytes. */
export const WIDE_HEAD_BYTES = 128;

/** @param bytes or their beginning. @returns the special key that NumPy makes of them as a text of its own. */
export function specialInWide(bytes: Uint8Array, from: number, to: number): string | undefined {
  const end = Math.min(to, from + WIDE_HEAD_BYTES);
  // The number of each character begins or ends its four bytes.
  const letter = bytes[from] === 0 ? 3 : 0;
  let word = '';
  for (let at = from; at + 4 <= end; at += 4) {
    const code = bytes[at + letter]!;
    const others = bytes[at]! + bytes[at + 1]! + bytes[at + 2]! + bytes[at + 3]! - code;
    if (others !== 0) return undefined;
    if (code === 0) break;
    word += String.fromCharCode(code);
  }
  return SPECIAL.has(word) ? word : undefined;
}

/**
 * What speaks against an attribute; undefined where nothing does. Numbers and texts are harmless: words of a vocabulary have
 * them.
 * @param value as it is read: see Texts.
 */
export function judgeAttribute(key: Value, value: Value): string | undefined {
  if (key === RESPONSE_METHOD)
    return value === RESPONSE_METHODS || isResponse(value)
      ? undefined
      : 'calls another method than those that predict';
  if (key === INSTANTIATOR)
    return value === null || INSTANTIATORS.includes(value)
      ? undefined
      : 'calls what the hyperparameter `_instantiator` names, which is not what Lightning writes';
  const isDead = value === null || ['boolean', 'number', 'string', 'symbol'].includes(typeof value);
  const isScalar = value instanceof Made && value.of?.name === 'scalar';
  return isDead || isScalar
    ? undefined
    : `gets the attribute \`${String(key)}\`, which loaders call or believe`;
}

/** An object of which nothing else is known. */
export const OBJECT: Import = { module: 'builtins', name: 'object' };

/** Whose object gets such an attribute, as far as it is known. */
export function ownerOf(key: Value): Import {
  if (key === RESPONSE_METHOD) return { module: 'sklearn.metrics._scorer', name: '_Scorer' };
  if (key === INSTANTIATOR) return { module: 'pytorch_lightning.core.saving', name: '_load_state' };
  return OBJECT;
}
