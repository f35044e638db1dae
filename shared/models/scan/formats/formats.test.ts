import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { protobufField as field } from '../../../testing/protobuf-bytes.ts';
import { scanModel } from '../scan.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scan-formats-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function scan(content: Uint8Array | string): Promise<{ formats: string[]; rules: string[] }> {
  const location = join(folder, 'model');
  await writeFile(location, content);
  const files = [{ path: 'model', location, size: Buffer.byteLength(content) }];
  const signal = new AbortController().signal;
  const result = await scanModel(files, { signal, temporaryFolder: folder, now: new Date(0) });
  return { formats: Object.keys(result.formats), rules: result.findings.map(({ rule }) => rule) };
}

const latin = (text: string) => Buffer.from(text, 'latin1');
const npy = (descr: string, data: string) => {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (1,), }\n`;
  return latin(`\x93NUMPY\x01\x00${String.fromCharCode(header.length)}\x00${header}${data}`);
};

describe('the scan tells these formats by their content', () => {
  test.each([
    ['npy', npy('<f4', '\0\0\0\0'), []],
    ['npy', npy('|O', 'cos\nsystem\n(S"true"\ntR.'), ['pickle-import']],
    ['safetensors', latin('\x02\0\0\0\0\0\0\0{}'), []],
    ['safetensors', latin('\xff\0\0\0\0\0\0\0{"a"'), ['cut-off']],
    ['gguf', latin('GGUF\x03'), ['cut-off']],
    ['hdf5', latin('\x89HDF\r\n\x1a\n\0 {"class_name": "Lambda", "config": {}}'), ['keras-code']],
    ['onnx', Buffer.concat([field(1, 10), field(7, [field(1, [field(4, 'PyOp')])])]), ['code-operator']],
    [
      'saved-model',
      Buffer.concat([field(1, 1), field(2, [field(2, [field(1, [field(2, 'PyFunc')])])])]),
      ['code-operator'],
    ],
    ['keras-metadata', field(1, [field(2, 1), field(5, '{"class_name": "Lambda"}')]), ['keras-code']],
    ['coreml', Buffer.concat([field(1, 8), field(555, [field(10, 'Own')])]), ['unknown-operator']],
    ['xml', '<!DOCTYPE PMML SYSTEM "a"><PMML/>', ['xml-entities']],
    ['json', '{"auto_map": {"AutoModel": "own.Own"}}', ['remote-code']],
    ['text', 'tree\nversion=v4\nnum_class=1\n', []],
    ['catboost', latin('CBM1\x01\0\0\0\x10'), []],
  ])('%s', async (format, content, rules) => {
    const told = await scan(content);
    expect(told.formats).toContain(format);
    expect(new Set(told.rules)).toEqual(new Set(rules));
  });
});
