import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseGpuQuery } from '../watch/gpu-query.ts';
import { gpuProblem } from './gpu-preflight.ts';
import { describeMig, type MigGpu, readMigGpus } from './mig.ts';
import { preflight } from './preflight.ts';
import { readRequirements } from './requirements.ts';
import { seenByOneProcess, visibleGpus } from './visible-gpus.ts';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');
/** GPU 0 has four slices in three instances, GPU 1 is whole. */
const samples = parseGpuQuery(fixture('nvidia-smi-mig-2-gpus.csv'))!;
const LIST = fixture('nvidia-smi-mig-list.txt');
const DETAILS = fixture('nvidia-smi-mig-details.xml');

/** @returns what is read, and what was asked. */
async function read(answers: { list?: string; details?: string }, of = samples) {
  const asked: string[] = [];
  const mig = await readMigGpus(of, {}, async (_file, words) => {
    asked.push(words.join(' '));
    const answer = words[0] === '-L' ? answers.list : answers.details;
    if (answer === undefined) throw new Error('Command failed');
    return answer;
  });
  return { mig, asked };
}
const readAll = async () => (await read({ list: LIST, details: DETAILS })).mig;

describe('readMigGpus', () => {
  test('finds the slices with their names and their memory', async () => {
    const mig = await readAll();
    expect(mig).toHaveLength(1);
    const [{ index, slices }] = mig as [MigGpu];
    expect(index).toBe(0);
    expect(
      slices.map(({ profile, instance, memoryTotalMiB }) => [profile, instance, memoryTotalMiB]),
    ).toEqual([
      ['1c.3g.40gb', 1, 40_192],
      ['2c.3g.40gb', 1, 40_192],
      ['1g.10gb', 7, 9_728],
      ['1g.10gb+me', 9, 9_728],
    ]);
    expect(slices[2]!.uuid).toBe('MIG-33333333-0000-5000-8000-000000000002');
  });

  test('asks nothing where every card tells its use', async () => {
    expect(await read({}, samples.slice(1))).toEqual({ mig: [], asked: [] });
  });

  test('does not guess the memory where the details cannot be had', async () => {
    const { mig } = await read({ list: LIST });
    expect(mig[0]!.slices[0]).toMatchObject({ profile: '1c.3g.40gb', instance: null, memoryTotalMiB: null });
    expect((await read({})).mig).toEqual([]);
  });

  test('knows a slice of a container, which may not look at its card', async () => {
    const [card] = parseGpuQuery(fixture('nvidia-smi-mig-container.csv'))!;
    expect(card).toMatchObject({ memoryTotalMiB: null, memoryUsedMiB: null, powerWatts: 68.11 });
    const list = LIST.split('\n').slice(0, 2).join('\n');
    const { mig } = await read({ list, details: DETAILS }, [card!]);
    expect(visibleGpus([card!], {}, mig).gpus.map(({ memoryTotalMiB }) => memoryTotalMiB)).toEqual([40_192]);
  });

  test('knows the slices of old drivers, which have no UUID of their own', async () => {
    const list = `GPU 0: A100-SXM4-40GB (UUID: ${samples[0]!.uuid})\n  MIG 3g.20gb Device 0: (UUID: MIG-${samples[0]!.uuid}/1/0)\n`;
    const { mig } = await read({ list, details: '' });
    const env = { CUDA_VISIBLE_DEVICES: `MIG-${samples[0]!.uuid}/1/0` };
    expect(visibleGpus(samples, env, mig).gpus.map(({ name }) => name)).toEqual([
      'NVIDIA A100-SXM4-80GB MIG 3g.20gb',
    ]);
  });

  test('a card in MIG mode without a slice is no device', async () => {
    const details = DETAILS.replace(/<mig_device>.*<\/mig_device>/s, 'None');
    const { mig } = await read({ list: LIST.replace(/^ {2}MIG.*\n/gm, ''), details });
    expect(mig).toEqual([{ index: 0, slices: [] }]);
    expect(describeMig(mig)).toEqual([]);
    expect(visibleGpus(samples, {}, mig).gpus.map(({ index }) => index)).toEqual([1]);
    expect(gpuProblem({ samples: samples.slice(0, 1) }, { mig })?.reason).toBe(
      'GPU 0 is in MIG mode and has no slice, so that CUDA finds no device on it',
    );
  });
});

