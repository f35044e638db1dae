import { Global, type Import, Instance, Made, Tuple, type Value } from './values.ts';

/** Attributes by which NumPy, pandas and Python's unpickler find what to do with an object, where an instance has them. */
export const SPECIAL_ATTRIBUTES: readonly string[] = (
  '__array__ __array_finalize__ __array_function__ __array_interface__ __array_namespace__ __array_prepare__ ' +
  '__array_struct__ __array_ufunc__ __array_wrap__ __arrow_array__ __arrow_c_array__ __arrow_c_schema__ ' +
  '__arrow_c_stream__ __dataframe__ __dlpack__ __new__ __numpy_dtype__ __reduce__ __reduce_ex__ __setstate__ ' +
  '__sklearn_tags__ __torch_function__'
).split(' ');
const SPECIAL: ReadonlySet<Value> = new Set(SPECIAL_ATTRIBUTES);

/** Of the key of a dictionary: whether it is looked at together with its value. */
export const isSpecialKey = (key: Value): boolean => SPECIAL.has(key) || key === RESPONSE_METHOD;

/** How a scorer of scikit-learn asks an estimator: a name of a method, which it calls with what is beside it. */
export const RESPONSE_METHOD = '_response_method';
const RESPONSES: readonly string[] = ['decision_function', 'predict', 'predict_log_proba', 'predict_proba'];

/**
 * What speaks against an attribute; undefined where nothing does. Numbers and texts are harmless: words of a vocabulary have
 * them.
 * @param value as it is read: see Texts.
 */
export function judgeAttribute(key: Value, value: Value): string | undefined {
  if (key === RESPONSE_METHOD) {
    const named: readonly Value[] = value instanceof Tuple ? value.items : [value];
    const isOther = (name: Value): boolean => name !== undefined && !RESPONSES.includes(name as string);
    return named.some(isOther) ? 'calls another method than those that predict' : undefined;
  }
  const isDead = value === null || ['boolean', 'number', 'string', 'symbol'].includes(typeof value);
  const isScalar = value instanceof Made && value.of?.name === 'scalar';
  return isDead || isScalar
    ? undefined
    : `gets the attribute \`${String(key)}\`, which loaders call or believe`;
}

/** Whose object gets such an attribute, as far as it is known. */
export const ownerOf = (key: Value): Import =>
  key === RESPONSE_METHOD
    ? { module: 'sklearn.metrics._scorer', name: '_Scorer' }
    : { module: 'builtins', name: 'object' };

const isIndex = (value: Value): boolean =>
  value instanceof Global && /^pandas\b/.test(value.module) && value.name.endsWith('Index');
const isClass = (value: Value): boolean => value instanceof Global;
const BYTES = ['bytearray', 'bytes', 'encode'];
/** Whether it could have methods of its own, which a call that lists or measures it would call. */
const isObject = (value: Value): boolean =>
  value instanceof Instance ||
  value instanceof Global ||
  (value instanceof Made && !BYTES.includes(value.of?.name ?? ''));
const isLatin1 = (value: Value): boolean => value === undefined || LATIN_1.includes(value as string);
const LATIN_1 = ['latin1', 'latin-1', 'iso-8859-1'];

type Rule = (args: readonly Value[]) => boolean;
const firstIs =
  (is: (value: Value) => boolean): Rule =>
  (args) =>
    is(args[0]);
const firstIsClass = firstIs(isClass);
const firstIsIndex = firstIs(isIndex);
const isPartial = (value: Value): boolean => value instanceof Instance && value.of.is('functools', 'partial');
/** Which they call. */
const secondMakesBits: Rule = ([, maker]) =>
  maker === undefined ||
  (maker instanceof Global && maker.is('numpy.random._pickle', '__bit_generator_ctor'));
const noObject: Rule = (args) => !args.some(isObject);

/** What must hold of the arguments, by the name of what is called. */
const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...[
    '_new_Index',
    '_new_DatetimeIndex',
    '_new_IntervalIndex',
    '_new_PeriodIndex',
    '_new_TimedeltaIndex',
  ].map((name): [string, Rule] => [name, firstIsIndex]),
  ['defaultdict', (args) => args.length === 0 || args[0] === null || isClass(args[0]) || isPartial(args[0])],
  ['__generator_ctor', secondMakesBits],
  ['__randomstate_ctor', secondMakesBits],
  ['newObj', firstIsClass],
  ['_reconstruct', firstIsClass],
  ['_mareconstruct', (args) => isClass(args[0]) && isClass(args[1])],
  ['_restore_array', noObject],
  ...[
    'bytearray',
    'bytes',
    'frozenset',
    'set',
    'Counter',
    'OrderedDict',
    'deque',
    'FrozenList',
    'Fraction',
    'Size',
  ].map((name): [string, Rule] => [name, noObject]),
  ['SimpleNamespace', (args) => args.length === 0],
  ['partial', (args) => args.length === 1 && isClass(args[0])],
  ['encode', (args) => !isObject(args[0]) && isLatin1(args[1])],
  ['_frombuffer', (args) => !isObject(args[0]) || (args[0] instanceof Made && args[0].of === undefined)],
  [
    '_rebuild_from_type_v2',
    ([builder, type]) =>
      isClass(type) &&
      builder instanceof Global &&
      /^torch\b/.test(builder.module) &&
      /^_rebuild_(?!from)/.test(builder.name),
  ],
  ['_reconstructor', ([type, base, state]) => isClass(type) && isBuiltIn(base) && !isObject(state)],
]);

/** Classes of Python itself, whose `__new__` and `__init__` make values and call nothing. */
const isBuiltIn = (base: Value): boolean =>
  base instanceof Global &&
  base.module === 'builtins' &&
  /^(?:object|dict|list|set|frozenset|tuple|int|float|complex|str|bytes|bytearray)$/.test(base.name);

/** Where the rules hold: others may have functions of the same names. */
const OF_LIBRARIES =
  /^(?:_codecs|builtins|collections|copyreg|fractions|functools|numpy|pandas|pyarrow|sklearn|torch|types)(?:\.|$)/;

/**
 * What speaks against what a call is given: a clause; undefined where nothing does.
 * @param args undefined where they are not known. @param read makes texts of references.
 */
export function judgeArguments(
  made: Import,
  args: Tuple | undefined,
  read: (value: Value) => Value,
): string | undefined {
  if (args?.items.some((item) => typeof item === 'string' && SPECIAL.has(item)))
    return 'is given the name of an attribute that loaders call or believe';
  const rule = RULES.get(made.name);
  if (!rule || !OF_LIBRARIES.test(made.module) || (args && rule(args.items.map(read)))) return undefined;
  return 'is called with other things than picklers write';
}
