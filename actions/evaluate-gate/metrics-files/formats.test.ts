/** Every format, read from the sample that the tool itself has written. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../shared/errors.ts';
import { requireFormat } from './formats.ts';
import type { MetricsFile } from './metrics-format.ts';
import { parseContent } from './parse-content.ts';

const SAMPLES = join(import.meta.dirname, '../../../action-test/fixtures/metrics-files');
const find = (pattern: RegExp): string =>
  readdirSync(SAMPLES, { recursive: true, encoding: 'utf8' }).find((path) => pattern.test(path))!;

async function open(sample: string, name = sample): Promise<MetricsFile> {
  return { path: name, content: await parseContent(readFileSync(join(SAMPLES, sample)), name) };
}

async function read(sample: string, name = sample) {
  const file = await open(sample, name);
  const format = requireFormat(file);
  const { numbers, notes } = format.read(file);
  return {
    format: format.name,
    numbers,
    notes,
    values: Object.fromEntries([...numbers].map(([key, { value }]) => [key, value])),
  };
}
const parsed = (text: string, name = 'm.json') =>
  parseContent(Buffer.from(text), name).then((content) => {
    const file = { path: name, content };
    return requireFormat(file).read(file);
  });

const SUMS = find(/lm-eval.champion.samples_toy_sums/);
const RESULTS = find(/lm-eval.champion.results/);

test.each([
  ['dvc/dvclive-metrics.json', 'metrics as JSON, YAML or TOML'],
  ['dvc/metrics.yaml', 'metrics as JSON, YAML or TOML'],
  ['dvc/metrics.toml', 'metrics as JSON, YAML or TOML'],
  [RESULTS, 'lm-eval results'],
  [SUMS, 'lm-eval samples'],
  ['scikit-learn/binary.json', "scikit-learn's classification report"],
  ['hugging-face/trainer_state.json', 'Hugging Face trainer state'],
  ['lightning/metrics.csv', 'Lightning metrics'],
  ['keras/history.json', 'Keras history'],
  ['keras/history.csv', 'Keras CSVLogger'],
  ['sagemaker/evaluation.json', "SageMaker's evaluation"],
  ['promptfoo/results-1.json', 'promptfoo results'],
])('%s is known by its content alone', async (sample, format) => {
  const ending = /\.toml$/.test(sample) ? '.toml' : '';
  expect((await read(sample)).format).toBe(format);
  expect((await read(sample, `downloaded${ending}`)).format).toBe(format);
});

test('the results of Hugging Face are known by their name', async () => {
  const found = await read('hugging-face/all_results.json', 'run/all_results.json');
  expect(found.format).toBe('Hugging Face results');
  expect(found.values).toMatchObject({
    eval_accuracy: 0.9833333333333333,
    predict_accuracy: 0.9777777777777777,
  });
});

test("a run that was saved from MLflow's interface is a file like others", async () => {
  const { answers } = JSON.parse(readFileSync(join(SAMPLES, 'mlflow/answers.json'), 'utf8'));
  const [answer] = Object.values(answers) as { body: object }[];
  const { numbers } = await parsed(JSON.stringify(answer!.body));
  expect(numbers.get('val_roc_auc')).toEqual({
    value: 0.87,
    basis: { 'digest of the data set': 'a1b74ac4' },
  });
});

describe('DVC', () => {
  const shown = JSON.parse(readFileSync(join(SAMPLES, 'dvc/dvc-metrics-show.json'), 'utf8'))[''].data;

  test.each(['metrics.yaml', 'metrics.toml', 'nested.json'])('%s is read as DVC reads it', async (name) => {
    const flat: Record<string, number> = {};
    const collect = (value: object, prefix: string): void => {
      for (const [key, inner] of Object.entries(value)) {
        if (typeof inner === 'number') flat[prefix + key] = inner;
        else if (typeof inner === 'object') collect(inner, `${prefix}${key}.`);
      }
    };
    collect(shown[name].data, '');
    expect((await read(`dvc/${name}`)).values).toEqual(flat);
    expect(flat['test.best.log_loss']).toBe(0.31);
  });

  test('what is nested or long beyond reason is refused', async () => {
    await expect(parsed(`${'{"a":'.repeat(60)}1${'}'.repeat(60)}`)).rejects.toThrow(/nested deeper than 50/);
    const many = Array.from({ length: 10_001 }, (_, index) => `"k${index}":1`).join(',');
    await expect(parsed(`{${many}}`)).rejects.toThrow(/more than 10000 numbers/);
  });

  test('a number too large is infinite, a key __proto__ a key', async () => {
    const { numbers } = await parsed('{"a": 1e999, "__proto__": {"b": 2}}');
    expect([...numbers].map(([key, { value }]) => [key, value])).toEqual([
      ['a', Number.POSITIVE_INFINITY],
      ['__proto__.b', 2],
    ]);
  });
});

describe('scikit-learn', () => {
  test('averages and classes have the names of its scorers', async () => {
    const { numbers } = await read('scikit-learn/binary.json');
    expect(numbers.get('accuracy')).toMatchObject({
      value: 0.9122807017543859,
      basis: { 'number of rows per class': '101, 184' },
    });
    expect(numbers.get('macro avg.f1-score')).toMatchObject({
      value: 0.9030361590070902,
      metric: 'f1_macro',
    });
    expect(numbers.get('weighted avg.recall')).toMatchObject({ metric: 'recall_weighted' });
    expect(numbers.get('1.precision')).toMatchObject({ metric: 'precision', ofClass: '1' });
  });
});

describe('lm-eval', () => {
  test('values with their errors, directions and how they were asked', async () => {
    const { numbers } = await read(RESULTS);
    expect([...numbers.keys()]).toEqual([
      'toy_sums.acc,none',
      'toy_sums.acc_norm,none',
      'toy_words.exact_match,strict',
      'toy_words.ter,strict',
      'toy_words.exact_match,lower',
      'toy_words.ter,lower',
      'toy.acc,none',
    ]);
    expect(numbers.get('toy_sums.acc,none')).toEqual({
      value: 0.4,
      standardError: 0.055117825460955026,
      rows: 80,
      direction: 'higher',
      basis: {
        'version of the task': '1',
        'n-shot': '0',
        'hash of the task': 'fc348abf30c8c3001669889301b17eb7a70ea429d5f256fd8cde4c7d3f984344',
        'number of documents': '80',
      },
    });
    expect(numbers.get('toy_words.ter,lower')).toMatchObject({
      direction: 'lower',
      standardError: 6.015171790287176,
    });
    // Only one of the group's two tasks has this metric.
    expect(numbers.get('toy.acc,none')?.rows).toBe(80);
  });

  test('an error of "N/A" is none', async () => {
    const { numbers } = await parsed(
      '{"results": {"t": {"acc,none": 0.5, "acc_stderr,none": "N/A"}}, "versions": {"t": 1}}',
    );
    expect(numbers.get('t.acc,none')).toEqual({ value: 0.5, basis: { 'version of the task': '1' } });
  });

  test('the scores of the samples have the mean that the results say', async () => {
    const results = await read(RESULTS);
    const samples = await read(SUMS, basename(SUMS));
    expect([...samples.numbers.keys()]).toEqual(['toy_sums.acc,none', 'toy_sums.acc_norm,none']);
    const { cases, value } = samples.numbers.get('toy_sums.acc,none')!;
    expect(cases!.size).toBe(80);
    expect(value).toBeCloseTo(results.values['toy_sums.acc,none']!, 12);
    const words = await read(find(/lm-eval.champion.samples_toy_words/), 'samples_toy_words.jsonl');
    // Of translation error rates there is no score per document.
    expect([...words.numbers.keys()]).toEqual([
      'toy_words.exact_match,strict',
      'toy_words.exact_match,lower',
    ]);
  });

  test('samples that are no samples, or given twice, are refused', async () => {
    const line = '{"doc_id": 1, "metrics": ["acc"], "acc": 1}';
    await expect(parsed(`${line}\n{"doc_id": 2}`, 'm.jsonl')).rejects.toMatchObject({ where: { line: 2 } });
    await expect(parsed(`${line}\n${line}`, 'm.jsonl')).rejects.toThrow(/the document 1 twice/);
  });
});

describe('Hugging Face', () => {
  test("the trainer's best step counts, and the note says which and why", async () => {
    const { values, notes } = await read('hugging-face/trainer_state.json');
    expect(values).toMatchObject({
      eval_accuracy: 0.9833333333333333,
      eval_loss: 0.07781374454498291,
      loss: 0.2584388017654419,
    });
    expect(notes).toEqual([
      "hugging-face/trainer_state.json is a history: its values at the trainer's best step 20 are judged, chosen by eval_accuracy",
    ]);
  });

  test('without a best step the last counts; older files name only the checkpoint', async () => {
    const log = '"log_history": [{"step": 5, "eval_loss": 0.2}, {"step": 9, "eval_loss": 0.3}]';
    const last = await parsed(`{"best_metric": null, ${log}}`);
    expect([last.numbers.get('eval_loss')?.value, last.notes[0]]).toEqual([
      0.3,
      'm.json is a history: its last values are judged, of step 9',
    ]);
    const best = await parsed(`{"best_metric": 0.2, "best_model_checkpoint": "out/checkpoint-5", ${log}}`);
    expect(best.numbers.get('eval_loss')?.value).toBe(0.2);
  });
});

describe('Lightning and Keras', () => {
  test('empty fields are no values, and each metric is of its own last step', async () => {
    const { values, notes } = await read('lightning/metrics.csv');
    expect(values).toEqual({
      test_acc: 0.8399999737739563,
      test_loss: 0.41798117756843567,
      train_loss: 0.4855939447879791,
      val_acc: 0.8666666746139526,
      val_loss: 0.37443211674690247,
    });
    expect(notes).toEqual([
      "lightning/metrics.csv is a history: its last values are judged, of step 15 to 18, each metric's own last",
    ]);
  });

  test('both files of Keras say the same, and which numbers are of the training rows', async () => {
    const [json, csv] = [await read('keras/history.json'), await read('keras/history.csv')];
    expect(csv.values).toEqual(json.values);
    expect(json.numbers.get('val_auc')).toEqual({ value: 0.5136678814888 });
    expect(json.numbers.get('auc')).toEqual({ value: 0.46674102544784546, ofTraining: true });
    expect(json.notes).toEqual(['keras/history.json is a history: its last values are judged, of epoch 3']);
  });

  test('NaN and infinities of tables; a step that is none; a table of one line', async () => {
    const { numbers } = await parsed('step,epoch,a,b,c\n0,0,nan,-inf,x\n', 'm.csv');
    expect([...numbers].map(([key, { value }]) => [key, value])).toEqual([
      ['a', Number.NaN],
      ['b', Number.NEGATIVE_INFINITY],
    ]);
    await expect(parsed('step,epoch,a\none,0,1\n', 'm.csv')).rejects.toThrow(/the step "one"/);
    expect(await parsed('model,auc\nforest,0.9\n', 'm.csv')).toEqual({
      numbers: new Map([['auc', { value: 0.9 }]]),
      notes: [],
    });
  });
});

test('SageMaker: a deviation of "NaN" changes nothing, and none is taken for a standard error', async () => {
  const { numbers, values } = await read('sagemaker/evaluation.json');
  expect(numbers.get('binary_classification_metrics.recall')).toEqual({ value: 0.91 });
  expect(values['binary_classification_metrics.auc']).toBe(0.9412);
  expect(Object.keys(values)).toHaveLength(7);
});

describe('promptfoo', () => {
  test('each test with its scores', async () => {
    const { numbers, notes, values } = await read('promptfoo/results-1.json');
    const stats = JSON.parse(readFileSync(join(SAMPLES, 'promptfoo/results-1.json'), 'utf8')).results;
    const [{ metrics }] = stats.prompts;
    expect(values.pass_rate).toBe(stats.stats.successes / 60);
    expect(values.exact).toBeCloseTo(metrics.namedScores.exact / metrics.namedScoresCount.exact, 12);
    expect(values.score).toBeCloseTo(metrics.score / 60, 12);
    expect(values.cost).toBeCloseTo(metrics.cost / 60, 12);
    expect(numbers.get('latency_ms')).toMatchObject({ direction: 'lower', rows: 60 });
    expect(notes).toEqual([]);
  });

  const test1 = {
    testIdx: 0,
    promptIdx: 0,
    provider: { id: 'a' },
    prompt: { label: 'p' },
    success: true,
    score: 1,
  };
  const results = (tests: object[], version = 3) =>
    parsed(JSON.stringify({ results: { version, results: tests } }));

  test('errors are said; repetitions are cases of one cluster', async () => {
    const { numbers, notes } = await results([test1, { ...test1, success: false, failureReason: 2 }]);
    expect(notes).toEqual(['m.json: 1 of 2 tests ended in an error and count as failed']);
    const cases = [...numbers.get('pass_rate')!.cases!];
    expect(cases.map(([id, { cluster, score }]) => [id, cluster, score])).toEqual([
      ['test 0 0', 'test 0', 1],
      ['test 0 1', 'test 0', 0],
    ]);
  });

  test('several prompts or providers, and other versions, are refused', async () => {
    await expect(results([test1, { ...test1, promptIdx: 1, provider: { id: 'b' } }])).rejects.toThrow(
      /2 combinations of provider and prompt: a with "p"; b with "p"/,
    );
    await expect(results([test1], 2)).rejects.toThrow(/version 2; readable is version 3/);
  });
});

test('what is of no format names what can be read', async () => {
  const error = await parsed('[1, 2]').catch((thrown: unknown) => thrown as UserError);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).fix).toContain('lm-eval results, promptfoo results');
});
