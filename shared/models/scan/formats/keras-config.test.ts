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

  const named = (module: string, config: string, registered: string | null = config) => ({
    module,
    class_name: 'function',
    config,
    registered_name: registered,
  });
  test.each([
    ['an activation by its name', named('builtins', 'relu', 'function')],
    ['a loss by its name', named('builtins', 'mean_squared_error', 'function')],
    ['an activation of Keras', named('keras.activations', 'softplus')],
    ['a function that calculates', named('keras.src.ops.numpy', 'add')],
    ['an operation', layer('GetItem', {}, 'keras.src.ops.numpy', 'GetItem')],
    ['a model within', layer('Functional', {}, 'keras.src.models.functional', 'Functional')],
    ['a model of Keras 2', layer('Functional', {}, 'keras.src.engine.functional', 'Functional')],
    ['an older optimizer', layer('Adam', {}, 'keras.optimizers.legacy')],
    [
      'a layer of a ready-made model',
      layer('LayerScale', {}, 'keras.src.applications.convnext', 'LayerScale'),
    ],
    ['what stands for a tensor', { class_name: '__tensor__', config: { value: [1], dtype: 'float32' } }],
    ['a type of TensorFlow', { ...layer('__typespec__', {}, 'tensorflow.python.framework.tensor') }],
    ['a tokenizer', layer('BertTokenizer', {}, 'keras_hub.src.models.bert.bert_tokenizer')],
    ['a function of TensorFlow', layer('TFOpLambda', { function: 'math.reduce_mean' })],
  ])('passes %s', (_, good) => {
    expect(rules(layer('Dense', { anything: good }), good)).toEqual([]);
  });

  test.each([
    ['of its own', named('builtins', 'weighted', 'function'), ['keras-custom-object']],
    ['that switches protections off', named('keras.config', 'enable_unsafe_deserialization'), ['keras-code']],
    ['that loads', named('keras.src.models.model', 'x', 'model_from_json'), ['keras-code', 'keras-code']],
    ['behind a dot', named('keras', 'saving.load_model'), ['keras-code']],
    ['of no layer', named('keras.utils', 'set_random_seed'), ['keras-code']],
    ['of ready-made models', named('keras.applications', 'ResNet50V2'), ['keras-code']],
    ['of TensorFlow', named('tensorflow.python.ops.io_ops', 'save_v2'), ['keras-code']],
    ['of Python that runs code', named('builtins', 'eval', 'function'), ['keras-code']],
    ['of Python under its other name', named('builtins', 'x', 'exec'), ['keras-code']],
    ['of another module', named('os', 'system'), ['keras-module']],
    ['as a class', layer('wraps', {}, 'keras.src.layers.layer'), ['keras-code']],
    ['as an operation', layer('TFOpLambda', { function: 'keras.models.load_model' }), ['keras-code']],
  ])('refuses a function %s', (_, evil, expected) => {
    expect(rules(evil)).toEqual(expected);
    expect(rules(layer('Dense', { anything: evil }))).toEqual(expected);
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
