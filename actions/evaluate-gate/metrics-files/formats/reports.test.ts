/** What scikit-learn and SageMaker say of one model: no history, no cases. */
import { describe, expect, test } from 'vitest';
import { readSample } from '../../fixtures/metrics-samples.ts';

describe('scikit-learn', () => {
  test('averages and classes have the names of its scorers', async () => {
    const { numbers } = await readSample('scikit-learn/binary.json');
    expect(numbers.get('accuracy')).toMatchObject({
      value: 0.9122807017543859,
      basis: { 'number of rows per class': '101, 184' },
    });
    expect(numbers.get('macro avg.f1-score')).toMatchObject({
      value: 0.9030361590070902,
      metric: 'f1_macro',
    });
    expect(numbers.get('weighted avg.recall')).toMatchObject({ metric: 'recall_weighted' });
    expect(numbers.get('1.precision')).toMatchObject({ metric: 'precision', ofClass: '1' });
  });
});

test('SageMaker: a deviation of "NaN" changes nothing, and none is taken for a standard error', async () => {
  const { numbers, values } = await readSample('sagemaker/evaluation.json');
  expect(numbers.get('binary_classification_metrics.recall')).toEqual({ value: 0.91 });
  expect(values['binary_classification_metrics.auc']).toBe(0.9412);
  expect(Object.keys(values)).toHaveLength(7);
});
