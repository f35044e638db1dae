/** Graphs in Protocol Buffers: ONNX, TensorFlow's SavedModel, and Core ML. */
import { gzipSync } from 'node:zlib';
import { join } from '../bytes.ts';
import { field, number } from '../protobuf-writer.ts';
import { type CatalogueEntry, cutOff, evil, example } from './entry.ts';

/** The beginning of a field of 127 bytes. */
const LONGER = Uint8Array.of(0x0a, 0x7f, 0x0a);
const OPSET = field(8, field(1, ''), number(2, 21));
const node = (operator: string, domain = ''): Uint8Array =>
  field(1, field(1, 'x'), field(2, 'y'), field(3, 'node'), field(4, operator), field(7, domain));
const onnx = (...graph: readonly Uint8Array[]): Uint8Array =>
  join(number(1, 10), OPSET, field(7, field(2, 'graph'), ...graph));

const entry = (key: string, value: string): Uint8Array => field(13, field(1, key), field(2, value));
/** A tensor whose numbers lie in another file. */
const tensor = (...entries: readonly Uint8Array[]): Uint8Array =>
  field(5, number(1, 2), number(2, 1), field(8, 'w'), ...entries, number(14, 1));
const BESIDE = entry('location', 'weights.bin');

/** Nodes that hold a graph each, in each other. */
function branches(depth: number): Uint8Array {
  let inner = node('Relu');
  for (let left = depth; left > 0; left--)
    inner = field(1, field(4, 'If'), field(5, field(1, 'then_branch'), field(6, inner)));
  return inner;
}

const relu = example('relu.onnx', () => onnx(node('Relu')));
const beside = example('data-beside.onnx', () => onnx(tensor(BESIDE, entry('offset', '0'))));

const ONNX: readonly CatalogueEntry[] = [
  {
    format: 'onnx',
    rule: 'external-data',
    says: 'The numbers of a tensor lie in a file outside of its folder.',
    passing: beside,
    failing: evil('a-graph-of-ONNX-that-reaches-for-files/above-the-model.onnx'),
  },
  {
    format: 'onnx',
    rule: 'code-operator',
    says: 'A node is an operator that calls Python.',
    passing: relu,
    failing: example('python.onnx', () => onnx(node('PyOp', 'com.microsoft'))),
  },
  {
    format: 'onnx',
    rule: 'unknown-operator',
    says: 'A node is an operator of a domain that is neither of ONNX nor of ONNX Runtime.',
    passing: relu,
    failing: example('own-operator.onnx', () => onnx(node('Relu', 'com.example'))),
  },
  {
    format: 'onnx',
    rule: 'duplicate-key',
    says: 'A tensor names two files for its numbers.',
    passing: beside,
    failing: example('two-locations.onnx', () => onnx(tensor(BESIDE, entry('location', 'other.bin')))),
  },
  {
    format: 'onnx',
    rule: 'cannot-look-into',
    says: 'Its branches lie in each other deeper than libraries of Protocol Buffers read.',
    passing: example('branch.onnx', () => onnx(branches(1))),
    failing: example('branches.onnx', () => onnx(branches(40))),
  },
  {
    format: 'onnx',
    rule: 'header-does-not-fit',
    says: 'It has fewer bytes than its graph is said to have.',
    passing: relu,
    failing: example('cut-off.onnx', () => cutOff(onnx(node('Relu')))),
  },
  {
    format: 'onnx',
    rule: 'cut-off',
    says: 'It is compressed, and ends within its graph.',
    passing: example('relu.onnx.gz', () => new Uint8Array(gzipSync(onnx(node('Relu'))))),
    failing: example('cut-off.onnx.gz', () => new Uint8Array(gzipSync(cutOff(onnx(node('Relu')))))),
  },
];

const savedModel = (graph: readonly Uint8Array[], ...more: readonly Uint8Array[]): Uint8Array =>
  join(number(1, 1), field(2, field(1, field(4, 'serve')), field(2, ...graph), ...more));
const step = (operator: string, ...more: readonly Uint8Array[]): Uint8Array =>
  field(1, field(1, 'node'), field(2, operator), ...more);
