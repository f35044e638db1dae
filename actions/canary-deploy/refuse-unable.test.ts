import { describe, expect, test } from 'vitest';
import { UserError } from '../../shared/errors.ts';
import { rollout } from './fixtures/played-rollout.ts';
import { refuseUnable } from './refuse-unable.ts';
import { SMALLEST_PERCENT } from './targets/haproxy/split-weights.ts';
import type { TargetAbilities } from './targets/target.ts';

const abilities = (more: Partial<TargetAbilities> = {}): TargetAbilities => ({
  ...{ name: 'the target of a test', strategies: ['canary', 'linear', 'blue-green', 'shadow'] },
  ...{ sees: { counts: true, latency: true, predictions: true }, windowStepMs: 1, outlivesJob: true },
  ...more,
});
const splitting = abilities({ smallestPercent: SMALLEST_PERCENT });

function refusal(given: Parameters<typeof rollout>[0], of = abilities()): UserError | undefined {
  try {
    refuseUnable(rollout(given), of, (path) => ({ key: path.join('.') }));
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

describe('analysis.interval', () => {
  const steps = [{ weight: 10, bake: '5m' }];
  const of = (interval: string, windowStepMs = 1) =>
    refusal({ steps, analysis: { interval } }, abilities({ windowStepMs }));

  test.each(['0s', '49ms', '2147483648ms', '25d', '30d'])('of %s is refused where it stands', (interval) => {
    const error = of(interval)!;
    expect(error.where).toEqual({ key: 'analysis.interval' });
    expect(error.message).toContain(interval);
    expect(error.fix).toBe('Give at least 50ms and at most 24d, such as 1m.');
  });

  test.each(['50ms', '1m', '24d', '2147483647ms'])('of %s is not', (interval) => {
    expect(of(interval)).toBeUndefined();
  });

  test.each(['0s', '25d'])('of %s is refused also where a service counts by minutes', (interval) => {
    expect(of(interval, 60_000)!.where).toEqual({ key: 'analysis.interval' });
  });
});

describe('steps that leave an arm less than a target can split off', () => {
  test.each([
    [[0.05], 0],
    [[0.3, 10], 0],
    [[10, 99.7], 1],
    [[10, 50, 99.95], 2],
  ])('%j: step %i is refused', (weights, index) => {
    const error = refusal({ steps: weights.map((weight) => ({ weight, bake: '1m' })) }, splitting)!;
    expect(error.where).toEqual({ key: `steps.${index}.weight` });
    expect(error.message).toContain(`${weights[index]}`);
    expect(error.fix).toBe('Give weights from 0.4 to 99.6.');
  });

  test.each([[[0.4, 99.6]], [[1, 33.3, 99]]])('%j are not', (weights) => {
    expect(refusal({ steps: weights.map((weight) => ({ weight, bake: '1m' })) }, splitting)).toBeUndefined();
  });

  test.each([0.1, 0.3, 33.3])('an increment of %d makes such a step', (increment) => {
    const given = { strategy: 'linear', increment, bake: '1m' };
    expect(refusal(given, splitting)!.where).toEqual({ key: 'increment' });
    expect(refusal(given)).toBeUndefined();
  });

  test('with all traffic or copies there is no such part', () => {
    const watched = { watch: '5m', errors: { ceiling: 0.02 } };
    for (const strategy of ['blue-green', 'shadow'])
      expect(refusal({ strategy, ...watched }, splitting)).toBeUndefined();
  });
});

test.each([0.00001, 1e-300, 0.09])('an increment of %d is too many steps', (increment) => {
  const error = refusal({ strategy: 'linear', increment, bake: '1m' })!;
  expect(error.where).toEqual({ key: 'increment' });
  expect(error.message).toContain('more than 1,000 steps');
  expect(error.fix).toBe('Give 0.1 or more.');
});
