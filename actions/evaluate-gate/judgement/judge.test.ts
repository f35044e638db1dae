import { describe, expect, test } from 'vitest';
import { normalQuantile } from '../../../shared/stats/distributions.ts';
import { item, margin, one, rule } from '../fixtures/normal-items.ts';
import type { Limit, Rule } from '../policy/rules.ts';
import { type Item, itemOfNumbers } from './items.ts';
import { judge } from './judge.ts';
import { overall } from './overall.ts';

describe('one limit', () => {
  test('the interval clears the margin: pass; better where it clears zero too', () => {
    expect(one(item(0.001, 0.003, margin))).toMatchObject({ verdict: 'pass', word: 'not worse' });
    expect(one(item(0.02, 0.003, margin))).toMatchObject({ verdict: 'pass', word: 'better' });
  });

  test('the test rejects "not worse than the margin": fail', () => {
    expect(one(item(-0.03, 0.005, margin))).toMatchObject({ verdict: 'fail', word: 'worse' });
  });

  test('neither: how many more rows would decide, and with them they do', () => {
    const found = one(item(-0.005, 0.004, margin));
    expect(found).toMatchObject({ verdict: 'inconclusive', word: 'cannot tell' });
    const further = found.limits[0]!.furtherRows!;
    const smaller = 0.004 * Math.sqrt(1000 / (1000 + further));
    expect(0.005 / smaller).toBeCloseTo(normalQuantile(0.975), 2);
    expect(one(item(-0.005, smaller * 0.999, margin)).verdict).toBe('pass');
  });

  test('asked to improve and equal: not better enough, not worse', () => {
    const improve: Limit[] = [{ kind: 'min_absolute_change', limit: 0.05 }];
    expect(one(item(0.001, 0.003, improve)).word).toBe('not better enough');
  });

  test('an exact test that does not show it yet keeps a limit from passing', () => {
    const given = item(0.02, 0.003, margin);
    const unshown = {
      ...given,
      clearance: () => ({ ...given.clearance('min_absolute_change', -0.01)!, shown: false }),
    };
    expect(one(unshown).verdict).toBe('inconclusive');
    expect(one(unshown).limits[0]!.furtherRows).toBeNull();
    // Five rows of 1,000 differ, and all for the better: with 25 that differ the interval decides.
    const rates = {
      ...given,
      clearance: () => ({ ...unshown.clearance(), rowsToShow: 25 / 5 }),
    };
    expect(one(rates).limits[0]!.furtherRows).toBe(4000);
  });
});

describe('several limits', () => {
  test('failing needs the adjusted test; passing needs no adjustment', () => {
    const z = -2.1;
    const weak = item(-0.01 + z * 0.004, 0.004, margin);
    expect(one(weak).verdict).toBe('fail');
    const fine = Array.from({ length: 4 }, () => item(0.05, 0.003, margin));
    const [among] = judge([weak, ...fine], 'holm');
    expect(among!.verdict).toBe('inconclusive');
    expect(among!.limits[0]!.adjustedPValue).toBeCloseTo(5 * among!.limits[0]!.pValue!, 12);
    expect(judge([weak, ...fine], 'none')[0]!.verdict).toBe('fail');
  });
});

describe('what only warns', () => {
  const weak = item(-0.01 - 2.1 * 0.004, 0.004, margin);
  const warning = (severity: Rule['severity']) => item(0.05, 0.003, margin, { severity });

  test('makes the gate no blinder: its limits are a family of their own', () => {
    const warnings = Array.from({ length: 4 }, () => warning('warn'));
    expect(judge([weak, ...warnings], 'holm')[0]!.verdict).toBe('fail');
    const gating = Array.from({ length: 4 }, () => warning('fail'));
    expect(judge([weak, ...gating], 'holm')[0]!.verdict).toBe('inconclusive');
    const both = judge([item(-0.03, 0.005, margin, { severity: 'warn' }), ...warnings], 'holm');
    expect(both[0]).toMatchObject({ verdict: 'warn', limits: [{ verdict: 'fail' }] });
    expect(both[0]!.limits[0]!.adjustedPValue).toBeCloseTo(5 * both[0]!.limits[0]!.pValue!, 12);
  });

  test.each([
    ['is missing', { value: undefined, why: 'none', isNaN: false, lacksColumn: true } as const, 1000],
    ['is not judged', { value: 0.7 } as const, 10],
    ['cannot be told', { value: 0.695 } as const, 1000],
    ['is not a number', { value: undefined, why: 'NaN', isNaN: true } as const, 1000],
  ])('does not stop the gate when it %s', (_, challenger, rows) => {
    const changes: Partial<Rule> = { severity: 'warn', onMissing: 'fail', onInconclusive: 'fail' };
    const given = { ...item(-0.005, 0.004, margin, changes, rows), challenger };
    const [result] = judge([given], 'holm');
    const whole = overall({
      judged: [{ item: given, result: result! }],
      hasPolicy: true,
      hasBaseline: true,
      onMissingBaseline: 'warn',
      baselineWhy: '',
    });
    expect(whole.verdict).toBe('warn');
  });
});

