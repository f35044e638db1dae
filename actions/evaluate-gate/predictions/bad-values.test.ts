/** An error about a value says in which file, at which id and in which column a person finds it. */

import { describe, expect, test } from 'vitest';
import { describeUserError, type UserError } from '../../../shared/errors.ts';
import { type Table, useTaskFolder } from '../fixtures/task-folder.ts';

const { at, gate } = useTaskFolder();

const rows = (changes: Record<string, object>, more: object = {}): Table =>
  ['a', 'b', 'c', 'd'].map((id, index) => ({
    id,
    y_true: index % 2,
    y_score: index / 4,
    ...more,
    ...changes[id],
  }));

const told = async (...given: Parameters<typeof gate>): Promise<string> =>
  gate(...given).then(
    () => 'nothing',
    (error: UserError) => describeUserError(error).replaceAll(`${at('')}/`, ''),
  );

const BINARY = ['task: binary', 'metrics: [{name: roc_auc}]'];

test.each<[string, string[], Parameters<typeof gate>[1], string, string]>([
  [
    'text among scores, under the name that the file has for them',
    ['task: binary', 'columns: {y_score: proba}', 'metrics: [{name: roc_auc}]'],
    { predictions: rows({ c: { proba: '0.7%' } }, { proba: 0.5 }) },
    'such as "0.7%", where numbers are needed. The first is in column "proba" of the predictions at id "c".',
    'Where: new.csv, key proba',
  ],
  [
    "an unknown label of the champion's",
    BINARY,
    { predictions: rows({}), baseline: rows({ b: { y_pred: 'maybe' } }, { y_pred: '1' }) },
    'The first is in column "y_pred" of the baseline\'s predictions at id "b".',
    'Where: old.csv, key y_pred',
  ],
  [
    'an empty label, in the file that has the labels',
    BINARY,
    {
      predictions: rows({}).map(({ y_true: _, ...row }) => row),
      data: rows({ d: { y_true: '' } }),
    },
    'The column of y_true is empty in 1 of 4 rows. The first is in column "y_true" of the data at id "d".',
    'Where: rows.csv, key y_true',
  ],
  [
    'a negative weight',
    ['task: binary', 'columns: {sample_weight: w}', 'metrics: [{name: roc_auc}]'],
    { predictions: rows({ b: { w: -1 }, d: { w: -2 } }, { w: 1 }) },
    'negative or infinite in 2 rows. The first is in column "w" of the predictions at id "b".',
    'Where: new.csv, key w',
  ],
  [
    'a label of several that is neither 0 nor 1',
    ['task: multilabel', 'metrics: [{name: hamming_loss}]'],
    {
      predictions: rows({ c: { y_pred_cat: 0.5 } }, { y_true_cat: 1, y_pred_cat: 1 }),
    },
    'The first is in column "y_pred_cat" of the predictions at id "c".',
    'Where: new.csv, key y_pred_cat',
  ],
])('%s', async (_, policy, tables, message, where) => {
  const error = await told(policy, tables);
  expect(error).toContain(message);
  expect(error).toContain(where);
});

test('a long value is shown by its beginning', async () => {
  const error = await told(BINARY, { predictions: rows({ c: { y_score: 'x'.repeat(10_000) } }) });
  expect(error).toContain(`"${'x'.repeat(80)}…"`);
  expect(error.length).toBeLessThan(1000);
});

test('training data without a number says in which row', async () => {
  const forecasts = rows({}, { y_pred: 1 });
  const training = [{ y_true: 1 }, { y_true: 'n/a' }, { y_true: 2 }];
  const policy = ['task: forecasting', 'metrics: [{name: mase}]'];
  expect(await told(policy, { predictions: forecasts, training })).toContain(
    'y_true is no number in 1 row, the first of which is row 2.\nWhere: training.csv, key y_true',
  );
});

describe('predictions that are no numbers fail, and the verdict says where the first is', () => {
  const many = (changes: Record<number, object>, more: object = {}): Table =>
    Array.from({ length: 240 }, (_, row) => ({
      id: `r${String(row).padStart(3, '0')}`,
      y_true: row % 2,
      y_score: (row % 7) / 7,
      half: row < 120 ? 'a' : 'b',
      ...more,
      ...changes[row],
    }));
  const whyOf = async (...given: Parameters<typeof gate>) => {
    const record = await gate(...given);
    return [...record.metrics, ...record.slices].map(({ verdict, why }) => `${verdict}: ${why}`);
  };

  test('under the name of its column in its file, of whichever model', async () => {
    const policy = [
      'task: binary',
      'columns: {y_score: proba}',
      'metrics: [{name: roc_auc, min_absolute_change: 0}]',
    ];
    const sound = many({}, { proba: 0.5 });
    const broken = many({ 7: { proba: 'NaN' }, 30: { proba: '' }, 31: { proba: 'inf' } }, { proba: 0.5 });
    const place = (whose: string, file: string) =>
      `y_score is not a finite number in 3 rows; the first is in column "proba" of ${whose} at id "r007" (${file})`;
    expect(await whyOf(policy, { predictions: broken, baseline: sound })).toEqual([
      `fail: ${place('the predictions', 'new.csv')}`,
    ]);
    expect(await whyOf(policy, { predictions: sound, baseline: broken })).toEqual([
      `missing: the champion has no number: ${place("the baseline's predictions", 'old.csv')}`,
    ]);
  });

  test('of labels, in a slice, among groups of people and in the share of flips', async () => {
    const policy = [
      'task: binary',
      'metrics: [{name: accuracy, lower_bound: 0}]',
      'slices: [{feature_keys: [half], metrics: [accuracy], lower_bound: 0, min_samples: 1}]',
      'fairness: [{name: accuracy_difference, sensitive_features: [half], upper_bound: 1, min_samples: 1}]',
      'churn: {symmetric_flip_rate: {upper_bound: 1}}',
    ];
    const [predictions, baseline] = [many({ 200: { y_pred: '' } }, { y_pred: 1 }), many({}, { y_pred: 1 })];
    const place = 'is in column "y_pred" of the predictions at id "r200" (new.csv)';
    const told = (await whyOf(policy, { predictions, baseline })).filter((why) => why.startsWith('fail'));
    expect(told).toHaveLength(4);
    for (const why of told) expect(why).toMatch(/y_pred is empty in 1 row; the first (of all rows )?is in/);
    expect(told.every((why) => why.endsWith(place))).toBe(true);
    expect(told.filter((why) => why.includes('the first of all rows'))).toHaveLength(1);
  });

  test('of labels that a threshold makes, and of a column of scores', async () => {
    const cut = ['task: binary', 'threshold: 0.5', 'metrics: [{name: accuracy, lower_bound: 0}]'];
    expect(await whyOf(cut, { predictions: many({ 3: { y_score: 'nan' } }) })).toEqual([
      expect.stringMatching(/^fail: .* column "y_score" of the predictions at id "r003" \(new.csv\)$/),
    ]);
    const scores = [
      'task: scores',
      'metrics: [{name: tone, direction: higher, lower_bound: 0}, {name: wit, direction: higher, lower_bound: 0}]',
    ];
    const table = many({ 9: { wit: '' } }, { tone: 1, wit: 1 }).map(({ id, tone, wit }) => ({
      id: id!,
      tone: tone!,
      wit: wit!,
    }));
    expect((await whyOf(scores, { predictions: table })).at(-1)).toMatch(
      /^fail: .* column "wit" of the predictions at id "r009"/,
    );
  });
});
