import { describe, expect, test } from 'vitest';
import { countFaultCases } from '../../shared/testing/fault-cases.ts';
import { runFaultMatrix } from '../kubernetes/fault-matrix.ts';

describe.each(['httproute/churn', 'inferenceservice/churn'] as const)(
  '%s, with every call going wrong in every way',
  (resource) => {
    test.for([0, 0.3])('a challenger of which %d of the requests fail', async (errorRate, context) => {
      const cases = await runFaultMatrix(resource, errorRate, 1);
      console.info(`${resource}, ${errorRate}: ${cases} cases`);
      countFaultCases(context, cases);
      expect(cases).toBeGreaterThan(200);
    });
  },
);
