/** What was damaged or lost where MLflow keeps artifacts, and how it is mended. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FakeMlflow, startMlflowServer } from '../../testing/mlflow-server.ts';
import { openRegistry, parseRegistry } from '../registry.ts';

let server: FakeMlflow;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mlflow-damaged-'));
  server = await startMlflowServer();
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const open = () =>
  openRegistry(parseRegistry(`mlflow:${server.url}`, 'churn'), { env: {}, wait: async () => undefined });

async function makeModel(files: Record<string, string>): Promise<string> {
  const model = await mkdtemp(join(folder, 'model-'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(model, path, '..'), { recursive: true });
    await writeFile(join(model, path), text);
  }
  return model;
}

test('files that are cut or lost, the manifest too, are stored again when the model is registered again', async () => {
  const registry = await open();
  const model = await makeModel({ 'model.bin': 'weights', 'sub/other': '1', 'a#b': 'strange' });
  const { digest } = await registry.pushModel(model);
  const before = new Map(server.artifacts);
  for (const path of before.keys()) server.artifacts.set(path, Buffer.from(''));
  expect(await (await open()).pushModel(model)).toEqual({ digest, created: false });
  expect(server.artifacts).toEqual(before);
  server.artifacts.clear();
  await (await open()).pushModel(model);
  expect(server.artifacts).toEqual(before);
  const sent = server.requests.filter((line) => line.startsWith('PUT')).length;
  await (await open()).pushModel(model);
  expect(server.requests.filter((line) => line.startsWith('PUT'))).toHaveLength(sent);
});

test('an attachment that is damaged is noticed', async () => {
  const registry = await open();
  const { digest } = await registry.pushModel(await makeModel({ a: '1' }));
  await registry.attach(digest, 'Evaluation', [
    { name: 'record.json', bytes: Buffer.from('{"verdict":"fail"}') },
  ]);
  const put = (end: RegExp, text: string) => {
    const path = [...server.artifacts.keys()].find((name) => end.test(name))!;
    server.artifacts.set(path, Buffer.from(text));
  };
  put(/record\.json$/, '{"verdict":"pass"}');
  const [file] = await registry.attachments(digest, 'Evaluation');
  await expect(file!.read()).rejects.toThrow(/digest/);
  put(/Evaluation\/\d{8}T.*\.json$/, '{}');
  await expect(registry.attachments(digest, 'Evaluation')).rejects.toMatchObject({
    message: expect.stringContaining('is damaged'),
    fix: expect.stringMatching(/curl -X DELETE '.*Evaluation\/\d{8}T/),
  });
  put(/record\.json$/, '');
  // Attached again it is whole.
  const again = [{ name: 'record.json', bytes: Buffer.from('{"verdict":"fail"}') }];
  await (await open()).attach(digest, 'Evaluation', again);
  const [mended] = await registry.attachments(digest, 'Evaluation');
  expect(Buffer.from(await mended!.read()).toString()).toBe('{"verdict":"fail"}');
});
