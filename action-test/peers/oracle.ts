/** Asking Python: the oracle of numbers, one process for many cases. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';

export const python = process.env.MLOPS_TEST_PYTHON;
const SEED = 20_010_122;
/** Milliseconds for all the cases of a file at once, on a busy machine. */
export const LONGEST = 900_000;

/** A test that fails where tests may not be skipped. */
export function requirePython(): void {
  if (python || process.env.CI !== 'true') return;
  test('the oracle is there', () => expect.fail('MLOPS_TEST_PYTHON names no interpreter with the oracles'));
}

/** The answer of an oracle to each case; null where it says NaN. */
export function ask<Answer>(cases: readonly object[], program = 'metrics_oracle.py'): Answer[] {
  const script = fileURLToPath(new URL(program, import.meta.url));
  const output = execFileSync(python!, [script], {
    input: JSON.stringify(cases),
    maxBuffer: 1 << 28,
    env: { ...process.env, PYTHONWARNINGS: 'ignore', PYTHONDONTWRITEBYTECODE: '1' },
  });
  return JSON.parse(output.toString().replaceAll('NaN', 'null'));
}

/** Equal to 1e-9, relative to numbers above 1. */
export function expectClose(actual: number, expected: number, what: string): void {
  const error = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
  expect(error <= 1e-9, `${what}: ${actual} here, ${expected} there`).toBe(true);
}

/** Random values, the same in every run. */
export const draw = <Value>(arbitrary: fc.Arbitrary<Value>, count: number): Value[] =>
  fc.sample(arbitrary, { seed: SEED, numRuns: count });
