import type { GpuSample } from './gpu-query.ts';

/** A sample for tests: a T4 at half of its use, with what is given in place. */
export function sampleOf(given: Partial<GpuSample>): GpuSample {
  return {
    index: 0,
    uuid: 'GPU-1',
    name: 'Tesla T4',
    driverVersion: '535.183.01',
    memoryTotalMiB: 15_360,
    utilisation: 50,
    memoryUsedMiB: 1_024,
    powerWatts: 40,
    temperatureCelsius: 60,
    throttleReasons: [],
    ...given,
  };
}
