import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sampleOf } from '../fixtures/gpu-samples.ts';
import { parseCudaVersion } from './cuda-version.ts';
import { type PreflightOptions, preflight } from './preflight.ts';
import { remainingLife } from './remaining-life.ts';
import { isInRange, readRequirements } from './requirements.ts';
import { visibleGpus } from './visible-gpus.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'machine-'));
  mkdirSync(join(root, 'proc'));
  writeFileSync(join(root, 'proc/meminfo'), 'MemTotal: 16000000 kB\nMemAvailable: 8000000 kB\n');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const two = [sampleOf({ index: 0, uuid: 'GPU-aa' }), sampleOf({ index: 1, uuid: 'GPU-bb' })];

async function check(requires: string | undefined, more: Partial<PreflightOptions> = {}) {
  return preflight({
    requires: await readRequirements(requires),
    requireGpu: false,
    gpus: { samples: two },
    env: {},
    python: async () => '3.11.2',
    folders: ['model'],
    data: [],
    expectedTimeMs: undefined,
    now: new Date('2026-11-27T12:00:00Z'),
    usesAws: false,
    root,
    cuda: async () => '12.2',
    disks: () => [{ folder: 'model', freeBytes: 5e9, totalBytes: 1e11 }],
    ...more,
  });
}

describe('preflight', () => {
  test('a machine that has all', async () => {
    const all =
      'gpus: 2\ngpu-memory: 14GiB\ndriver: ">=535"\ncuda: ">=12.1, <13"\nmemory: 15GB\ndisk: 4GB\npython: ">=3.10"';
    expect(await check(all, { requireGpu: true })).toEqual([]);
  });

  test.each([
    ['gpus: 3', '3 GPUs are required, but the command would see 2'],
    [
      'gpu-memory: 24GiB',
      '24.0 GiB of memory are required on each GPU, but GPU 0 (Tesla T4) (and 1 more) has 15.0 GiB',
    ],
    ['driver: ">=550"', 'the NVIDIA driver is 535.183.01, but >=550 is required'],
    ['cuda: ">=12.4"', 'the newest CUDA that the driver supports is 12.2, but >=12.4 is required'],
    ['memory: 64GiB', '64.0 GiB of memory are required, but this machine or container has 15.3 GiB'],
    ['disk: 10GB', '10.0 GB of disk are required, but 5.0 GB are free for model'],
    ['python: ">=3.12"', 'Python is 3.11.2, but >=3.12 is required'],
  ])('%s', async (requires, message) => {
    await expect(check(requires)).rejects.toThrow(`The training cannot start: ${message}.`);
  });

  test('lists all that is missing at once', async () => {
    const empty = join(root, 'empty.csv');
    writeFileSync(empty, '');
    const error = await check('gpus: 3\npython: ">=3.12"', {
      data: [{ path: empty }, { path: join(root, 'none.csv') }],
    }).catch((problem) => problem);
    expect(error.message.split('\n')).toEqual([
      'The training cannot start, for 4 reasons:',
      expect.stringContaining('3 GPUs are required'),
      expect.stringContaining('Python is 3.11.2'),
      expect.stringContaining('empty.csv is empty'),
      expect.stringContaining('none.csv is not there'),
    ]);
  });

  test.each([
    [{ CUDA_VISIBLE_DEVICES: '' }, 'CUDA_VISIBLE_DEVICES is ""'],
    [{ CUDA_VISIBLE_DEVICES: '-1' }, 'CUDA_VISIBLE_DEVICES is "-1"'],
    [{ CUDA_VISIBLE_DEVICES: 'NoDevFiles' }, 'CUDA_VISIBLE_DEVICES is "NoDevFiles"'],
  ])('a program that may see no GPU: %j', async (env, reason) => {
    const refused = check(undefined, { requireGpu: true, env });
    await expect(refused).rejects.toThrow(
      `the command would see none of the 2 that are there, since ${reason}`,
    );
  });

  test('a container that got its GPUs by CDI, whose variable says void', async () => {
    expect(await check('gpus: 2', { env: { NVIDIA_VISIBLE_DEVICES: 'void' } })).toEqual([]);
  });

  test('a card that does not tell its memory', async () => {
    const gpus = { samples: [sampleOf({ name: 'NVIDIA GB10', memoryTotalMiB: null })] };
    await expect(check('gpu-memory: 8GiB', { gpus })).rejects.toMatchObject({
      message: expect.stringContaining('GPU 0 (NVIDIA GB10) does not tell its memory'),
      fix: 'Leave gpu-memory out for such a card.',
    });
  });

  test('no GPU at all', async () => {
    const none: PreflightOptions['gpus'] = { problem: 'no-tool', message: 'nvidia-smi is not installed' };
    await expect(check('gpus: 1', { gpus: none })).rejects.toThrow('this machine has no NVIDIA device');
    expect(await check(undefined, { gpus: none })).toEqual([]);
  });
});

