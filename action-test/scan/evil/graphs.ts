/** Graphs that run code or reach for files: ONNX and TensorFlow's SavedModel. */
import type { FindingRule } from '../../../shared/models/scan/rules.ts';
import { join } from '../bytes.ts';
import { field, number } from '../protobuf-writer.ts';
import type { EvilFile } from './evil-file.ts';

const EXTERNAL = 1;
const FLOAT = 1;

const entry = (key: string, value: string): Uint8Array => field(13, field(1, key), field(2, value));

/** A model of one tensor, whose numbers lie in another file. */
function onnxWithData(location: string): Uint8Array {
  const tensor = [
    number(1, 2),
    number(2, FLOAT),
    field(8, 'w'),
    entry('location', location),
    number(14, EXTERNAL),
  ];
  const output = field(12, field(1, 'w'));
  const graph = field(7, field(2, 'graph'), field(5, ...tensor), output);
  return join(number(1, 10), graph, field(8, field(1, ''), number(2, 21)));
}

const external = (name: string, location: string): EvilFile => ({
  name,
  technique: 'a graph of ONNX that reaches for files',
  gadget: location,
  rule: 'external-data',
  make: () => onnxWithData(location),
});

const node = (op: string): readonly Uint8Array[] => [field(1, 'node'), field(2, op)];
const savedModel = (...graph: readonly Uint8Array[]): Uint8Array =>
  join(number(1, 1), field(2, field(1, field(4, 'serve'), field(5, '2.20.0')), field(2, ...graph)));

const inGraph = (op: string) => () => savedModel(field(1, ...node(op)));
const inFunction = (op: string) => () =>
  savedModel(
    field(1, ...node('Placeholder')),
    field(2, field(1, field(1, field(1, 'f')), field(3, ...node(op)))),
  );

const onnx = (...parts: readonly Uint8Array[]): Uint8Array =>
  join(number(1, 10), ...parts, field(8, field(1, ''), number(2, 21)));
const onnxNode = (op: string, domain: string, ...attributes: readonly Uint8Array[]): Uint8Array =>
  field(1, field(2, 'y'), field(3, 'node'), field(4, op), ...attributes, field(7, domain));
const onnxCode = (name: string, make: () => Uint8Array): EvilFile => ({
  name,
  technique: 'an operator of ONNX that calls Python',
  gadget: 'PyOp',
  rule: 'code-operator',
  make,
});
/** The nodes of a branch of an `If`. */
const branch = (...nodes: readonly Uint8Array[]): Uint8Array =>
  onnxNode('If', '', field(5, field(1, 'then_branch'), field(6, ...nodes), number(20, 5)));
const python = (): Uint8Array => onnxNode('PyOp', 'ai.onnx.contrib');

const operator = (name: string, gadget: string, rule: FindingRule, make: () => Uint8Array): EvilFile => ({
  name,
  technique: 'an operator of TensorFlow',
  gadget,
  rule,
  make,
});

/** In bytes: more than tells what a file is. */
const LONGER = 5_000;
/** Parsers of messages take fields in any order, and pass over those that they do not know. */
const BEGUN_OTHERWISE: readonly EvilFile[] = Object.entries({
  'behind-a-long-producer.onnx': () => join(field(2, 'x'.repeat(LONGER)), onnxWithData('../../etc/passwd')),
  'behind-a-text.onnx': () => join(field(6, 'x'.repeat(LONGER)), onnxWithData('../../etc/passwd')),
  'behind-a-domain.onnx': () => join(field(4, 'x'.repeat(LONGER)), onnxWithData('../../etc/passwd')),
  'behind-an-unknown-field.onnx': () => join(field(99, 'x'), onnxWithData('../../etc/passwd')),
  'behind-unknown-numbers.onnx': () =>
    join(...Array.from({ length: LONGER }, () => number(99, 1)), onnxWithData('../../etc/passwd')),
}).map(([name, make]) => ({
  name,
  technique: 'a graph that begins as something else',
  gadget: '../../etc/passwd',
  rule: 'external-data' as const,
  make,
}));

export const GRAPHS: readonly EvilFile[] = [
  ...BEGUN_OTHERWISE,
  external('above-the-model.onnx', '../../secret'),
  external('absolute.onnx', '/etc/hostname'),
  external('in-and-out.onnx', 'weights/../../secret'),
  external('on-windows.onnx', '..\\secret'),
  external('drive-of-windows.onnx', 'C:\\secret'),
  onnxCode('python.onnx', () => onnx(field(7, field(2, 'graph'), python()))),
  onnxCode('in-a-branch.onnx', () => onnx(field(7, field(2, 'graph'), branch(branch(python()))))),
  onnxCode('in-a-function.onnx', () =>
    onnx(
      field(7, field(2, 'graph'), onnxNode('mine', 'local')),
      field(25, field(1, 'mine'), field(7, python().subarray(2)), field(10, 'local')),
    ),
  ),
  onnxCode('in-the-training.onnx', () =>
    onnx(field(7, field(2, 'graph')), field(20, field(2, field(2, 'training'), python()))),
  ),
  {
    name: 'compiled-part-above.onnx',
    technique: 'a graph of ONNX that reaches for files',
    gadget: '../../engine.bin',
    rule: 'external-data',
    make: () =>
      onnx(
        field(
          7,
          field(2, 'graph'),
          onnxNode(
            'EPContext',
            'com.microsoft',
            field(5, field(1, 'ep_cache_context'), field(4, '../../engine.bin')),
          ),
        ),
      ),
  },
  operator('asset/saved_model.pb', '../../secret', 'external-data', () =>
    join(
      number(1, 1),
      field(
        2,
        field(1, field(4, 'serve')),
        field(2, field(1, ...node('Placeholder'))),
        field(6, field(2, '../../secret')),
      ),
    ),
  ),
  operator('native/saved_model.pb', 'TRTEngineOp', 'code-operator', inGraph('TRTEngineOp')),
  operator('saved_model.pb', 'PyFunc', 'code-operator', inGraph('PyFunc')),
  operator('function/saved_model.pb', 'EagerPyFunc', 'code-operator', inFunction('EagerPyFunc')),
  operator('read/saved_model.pb', 'ReadFile', 'file-operator', inGraph('ReadFile')),
  operator('write/saved_model.pb', 'WriteFile', 'file-operator', inFunction('WriteFile')),
];
