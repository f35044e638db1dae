import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ResourceMeter } from './sampler.ts';
import { Series } from './series.ts';

test('a series covers the whole run evenly in few points and keeps its mean', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 700 }), (values) => {
      const series = new Series(2, 8);
      for (const value of values) series.add([value, 1]);
      const points = series.column(0);
      expect(points.length).toBeLessThanOrEqual(8);
      expect(points.length).toBeGreaterThanOrEqual(Math.min(4, values.length));
      const samplesPerPoint = 2 ** Math.max(0, Math.ceil(Math.log2(values.length / 8)));
      const expected = points.map((_, index) => {
        const part = values.slice(index * samplesPerPoint, (index + 1) * samplesPerPoint);
        return part.reduce((sum, value) => sum + value, 0) / part.length;
      });
      for (const [index, point] of points.entries()) expect(point).toBeCloseTo(expected[index]!, 9);
    }),
  );
});

test('what is not known stays unknown', () => {
  const series = new Series(1, 2);
  for (const value of [null, null, 4, null]) series.add([value]);
  expect(series.column(0)).toEqual([null, 4]);
});

test('the meter turns processor seconds into percent of one core and sums up each GPU', () => {
  const meter = new ResourceMeter();
  const gpu = (utilisation: number | null, throttleReasons: string[] = [], powerLimitWatts = 70) => ({
    index: 0,
    uuid: 'GPU-1',
    name: 'T4',
    driverVersion: '535',
    memoryTotalMiB: 100,
    utilisation,
    memoryUsedMiB: 50,
    powerWatts: null,
    powerLimitWatts,
    temperatureCelsius: 60,
    throttleReasons,
  });
  meter.add(2, { cpuSeconds: 1, memoryBytes: 100 }, [gpu(20)]);
  meter.add(4, { cpuSeconds: 4, memoryBytes: 300 }, [gpu(80, ['power limit'], 60)]);
  expect(meter.result(4.5)).toEqual({
    samples: 2,
    cpuSeconds: 4.5,
    cpuPercent: { mean: 125, maximum: 200 },
    memoryBytes: { mean: 200, maximum: 300 },
    gpus: [
      {
        index: 0,
        utilisation: { mean: 50, maximum: 80 },
        memoryUsedMiB: { mean: 50, maximum: 50 },
        powerWatts: null,
        powerLimitWatts: 60,
        temperatureCelsius: { mean: 60, maximum: 60 },
        throttledShare: 0.5,
        throttleReasons: ['power limit'],
      },
    ],
    series: {
      seconds: [2, 4],
      cpuPercent: [50, 200],
      memoryBytes: [100, 300],
      gpuPercent: [20, 80],
      gpuMemoryMiB: [50, 50],
      gpuPowerWatts: [null, null],
      gpuTemperatureCelsius: [60, 60],
      gpuThrottledShare: [0, 1],
    },
  });
});
