/**
 * Files of metrics that the tools of today write: the reader finds the numbers that the tool itself says, and the
 * recorded samples still look like them.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSide } from '../../actions/evaluate-gate/metrics-files/read-side.ts';
import type { Deps } from '../../shared/runtime/definition.ts';
import { fromCounts, fromJson, fromTables, type Reported } from './reported.ts';
import { shapeOf } from './shape.ts';
import { installedTool, type MadeSample, makeSample, SAMPLES } from './tool.ts';

interface Tool {
  sample: string;
  variable: string;
  /** What its program reads. */
  given?: string[];
  env?: NodeJS.ProcessEnv;
  reported: (output: string) => Reported;
  /** How many numbers it says at least, so that an empty answer is no agreement. */
  numbers: number;
  /** Of what it says, since it rounds or computes in single precision. */
  tolerance?: number;
  /** What of the recorded folder the tool wrote. */
  isSample: RegExp;
}

const TOOLS: Tool[] = [
  {
    sample: 'dvc',
    variable: 'MLOPS_TEST_DVC',
    given: ['metrics.yaml', 'metrics.toml', 'nested.json'],
    reported: fromJson,
    numbers: 12,
    isSample: /^dvc.*json$/,
  },
  {
    sample: 'lm-eval',
    variable: 'MLOPS_TEST_LM_EVAL',
    given: ['tasks'],
    reported: fromTables,
    numbers: 18,
    tolerance: 5e-5,
    isSample: /^(champion|challenger)\/|^other-shots\/results/,
  },
  {
    sample: 'keras',
    variable: 'MLOPS_TEST_KERAS',
    env: { KERAS_BACKEND: 'jax', JAX_PLATFORMS: 'cpu' },
    reported: fromJson,
    numbers: 12,
    tolerance: 1e-5,
    isSample: /^history.*(csv|json)$/,
  },
  {
    sample: 'lightning',
    variable: 'MLOPS_TEST_TORCH',
    reported: fromJson,
    numbers: 4,
    isSample: /csv$/,
  },
  {
    sample: 'hugging-face',
    variable: 'MLOPS_TEST_TORCH',
    env: { HF_HUB_OFFLINE: '1' },
    reported: fromJson,
    numbers: 20,
    isSample: /json$/,
  },
  {
    sample: 'promptfoo',
    variable: 'MLOPS_TEST_PROMPTFOO',
    given: ['promptfooconfig.yaml', 'provider.js', 'tests.csv'],
    reported: fromCounts,
    numbers: 2,
    isSample: /^results/,
  },
  {
    sample: 'mlflow',
    variable: 'MLOPS_TEST_MLFLOW',
    reported: fromJson,
    numbers: 5,
    isSample: /^answers.json$|^mlruns\//,
  },
];

describe.each(TOOLS)('$sample', (tool) => {
  const place = installedTool(tool.variable);
  let made: MadeSample;
  beforeAll(() => {
    if (place !== undefined) made = makeSample(tool.sample, place, tool.given ?? [], tool.env);
  });
  afterAll(() => {
    if (made) rmSync(made.folder, { recursive: true, force: true });
  });

  test.skipIf(place === undefined)('what it writes is read as what it says', async () => {
    const reported = tool.reported(made.output);
    expect(Object.values(reported).flatMap(Object.keys).length).toBeGreaterThanOrEqual(tool.numbers);
    for (const [file, values] of Object.entries(reported)) {
      const { runs } = await readSide([join(made.folder, file)], 'metrics', { env: {} } as Deps);
      for (const [key, value] of Object.entries(values)) {
        const read = runs[0]!.numbers.get(key)?.value;
        const isSame = Object.is(read, value) || Math.abs(read! - value) <= (tool.tolerance ?? 1e-12);
        expect(isSame, `${key} of ${file}: ${read} is read, ${value} is said`).toBe(true);
      }
    }
  });

  test.skipIf(place === undefined)('what was recorded looks like what it writes', async () => {
    const isSample = (path: string) => tool.isSample.test(path);
    const recorded = await shapeOf(join(SAMPLES, tool.sample), isSample);
    expect(Object.keys(recorded)).not.toEqual([]);
    expect(await shapeOf(made.folder, isSample)).toEqual(recorded);
  });
});
