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

const operator = (name: string, gadget: string, rule: FindingRule, make: () => Uint8Array): EvilFile => ({
  name,
  technique: 'an operator of TensorFlow',
  gadget,
  rule,
  make,
});

export const GRAPHS: readonly EvilFile[] = [
  external('above-the-model.onnx', '../../secret'),
  external('absolute.onnx', '/etc/hostname'),
  external('in-and-out.onnx', 'weights/../../secret'),
  external('on-windows.onnx', '..\\secret'),
  external('drive-of-windows.onnx', 'C:\\secret'),
  operator('saved_model.pb', 'PyFunc', 'code-operator', inGraph('PyFunc')),
  operator('function/saved_model.pb', 'EagerPyFunc', 'code-operator', inFunction('EagerPyFunc')),
  operator('read/saved_model.pb', 'ReadFile', 'file-operator', inGraph('ReadFile')),
  operator('write/saved_model.pb', 'WriteFile', 'file-operator', inFunction('WriteFile')),
];
