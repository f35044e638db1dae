import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mutated } from '../../../testing/mutated-bytes.ts';
import { protobufField as field } from '../../../testing/protobuf-bytes.ts';
import { rulesBroken, scanBytes } from '../../../testing/scan-bytes.ts';
import { scanCoreMl } from './coreml.ts';

const coreml = (...more: Uint8Array[]) => Buffer.concat([field(1, 8), field(2, [field(1, 'x')]), ...more]);
const layer = (...parts: Uint8Array[]) => field(1, [field(1, 'layer'), ...parts]);
const own = field(500, [field(10, 'Own')]);
const operation = (type: string, ...parts: Uint8Array[]) => field(3, [field(1, type), ...parts]);
const program = (...operations: Uint8Array[]) =>
  coreml(
    field(502, [
      field(1, 1),
      field(2, [
        field(1, 'main'),
        field(2, [field(2, 'CoreML5'), field(3, [field(1, 'CoreML5'), field(2, operations)])]),
      ]),
    ]),
  );
const numbersIn = (file: string) =>
  operation('const', field(5, [field(1, 'val'), field(2, [field(5, [field(1, file), field(2, 64)])])]));
const linked = (name: string, folders: string) =>
  coreml(field(556, [field(1, [field(1, [field(1, name)]), field(2, [field(1, folders)])])]));

/** A link to another model, as coremltools 9 writes it (`Model.SerializeToString`). */
const LINKED_BY_COREMLTOOLS = 'CATiIh0KGwoQCg5vdGhlci5tbG1vZGVsYxIHCgUuLi9vdw==';

describe('scanCoreMl', () => {
  test.each([
    ['nothing of its own', coreml(field(500, [layer(field(140, 'x'))])), []],
    ['numbers beside it', program(numbersIn('@model_path/weights/weight.bin')), []],
    ['a model beside it', linked('other.mlmodelc', '.:models'), []],
    ['a layer of its own', coreml(field(500, [layer(own)])), ['unknown-operator']],
    ['one in a classifier', coreml(field(403, [layer(own)])), ['unknown-operator']],
    [
      'one in a branch',
      coreml(field(500, [layer(field(605, [field(2, [layer(own)])]))])),
      ['unknown-operator'],
    ],
    [
      'one in a loop',
      coreml(field(500, [layer(field(615, [field(4, [layer(own)])]))])),
      ['unknown-operator'],
    ],
    ['an operation of its own', program(operation('custom_layer')), ['unknown-operator']],
    [
      'one in a block of another',
      program(operation('cond', field(4, [operation('custom_layer')]))),
      ['unknown-operator'],
    ],
    ['a model of its own', coreml(field(555, [field(10, 'Own')])), ['unknown-operator']],
    [
      'one in a pipeline',
      coreml(field(202, [field(1, coreml(field(555, [field(10, 'Own')])))])),
      ['unknown-operator'],
    ],
    ['a model in a form of its own', coreml(field(3000, [field(1, 'x')])), ['unknown-operator']],
    ['numbers from elsewhere', program(numbersIn('@model_path/../../x')), ['external-data']],
    ['numbers of the machine', program(numbersIn('/etc/passwd')), ['external-data']],
    ['another model', linked('../../other', '.'), ['external-data']],
    ['another folder', linked('other', '.:/usr/share'), ['external-data']],
    [
      'another folder, as coremltools writes it',
      Buffer.from(LINKED_BY_COREMLTOOLS, 'base64'),
      ['external-data'],
    ],
    ['less than it says', coreml(field(500, 'xxxx')).subarray(0, -2), ['header-does-not-fit']],
  ])('tells that a model needs %s', async (_, bytes, rules) => {
    expect(await rulesBroken(scanCoreMl, bytes)).toEqual(rules);
  });

  test('ends on every mutation', async () => {
    const valid = program(numbersIn('@model_path/weights/weight.bin'), operation('linear'));
    await fc.assert(
      fc.asyncProperty(mutated(valid), async (changed) => {
        await scanBytes(scanCoreMl, changed);
      }),
      { numRuns: 300 },
    );
  });
});
