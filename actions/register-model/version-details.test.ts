import { expect, test } from 'vitest';
import { sampleEvaluation } from '../../shared/testing/sample-records.ts';
import { ownMetrics } from './version-details.ts';

test('the values of a version are its own: not what was found in the data, nor beside the champion', () => {
  const evaluation = sampleEvaluation();
  const [first] = evaluation.metrics;
  const metrics = (['metrics', 'leakage', 'churn'] as const).map((block) => {
    return { ...first!, block, name: `of_${block}`, parameters: null, challenger: 0.5 };
  });
  expect(ownMetrics({ ...evaluation, metrics })).toEqual({ of_metrics: 0.5 });
});
