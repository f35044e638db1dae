import { codeOf } from './dtypes.ts';
import { isSpecialKey } from './special-keys.ts';
import { Entries, Global, type Import, Instance, Made, Nested, Tuple, type Value } from './values.ts';

const isIndex = (value: Value): boolean =>
  value instanceof Global && /^pandas\b/.test(value.module) && value.name.endsWith('Index');
const isClass = (value: Value): boolean => value instanceof Global;
const BYTES = ['bytearray', 'bytes', 'encode'];
/** What these give has no method but those of its class, which do nothing with what it holds. */
const DATA = new Set([
  ...BYTES,
  ...['_frombuffer', '_reconstruct', 'complex', 'frozenset', 'range', 'scalar', 'set', 'slice'],
]);
const isDtype = (value: Value): boolean => value instanceof Instance && value.of.is('numpy', 'dtype');

/** Whether it could have methods of its own, which a call that lists or measures it would call. */
const isObject = (value: Value): boolean =>
  value instanceof Instance ||
  value instanceof Global ||
  (value instanceof Made && !BYTES.includes(value.of?.name ?? ''));
/** Whether it is more than a value: could call something, or be called, in the hands of whoever has it. */
export function mayAct(value: Value): boolean {
  if (value instanceof Tuple) return value.items.some(mayAct);
  if (value instanceof Entries) return value.isUnknown || value.isShared || value.values.some(mayAct);
  if (value instanceof Made) return !DATA.has(value.of?.name ?? '');
  if (value instanceof Nested) return mayAct(value.holds);
  return value instanceof Global || (value instanceof Instance && !isDtype(value));
}

const PLAIN = new Nested(undefined);
/** What is known of a tuple that lies in another one, or in the memo. */
export function nestedOf({ items }: Tuple): Nested {
  const held = items.find(mayAct);
  if (held === undefined) return PLAIN;
  return held instanceof Nested ? held : new Nested(held);
}

/** What a loader of torch takes for a tensor, and calls methods of: made by another one, or nothing. */
const isTensor = (value: Value): boolean =>
  value instanceof Made
    ? /^torch\b/.test(value.of?.module ?? '') && /^_rebuild_/.test(value.of?.name ?? '')
    : !isObject(value);
/** Whether it has no items that it could call. */
const isDictionary = (value: Value): boolean =>
  !isObject(value) && !(value instanceof Nested && mayAct(value));

/** No object, which older NumPy takes as it is; and no text that cannot be told, which could be a special key. */
function isPlainScalar(type: Value, bytes: Value): boolean {
  if (!(type instanceof Instance) || !isDtype(type) || type.layout?.hasObjects) return false;
  const kind = codeOf(type)?.kind;
  if (kind === 'O' || (bytes instanceof Made && kind === 'U' && bytes.of?.name !== 'encode')) return false;
  return !isObject(bytes);
}

/** Others make texts of texts, or bytes of another kind. */
const isLatin1 = (value: Value): boolean => LATIN_1.includes(value as string);
const LATIN_1 = ['latin1', 'latin-1', 'iso-8859-1'];

type Rule = (args: readonly Value[]) => boolean;
const firstIs =
  (is: (value: Value) => boolean): Rule =>
  (args) =>
    is(args[0]);
const firstIsClass = firstIs(isClass);
const firstIsIndex: Rule = (args) => isIndex(args[0]) && isDictionary(args[1]);
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
  ['TorchVersion', (args) => args.length === 1 && !isObject(args[0])],
  ['scalar', ([type, bytes]) => isPlainScalar(type, bytes)],
  ['_rebuild_parameter', firstIs(isTensor)],
  ['_rebuild_parameter_with_state', ([tensor, , , state]) => isTensor(tensor) && isDictionary(state)],
  ['_rebuild_device_tensor_from_cpu_tensor', firstIs(isTensor)],
  ['partial', (args) => args.length === 1 && isClass(args[0])],
  ['encode', (args) => !isObject(args[0]) && isLatin1(args[1])],
  ['_frombuffer', (args) => !isObject(args[0]) || (args[0] instanceof Made && args[0].of === undefined)],
  [
    '_rebuild_from_type_v2',
    ([builder, type, , state]) =>
      isClass(type) &&
      isDictionary(state) &&
      builder instanceof Global &&
      /^torch\b/.test(builder.module) &&
      // Those make a tensor of a storage; the others call methods of what they are given.
      /^_rebuild_(?!from|parameter|device_tensor_from_cpu)/.test(builder.name),
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
  if (args?.items.some((item) => typeof item === 'string' && isSpecialKey(item)))
    return 'is given the name of an attribute that loaders call or believe';
  const rule = RULES.get(made.name);
  if (!rule || !OF_LIBRARIES.test(made.module) || (args && rule(args.items.map(read)))) return undefined;
  return 'is called with other things than picklers write';
}
