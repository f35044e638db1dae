import { describe, expect, test } from 'vitest';
import { sampleOf } from '../fixtures/gpu-samples.ts';
import { dataBound, gpuMemory, idleGpu, powerLimit, thermalThrottling } from './sample-warnings.ts';
import { SampleWindow } from './sample-window.ts';

type Gpu = Parameters<typeof sampleOf>[0];

/** A window after `seconds` of samples every five seconds. */
function windowAfter(
  seconds: number,
  gpus: (at: number) => Gpu[],
  cpuPercent: (at: number) => number | null = () => 100,
): SampleWindow {
  const window = new SampleWindow(300);
  for (let at = 0; at <= seconds; at += 5)
    window.add({ seconds: at, cpuPercent: cpuPercent(at), gpus: gpus(at).map(sampleOf) });
  return window;
}

describe('idleGpu', () => {
  test('after five minutes beyond the first minute, and not before', () => {
    const idle = () => [{ utilisation: 1 }];
    expect(idleGpu(windowAfter(300, idle))).toBeUndefined();
    expect(idleGpu(windowAfter(365, idle))).toEqual({
      message: expect.stringContaining('The GPU did less than 5 % for 5 minutes'),
    });
  });

  test('names those of several, and clears only above the upper limit', () => {
    const some = () => [
      { index: 0, utilisation: 90 },
      { index: 1, utilisation: 0 },
    ];
    expect(idleGpu(windowAfter(400, some))).toEqual({
      message: expect.stringContaining('1 of 2 GPUs (1) did'),
    });
    expect(idleGpu(windowAfter(400, () => [{ utilisation: 7 }]))).toBeUndefined();
    expect(idleGpu(windowAfter(400, () => [{ utilisation: 12 }]))).toBe('clear');
  });

  test('a GPU that works now and then is not idle, and MIG does not tell', () => {
    expect(idleGpu(windowAfter(400, (at) => [{ utilisation: at % 50 === 0 ? 100 : 0 }]))).toBe('clear');
    expect(idleGpu(windowAfter(400, () => [{ utilisation: null }]))).toBeUndefined();
  });
});

describe('dataBound', () => {
  test('a half idle GPU beside busy cores', () => {
    const window = windowAfter(
      400,
      () => [{ utilisation: 30 }],
      () => 390,
    );
    expect(dataBound(window, 4)).toEqual({
      message: expect.stringContaining('used at 30 % while the processor is fully busy'),
    });
    expect(dataBound(window, 8)).toBeUndefined();
  });

  test('busy and idle by turns, not one long pause', () => {
    const turns = windowAfter(400, (at) => [{ utilisation: at % 20 < 10 ? 100 : 0 }]);
    expect(dataBound(turns, 64)).toEqual({ message: expect.stringContaining('by turns (') });
    expect(
      dataBound(
        windowAfter(400, (at) => [{ utilisation: at < 240 ? 100 : 0 }]),
        64,
      ),
    ).toBeUndefined();
    expect(
      dataBound(
        windowAfter(400, () => [{ utilisation: 95 }]),
        1,
      ),
    ).toBe('clear');
  });
});

test('heat is a warning from a fifth of two minutes on; the power limit from half of five', () => {
  const hot = (share: number) => (at: number) => [
    { temperatureCelsius: 90, throttleReasons: at % 100 < share ? ['heat (software)'] : [] },
  ];
  expect(thermalThrottling(windowAfter(200, hot(30)))).toEqual({
    message: expect.stringContaining('by heat at 90 °C'),
  });
  expect(thermalThrottling(windowAfter(200, hot(0)))).toBe('clear');
  expect(thermalThrottling(windowAfter(100, hot(100)))).toBeUndefined();
  const limited = () => [{ throttleReasons: ['power limit'], powerWatts: 690 }];
  expect(powerLimit(windowAfter(320, limited))).toEqual({
    message: expect.stringContaining('of about 690 W in 100 %'),
  });
  expect(thermalThrottling(windowAfter(320, limited))).toBe('clear');
});

test('memory of the GPU: above 95 %, clear below 90', () => {
  const at = (memoryUsedMiB: number | null) => gpuMemory([sampleOf({ memoryUsedMiB, memoryTotalMiB: 100 })]);
  expect([at(96), at(93), at(80), at(null)]).toEqual([
    { message: expect.stringContaining('The memory of GPU 0 is 96 % full') },
    undefined,
    'clear',
    undefined,
  ]);
});
