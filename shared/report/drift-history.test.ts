import { expect, test } from 'vitest';
import { sampleDrift } from '../testing/sample-live-records.ts';
import { type CheckDigest, digestOf, KEPT_CHECKS, newestChecks, seriesOf } from './drift-history.ts';

const check = (day: number, values: Record<string, number>, reason = ''): CheckDigest => ({
  at: new Date(Date.UTC(2026, 0, day)).toISOString(),
  verdict: 'pass',
  retrain: false,
  reason,
  runUrl: null,
  values: Object.entries(values).map(([name, value]) => ({ name, value })),
});

test('a check is kept by the newest chunk of each metric, and the largest of its effects by what counts', () => {
  const record = sampleDrift();
  const digest = digestOf(record);
  expect(digest).toMatchObject({ verdict: 'fail', retrain: true, reason: record.reason, runUrl: null });
  expect(digest.values).toEqual([
    { name: 'roc_auc ↑', value: Number(record.chunks.at(-1)!.performance.roc_auc!.toPrecision(6)) },
    { name: 'largest effect, as a multiple of what counts', value: 3.1 },
  ]);
});

test('real and estimated values are two series, and what was not judged has no value', () => {
  const record = sampleDrift();
  const [part] = record.performance;
  const estimated = { ...part!, source: 'estimated' as const };
  const unjudged = { ...part!, name: 'log_loss', status: 'not_judged' as const };
  const values = digestOf({ ...record, columns: [], performance: [part!, estimated, unjudged] }).values;
  expect(values.map(({ name }) => name)).toEqual(['roc_auc ↑', 'roc_auc ↑, estimated']);
  expect(values[1]!.value).toBe(0.68);
  // Without chunks the worst value is the only one.
  expect(digestOf({ ...record, columns: [], chunks: [] }).values).toEqual([
    { name: 'roc_auc ↑', value: 0.5 },
  ]);
});

test('series have gaps, ends and bounds; those of the newest check come first', () => {
  const effect = 'largest effect, as a multiple of what counts';
  const checks = [
    check(1, { old: 5 }),
    check(2, { [effect]: 2, auc: 0.9 }),
    check(3, {}),
    check(4, { [effect]: 1, auc: 0.7 }),
  ];
  expect(seriesOf(checks)).toEqual([
    { name: 'auc', values: [null, 0.9, null, 0.7], first: 0.9, last: 0.7, least: 0.7, most: 0.9 },
    { name: 'old', values: [5, null, null, null], first: 5, last: 5, least: 5, most: 5 },
    { name: effect, values: [null, 2, null, 1], first: 2, last: 1, least: 1, most: 2 },
  ]);
});

test('the newest are kept in order of time, and one check that is known twice once', () => {
  const many = Array.from({ length: 40 }, (_, index) => check(40 - index, {}));
  const kept = newestChecks(many);
  expect(kept).toHaveLength(KEPT_CHECKS);
  expect([kept[0]!.at, kept.at(-1)!.at]).toEqual(['2026-01-11T00:00:00.000Z', '2026-02-09T00:00:00.000Z']);
  expect(newestChecks([check(1, {}, 'first'), check(1, {}, 'second')]).map(({ reason }) => reason)).toEqual([
    'first',
  ]);
});