describe('what has no test', () => {
  const bound: Limit[] = [{ kind: 'lower_bound', limit: 0.8 }];
  test('a NaN fails, a missing number is missing', () => {
    expect(
      one(
        itemOfNumbers(
          rule(bound),
          undefined,
          { value: undefined, why: 'm.json says NaN', isNaN: true },
          null,
        ),
      ).verdict,
    ).toBe('fail');
    expect(
      one(itemOfNumbers(rule(bound), undefined, { value: undefined, why: 'none', isNaN: false }, null))
        .verdict,
    ).toBe('missing');
  });

  test('numbers without interval: cannot tell, unless the policy decides on the point', () => {
    const numbers = (changes: Partial<Rule>) =>
      itemOfNumbers(rule(bound, changes), undefined, { value: 0.81 }, 'a metrics file gives no interval');
    expect(one(numbers({}))).toMatchObject({
      verdict: 'inconclusive',
      why: 'a metrics file gives no interval',
    });
    expect(one(numbers({ decideOn: 'point' })).verdict).toBe('pass');
  });

  test('a size has no sampling error', () => {
    const size = (value: number) =>
      itemOfNumbers(
        rule([{ kind: 'upper_bound', limit: 500 }], { direction: 'lower' }),
        undefined,
        { value },
        null,
      );
    expect(one(size(499)).verdict).toBe('pass');
    expect(one(size(501)).verdict).toBe('fail');
  });

  test('too few rows are not judged; a small slice has no say', () => {
    const few = item(0.02, 0.003, margin, {}, 150);
    expect(one(few)).toMatchObject({ verdict: 'not_judged', why: '150 rows, and at least 200 are needed' });
    expect(one(few).limits[0]!.furtherRows).toBe(50);
    expect(one(item(0.02, 0.003, margin, { decideOn: 'point' }, 150)).verdict).toBe('not_judged');
  });

  test('relative change is of |champion|: from −0.5 to −0.9 is worse', () => {
    const relative: Limit[] = [{ kind: 'min_relative_change', limit: -0.1 }];
    const given = itemOfNumbers(
      rule(relative, { decideOn: 'point' }),
      { value: -0.5 },
      { value: -0.9 },
      null,
    );
    expect(one(given).verdict).toBe('fail');
  });
});

describe('the whole', () => {
  const decide = (items: Item[], changes: Partial<Parameters<typeof overall>[0]> = {}) => {
    const results = judge(items, 'holm');
    const judged = items.map((part, index) => ({ item: part, result: results[index]! }));
    return overall({
      judged,
      hasPolicy: true,
      hasBaseline: true,
      onMissingBaseline: 'warn',
      baselineWhy: 'none is named',
      ...changes,
    });
  };
  const good = item(0.02, 0.003, margin);
  const bad = item(-0.03, 0.005, margin);
  const unsure = (changes: Partial<Rule> = {}) => item(-0.005, 0.004, margin, changes);

  test('the worst part decides, as the policy maps it', () => {
    expect(decide([good]).verdict).toBe('pass');
    expect(decide([good, unsure()]).verdict).toBe('inconclusive');
    expect(decide([good, unsure({ onInconclusive: 'warn' })]).verdict).toBe('warn');
    expect(decide([unsure(), bad])).toEqual({
      verdict: 'fail',
      reason: expect.stringMatching(
        /^roc_auc is worse: −0\.0300 \[−0\.0398, −0\.0202\], and the policy asks for a change\u00a0≥\u00a0−0\.01\.$/,
      ),
    });
    expect(decide([item(-0.03, 0.005, margin, { severity: 'warn' })]).verdict).toBe('warn');
  });

  test('a broken limit is the reason before a missing number, and only what is alike is said to be so', () => {
    const missing = itemOfNumbers(
      rule([{ kind: 'lower_bound', limit: 0.8 }]),
      undefined,
      { value: undefined, why: 'there is no y_score', isNaN: false },
      null,
    );
    const reasonOf = (items: Item[]) => decide(items).reason;
    expect(reasonOf([missing, bad])).toMatch(/^roc_auc is worse: .*\. 1 more is not as the policy asks\.$/);
    expect(reasonOf([missing, bad, missing])).toMatch(/ 2 more are not as the policy asks\.$/);
    expect(reasonOf([missing, missing])).toMatch(/^roc_auc is missing: .* The same holds for 1 more\.$/);
    expect(reasonOf([unsure(), unsure()])).toMatch(/ The same holds for 1 more\.$/);
  });

  test('no policy, and a policy without limits, never pass', () => {
    expect(decide([good], { hasPolicy: false }).verdict).toBe('inconclusive');
    expect(decide([item(0.02, 0.003, [])]).verdict).toBe('inconclusive');
  });

  test('without a baseline: own limits, and what the policy says of the missing one', () => {
    const alone = {
      ...itemOfNumbers(
        rule([{ kind: 'lower_bound', limit: 0.6 }, ...margin], { decideOn: 'point' }),
        undefined,
        { value: 0.7 },
        null,
      ),
    };
    expect(decide([alone], { hasBaseline: false })).toEqual({
      verdict: 'warn',
      reason: 'No baseline (none is named): judged by its own limits only.',
    });
    expect(decide([alone], { hasBaseline: false, onMissingBaseline: 'pass' }).verdict).toBe('pass');
    expect(decide([alone], { hasBaseline: false, onMissingBaseline: 'fail' }).verdict).toBe('fail');
    const own = { hasBaseline: false, onMissingBaseline: 'fail' } as const;
    const absolute = itemOfNumbers(
      rule([{ kind: 'lower_bound', limit: 0.6 }]),
      undefined,
      { value: 0.7 },
      null,
    );
    expect(decide([absolute], own).verdict).toBe('pass');
    expect(decide([absolute], { ...own, asksForBaseline: true }).verdict).toBe('fail');
    const forgiven = { hasBaseline: false, onMissingBaseline: 'pass', asksForBaseline: true } as const;
    expect(decide([item(0, 0.003, [])], forgiven).verdict).toBe('inconclusive');
  });

  test('a small slice neither passes nor fails the whole', () => {
    const slice = { ...item(-0.3, 0.005, margin, {}, 20), slice: { origin: 'ORD' } };
    expect(decide([good, slice]).verdict).toBe('pass');
    expect(decide([slice]).verdict).toBe('inconclusive');
  });
});
