import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addHistograms,
  bucketEdge,
  countSlower,
  exceededEdge,
  type LatencyHistogram,
  latencyBucket,
  latencyQuantile,
  snapToEdge,
} from './latency-histogram.ts';

function histogramOf(latencies: number[]): LatencyHistogram {
  return latencies.reduce<LatencyHistogram>(
    (sum, latency) => addHistograms(sum, { [latencyBucket(latency)]: 1 }),
    {},
  );
}

const latencies = fc.array(fc.double({ min: 0, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 60 });

describe('the latency histogram', () => {
  test('puts each latency below its edge and above the one before', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (latency) => {
        const bucket = latencyBucket(latency);
        expect(latency).toBeLessThanOrEqual(bucketEdge(bucket) * (1 + 1e-9));
        if (bucket > 0) expect(latency).toBeGreaterThan(bucketEdge(bucket - 1));
      }),
    );
  });

  test('gives quantiles within a bucket of the true ones', () => {
    fc.assert(
      fc.property(latencies, fc.constantFrom(0.5, 0.95), (values, q) => {
        const sorted = values.toSorted((a, b) => a - b);
        const truth = sorted[Math.max(0, Math.ceil(q * sorted.length - 1e-9) - 1)]!;
        expect(latencyQuantile(histogramOf(values), q)).toBeCloseTo(snapToEdge(truth), 6);
      }),
    );
  });

  test('counts exactly what is slower than an edge', () => {
    fc.assert(
      fc.property(latencies, fc.integer({ min: 0, max: 100 }), (values, bucket) => {
        const edge = bucketEdge(bucket);
        const slower = values.filter((value) => latencyBucket(value) > bucket).length;
        expect(countSlower(histogramOf(values), edge)).toBe(slower);
      }),
    );
  });

  test('gives an edge that at least the rest is slower than', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1, max: 1_000, noNaN: true }), { minLength: 1, maxLength: 60 }),
        (values) => {
          const histogram = histogramOf(values);
          expect(countSlower(histogram, exceededEdge(histogram, 0.95)!)).toBeGreaterThanOrEqual(
            0.05 * values.length - 1e-9,
          );
        },
      ),
    );
    expect(exceededEdge({}, 0.95)).toBeNull();
  });

  test('has no quantile without counts', () => {
    expect(latencyQuantile({}, 0.95)).toBeNull();
  });
});
