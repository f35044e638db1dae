import { defineConfig } from 'vitest/config';

/** One project per tier; `npx vitest --project unit` runs the tests that stand beside the code. */
const tier = (name: string, include: string[], testTimeout: number) => ({
  test: { name, include, testTimeout, hookTimeout: testTimeout, environment: 'node' as const },
});

export default defineConfig({
  test: {
    reporters: ['default', './scripts/count-reporter.ts'],
    projects: [
      tier(
        'unit',
        [
          'shared/**/*.test.ts',
          'actions/**/*.test.ts',
          'cli/**/*.test.ts',
          'scripts/**/*.test.ts',
          'action-test/sagemaker/**/*.test.ts',
        ],
        30_000,
      ),
      tier('contract', ['action-test/contract/**/*.test.ts'], 30_000),
      tier('bundle', ['action-test/bundle/**/*.test.ts'], 120_000),
      tier('workflow', ['action-test/workflow/**/*.test.ts'], 300_000),
      tier('peers', ['action-test/peers/**/*.test.ts'], 300_000),
      tier('heavy', ['action-test/heavy/**/*.test.ts'], 600_000),
    ],
  },
});
