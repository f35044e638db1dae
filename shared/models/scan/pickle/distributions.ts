import { type Names, namesOf } from './allow/names.ts';
import { DISTRIBUTIONS } from './allow/scipy-distributions.ts';
import { ARGUMENT_PARSER, Entries, Global, type Value } from './values.ts';

const isIn = (names: Names, { module, name }: Global): boolean => names.get(module)?.has(name) === true;

const CLASSES = namesOf([DISTRIBUTIONS]);

/** Of a class: whether it is a distribution of SciPy, which runs a text of its state as Python when it is loaded. */
export const isDistribution = (of: Global): boolean => isIn(CLASSES, of);

/** In bytes, of such a text: below the shortest that there is, and above the longest. */
export const SHORTEST_PARSER = 200;
export const LONGEST_PARSER = 4096;

const SHAPES = String.raw`((?:[A-Za-z_]\w*, )*)`;
/**
 * `parse_arg_template` of scipy/stats/_distn_infrastructure.py, the same from SciPy 1.0 to 1.17, filled in as
 * `_construct_argparser` does: with names of parameters and nothing else, so that it defines three functions and runs nothing.
 */
const PARSER = new RegExp(
  [
    String.raw`^\ndef _parse_args\(self, ${SHAPES} (loc=0(?:, scale=1)?)\):`,
    String.raw`    return \(\1\), (loc, (?:scale|1))`,
    '',
    String.raw`def _parse_args_rvs\(self, \1 \2, size=None\):`,
    String.raw`    return self\._argcheck_rvs\(\1 \3, size=size\)`,
    '',
    String.raw`def _parse_args_stats\(self, \1 \2, moments='mv'\):`,
    String.raw`    return \(\1\), \3, moments\n$`,
  ].join(String.raw`\n`),
);

/** Whether bytes are the text that SciPy makes for a distribution, to take its arguments apart. */
export function isArgumentParser(bytes: Uint8Array, from: number, to: number): boolean {
  const length = to - from;
  if (length < SHORTEST_PARSER || length > LONGEST_PARSER || bytes[from] !== 10) return false;
  return PARSER.test(Buffer.from(bytes.buffer, bytes.byteOffset + from, length).toString('latin1'));
}

/** All that distributions give away by `__getstate__`. Anything else could take the place of one of their methods. */
const KEYS = new Set(
  (
    '__doc__ _ctor_param _density _hbin_widths _hbins _hcdf _histogram _hpdf _parse_arg_template _random_state ' +
    '_rvs_size_warned _rvs_uses_size_attribute _size _stats_has_moments _support a b badvalue extradoc inc ' +
    'moment_tol moment_type name numargs parameterization pk qvals shapes vecentropy xk xtol'
  ).split(' '),
);

/**
 * Whether a distribution can be given this state: a dictionary of which all is known, with the attributes that SciPy from
 * 1.6 on writes, and its own text to be run.
 */
export function isStateOfDistribution(state: Value): boolean {
  if (!(state instanceof Entries) || state.isOdd) return false;
  const { of } = state;
  // It adds to the one and compares the other, which calls methods of whatever is there.
  const isCounted = typeof of.get('numargs') === 'number';
  const isTyped = !of.has('moment_type') || typeof of.get('moment_type') === 'number';
  const isParsed = of.get('_parse_arg_template') === ARGUMENT_PARSER;
  return isParsed && isCounted && isTyped && [...of.keys()].every((key) => KEYS.has(key));
}

/** What ordinary pickles give a state to, besides empty objects: made by these, which never give back what they are given. */
const MAKERS = namesOf([
  {
    functools: 'partial',
    'numpy.core.multiarray': '_reconstruct',
    'numpy._core.multiarray': '_reconstruct',
    'numpy.ma.core': '_mareconstruct',
    'numpy.random': '__RandomState_ctor RandomState',
    'numpy.random.mtrand': '__RandomState_ctor _randomstate_ctor RandomState',
    'numpy.random._pickle': '__bit_generator_ctor __generator_ctor __randomstate_ctor',
    'numpy.random.bit_generator': '__pyx_unpickle_SeedSequence',
    'pandas._libs.arrays': '__pyx_unpickle_NDArrayBacked',
    'sklearn.tree._tree': 'Tree',
  },
]);

/** Whether what a call gives may be one of its arguments, or of what they hold. @param given the first argument. */
export const mayGiveBack = (made: Global, given: Value): boolean =>
  !isIn(MAKERS, made) &&
  // Makes an empty object of a class; of anything else, it calls what that has under the name `__new__`.
  !(made.name === 'newObj' && given instanceof Global);
