/** Lightning's own EarlyStopping, again: it does what was recorded of it, and with other curves what ours does. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type EarlyStoppingCase,
  playEarlyStopping,
} from '../../actions/train-on-gpu-runner/fixtures/early-stopping-cases.ts';
import { installedTool } from './tool.ts';

const python = installedTool('MLOPS_TEST_TORCH');
const RECORDED = new URL(
  '../../actions/train-on-gpu-runner/fixtures/early-stopping-lightning.json',
  import.meta.url,
);

/** @param seed of the curves and rules. */
function told(seed: number, count: number): EarlyStoppingCase[] {
  const oracle = join(import.meta.dirname, 'early_stopping_lightning.py');
  const answer = execFileSync(python!, [oracle, String(seed), String(count)], {
    env: { PATH: process.env.PATH, CUDA_VISIBLE_DEVICES: '' },
    maxBuffer: 1 << 28,
  });
  return JSON.parse(answer.toString());
}

describe.skipIf(python === undefined)("Lightning's EarlyStopping", () => {
  test('does what was recorded of it', () => {
    expect(told(8, 300)).toEqual(JSON.parse(readFileSync(RECORDED, 'utf8')));
  });

  test('stops other curves where ours stops them', async () => {
    const cases = told(9, 2000);
    expect(new Set(cases.map((one) => one.told.cause)).size).toBe(5);
    for (const one of cases) expect({ ...one, told: await playEarlyStopping(one) }).toEqual(one);
  });
});
