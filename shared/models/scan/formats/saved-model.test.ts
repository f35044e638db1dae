import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mutated } from '../../../testing/mutated-bytes.ts';
import { protobufField as field } from '../../../testing/protobuf-bytes.ts';
import { rulesBroken, scanBytes } from '../../../testing/scan-bytes.ts';
import { protobufKind } from './protobuf-kind.ts';
import { scanKerasMetadata, scanSavedModel } from './saved-model.ts';

const text = (value: string) => field(5, [field(1, 'value'), field(2, [field(8, [field(8, value)])])]);
const node = (operator: string, ...more: Uint8Array[]) =>
  field(1, [field(1, 'name'), field(2, operator), ...more]);
const library = (...nodes: Uint8Array[]) =>
  field(2, [
    field(1, [field(1, [field(1, 'signature')]), ...nodes.map((bytes) => field(3, bytes.subarray(2)))]),
  ]);

function savedModel(graph: Uint8Array[], ...more: Uint8Array[]): Buffer {
  const meta = [field(1, [field(1, 'serve')]), field(2, graph), ...more];
  return Buffer.concat([field(1, 1), field(2, meta)]);
}
const keras = (metadata: string) =>
  field(7, [field(1, [field(4, [field(1, '_tf_keras_layer'), field(3, metadata)])])]);

const valid = savedModel(
  [node('Placeholder'), node('Const', text('_temp/part')), node('SaveV2'), library(node('MatMul'))],
  keras('{"class_name": "Dense", "config": {"name": "a"}}'),
  field(6, [field(2, 'vocabulary.txt')]),
);

describe('scanSavedModel', () => {
  test('passes an ordinary model, however its bytes come', async () => {
    expect(await scanBytes(scanSavedModel, valid, 3)).toEqual({ found: [], inner: [] });
  });

  test.each([
    ['PyFunc', 'code-operator'],
    ['EagerPyFunc', 'code-operator'],
    ['ReadFile', 'file-operator'],
    ['WriteFile', 'file-operator'],
    ['MatchingFiles', 'file-operator'],
    ['DataServiceDatasetV4', 'file-operator'],
    ['TRTEngineOp', 'code-operator'],
  ])('refuses %s, in the graph and in a function', async (operator, rule) => {
    expect(await rulesBroken(scanSavedModel, savedModel([node(operator), library(node(operator))]))).toEqual([
      rule,
      rule,
    ]);
  });

  test.each([
    [
      'a saving with an absolute name',
      savedModel([node('SaveV2'), node('Const', text('/etc/cron.d/a'))]),
      'save-operator',
    ],
    [
      'printing into a file',
      savedModel([node('PrintV2', field(5, [field(2, [field(2, 'file:///tmp/a')])]))]),
      'file-operator',
    ],
    ['a file from elsewhere', savedModel([], field(6, [field(2, '../../etc/passwd')])), 'external-data'],
    ['a Lambda layer', savedModel([], keras('{"class_name": "Lambda", "config": {}}')), 'keras-code'],
    [
      'an operator of a library, once',
      savedModel([node('Addons>Image'), library(node('Addons>Image'))]),
      'unknown-operator',
    ],
    ['a key', savedModel([node('Const', text(`AKIA${'IOSFODNN7EXAMPLE'}`))]), 'secret'],
    ['what cannot be read of a layer', savedModel([], keras('{"class_name": ')), 'unreadable'],
  ])('tells %s', async (_, bytes, rule) => {
    expect(await rulesBroken(scanSavedModel, bytes)).toEqual([rule]);
  });

  test('ends on every mutation', async () => {
    await fc.assert(
      fc.asyncProperty(mutated(valid), async (changed) => {
        await scanBytes(scanSavedModel, changed);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});

test('scanKerasMetadata judges what Keras says of a layer', async () => {
  const metadata = (json: string) =>
    field(1, [field(2, 1), field(3, 'root'), field(4, '_tf_keras_layer'), field(5, json)]);
  expect(await rulesBroken(scanKerasMetadata, metadata('{"class_name": "Dense"}'))).toEqual([]);
  expect(await rulesBroken(scanKerasMetadata, metadata('{"class_name": "Lambda"}'))).toEqual(['keras-code']);
});

describe('protobufKind', () => {
  const graph = [field(1, [field(4, 'Gemm')]), field(5, [field(9, Buffer.alloc(9000))])];

  test.each([
    ['saved-model', valid],
    ['onnx', Buffer.concat([field(1, 10), field(2, 'pytorch'), field(7, graph)])],
    ['onnx', Buffer.concat([field(7, graph), field(1, 10)])],
    ['onnx', Buffer.concat([field(1, 10), field(7, graph)])],
    ['coreml', Buffer.concat([field(1, 8), field(2, [field(1, 'x')]), field(500, [field(1, 'x')])])],
    ['keras-metadata', field(1, [field(2, 1), field(3, 'root')])],
    [undefined, Buffer.alloc(100)],
    [undefined, Buffer.from('a text')],
    [undefined, Buffer.alloc(0)],
  ])('tells %s', (kind, bytes) => {
    expect(protobufKind(bytes.subarray(0, 4096), bytes.length)).toBe(kind);
  });
});