describe('what the command sees', () => {
  test.each([
    [undefined, ['1c.3g.40gb', '2c.3g.40gb', '1g.10gb', '1g.10gb+me', 'whole']],
    ['0', ['1c.3g.40gb', '2c.3g.40gb', '1g.10gb', '1g.10gb+me']],
    ['1', ['whole']],
    ['MIG-33333333-0000-5000-8000-000000000002', ['1g.10gb']],
    ['MIG-4,MIG-1', ['1g.10gb+me', '1c.3g.40gb']],
    ['MIG-4,MIG-5,MIG-1', ['1g.10gb+me']],
    ['MIG-4,MIG-4', ['1g.10gb+me']],
    ['GPU-0e7f', ['whole']],
    ['', []],
  ])('CUDA_VISIBLE_DEVICES=%s', async (chosen, names) => {
    const env = chosen === undefined ? {} : { CUDA_VISIBLE_DEVICES: chosen };
    const { gpus } = visibleGpus(samples, env, await readAll());
    expect(gpus.map(({ name }) => name.split(' MIG ')[1] ?? 'whole')).toEqual(names);
  });

  test('one process sees one slice, and of newer drivers one of each instance beside whole cards', async () => {
    const { gpus } = visibleGpus(samples, {}, await readAll());
    expect(seenByOneProcess(gpus)).toBe(1);
    expect(seenByOneProcess(gpus.map((gpu) => ({ ...gpu, driverVersion: '570.133.20' })))).toBe(4);
    expect(seenByOneProcess(samples)).toBe(2);
  });
});

describe('requires', () => {
  const check = async (requires: string, env: NodeJS.ProcessEnv = {}) =>
    preflight({
      ...{
        requires: await readRequirements(requires),
        requireGpu: false,
        gpus: { samples },
        mig: await readAll(),
      },
      ...{ env, python: async () => null, folders: [], data: [], expectedTimeMs: undefined },
      ...{ now: new Date('2026-11-27T12:00:00Z'), usesAws: false },
    });

  test('counts slices, and says how many a process sees', async () => {
    expect(await check('gpus: 1')).toEqual([]);
    expect(await check('gpus: 5')).toEqual([
      'Of the 5 GPUs and slices (MIG) a process of driver 550.90.07 sees 1 at once: the command must start one for each, with a CUDA_VISIBLE_DEVICES of its own.',
    ]);
    await expect(check('gpus: 6')).rejects.toThrow('6 GPUs are required, but the command would see 5.');
    await expect(check('gpus: 2', { CUDA_VISIBLE_DEVICES: 'MIG-3' })).rejects.toThrow(
      '2 GPUs are required, but the command would see 1, since CUDA_VISIBLE_DEVICES is "MIG-3"',
    );
  });

  test('holds the memory of the slice to what is wanted, not that of its card', async () => {
    expect(await check('gpu-memory: 39GiB', { CUDA_VISIBLE_DEVICES: 'MIG-1' })).toEqual([]);
    await expect(check('gpu-memory: 39GiB', { CUDA_VISIBLE_DEVICES: 'MIG-3' })).rejects.toMatchObject({
      message:
        'The training cannot start: 39.0 GiB of memory are required on each GPU, but GPU 0 (NVIDIA A100-SXM4-80GB MIG 1g.10gb) has 9.5 GiB.',
      fix: expect.stringContaining('Name a larger slice in CUDA_VISIBLE_DEVICES'),
    });
  });
});

test('what is not told of slices is said', async () => {
  expect(describeMig(await readAll())).toEqual([
    expect.stringMatching(/^GPU 0 is cut into slices \(MIG: 1c\.3g\.40gb, .*an idle one is not warned of/),
  ]);
});