/** A constant text. */
const constant = (text: string): Uint8Array =>
  step('Const', field(5, field(1, 'value'), field(2, field(8, field(8, text)))));
const ordinary = example('saved_model.pb', () => savedModel([step('MatMul')]));
const layer = (metadata: string): Uint8Array =>
  field(7, field(1, field(4, field(1, '_tf_keras_layer'), field(3, metadata))));
const asset = (name: string): Uint8Array => field(6, field(2, name));

const SAVED_MODEL: readonly CatalogueEntry[] = [
  {
    format: 'saved-model',
    rule: 'code-operator',
    says: 'A node is an operator that calls Python.',
    passing: ordinary,
    failing: evil('an-operator-of-TensorFlow/saved_model.pb'),
  },
  {
    format: 'saved-model',
    rule: 'file-operator',
    says: 'A node is an operator that reads files.',
    passing: ordinary,
    failing: evil('an-operator-of-TensorFlow/read/saved_model.pb'),
  },
  {
    format: 'saved-model',
    rule: 'unknown-operator',
    says: 'A node is an operator of a library of its own.',
    passing: ordinary,
    failing: example('own-operator/saved_model.pb', () => savedModel([step('Churn>Encode')])),
  },
  {
    format: 'saved-model',
    rule: 'save-operator',
    says: 'It saves, as all do, but under a name that begins at the root of the machine.',
    passing: example('saving/saved_model.pb', () => savedModel([step('SaveV2'), constant('_temp/part')])),
    failing: example('saving-absolute/saved_model.pb', () =>
      savedModel([step('SaveV2'), constant('/tmp/part')]),
    ),
  },
  {
    format: 'saved-model',
    rule: 'external-data',
    says: 'It names a file of words outside of its folder.',
    passing: example('asset/saved_model.pb', () => savedModel([], asset('vocabulary.txt'))),
    failing: example('asset-outside/saved_model.pb', () => savedModel([], asset('../../secret'))),
  },
  {
    format: 'saved-model',
    rule: 'header-does-not-fit',
    says: 'A node is said to be longer than the graph that holds it.',
    passing: ordinary,
    failing: example('longer/saved_model.pb', () => savedModel([step('MatMul'), LONGER])),
  },
  {
    format: 'saved-model',
    rule: 'unreadable',
    says: 'What Keras says of a layer ends in the middle.',
    passing: example('keras/saved_model.pb', () => savedModel([], layer('{"class_name": "Dense"}'))),
    failing: example('keras-cut-off/saved_model.pb', () => savedModel([], layer('{"class_name": "Den'))),
  },
];

const coreml = (...parts: readonly Uint8Array[]): Uint8Array =>
  join(number(1, 8), field(2, field(100, field(1, 'A classifier.'))), ...parts);
const network = (...layer: readonly Uint8Array[]): Uint8Array =>
  field(500, field(1, field(1, 'dense'), ...layer));
const linked = (name: string): Uint8Array => field(556, field(1, field(1, field(1, name))));
const convolution = example('network.mlmodel', () => coreml(network(field(140, ''))));

const CORE_ML: readonly CatalogueEntry[] = [
  {
    format: 'coreml',
    rule: 'unknown-operator',
    says: 'A layer is a class of the program that loads it.',
    passing: convolution,
    failing: example('own-layer.mlmodel', () => coreml(network(field(500, field(10, 'OwnLayer'))))),
  },
  {
    format: 'coreml',
    rule: 'external-data',
    says: 'It links to a model outside of its folder.',
    passing: example('linked.mlmodel', () => coreml(linked('other.mlmodelc'))),
    failing: example('linked-outside.mlmodel', () => coreml(linked('../../other.mlmodelc'))),
  },
  {
    format: 'coreml',
    rule: 'header-does-not-fit',
    says: 'A layer is said to be longer than the network that holds it.',
    passing: convolution,
    failing: example('layer.mlmodel', () => coreml(field(500, LONGER))),
  },
];

export const GRAPHS: readonly CatalogueEntry[] = [...ONNX, ...SAVED_MODEL, ...CORE_ML];
