import { describe, expect, test } from 'vitest';
import { runFaultMatrix } from '../kubernetes/fault-matrix.ts';

describe.each(['httproute/churn', 'inferenceservice/churn'] as const)(
  '%s, with every call going wrong in every way',
  (resource) => {
    test.each([0, 0.3])('a challenger of which %d of the requests fail', async (errorRate) => {
      const cases = await runFaultMatrix(resource, errorRate, 1);
      console.info(`${resource}, ${errorRate}: ${cases} cases`);
      expect(cases).toBeGreaterThan(200);
    });
  },
);
