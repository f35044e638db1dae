import { expect, test } from 'vitest';
import { calibrated, fitCalibration } from '../../shared/stats/isotonic.ts';
import { estimateSeries, expectRows } from './estimate.ts';
import { metricsOf, policyOf, scoredTable } from './test-tables.ts';

const [rocAuc, logLoss] = metricsOf(
  policyOf({
    columns: { y_true: 'late', y_score: 'score' },
    performance: [{ name: 'roc_auc' }, { name: 'log_loss' }],
  }),
);
const chunk = (part: 'reference' | 'data', first: number, end: number) => ({
  part,
  first,
  end,
  judged: true,
});

test('violators are pooled, and scores beyond the ends take the ends’ probability', () => {
  const fit = fitCalibration(Float64Array.of(0.1, 0.2, 0.3, 0.4), Float64Array.of(0, 1, 0, 1));
  expect([0, 0.1, 0.2, 0.25, 0.3, 0.4, 1].map((score) => calibrated(fit, score))).toEqual([
    0, 0, 0.5, 0.5, 0.5, 1, 1,
  ]);
  expect(calibrated(fit, 0.15)).toBeCloseTo(0.25, 12);
});

test('under covariate shift the estimate is near the realised metric', () => {
  const reference = scoredTable(20_000, 1);
  const data = scoredTable(10_000, 2, 'holds', 0.6);
  const expected = expectRows({ reference, data }, [
    chunk('reference', 0, 20_000),
    chunk('data', 0, 10_000),
  ])!;
  for (const metric of [rocAuc!, logLoss!]) {
    const [onReference, estimated] = estimateSeries(metric, expected).values;
    const realised = (table: typeof data) => metric.compute({ labels: table.labels!, scores: table.scores })!;
    expect(onReference).toBeCloseTo(realised(reference), 9);
    expect(Math.abs(estimated! - realised(data))).toBeLessThan(0.015);
  }
});

test('without scores, without both labels or with few rows there is no estimate', () => {
  const table = scoredTable(2000, 1);
  const chunks = [chunk('reference', 0, 2000)];
  expect(expectRows({ reference: table, data: { ...table, scores: undefined } }, chunks)).toBeUndefined();
  expect(
    expectRows({ reference: { ...table, labels: new Float64Array(2000) }, data: table }, chunks),
  ).toBeUndefined();
  const small = scoredTable(100, 1);
  expect(expectRows({ reference: small, data: table }, [chunk('reference', 0, 100)])).toBeUndefined();
});
