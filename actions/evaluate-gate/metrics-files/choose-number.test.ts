import { describe, expect, test } from 'vitest';
import { emptyPolicy, type Rule, rulesOf } from '../policy/rules.ts';
import { chooseNumber, whyMissing } from './choose-number.ts';
import { directionOfKey, metricOfKey } from './metric-key.ts';
import type { MetricNumber } from './metrics-format.ts';
import type { MetricsRun } from './read-side.ts';

const rule = (name: string, direction?: 'higher' | 'lower'): Rule =>
  rulesOf(
    { ...emptyPolicy('scores'), metrics: [{ name, ...(direction && { direction }) }] },
    undefined,
    true,
  )[0]!;

const run = (numbers: Record<string, number | MetricNumber>): MetricsRun => ({
  from: 'm.json',
  notes: [],
  numbers: new Map(
    Object.entries(numbers).map(([key, number]) => [
      key,
      typeof number === 'number' ? { value: number } : number,
    ]),
  ),
});

const chosen = (wanted: Rule, numbers: Record<string, number | MetricNumber>, positiveLabel?: string) => {
  const found = chooseNumber(wanted, run(numbers), positiveLabel);
  return found && [found.key, found.number.value];
};

test.each([
  ['roc_auc', 'roc_auc_score'],
  ['roc_auc', 'auc'],
  ['roc_auc', 'binary_classification_metrics.auc'],
  ['accuracy', 'eval_accuracy'],
  ['accuracy', 'val_acc'],
  ['accuracy', 'test.accuracy'],
  ['accuracy', 'val/acc'],
  ['accuracy', 'toy_sums.acc,none'],
  ['accuracy', 'val_sparse_categorical_accuracy'],
  ['f1', 'test.f1-score'],
  ['root_mean_squared_error', 'regression_metrics.rmse'],
  ['log_loss', 'predict_logloss'],
])('%s is found as %s', (name, key) => {
  expect(chosen(rule(name), { [key]: 0.5, other: 1 })).toEqual([key, 0.5]);
});

