/** Which format a file has, known from a sample that the tool itself has written. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UserError } from '../../../shared/errors.ts';
import {
  LM_EVAL_RESULTS,
  LM_EVAL_SAMPLES,
  readSample,
  readText,
  SAMPLES,
} from '../fixtures/metrics-samples.ts';

test.each([
  ['dvc/dvclive-metrics.json', 'metrics as JSON, YAML or TOML'],
  ['dvc/metrics.yaml', 'metrics as JSON, YAML or TOML'],
  ['dvc/metrics.toml', 'metrics as JSON, YAML or TOML'],
  [LM_EVAL_RESULTS, 'lm-eval results'],
  [LM_EVAL_SAMPLES, 'lm-eval samples'],
  ['scikit-learn/binary.json', "scikit-learn's classification report"],
  ['hugging-face/trainer_state.json', 'Hugging Face trainer state'],
  ['lightning/metrics.csv', 'Lightning metrics'],
  ['keras/history.json', 'Keras history'],
  ['keras/history.csv', 'Keras CSVLogger'],
  ['sagemaker/evaluation.json', "SageMaker's evaluation"],
  ['promptfoo/results-1.json', 'promptfoo results'],
])('%s is known by its content alone', async (sample, format) => {
  const ending = /\.toml$/.test(sample) ? '.toml' : '';
  expect((await readSample(sample)).format).toBe(format);
  expect((await readSample(sample, `downloaded${ending}`)).format).toBe(format);
});

test('the results of Hugging Face are known by their name', async () => {
  const found = await readSample('hugging-face/all_results.json', 'run/all_results.json');
  expect(found.format).toBe('Hugging Face results');
  expect(found.values).toMatchObject({
    eval_accuracy: 0.9833333333333333,
    predict_accuracy: 0.9777777777777777,
  });
});

test("a run that was saved from MLflow's interface is a file like others", async () => {
  const { answers } = JSON.parse(readFileSync(join(SAMPLES, 'mlflow/answers.json'), 'utf8'));
  const [answer] = Object.values(answers) as { body: object }[];
  const { numbers } = await readText(JSON.stringify(answer!.body));
  expect(numbers.get('val_roc_auc')).toEqual({
    value: 0.87,
    basis: { 'digest of the data set': 'a1b74ac4' },
  });
});

test('what is of no format names what can be read', async () => {
  const error = await readText('[1, 2]').catch((thrown: unknown) => thrown as UserError);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).fix).toContain('lm-eval results, promptfoo results');
});
