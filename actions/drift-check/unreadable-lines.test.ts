import { expect, test } from 'vitest';
import { assess } from './assess.ts';
import { decide } from './decide.ts';
import { normalNumbers, numeric, policyOf, randomNumbers, tableOf } from './test-tables.ts';
import { describeLines, unreadableLines } from './unreadable-lines.ts';

const table = (seed: number) => tableOf({ x: numeric(500, normalNumbers(randomNumbers(seed))) });

function judge(counts: Parameters<typeof describeLines>[0], defaults: Record<string, unknown> = {}) {
  const policy = policyOf({ defaults });
  const options = { policy, metrics: [], importance: new Map<string, number>(), times: [] };
  const unreadable = unreadableLines(counts, policy);
  return decide({ ...assess(table(1), table(2), options), unreadable, policy, labelsGiven: false });
}

test('lines that cannot be read warn, and are counted in the reason', () => {
  expect(judge({ reference: 0, data: 1, labels: 0 })).toMatchObject({
    verdict: 'warn',
    retrain: false,
    reason: 'Unreadable lines: 1 line of the data; no drift in 1 column.',
  });
});

test.each(['pass', 'warn', 'fail'] as const)('the policy decides: %s', (verdict) => {
  const found = judge({ reference: 2, data: 0, labels: 0 }, { on_missing: verdict });
  expect(found.verdict).toBe(verdict);
  expect(found.reason).toContain('Unreadable lines: 2 lines of the reference');
});

test('where every line was read nothing is said', () => {
  const found = judge({ reference: 0, data: 0, labels: 0 }, { on_missing: 'fail' });
  expect(found).toMatchObject({ verdict: 'pass', reason: 'No drift in 1 column.' });
});

test('each file is named', () => {
  expect(describeLines({ reference: 3, data: 1, labels: 2 })).toBe(
    '1 line of the data, 3 lines of the reference and 2 lines of the labels',
  );
});