describe('the rule of choice', () => {
  test('the very key goes before another name, and that before a prefix', () => {
    const numbers = { eval_accuracy: 1, accuracy_score: 2, accuracy: 3 };
    expect(chosen(rule('accuracy'), numbers)).toEqual(['accuracy', 3]);
    expect(chosen(rule('accuracy'), { eval_accuracy: 1, accuracy_score: 2 })).toEqual(['accuracy_score', 2]);
  });

  test("a policy may write the file's own key, which tells even the direction of a known metric", () => {
    const numbers = { eval_accuracy: 1, test_accuracy: 2, 'toy_sums.acc,none': 3, eval_wer: 4 };
    expect(chosen(rule('test_accuracy'), numbers)).toEqual(['test_accuracy', 2]);
    expect(chosen(rule('toy_sums.acc,none'), numbers)).toEqual(['toy_sums.acc,none', 3]);
    expect(chosen(rule('toy_sums.acc'), numbers)).toEqual(['toy_sums.acc,none', 3]);
    expect(chosen(rule('wer', 'lower'), numbers)).toEqual(['eval_wer', 4]);
    expect(rule('test_accuracy').direction).toBe('higher');
    expect(() => rule('eval_wer')).toThrow(/no metric called "eval_wer"/);
  });

  test('a task or a filter that the policy writes is part of what it means', () => {
    const numbers = { 'toy_sums.acc,none': 1, 'all.toy_words.em,lower': 2 };
    expect(chosen(rule('toy_words.acc,none'), numbers)).toBeUndefined();
    expect(chosen(rule('toy_words.acc'), numbers)).toBeUndefined();
    expect(chosen(rule('em,strict', 'higher'), numbers)).toBeUndefined();
    expect(chosen(rule('toy_words.em,lower', 'higher'), numbers)).toEqual(['all.toy_words.em,lower', 2]);
    expect(chosen(rule('toy_words/em', 'higher'), numbers)).toEqual(['all.toy_words.em,lower', 2]);
    expect(chosen(rule('words.em', 'higher'), numbers)).toBeUndefined();
  });

  test("another tool's name in the policy finds the metric under its own name", () => {
    expect(chosen(rule('auc'), { 'test.roc_auc': 0.9 })).toEqual(['test.roc_auc', 0.9]);
    expect(chosen(rule('acc'), { accuracy: 0.9, acc: 0.8 })).toEqual(['acc', 0.8]);
  });

  test('several keys that could be meant are an error that lists them', () => {
    expect(() => chosen(rule('accuracy'), { eval_accuracy: 1, test_accuracy: 2 })).toThrow(
      'm.json has several numbers that could be accuracy: eval_accuracy, test_accuracy.',
    );
  });

  test('a value under a neg_ name changes its sign', () => {
    expect(chosen(rule('log_loss'), { neg_log_loss: -0.3 })).toEqual(['neg_log_loss', 0.3]);
    expect(chosen(rule('neg_log_loss'), { 'test.neg_log_loss': -0.3 })).toEqual(['test.neg_log_loss', 0.3]);
    expect(directionOfKey('test_neg_log_loss')).toBe('higher');
  });

  test('numbers of the training rows count only under their own key', () => {
    const ofTraining = { train_accuracy: 1, 'train.accuracy': 2 };
    expect(chosen(rule('accuracy'), ofTraining)).toBeUndefined();
    expect(chosen(rule('train_accuracy', 'higher'), ofTraining)).toEqual(['train_accuracy', 1]);
    const keras = { accuracy: { value: 1, ofTraining: true }, val_accuracy: 2 };
    expect(chosen(rule('accuracy'), keras)).toEqual(['val_accuracy', 2]);
  });

  test('of a report by classes: the positive one, the one that is asked for, or an average', () => {
    const report = {
      '0.f1-score': { value: 0.1, metric: 'f1', ofClass: '0' },
      '1.f1-score': { value: 0.2, metric: 'f1', ofClass: '1' },
      'macro avg.f1-score': { value: 0.15, metric: 'f1_macro' },
    };
    expect(chosen(rule('f1'), report)).toEqual(['1.f1-score', 0.2]);
    expect(chosen(rule('f1'), report, '0')).toEqual(['0.f1-score', 0.1]);
    expect(chosen({ ...rule('f1'), parameters: { class: '0' } }, report)).toEqual(['0.f1-score', 0.1]);
    const three = { ...report, '2.f1-score': { value: 0.3, metric: 'f1', ofClass: '2' } };
    expect(chosen(rule('f1'), three)).toBeUndefined();
    expect(chosen(rule('0.f1-score'), report)).toEqual(['0.f1-score', 0.1]);
    expect(chosen({ ...rule('f1'), name: 'f1_macro' }, report)).toEqual(['macro avg.f1-score', 0.15]);
  });

  test('k is looked for in the ways in which it is written', () => {
    const at = { ...rule('hits', 'higher'), parameters: { k: '10' } };
    expect(chosen(at, { 'hits@5': 1, 'hits@10': 2 })).toEqual(['hits@10', 2]);
    expect(chosen(at, { hits_at_10: 3 })).toEqual(['hits_at_10', 3]);
    expect(chosen(at, { hits: 1, 'hits@5': 1 })).toBeUndefined();
    const top = { ...rule('top_k_hits', 'higher'), parameters: { k: '5' } };
    expect(chosen(top, { eval_top_5_hits: 4 })).toEqual(['eval_top_5_hits', 4]);
  });

  test('a direction or a file that contradicts is an error', () => {
    expect(() => chosen(rule('wer', 'higher'), { wer: { value: 1, direction: 'lower' } })).toThrow(
      /wer is better lower, and the policy says higher/,
    );
    expect(() =>
      chosen(rule('wer', 'lower'), { wer: { value: 1, conflict: 'is 1 here and 2 there in' } }),
    ).toThrow(/wer is 1 here and 2 there in m.json/);
  });
});

test('what is missing is said with the nearest keys', () => {
  const runs = [run({ epoch: 1, roc: 2, auc_roc: 3, eval_roc_auc_ovr_: 4, loss: 5 })];
  expect(whyMissing(rule('roc_auc'), runs)).toBe(
    'm.json has no roc_auc; nearest: roc, eval_roc_auc_ovr_, auc_roc',
  );
});

test('keys that mean nothing known', () => {
  expect(['eval_loss', 'epoch', 'eval_runtime', 'hasOwnProperty', '__proto__', ''].map(metricOfKey)).toEqual(
    Array(6).fill(undefined),
  );
});