test.each([
  ['0', [0]],
  ['1,0', [1, 0]],
  ['0,-1,1', [0]],
  ['5', []],
  ['GPU-b', [1]],
  ['MIG-3f', [0]],
  ['0,0', [0]],
])('CUDA_VISIBLE_DEVICES=%s', (chosen, indices) => {
  expect(visibleGpus(two, { CUDA_VISIBLE_DEVICES: chosen }).gpus.map(({ index }) => index)).toEqual(indices);
});

test.each([
  ['470', '11.4'],
  ['535', '12.2'],
  ['580', '13.0'],
])('the CUDA of driver %s', (driver, version) => {
  const text = readFileSync(new URL(`../fixtures/nvidia-smi-head-${driver}.txt`, import.meta.url), 'utf8');
  expect(parseCudaVersion(text)).toBe(version);
  expect(parseCudaVersion('CUDA Version: N/A')).toBeUndefined();
});

test('versions are compared by their parts', async () => {
  const { cuda } = await readRequirements('cuda: ">=12.1"');
  expect(['12.1', '12.10', '13', '12.0', '9.9', 'none'].map((text) => isInRange(text, cuda!))).toEqual([
    true,
    true,
    true,
    false,
    false,
    undefined,
  ]);
});

test.each([
  ['gpu: 1', /Unknown key "gpu"/],
  ['gpus: many', /gpus/],
  ['gpu-memory: lots', /is not a size/],
  ['cuda: newest', /is not a version/],
])('refuses requires: %s', async (text, message) => {
  await expect(readRequirements(text)).rejects.toThrow(message);
});

describe('remainingLife', () => {
  const now = new Date('2026-11-27T12:00:00Z');
  const ask = (hours: number, env: NodeJS.ProcessEnv, usesAws = true) =>
    remainingLife({ expectedSeconds: hours * 3600, env, now, usesAws });
  const job = { GITHUB_ACTIONS: 'true' };

  test('six hours of a hosted runner', () => {
    const hosted = { ...job, RUNNER_ENVIRONMENT: 'github-hosted' };
    expect(ask(7, hosted).problems[0]?.what).toContain('GitHub ends a job on its own runners after 6 h');
    expect(ask(5, hosted)).toEqual({ problems: [], warnings: [] });
    expect(ask(30, job).warnings).toEqual([
      expect.stringContaining('timeout-minutes'),
      expect.stringContaining('GITHUB_TOKEN dies after 24 h'),
    ]);
    expect(ask(30, {})).toEqual({ problems: [], warnings: [] });
  });

  test('the session of AWS', () => {
    const until = (text: string) => ({ AWS_SESSION_EXPIRATION: text, AWS_SESSION_TOKEN: 'x' });
    expect(ask(2, until('2026-11-27T13:00:00Z')).problems[0]?.what).toContain(
      'the AWS credentials last for 1 h more',
    );
    expect(ask(2, until('2026-11-27T11:00:00Z')).problems[0]?.what).toContain('have ended');
    expect(ask(2, until('2026-11-27T15:00:00Z'))).toEqual({ problems: [], warnings: [] });
    expect(ask(2, until('soon')).warnings[0]).toContain('is no time');
    expect(ask(2, { AWS_SESSION_TOKEN: 'x' }).warnings[0]).toContain('is not known');
    expect(ask(2, { AWS_SESSION_TOKEN: 'x' }, false)).toEqual({ problems: [], warnings: [] });
    expect(ask(2, {})).toEqual({ problems: [], warnings: [] });
  });
});
