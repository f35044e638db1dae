/** Files of metrics that scikit-learn writes now: the recorded samples are still what it writes, and every number is found. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chooseNumber } from '../../actions/evaluate-gate/metrics-files/choose-number.ts';
import { readSide } from '../../actions/evaluate-gate/metrics-files/read-side.ts';
import { emptyPolicy, rulesOf } from '../../actions/evaluate-gate/policy/rules.ts';
import type { Deps } from '../../shared/runtime/definition.ts';
import { ask, python, requirePython } from './oracle.ts';

const SAMPLES = join(import.meta.dirname, '../fixtures/metrics-files/scikit-learn');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'metrics-files-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

requirePython();

describe.skipIf(!python)('scikit-learn', () => {
  test('writes the recorded samples', () => {
    execFileSync(python!, [join(SAMPLES, 'make.py'), folder], { stdio: ['ignore', 'ignore', 'pipe'] });
    for (const name of ['binary.json', 'multiclass.json']) {
      expect(JSON.parse(readFileSync(join(folder, name), 'utf8'))).toEqual(
        JSON.parse(readFileSync(join(SAMPLES, name), 'utf8')),
      );
    }
  });

  test('its report holds what its scorers say, under their names', async () => {
    const seeds = Array.from({ length: 60 }, (_, seed) => ({ seed }));
    const answers = ask<{ report: object; scores: Record<string, number> }>(seeds, 'metrics_files_oracle.py');
    expect(answers).toHaveLength(60);
    for (const { report, scores } of answers) {
      const path = join(folder, 'report.json');
      writeFileSync(path, JSON.stringify(report));
      const { runs } = await readSide([path], 'metrics', { env: {} } as Deps);
      for (const [name, score] of Object.entries(scores)) {
        const policy = { ...emptyPolicy('scores'), metrics: [{ name, direction: 'higher' as const }] };
        const [rule] = rulesOf(policy, undefined, true);
        expect(chooseNumber(rule!, runs[0]!, undefined)?.number.value, name).toBeCloseTo(score, 12);
      }
    }
  });
});
