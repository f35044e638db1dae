import { describe, expect, test } from 'vitest';
import { judgeArguments } from './arguments.ts';
import { areResponses, judgeAttribute, specialInWide } from './special-keys.ts';
import { Global, Instance, RESPONSE_METHODS, Tuple, type Value } from './values.ts';

const asItIs = (value: Value): Value => value;
const judged = (module: string, name: string, ...args: readonly Value[]) =>
  judgeArguments({ module, name }, new Tuple(args), asItIs);
const frame = new Global('pandas', 'DataFrame');
const INDEX = ['pandas.core.indexes.base', '_new_Index'] as const;

describe('a call', () => {
  test('gets a class where it calls its first argument', () => {
    expect(judged(...INDEX, new Global('pandas', 'Index'), undefined)).toBeUndefined();
    expect(judged(...INDEX, frame, undefined)).toBeDefined();
    expect(judged(...INDEX, frame.gives(false), undefined)).toBeDefined();
    expect(judgeArguments({ module: INDEX[0], name: INDEX[1] }, undefined, asItIs)).toBeDefined();
  });

  test('lists no object that could have methods of its own', () => {
    expect(judged('builtins', 'frozenset', undefined)).toBeUndefined();
    expect(judged('builtins', 'frozenset', frame.gives(false))).toBeDefined();
  });

  test('of a default is one of a class, of a partial, or of nothing', () => {
    const partial = new Instance(new Global('functools', 'partial'), undefined, false);
    for (const maker of [new Global('builtins', 'list'), partial, null])
      expect(judged('collections', 'defaultdict', maker)).toBeUndefined();
    expect(judged('collections', 'defaultdict', frame.gives(false))).toBeDefined();
  });

  test('of a function of the same name elsewhere is not judged', () => {
    expect(judged('churn', 'partial', undefined, undefined)).toBeUndefined();
  });

  test('is not given the name of an attribute that loaders call', () => {
    expect(judged('torch.torch_version', 'TorchVersion', '__setstate__')).toBeDefined();
    expect(judged('torch.torch_version', 'TorchVersion', 'torch')).toBeUndefined();
  });
});

describe('an attribute', () => {
  test('that loaders call may be a word of a vocabulary', () => {
    for (const value of [3, null, 'text', new Global('numpy.core.multiarray', 'scalar').gives(false)])
      expect(judgeAttribute('__array__', value)).toBeUndefined();
    for (const value of [undefined, frame, frame.gives(false)])
      expect(judgeAttribute('__array__', value)).toBeDefined();
  });

  test('by which scorers ask names methods that predict', () => {
    expect(judgeAttribute('_response_method', 'predict')).toBeUndefined();
    expect(judgeAttribute('_response_method', RESPONSE_METHODS)).toBeUndefined();
    expect(judgeAttribute('_response_method', 'eval')).toBeDefined();
    expect(judgeAttribute('_response_method', undefined)).toBeDefined();
    expect(areResponses(['decision_function', 'predict_proba'])).toBe(true);
    expect(areResponses(['predict', 'eval'])).toBe(false);
  });

  test('by which Lightning makes a model names what Lightning writes', () => {
    expect(judgeAttribute('_instantiator', 'lightning.pytorch.cli.instantiate_module')).toBeUndefined();
    expect(judgeAttribute('_instantiator', 'typing.get_type_hints')).toBeDefined();
  });
});

test('a special key is told in the bytes of which NumPy makes a text', () => {
  const wide = (text: string, isLittle = true): string =>
    [...text].map((one) => (isLittle ? `${one}\0\0\0` : `\0\0\0${one}`)).join('');
  const special = (text: string) => specialInWide(Buffer.from(text, 'latin1'), 0, text.length);
  expect(special(wide('__array__'))).toBe('__array__');
  expect(special(wide('__array__', false))).toBe('__array__');
  expect(special(`${wide('__array__')}${'\0'.repeat(500)}`)).toBe('__array__');
  expect(special(wide('__arrays__'))).toBeUndefined();
  expect(special('__array__')).toBeUndefined();
});
