/** Keras models that bring code along: the zip of Keras 3, and the HDF5 of before. */
import { inflateSync } from 'node:zlib';
import type { FindingRule } from '../../../shared/models/scan/rules.ts';
import { utf8 } from '../bytes.ts';
import { hdf5 } from '../hdf5-writer.ts';
import { zip } from '../zip-writer.ts';
import { type EvilFile, plainEvil } from './evil-file.ts';

/** A `Sequential` model whose attribute `model_config` has the Lambda below, as h5py 3.16 writes it, by zlib. */
const LAMBDA_IN_HDF5 =
  'eNrtmM9LAkEUx2c1YhGNIpHqJHuOQCqIIEjS8iAZ2SGI2KZ1LGtcyXWzEKGj/RcdO/Zn+G/0X3Sr+VnOkhTRIeh9Lo/35r03M+ybw37v' +
  'S4XtVGIhgTi2jSbQNBrlVbE5Z/p6/URZS9mBso8xHZ8Ua6qcdZf9s3Hpn6v4wX6xyLNfI+h9XjLS2gj4j5SK+T1uD5Wv52kYM/OarRqh' +
  'bpc0zs47wchcbv5wXz2vg1npP6l4EpXUfE+hNJvKS9LGgXtN2kGj5bP4vGWJyun3M9jGO5nkPeMfb2dnq1K2kCqI5HGWl3KrSzmE9HVV' +
  'KbrAN4b/rGzP8SgOAtfHTeKsZ50quQqJ32lg6ixmHa/l1xtnLN5zdELA4xTfshsw9yhaX8bN0xoeUyt61kPf67DLixWz2HWpKHfdSAOP' +
  'fS2esNIt5hkbfLlG6jikHX4KP6SUF9BWELaJCvQZx/1+5DsNp+CNAAAAAAAAAAAAAH+fGa0zKF/rZ0mlXFjIFjrDKfYuiV/7Ul+Ij+gL' +
  'MUOvSIk+UieRv+LoG3rF80i/uIhbhq6nz3+Slv6d0uukrofG6nrA/yaq62l99yFj5uk53Pulfau7lYIlXpVkLW3uE51j4HPeAOaYp/s=';

const lambda = {
  module: 'keras.layers',
  class_name: 'Lambda',
  config: {
    name: 'lambda',
    function: {
      class_name: '__lambda__',
      config: { code: '4wEAAAA=', defaults: null, closure: null },
    },
  },
};
const evilLayer = {
  module: 'os',
  class_name: 'system',
  config: { command: 'echo scanned' },
};
const evilFunction = {
  module: 'keras.layers',
  class_name: 'Activation',
  config: {
    activation: {
      module: 'os',
      class_name: 'function',
      config: 'system',
      registered_name: 'function',
    },
  },
};

const model = (...layers: readonly object[]): object => ({
  module: 'keras',
  class_name: 'Sequential',
  config: { name: 'sequential', layers },
});

/** A function as a layer: Keras before 3.9 calls it with what the file says it is called with. */
const functionLayer = (module: string, name: string, rest: object = {}): object => ({
  module,
  class_name: 'function',
  config: name,
  registered_name: name,
  name: 'layer',
  inbound_nodes: [{ args: ['scanned'], kwargs: {} }],
  ...rest,
});
/** Functions of Keras, and those of Python that Keras finds, that are no layers. */
const CALLED: readonly (readonly [name: string, module: string, called: string, rest?: object])[] = [
  ['unprotected', 'keras.config', 'enable_unsafe_deserialization'],
  ['model-in-a-text', 'keras.models', 'model_from_json'],
  ['inner-model-in-a-text', 'keras.src.models.model', 'model_from_json'],
  ['older-model', 'keras.src.legacy.saving.legacy_h5_format', 'load_model_from_hdf5'],
  ['image', 'keras.preprocessing.image', 'save_img'],
  ['image-of-tf-keras', 'tf_keras.src.preprocessing.image', 'save_img'],
  ['download', 'keras.src.utils.file_utils', 'get_file'],
  ['settings', 'keras.config', 'set_backend'],
  ['weights', 'keras.applications', 'ResNet50V2'],
  ['a-class-that-is-none', 'keras.src.layers.layer', 'x', { class_name: 'wraps', config: {} }],
  [
    'older-model-as-a-class',
    'keras.src.legacy.saving.legacy_h5_format',
    'x',
    { class_name: 'load_model_from_hdf5' },
  ],
  ['dotted', 'keras', 'config.enable_unsafe_deserialization'],
  ['dotted-class', 'keras', 'x', { class_name: 'utils.get_file', config: {} }],
  ['registered', 'keras.src.models.model', 'x', { registered_name: 'model_from_json' }],
  ['of-python', 'builtins', 'eval'],
  ['of-python-by-registered-name', 'builtins', 'x', { registered_name: 'exec' }],
  ['of-tensorflow', 'tensorflow.python.ops.io_ops', 'save_v2'],
];

