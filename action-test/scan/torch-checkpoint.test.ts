import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scanModel } from '../../shared/models/scan/scan.ts';
import { checkpointMetadata, storageInfo, tensorArchive } from './checkpoint-writer.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'torch-checkpoint-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What is found in a model of these files, in this order. */
async function found(contents: Record<string, Uint8Array>): Promise<string[]> {
  const files = Object.entries(contents).map(([path, { length }], index) => ({
    path,
    location: join(folder, `${index}`),
    size: length,
  }));
  for (const { path, location } of files) await writeFile(location, contents[path]!);
  const signal = new AbortController().signal;
  const { findings } = await scanModel(files, { signal, temporaryFolder: folder, now: new Date() });
  return findings.map(({ file, rule, what }) => `${file} ${rule}: ${what}`);
}

const archive = tensorArchive();
const two = Buffer.concat([archive, archive]);
const metadata = checkpointMetadata([
  storageInfo('__0_0.distcp', 0, archive.length),
  storageInfo('__0_0.distcp', archive.length, archive.length),
  storageInfo('__1_0.distcp', 0, archive.length),
]);

test('a checkpoint as torch saves it passes, the metadata before its files or behind them', async () => {
  const data = { 'run/__0_0.distcp': two, 'run/__1_0.distcp': archive };
  expect(await found({ 'run/.metadata': metadata, ...data })).toEqual([]);
  expect(await found({ ...data, 'run/.metadata': metadata })).toEqual([]);
});

test('metadata of which a file is not there, or has other pieces, does not', async () => {
  const missing = 'run/.metadata checkpoint-piece: It names "__1_0.distcp", which does not lie beside it.';
  expect(await found({ 'run/.metadata': metadata, 'run/__0_0.distcp': two })).toEqual([missing]);
  expect(
    await found({ 'run/.metadata': metadata, 'run/__0_0.distcp': two, 'run/__1_0.distcp': two }),
  ).toEqual([]);
  expect(
    await found({ 'run/.metadata': metadata, 'run/__0_0.distcp': archive, 'run/__1_0.distcp': archive }),
  ).toHaveLength(1);
});

test('its classes are let through in no other pickle', async () => {
  const rules = await found({ 'run/metadata.pkl': metadata, 'run/__0_0.distcp': two });
  expect(rules).toContain(
    'run/metadata.pkl pickle-import: `torch.distributed.checkpoint.metadata.Metadata` is imported, which talks to other machines.',
  );
});

test('a file of that name that is no pickle is none of a checkpoint', async () => {
  expect(await found({ '.metadata': Buffer.from('{"kind": "notes"}\n') })).toEqual([]);
  expect(await found({ '.metadata': new Uint8Array() })).toEqual([]);
});

test('metadata without bounds is refused', async () => {
  const large = Buffer.concat([metadata, Buffer.alloc(32 * 1024 * 1024)]);
  expect(await found({ '.metadata': large })).toContain(
    '.metadata cannot-look-into: The metadata of a checkpoint has more than 33,554,432 bytes.',
  );
});
