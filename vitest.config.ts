import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './scripts/longest-first.ts';

/** Tests start actions as processes by the hundred, which compile TypeScript three times as long as they run. */
const env = { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/compiled') };

/** One project per tier; `npx vitest --project unit` runs the tests that stand beside the code. */
const tier = (name: string, include: string[], testTimeout: number) => ({
  test: {
    ...{ name, include, testTimeout, hookTimeout: testTimeout, environment: 'node' as const, env },
    // A second is not long where two processors do many things at once.
    expect: { poll: { timeout: 20_000 } },
  },
});

export default defineConfig({
  test: {
    reporters: ['default', './scripts/count-reporter.ts'],
    // Vitest itself would leave one processor idle, which is half of two.
    maxWorkers: '100%',
    setupFiles: ['./scripts/property-seed.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      tier(
        'unit',
        [
          'shared/**/*.test.ts',
          'actions/**/*.test.ts',
          'cli/**/*.test.ts',
          'scripts/**/*.test.ts',
          'action-test/sagemaker/**/*.test.ts',
          'action-test/scan/**/*.test.ts',
          'action-test/fuzz/**/*.test.ts',
        ],
        120_000,
      ),
      tier('contract', ['action-test/contract/**/*.test.ts'], 120_000),
      tier('bundle', ['action-test/bundle/**/*.test.ts'], 120_000),
      tier('workflow', ['action-test/workflow/**/*.test.ts'], 300_000),
      tier('peers', ['action-test/peers/**/*.test.ts'], 300_000),
      tier('heavy', ['action-test/heavy/**/*.test.ts'], 600_000),
    ],
  },
});
