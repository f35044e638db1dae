/** The whole gate on files of metrics. */
import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type GateFolder, makeGateFolder } from '../fixtures/gate-folder.ts';

const SAMPLES = join(import.meta.dirname, '../../../action-test/fixtures/metrics-files');
const sample = (path: string): string => join(SAMPLES, path);

let given: GateFolder;
beforeEach(async () => {
  given = await makeGateFolder();
});
afterEach(() => given.close());

const judge = (policy: string, metrics: string, baseline?: string) => {
  writeFileSync(given.at('gate.yaml'), `version: 1\n${policy}`);
  return given.gate({
    policy: given.at('gate.yaml'),
    metrics,
    ...(baseline !== undefined && { 'baseline-metrics': baseline }),
  });
};

describe('without a policy', () => {
  const reported = async (metrics: string, baseline?: string) => {
    const record = await given.gate({
      metrics,
      ...(baseline !== undefined && { 'baseline-metrics': baseline }),
    });
    expect(record).toMatchObject({ verdict: 'inconclusive', judgedFrom: 'metrics', policy: null });
    return record.metrics.map(({ name, challenger }) => [name, challenger]);
  };

  test('every number whose direction is known is reported, under the name that says most', async () => {
    expect(await reported(sample('hugging-face/eval_results.json'))).toEqual([
      ['accuracy', 0.9833333333333333],
    ]);
    expect(await reported(sample('hugging-face/all_results.json'))).toEqual([
      ['eval_accuracy', 0.9833333333333333],
      ['predict_accuracy', 0.9777777777777777],
    ]);
    expect(await reported(sample('keras/history.json'))).toEqual([
      ['accuracy', 0.550000011920929],
      ['roc_auc', 0.5136678814888],
    ]);
    expect((await reported(sample('lm-eval/champion'))).map(([name]) => name)).toContain(
      'toy_words.exact_match,lower',
    );
    expect((await reported(sample('promptfoo/results-1.json'))).map(([name]) => name)).toEqual([
      'pass_rate',
      'score',
      'latency_ms',
      'cost',
    ]);
  });
});

describe('with a policy', () => {
  test('files work under every task, and a missing key is missing with the nearest named', async () => {
    const record = await judge(
      'task: binary\nmetrics: [{name: roc_auc, lower_bound: 0.9, decide_on: point}, {name: brier_score_loss, upper_bound: 1}]\n',
      sample('sagemaker/evaluation.json'),
    );
    expect(record.metrics.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['roc_auc', 'pass'],
      ['brier_score_loss', 'missing'],
    ]);
    expect(record.verdict).toBe('fail');
    expect(record.reason).toMatch(
      /^brier_score_loss is missing: .*evaluation.json has no brier_score_loss; nearest: /,
    );
  });

  test('other shots: refused with its sentence, whatever the numbers say', async () => {
    const results = (folder: string) =>
      sample(
        `lm-eval/${folder}/${readdirSync(sample(`lm-eval/${folder}`)).find((name) => name.startsWith('results'))}`,
      );
    const policy =
      'task: scores\nmetrics: [{name: "toy_sums.acc,none", min_absolute_change: -1, min_samples: 50}]\n';
    const refused = await judge(policy, results('challenger'), results('other-shots'));
    expect(refused.verdict).toBe('fail');
    expect(refused.reason).toBe(
      'toy_sums.acc,none is missing: it is not compared, since the two numbers are of other data or were made otherwise: the n-shot is 0 of one and 1 of the other.',
    );
    const compared = await judge(policy, results('challenger'), results('champion'));
    expect(compared).toMatchObject({ verdict: 'pass', rows: 80 });
    expect(compared.metrics[0]!.interval).not.toBeNull();
  });

  test('promptfoo: judged test by test, on the same rows', async () => {
    const record = await judge(
      'task: scores\ndefaults: {min_samples: 50}\nmetrics: [{name: pass_rate, direction: higher, min_absolute_change: -0.4}, {name: exact, direction: higher, lower_bound: 0.5}]\n',
      sample('promptfoo/results-1.json'),
      sample('promptfoo/results-2.json'),
    );
    expect(record).toMatchObject({ verdict: 'pass', rows: 60, task: 'scores' });
    expect(record.metrics.map(({ rows, interval }) => [rows, interval === null])).toEqual([
      [60, false],
      [60, false],
    ]);
  });

  test('several files are seeds; the record names them all and says which step was taken', async () => {
    for (const seed of [1, 2, 3]) cpSync(sample('keras/history.json'), given.at(`seed-${seed}.json`));
    const record = await judge(
      'task: binary\nmetrics: [{name: roc_auc, lower_bound: 0.4}]\n',
      given.at('seed-*.json'),
    );
    expect(record.inputs[0]).toMatchObject({ role: 'metrics', name: given.at('seed-*.json') });
    expect(record.metrics[0]!.method).toBe("Student's t, 3 seeds");
    expect(
      record.notes.filter((note) => note.endsWith('its last values are judged, of epoch 3')),
    ).toHaveLength(3);
    expect(record.baseline).toMatchObject({ status: 'missing', why: 'baseline-metrics is not given' });
  });
});