const keras = (config: object, weights: Uint8Array = new Uint8Array()): Uint8Array =>
  zip([
    {
      name: 'metadata.json',
      content: utf8(JSON.stringify({ keras_version: '3.15.1' })),
    },
    {
      name: 'config.json',
      content: utf8(JSON.stringify(config)),
      deflated: true,
    },
    { name: 'model.weights.h5', content: weights },
  ]);

const file = (name: string, gadget: string, rule: FindingRule, make: () => Uint8Array): EvilFile => ({
  name,
  technique: 'code in a Keras model',
  gadget,
  rule,
  make,
});

export const KERAS: readonly EvilFile[] = [
  file('lambda.keras', 'Lambda', 'keras-code', () => keras(model(lambda))),
  file('lambda-in-a-model-in-a-model.keras', 'Lambda', 'keras-code', () =>
    keras(model(model(model(lambda)))),
  ),
  file(
    'lambda.h5',
    'Lambda',
    'keras-code',
    () => new Uint8Array(inflateSync(Buffer.from(LAMBDA_IN_HDF5, 'base64'))),
  ),
  file('module.keras', 'os.system', 'keras-module', () => keras(model(evilLayer))),
  file('function.keras', 'os.system', 'keras-module', () => keras(model(evilFunction))),
  file('download.keras', 'keras.utils.get_file', 'keras-code', () =>
    keras(
      model({
        module: 'keras.utils',
        class_name: 'get_file',
        config: { fname: 'a', origin: 'http://127.0.0.1/scanned' },
      }),
    ),
  ),
  file('unprotected.keras', 'enable_unsafe_deserialization', 'keras-code', () =>
    keras(model({ module: 'keras.config', class_name: 'enable_unsafe_deserialization', config: {} })),
  ),
  file('files-of-tensorflow.keras', 'tensorflow.io.gfile.listdir', 'keras-module', () =>
    keras(model({ module: 'tensorflow.io.gfile', class_name: 'listdir', config: { path: '/' } })),
  ),
  file('loss.keras', 'os.system', 'keras-module', () =>
    keras({ ...model(), compile_config: { optimizer: 'adam', loss: evilLayer } }),
  ),
  file('vocabulary.keras', '/etc/hostname', 'keras-file', () =>
    keras(
      model({
        module: 'keras.layers',
        class_name: 'StringLookup',
        config: { name: 'lookup', vocabulary: '/etc/hostname' },
      }),
    ),
  ),
  file('module-of-pytorch.keras', 'TorchModuleWrapper', 'keras-code', () =>
    keras(
      model({ module: 'keras.layers', class_name: 'TorchModuleWrapper', config: { module: 'UEsDBA==' } }),
    ),
  ),
  ...CALLED.map(([name, module, called, rest]) =>
    file(`called-${name}.keras`, `${module}.${called}`, 'keras-code', () =>
      keras({ ...model(functionLayer(module, called, rest)), class_name: 'Functional' }),
    ),
  ),
  file('called-in-settings.json', 'keras.config.enable_unsafe_deserialization', 'keras-code', () =>
    utf8(
      JSON.stringify({
        ...model(),
        compile_config: { loss: functionLayer('keras.config', 'enable_unsafe_deserialization') },
      }),
    ),
  ),
  file('called-in-hdf5.h5', 'keras.models.model_from_json', 'keras-code', () =>
    hdf5(JSON.stringify(model(functionLayer('keras.models', 'model_from_json')))),
  ),
  file('pickle-as-weights.keras', 'os.system', 'pickle-import', () => keras(model(), plainEvil())),
];
