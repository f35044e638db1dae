import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseGpuQuery, queryGpus } from './gpu-query.ts';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');

describe('parseGpuQuery', () => {
  test('reads idle GPUs', () => {
    const [first, second] = parseGpuQuery(fixture('nvidia-smi-idle.csv'))!;
    expect(first).toMatchObject({
      index: 0,
      name: 'NVIDIA A100-SXM4-80GB',
      driverVersion: '550.90.07',
      utilisation: 0,
      memoryUsedMiB: 4,
      memoryTotalMiB: 81920,
      powerWatts: 61.42,
      temperatureCelsius: 31,
      throttleReasons: [],
    });
    expect(second?.index).toBe(1);
  });

  test('does not invent what MIG does not tell', () => {
    const [gpu] = parseGpuQuery(fixture('nvidia-smi-mig.csv'))!;
    expect(gpu).toMatchObject({
      utilisation: null,
      memoryUsedMiB: 37,
      powerWatts: 68.11,
      throttleReasons: [],
    });
  });

  test('names what slows a GPU down', () => {
    const [gpu] = parseGpuQuery(fixture('nvidia-smi-throttled.csv'))!;
    expect(gpu).toMatchObject({ utilisation: 100, throttleReasons: ['power limit', 'heat (software)'] });
  });

  test('reads what an H100 answered, idle and against its power limit', () => {
    const [idle] = parseGpuQuery(fixture('nvidia-smi-h100-idle.csv'))!;
    expect(idle).toMatchObject({ name: 'NVIDIA H100 80GB HBM3', utilisation: 0, powerWatts: 73.16 });
    expect(idle).toMatchObject({ memoryUsedMiB: 0, memoryTotalMiB: 81559, throttleReasons: [] });
    const [busy] = parseGpuQuery(fixture('nvidia-smi-h100-power-limit.csv'))!;
    expect(busy).toMatchObject({ utilisation: 100, powerWatts: 690.39, throttleReasons: ['power limit'] });
    expect([idle!, busy!].map(({ powerLimitWatts }) => powerLimitWatts)).toEqual([700, 700]);
  });

  test('takes for unknown what a card does not tell, and goes on with the others', () => {
    const gpus = parseGpuQuery(fixture('nvidia-smi-4-gpus-one-lost.csv'))!;
    expect(gpus.map(({ index, utilisation }) => [index, utilisation])).toEqual([
      [0, 97],
      [1, 96],
      [2, null],
      [3, 95],
    ]);
    expect(gpus[2]).toMatchObject({ memoryTotalMiB: null, powerWatts: null, throttleReasons: [] });
    expect(gpus[2]!.powerLimitWatts).toBeNull();
    expect(gpus[3]).toMatchObject({ powerWatts: null, memoryUsedMiB: 30544 });
    const [old, display] = parseGpuQuery(fixture('nvidia-smi-old-card.csv'))!;
    expect(old).toMatchObject({ name: 'Tesla K80', utilisation: 0, powerWatts: 26.31 });
    expect(display).toMatchObject({
      utilisation: null,
      powerWatts: null,
      memoryUsedMiB: 312,
      throttleReasons: [],
    });
    expect(parseGpuQuery(fixture('nvidia-smi-mismatch.txt'))).toBeUndefined();
  });

  test('takes for unknown what a card that needs a reset, or shares the memory of its machine, does not tell', () => {
    const [broken] = parseGpuQuery(fixture('nvidia-smi-reset-required.csv'))!;
    expect(broken).toMatchObject({ utilisation: null, memoryUsedMiB: 58_222, memoryTotalMiB: 97_887 });
    expect(broken).toMatchObject({ powerWatts: null, temperatureCelsius: null, throttleReasons: [] });
    const [shared] = parseGpuQuery(fixture('nvidia-smi-shared-memory.csv'))!;
    expect(shared).toMatchObject({ utilisation: 12, memoryUsedMiB: null, memoryTotalMiB: null });
    expect(shared).toMatchObject({ powerWatts: 9.84, temperatureCelsius: 41 });
    expect(parseGpuQuery(fixture('nvidia-smi-fallen-off.txt'))).toBeUndefined();
  });

  test('refuses a message in place of a table', () => {
    expect(parseGpuQuery(fixture('nvidia-smi-no-driver.txt'))).toBeUndefined();
    expect(parseGpuQuery('No devices were found\n')).toBeUndefined();
  });

  test('no line is no GPU', () => {
    expect(parseGpuQuery('')).toEqual([]);
  });
});

describe('queryGpus', () => {
  const failing = (properties: object) => async () => {
    throw Object.assign(new Error('Command failed'), properties);
  };

  test('asks again in the words of an older driver', async () => {
    const asked: string[] = [];
    const answer = await queryGpus({}, async (_file, args) => {
      asked.push(args[0]!);
      if (args[0]!.includes('clocks_event_reasons')) {
        const stdout = fixture('nvidia-smi-h100-unknown-field.txt').replace(
          'no_such_field',
          'clocks_event_reasons.active',
        );
        throw Object.assign(new Error('Command failed'), { stdout });
      }
      return fixture('nvidia-smi-idle.csv');
    });
    expect(answer).toMatchObject({ samples: [{ index: 0 }, { index: 1 }] });
    expect(asked).toHaveLength(2);
    expect(asked[1]).toContain('clocks_throttle_reasons.active');
  });

  test('tells a missing tool from a driver that fails and from one that hangs', async () => {
    expect(await queryGpus({}, failing({ code: 'ENOENT' }))).toMatchObject({ problem: 'no-tool' });
    expect(await queryGpus({}, failing({ code: 9, stdout: fixture('nvidia-smi-no-driver.txt') }))).toEqual({
      problem: 'failed',
      message: expect.stringContaining("couldn't communicate with the NVIDIA driver"),
    });
    expect(await queryGpus({}, failing({ code: 255, stdout: fixture('nvidia-smi-fallen-off.txt') }))).toEqual(
      {
        problem: 'failed',
        message: 'Unable to determine the device handle for GPU0000:3B:00.0: Unknown Error',
      },
    );
    expect(await queryGpus({}, failing({ killed: true }))).toMatchObject({
      message: 'nvidia-smi did not answer within ten seconds',
    });
    expect(await queryGpus({}, async () => 'No devices were found')).toMatchObject({ problem: 'unreadable' });
    const none = { code: 6, stdout: 'No devices were found\n' };
    expect(await queryGpus({}, failing(none))).toEqual({ samples: [] });
  });

  test('a machine without the tool is known by the real call', async () => {
    expect(await queryGpus({ PATH: '/nowhere' })).toEqual({
      problem: 'no-tool',
      message: 'nvidia-smi is not installed',
    });
  });
});
