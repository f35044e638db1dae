import { describe, expect, test } from 'vitest';
import type { Found } from '../finding.ts';
import { JsonStream } from './json-stream.ts';
import { KerasConfig } from './keras-config.ts';

function judge(config: unknown): Omit<Found, 'offset'>[] {
  const found: Omit<Found, 'offset'>[] = [];
  const keras = new KerasConfig((one) => found.push(one));
  const json = new JsonStream({
    open: (kind) => keras.open(kind),
    close: () => keras.close(),
    key: (name) => keras.key(name),
    value: (value) => keras.value(value),
    duplicate: () => undefined,
  });
  json.push(Buffer.from(JSON.stringify(config)));
  json.finish();
  expect(json.isComplete).toBe(true);
  return found;
}

const layer = (
  className: string,
  config: object = {},
  module: string | null = 'keras.layers',
  registered: string | null = null,
) => ({
  module,
  class_name: className,
  config: { name: 'layer', ...config },
  registered_name: registered,
});
const model = (...layers: object[]) => ({
  module: 'keras',
  class_name: 'Functional',
  config: { name: 'model', layers, output_layers: [['layer', 0, 0]] },
  registered_name: 'Functional',
  compile_config: {
    optimizer: 'adam',
    loss: { module: 'keras.losses', class_name: 'MeanSquaredError', config: {} },
  },
});
const rules = (...layers: object[]) => judge(model(...layers)).map(({ rule }) => rule);

describe('KerasConfig', () => {
  test('passes an ordinary model', () => {
    const dense = layer('Dense', {
      kernel_initializer: layer('GlorotUniform', {}, 'keras.initializers'),
      activation: 'relu',
    });
    const lookup = layer('StringLookup', { vocabulary: ['a', 'b'] });
    const legacy = {
      class_name: 'Sequential',
      config: { layers: [{ class_name: 'Dense', config: { function: 'x' } }] },
    };
    expect(judge([model(dense, lookup), legacy])).toEqual([]);
  });

  test.each([
    ['a Lambda layer', layer('Lambda', { function: ['4wEAAAA=', null, null] }), ['keras-code']],
    [
      'a Lambda layer of an older Keras',
      { class_name: 'Lambda', config: { function_type: 'lambda' } },
      ['keras-code', 'keras-code'],
    ],
    ['a stored function', { class_name: '__lambda__', config: { code: '4wEAAAA=' } }, ['keras-code']],
    ['a registered Lambda', layer('keras>Lambda'), ['keras-code']],
    ['a download', layer('get_file', {}, 'keras.src.utils.file_utils'), ['keras-code']],
    ['a module of PyTorch', layer('TorchModuleWrapper'), ['keras-code']],
    ['a function of files', layer('TFOpLambda', { function: 'io.read_file' }), ['keras-code']],
    ['a function of Python', layer('TFOpLambda', { function: 'raw_ops.PyFunc' }), ['keras-code']],
    ['code of Python', layer('func_load', {}, 'keras.src.utils.python_utils'), ['keras-code']],
    ['a tool of Keras', layer('set_random_seed', {}, 'keras.utils'), ['keras-module']],
    ['files of TensorFlow', layer('remove', {}, 'tensorflow.io.gfile'), ['keras-module']],
    ['a module of Python', layer('system', {}, 'os'), ['keras-module']],
    ['a builtin', layer('exec', {}, 'builtins'), ['keras-module']],
    ['a name that begins like Keras', layer('run', {}, 'keras_evil.layers'), ['keras-module']],
    ['a function of NumPy', layer('load', {}, 'numpy'), ['keras-module']],
    ['a function of the model', layer('function', {}, 'builtins'), ['keras-custom-object']],
    ['a class of the model', layer('Own', {}, null, 'package>Own'), ['keras-custom-object']],
    ['a vocabulary in a file', layer('StringLookup', { vocabulary: '/etc/passwd' }), ['keras-file']],
    [
      'a vocabulary at an address',
      layer('TextVectorization', { vocabulary: 'https://example.org' }),
      ['keras-file'],
    ],
    ['one within a wrapper', layer('TimeDistributed', { layer: layer('Lambda') }), ['keras-code']],
    ['one in a place of its own', { anything: [{ deep: layer('Lambda') }] }, ['keras-code']],
  ])('refuses %s', (_, evil, expected) => {
    expect(rules(layer('Dense'), evil)).toEqual(expected);
  });

  test('names what a person may allow', () => {
    expect(judge(layer('Own', {}, 'my_package.layers'))).toEqual([
      {
        rule: 'keras-module',
        what: 'The class or function "my_package.layers.Own" is loaded.',
        name: 'my_package.layers.Own',
      },
    ]);
  });
});
