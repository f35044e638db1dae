import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { EarlyStopRules } from '../../../shared/records/stop-rules.ts';
import { type EarlyStoppingCase, playEarlyStopping } from '../fixtures/early-stopping-cases.ts';
import { EarlyStopping, readEarlyStop } from './early-stopping.ts';

/** Recorded from Lightning 2.6.6 by `action-test/heavy/early_stopping_lightning.py 8 300`. */
const cases: EarlyStoppingCase[] = JSON.parse(
  readFileSync(new URL('../fixtures/early-stopping-lightning.json', import.meta.url), 'utf8'),
);
test('stops where Lightning stops, for the same cause', async () => {
  expect(cases).toHaveLength(300);
  expect(new Set(cases.map(({ told }) => told.cause)).size).toBe(5);
  for (const one of cases) expect({ ...one, told: await playEarlyStopping(one) }).toEqual(one);
});

const rules: EarlyStopRules = {
  monitor: 'val_loss',
  mode: 'min',
  patience: 2,
  min_delta: 0,
  check_finite: true,
};

describe('EarlyStopping', () => {
  test('forgets looks after the checkpoint that the training went back to', () => {
    const stopping = new EarlyStopping(rules);
    expect([stopping.add(1, 0.5), stopping.add(2, 0.6)]).toEqual([undefined, undefined]);
    // Once more from step 2: without forgetting, this would be the second look without an improvement.
    expect(stopping.add(2, 0.6)).toBeUndefined();
    expect(stopping.add(3, 0.55)).toBe(
      'val_loss has not got better than 0.5 in its last 2 values (patience).',
    );
  });

  test('says the numbers', () => {
    const said = (more: Partial<EarlyStopRules>, value: number) =>
      new EarlyStopping({ ...rules, ...more }).add(7, value);
    expect(said({}, Number.NaN)).toBe('val_loss is NaN at step 7.');
    expect(said({ stopping_threshold: 0.1 }, 0.05)).toContain(
      'has reached 0.05, below the stopping_threshold of 0.1',
    );
    expect(said({ divergence_threshold: 3 }, 4)).toContain(
      'has come to 4, above the divergence_threshold of 3',
    );
  });
});

test.each([
  ['patience: 3', /early-stop|monitor/],
  ['monitor: loss\npatiance: 3', /Unknown key "patiance"/],
  ['monitor: loss\nmode: least', /mode/],
  ['monitor: loss\npatience: -1', /patience/],
])('refuses %j', async (text, message) => {
  const error = await readEarlyStop(text).catch((problem) => problem);
  expect(error.message).toMatch(message);
  expect(error.where.key).toMatch(/^early-stop/);
});
