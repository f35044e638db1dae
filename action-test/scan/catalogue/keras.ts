import type { Format } from '../../../shared/models/scan/identify.ts';
import type { FindingRule } from '../../../shared/models/scan/rules.ts';
import { join, utf8 } from '../bytes.ts';
import { hdf5 } from '../hdf5-writer.ts';
import { field, number } from '../protobuf-writer.ts';
import { zip } from '../zip-writer.ts';
import { type CatalogueEntry, evil, example } from './entry.ts';

/** Where Keras keeps its configuration: in the zip of Keras 3, in HDF5, and in the two files of a SavedModel. */
const HOLDERS: readonly { format: Format; extension: string; hold(config: string): Uint8Array }[] = [
  {
    format: 'json',
    extension: 'keras',
    hold: (config) => zip([{ name: 'config.json', content: utf8(config) }]),
  },
  { format: 'hdf5', extension: 'h5', hold: hdf5 },
  { format: 'saved-model', extension: 'saved_model.pb', hold: savedModelOf },
  { format: 'keras-metadata', extension: 'keras_metadata.pb', hold: metadataOf },
];

/** A graph without nodes, and an object that Keras describes. */
function savedModelOf(config: string): Uint8Array {
  const object = field(4, field(1, '_tf_keras_network'), field(3, config));
  const graph = field(2, field(1, field(1, 'x'), field(2, 'Placeholder')));
  return join(number(1, 1), field(2, field(1, field(4, 'serve')), graph, field(7, field(1, object))));
}

function metadataOf(config: string): Uint8Array {
  return field(1, number(2, 1), field(3, 'root'), field(4, '_tf_keras_network'), field(5, config));
}

const layer = (name: string, rest: object = {}): object => ({
  module: 'keras.layers',
  class_name: name,
  config: { name: 'layer' },
  ...rest,
});
const model = (...layers: readonly object[]): string =>
  JSON.stringify({ module: 'keras', class_name: 'Sequential', config: { name: 'model', layers } });

const functionOf = (module: string, name: string): object => ({
  module,
  class_name: 'function',
  config: name,
  registered_name: name,
});

const MODULE = '"module":"keras.layers"';

interface Difference {
  rule: FindingRule;
  says: string;
  name: string;
  passing: string;
  failing: string;
}

const DIFFERENCES: readonly Difference[] = [
  {
    rule: 'keras-code',
    says: 'A layer is a `Lambda`, which brings a function of its own.',
    name: 'lambda',
    passing: model(layer('Dense')),
    failing: model(layer('Lambda')),
  },
  {
    rule: 'keras-code',
    says: 'A layer is a function that switches off a protection of Keras, where an ordinary one has an activation.',
    name: 'function',
    passing: model(layer('Activation', { config: { activation: functionOf('builtins', 'relu') } })),
    failing: model(functionOf('keras.config', 'enable_unsafe_deserialization')),
  },
  {
    rule: 'keras-module',
    says: 'A layer is loaded from a module that is not of Keras.',
    name: 'module',
    passing: model(layer('Dense')),
    failing: model(layer('system', { module: 'os' })),
  },
  {
    rule: 'keras-custom-object',
    says: 'A layer is a class that was registered by whoever saved the model.',
    name: 'registered',
    passing: model(layer('Dense', { registered_name: null })),
    failing: model(layer('Encoder', { module: null, registered_name: 'churn>Encoder' })),
  },
  {
    rule: 'keras-file',
    says: 'A layer names a file as its vocabulary, where an ordinary one has a list of words.',
    name: 'vocabulary',
    passing: model(layer('StringLookup', { config: { vocabulary: ['Bern', 'Zug'] } })),
    failing: model(layer('StringLookup', { config: { vocabulary: '/etc/hostname' } })),
  },
  {
    rule: 'duplicate-key',
    says: 'A layer has two modules, of which one loader takes the first and another the last.',
    name: 'two-modules',
    passing: model(layer('Dense')),
    failing: model(layer('Dense')).replace(MODULE, `${MODULE},${MODULE}`),
  },
];

const CLASSES: readonly CatalogueEntry[] = HOLDERS.flatMap(({ format, extension, hold }) =>
  DIFFERENCES.map(({ rule, says, name, passing, failing }) => ({
    format,
    rule,
    says,
    passing: example(`${name}-ordinary.${extension}`, () => hold(passing)),
    failing: example(`${name}.${extension}`, () => hold(failing)),
  })),
);

export const KERAS: readonly CatalogueEntry[] = [
  ...CLASSES,
  {
    format: 'hdf5',
    rule: 'pickle-import',
    says: 'An attribute is a pickle, as PyTables writes those that HDF5 has no type for, and runs a command.',
    passing: example('list.h5', () => hdf5('(lp0\nVcolumn\np1\na.')),
    failing: evil('a-pickle-in-HDF5/attribute.h5'),
  },
  {
    format: 'keras-metadata',
    rule: 'unreadable',
    says: 'What Keras says of a layer ends in the middle.',
    passing: example('dense.keras_metadata.pb', () => metadataOf(model(layer('Dense')))),
    failing: example('cut-off.keras_metadata.pb', () => metadataOf(model(layer('Dense')).slice(0, -1))),
  },
  {
    format: 'keras-metadata',
    rule: 'header-does-not-fit',
    says: 'A text is said to be longer than the object that holds it.',
    passing: example('dense.keras_metadata.pb', () => metadataOf(model(layer('Dense')))),
    failing: example('longer.keras_metadata.pb', () =>
      field(1, number(2, 1), field(3, 'root'), Uint8Array.of(0x2a, 0x7f, 0x7b)),
    ),
  },
];
