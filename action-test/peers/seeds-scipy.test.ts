/** Several seeds per side against scipy: Welch's interval and one-sided test, Student's interval of one side. */
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { compareSeedNumbers } from '../../shared/metrics/seeds.ts';
import { ask, draw, expectClose, python, requirePython } from './oracle.ts';

requirePython();

type Answer = Record<'low' | 'high' | 'degrees' | 'p_worse' | 'own_low' | 'own_high', number>;

const micro = fc.integer({ min: -5e6, max: 5e6 }).map((value) => value / 1e6);
const side = fc.array(micro, { minLength: 3, maxLength: 9 }).filter((values) => new Set(values).size > 1);
const confidence = fc.constantFrom(0.9, 0.95, 0.99);

describe.skipIf(!python)('equal to scipy (set MLOPS_TEST_PYTHON to an interpreter with it)', () => {
  test('seeds: interval, degrees of freedom, p-value', () => {
    const cases = draw(fc.record({ champions: side, challengers: side, confidence, limit: micro }), 300);
    const answers = ask<Answer>(cases, 'seeds_oracle.py');
    cases.forEach(({ champions, challengers, confidence, limit }, index) => {
      const expected = answers[index]!;
      const found = compareSeedNumbers('higher', champions, challengers, { confidence });
      const clearance = found.clearance('min_absolute_change', limit)!;
      const what = JSON.stringify(cases[index]);
      expectClose(found.interval![0], expected.low, `low of ${what}`);
      expectClose(found.interval![1], expected.high, `high of ${what}`);
      expectClose(clearance.degrees!, expected.degrees, `degrees of ${what}`);
      expectClose(clearance.pValue, expected.p_worse, `p of ${what}`);
      expectClose(found.challengerInterval![0], expected.own_low, `own low of ${what}`);
      expectClose(found.challengerInterval![1], expected.own_high, `own high of ${what}`);
    });
  });
});
