/** Asking Python: the oracle of numbers, one process for many cases. */
import { fileURLToPath } from 'node:url';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Asked, OracleOptions } from './oracle-process.ts';

export const python = process.env.MLOPS_TEST_PYTHON;
const SEED = 20_010_122;
/** Milliseconds for all the cases of a file at once, on a busy machine. */
export const LONGEST = 900_000;

/** A test that fails where tests may not be skipped. */
export function requirePython(): void {
  if (python || process.env.CI !== 'true') return;
  test('the oracle is there', () => expect.fail('MLOPS_TEST_PYTHON names no interpreter with the oracles'));
}

const oracles = new Map<string, Worker>();

function oracleOf(program: string): Worker {
  const running = oracles.get(program);
  if (running) return running;
  const workerData: OracleOptions = {
    python: python!,
    script: fileURLToPath(new URL(program, import.meta.url)),
  };
  const worker = new Worker(new URL('oracle-process.ts', import.meta.url), { workerData });
  worker.unref();
  oracles.set(program, worker);
  return worker;
}

/** The answer of an oracle to each case; null where it says NaN. */
export function ask<Answer>(cases: readonly object[], program = 'metrics_oracle.py'): Answer[] {
  const { port1, port2 } = new MessageChannel();
  const asked: Asked = {
    line: JSON.stringify(cases),
    answered: new Int32Array(new SharedArrayBuffer(4)),
    port: port2,
  };
  oracleOf(program).postMessage(asked, [port2]);
  Atomics.wait(asked.answered, 0, 0);
  const line = receiveMessageOnPort(port1)?.message as string;
  port1.close();
  // In a text the letters may stand by chance, as in base64.
  const plain = line.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|NaN/g, (found) => (found === 'NaN' ? 'null' : found));
  const answers = JSON.parse(plain) as Answer[] | { problem: string };
  if ('problem' in answers) throw new Error(answers.problem);
  return answers;
}

/** Equal to 1e-9, relative to numbers above 1. */
export function expectClose(actual: number, expected: number, what: string): void {
  const error = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
  expect(error <= 1e-9, `${what}: ${actual} here, ${expected} there`).toBe(true);
}

/** Random values, the same in every run. */
export const draw = <Value>(arbitrary: fc.Arbitrary<Value>, count: number): Value[] =>
  fc.sample(arbitrary, { seed: SEED, numRuns: count });
