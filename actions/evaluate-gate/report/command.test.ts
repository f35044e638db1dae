import { describe, expect, test } from 'vitest';
import { type Evaluation, evaluationSchema } from '../../../shared/records/evaluation.ts';
import { sampleEvaluation } from '../../../shared/testing/sample-evaluation.ts';
import { sampleCalibration } from '../../../shared/testing/sample-evaluation-variants.ts';
import { commandOf } from './command.ts';

const sample = (changes: Partial<Evaluation> = {}): Evaluation =>
  evaluationSchema.parse({ ...sampleEvaluation(), ...changes });

describe('the command', () => {
  const command = (changes: Partial<Evaluation>) => {
    return commandOf(sample(changes)).replaceAll(' \\\n ', '');
  };
  const digest = sample().subject.digest;

  test('of several seeds, measured times and attributions', () => {
    expect(
      command({
        judgedFrom: 'metrics',
        baseline: { status: 'compared', from: 'old.json', digest: null, why: '' },
        load: { ...sample().load!, from: 'file' },
        inputs: [
          { role: 'metrics', name: 'a.json', digest },
          { role: 'metrics', name: "b's.json", digest },
          { role: 'baseline-metrics', name: 'old.json', digest },
          { role: 'latency', name: 'times.csv', digest },
          { role: 'attributions', name: 'shap.parquet', digest },
          { role: 'policy', name: 'gate.yaml', digest },
        ],
      }),
    ).toBe(
      "npx mlops-actions evaluate-gate --name flight-delays --metrics 'a.json,b'\\''s.json' --baseline-metrics old.json --latency times.csv --attributions shap.parquet --policy gate.yaml",
    );
  });

  test('of a program that is not kept, with a place for it', () => {
    expect(
      command({
        judgedFrom: 'predict-command',
        inputs: [
          { role: 'predictions', name: '/tmp/predictions.csv', digest },
          { role: 'baseline-predictions', name: 'from-registry.csv', digest },
          { role: 'data', name: 'rows.csv', digest },
          { role: 'model', name: 'model', digest },
          { role: 'training-run', name: 'TrainingRun of yesterday', digest },
        ],
      }),
    ).toBe(
      'npx mlops-actions evaluate-gate --name flight-delays --data rows.csv --model model --baseline oci-layout:registry/flight-delays@champion --predict-command COMMAND --serve-command COMMAND',
    );
  });

  test('of a calibration', () => {
    const { operation, calibrate } = sampleCalibration();
    expect(command({ operation, calibrate, load: null })).toMatch(/--operation calibrate .*--draws 1000$/);
  });
});
