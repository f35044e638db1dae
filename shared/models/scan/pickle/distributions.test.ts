import { describe, expect, test } from 'vitest';
import { isArgumentParser, isDistribution, isStateOfDistribution, mayGiveBack } from './distributions.ts';
import { ARGUMENT_PARSER, Entries, Global, type Value } from './values.ts';

/** As SciPy fills in its template. */
const parser = (shapes: string, given: string, got: string): string => `
def _parse_args(self, ${shapes} ${given}):
    return (${shapes}), ${got}

def _parse_args_rvs(self, ${shapes} ${given}, size=None):
    return self._argcheck_rvs(${shapes} ${got}, size=size)

def _parse_args_stats(self, ${shapes} ${given}, moments='mv'):
    return (${shapes}), ${got}, moments
`;
const isParser = (text: string): boolean => {
  const bytes = Buffer.from(`?${text}?`);
  return isArgumentParser(bytes, 1, bytes.length - 1);
};

describe('the text that a distribution runs', () => {
  test.each([
    ['continuous', parser('', 'loc=0, scale=1', 'loc, scale')],
    ['continuous, with parameters', parser('a, b, ', 'loc=0, scale=1', 'loc, scale')],
    ['discrete', parser('', 'loc=0', 'loc, 1')],
    ['discrete, with parameters', parser('low, high_2, ', 'loc=0', 'loc, 1')],
  ])('is known: %s', (_, text) => expect(isParser(text)).toBe(true));

  const good = parser('a, ', 'loc=0', 'loc, 1');
  test.each([
    ['something behind', `${good}print()\n`],
    ['something before', `print()${good}`],
    ['a parameter with a value', parser('a=print(), ', 'loc=0', 'loc, 1')],
    ['a parameter with a type', parser('a: print(), ', 'loc=0', 'loc, 1')],
    ['another value of a parameter', parser('a, ', 'loc=print()', 'loc, 1')],
    ['something else returned', parser('a, ', 'loc=0', 'loc, print()')],
    [
      'other parameters in one of its functions',
      good.replace('_parse_args_rvs(self, a', '_parse_args_rvs(self, b'),
    ],
    ['too many parameters', parser('a, '.repeat(1_000), 'loc=0', 'loc, 1')],
    ['an end in its middle', good.slice(0, -1)],
  ])('is not known: %s', (_, text) => expect(isParser(text)).toBe(false));
});

describe('the state of a distribution', () => {
  const stateOf = (...items: readonly Value[]): Entries => {
    const state = new Entries();
    state.set(items);
    return state;
  };
  const parsed = ['_parse_arg_template', ARGUMENT_PARSER, 'numargs', 1] as const;

  test('is what SciPy writes', () => {
    expect(isStateOfDistribution(stateOf(...parsed, 'moment_type', 1, 'a', undefined))).toBe(true);
    expect(isStateOfDistribution(stateOf(...parsed))).toBe(true);
  });
  test.each([
    ['an attribute that is none of its own', stateOf(...parsed, '_attach_methods', undefined)],
    ['a key twice', stateOf(...parsed, 'numargs', 1)],
    ['a key that is not known', stateOf(...parsed, undefined, 1)],
    ['no text', stateOf('numargs', 1)],
    ['a text that is not known', stateOf('_parse_arg_template', undefined, 'numargs', 1)],
    ['a number that is not known', stateOf('_parse_arg_template', ARGUMENT_PARSER, 'numargs', undefined)],
    ['another number that is not known', stateOf(...parsed, 'moment_type', undefined)],
    ['what is no dictionary', undefined],
  ])('is nothing with %s', (_, state) => expect(isStateOfDistribution(state)).toBe(false));
});

test('distributions are told by their module and name', () => {
  expect(isDistribution(new Global('scipy.stats._continuous_distns', 'norm_gen'))).toBe(true);
  expect(isDistribution(new Global('scipy.stats._discrete_distns', 'norm_gen'))).toBe(false);
});

test('what makes something new gives nothing back', () => {
  const tree = new Global('sklearn.neighbors._kd_tree', 'newObj');
  expect(mayGiveBack(new Global('numpy._core.multiarray', '_reconstruct'), undefined)).toBe(false);
  expect(mayGiveBack(new Global('numpy._core.multiarray', 'scalar'), undefined)).toBe(true);
  expect(mayGiveBack(tree, new Global('sklearn.neighbors._kd_tree', 'KDTree'))).toBe(false);
  expect(mayGiveBack(tree, undefined)).toBe(true);
});
