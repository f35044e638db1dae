import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mutated } from '../../../testing/mutated-bytes.ts';
import { protobufField as field } from '../../../testing/protobuf-bytes.ts';
import { rulesBroken, scanBytes } from '../../../testing/scan-bytes.ts';
import { listModelFiles } from '../../files.ts';
import { scanModel } from '../scan.ts';
import { scanOnnx } from './onnx.ts';

const entry = (key: string, value: string) => [field(1, key), field(2, value)];
const node = (operator: string, domain: string, ...attributes: Uint8Array[]) =>
  field(1, [
    field(1, 'x'),
    field(2, 'y'),
    field(3, 'name'),
    field(4, operator),
    field(7, domain),
    ...attributes,
  ]);
const weights = field(5, [field(1, 3), field(2, 1), field(8, 'weights'), field(9, Buffer.alloc(1000, 0x12))]);
const external = (...entries: [string, string][]) =>
  field(5, [
    field(8, 'outside'),
    field(14, 1),
    ...entries.map(([key, value]) => field(13, entry(key, value))),
  ]);

function model(graph: Uint8Array[], ...more: Uint8Array[]): Buffer {
  const opset = field(8, [field(1, ''), field(2, 21)]);
  return Buffer.concat([field(1, 10), field(2, 'pytorch'), field(7, graph), opset, ...more]);
}

const branch = (...nodes: Uint8Array[]) => field(5, [field(1, 'then_branch'), field(6, nodes), field(20, 5)]);
const valid = model(
  [
    node('Gemm', ''),
    node('If', 'ai.onnx', branch(node('TreeEnsembleClassifier', 'ai.onnx.ml'))),
    weights,
    external(['location', 'weights/part-1.bin'], ['offset', '4096'], ['length', '1000']),
  ],
  field(14, entry('task', 'classification')),
);

