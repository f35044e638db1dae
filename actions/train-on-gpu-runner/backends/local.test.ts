import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sampleOf } from '../fixtures/gpu-samples.ts';
import { LocalBackend } from './local.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'local-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  [{}, '2'],
  [{ CUDA_VISIBLE_DEVICES: '1' }, '1'],
  [{ CUDA_VISIBLE_DEVICES: '' }, '0'],
])('the command is told of the GPUs that it may use: %j', async (env, count) => {
  const [model, metrics, output, checkpoints] = ['model', 'metrics.json', 'output', 'checkpoints'].map(
    (name) => join(folder, name),
  ) as [string, string, string, string];
  const backend = new LocalBackend({
    ...{ env, cwd: folder, temporaryFolder: folder, places: { model, metrics, output, checkpoints } },
    ...{ graceMs: 0, log: { info: () => undefined, warning: () => undefined } },
    gpus: { samples: [sampleOf({ index: 0 }), sampleOf({ index: 1 })] },
    beforeStart: async () => undefined,
    onStop: () => undefined,
  });
  await backend.submit({
    ...{ name: 'a', command: 'true', params: {}, data: [], seed: undefined, timeoutMs: undefined },
    ...{ checkpointStore: undefined, checkpointFolder: undefined, env: {} },
  });
  expect(backend.env.SM_NUM_GPUS).toBe(count);
});