describe('scanOnnx', () => {
  test('passes an ordinary model, however its bytes come', async () => {
    expect(await scanBytes(scanOnnx, valid, 3)).toEqual({ found: [], inner: [] });
  });

  test.each([
    ['/etc/passwd', 'is absolute'],
    ['C:\\weights', 'is absolute'],
    ['\\\\server\\share', 'is absolute'],
    ['../weights', 'leads out'],
    ['data/../../weights', 'leads out'],
    ['data\\..\\weights', 'leads out'],
    ['data\\weights', 'has a backslash'],
    ['https://example.org/weights', 'is an address'],
    ['file:///weights', 'is an address'],
    ['*/_ORT_MEM_ADDR_/*', 'is an address in memory'],
    ['', 'is empty'],
  ])('refuses external data at %s', async (location, why) => {
    const { found } = await scanBytes(scanOnnx, model([external(['location', location])]));
    expect(found.map(({ rule }) => rule)).toEqual(['external-data']);
    expect(found[0]!.what).toContain(why);
  });

  test('sees external data in an attribute of a node of a function', async () => {
    const value = field(5, [field(1, 'value'), field(5, [field(13, entry('location', '../a'))])]);
    const call = field(25, [field(1, 'mine'), field(7, [field(4, 'Constant'), value]), field(10, 'local')]);
    expect(await rulesBroken(scanOnnx, model([node('mine', 'local')], call))).toEqual(['external-data']);
  });

  test.each([
    [
      'a location twice',
      [
        ['location', 'a'],
        ['location', 'b'],
      ],
      'duplicate-key',
    ],
    ['no location', [['offset', '0']], 'external-data'],
    [
      'a negative offset',
      [
        ['location', 'a'],
        ['offset', '-1'],
      ],
      'header-does-not-fit',
    ],
    [
      'a length that is no number',
      [
        ['location', 'a'],
        ['length', '1e9'],
      ],
      'header-does-not-fit',
    ],
  ] as [string, [string, string][], string][])('refuses external data with %s', async (_, entries, rule) => {
    expect(await rulesBroken(scanOnnx, model([external(...entries)]))).toEqual([rule]);
  });

  test.each([
    [1000, { location: 'data/w.bin', offset: '500', length: '500' }, []],
    [1000, { location: './data/w.bin' }, []],
    [1000, { location: 'data/w.bin', offset: '501', length: '500' }, ['reach to byte 1001 of']],
    [1000, { location: 'data/other.bin', length: '2000' }, []],
    [1000, { location: '../w.bin', length: '2000' }, ['leads out']],
  ])('holds external data against the file that has them, of %d bytes: %j', async (size, data, why) => {
    const bytes = model([external(...Object.entries(data))]);
    const folder = await mkdtemp(join(tmpdir(), 'onnx-'));
    try {
      await mkdir(join(folder, 'm', 'data'), { recursive: true });
      await writeFile(join(folder, 'm', 'model.onnx'), bytes);
      await writeFile(join(folder, 'm', 'data', 'w.bin'), Buffer.alloc(size));
      const signal = new AbortController().signal;
      const options = { signal, temporaryFolder: folder, now: new Date('2026-01-01') };
      const { findings } = await scanModel(await listModelFiles(folder), options);
      expect(findings.map(({ what }) => what)).toEqual(why.map((part) => expect.stringContaining(part)));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test.each([
    ['in the graph', [node('Secret', 'my.domain'), node('Secret', 'my.domain')]],
    [
      'in a branch of a branch',
      [node('If', '', branch(node('Loop', '', branch(node('Secret', 'my.domain')))))],
    ],
  ])('tells an operator of an unknown domain once: %s', async (_, graph) => {
    const { found } = await scanBytes(scanOnnx, model(graph));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      rule: 'unknown-operator',
      what: 'The operator "Secret" is of the domain "my.domain".',
    });
  });

  test.each([
    ['PyOp', 'ai.onnx.contrib'],
    ['PyCustomOp', 'ai.onnx.contrib'],
    ['PythonOp', 'com.microsoft'],
  ])('refuses %s of %s, which calls Python', async (operator, domain) => {
    expect(await rulesBroken(scanOnnx, model([node(operator, domain)]))).toEqual(['code-operator']);
  });

  test('refuses a compiled part that lies elsewhere', async () => {
    const attribute = field(5, [field(1, 'ep_cache_context'), field(4, '../../engine.bin')]);
    expect(await rulesBroken(scanOnnx, model([node('EPContext', 'com.microsoft', attribute)]))).toEqual([
      'external-data',
    ]);
  });

  test('finds a key in the metadata', async () => {
    const bytes = model(
      [node('Gemm', '')],
      field(14, entry('token', `hf_${'abcdefghijKLMNOPQRSTuvwxyzABCDEFGH'}`)),
    );
    expect(await rulesBroken(scanOnnx, bytes)).toEqual(['secret']);
  });

  test('refuses graphs that are nested without end', async () => {
    let nested = node('If', '');
    for (let depth = 0; depth < 60; depth++) nested = node('If', '', branch(nested));
    expect(await rulesBroken(scanOnnx, model([nested]))).toEqual(['cannot-look-into']);
  });

  test('says that a part does not fit into the one that holds it', async () => {
    const bytes = Buffer.from(model([weights]));
    const at = bytes.indexOf('weights') - 1;
    bytes[at] = 127;
    bytes.fill(0xff, at + 1, at + 3);
    expect(await rulesBroken(scanOnnx, bytes)).not.toEqual([]);
  });

  test('finds something wrong with every cut but those between two fields', async () => {
    let whole = 0;
    for (let end = 1; end < valid.length; end++)
      if ((await rulesBroken(scanOnnx, valid.subarray(0, end))).length === 0) whole++;
    expect(whole).toBeLessThan(6);
  });

  test('ends on every mutation', async () => {
    await fc.assert(
      fc.asyncProperty(mutated(valid), async (changed) => {
        await scanBytes(scanOnnx, changed);
      }),
      { seed: 3, numRuns: 300 },
    );
  });
});
