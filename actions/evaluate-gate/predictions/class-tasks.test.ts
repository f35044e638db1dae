/** Tasks of classes and labels, from their files to their numbers. */
import { describe, expect, test } from 'vitest';
import { randomGenerator } from '../../../shared/stats/random.ts';
import { mean, metric, type Table, useTaskFolder } from '../fixtures/task-folder.ts';

const { gate, kept, expectSameFromKept } = useTaskFolder();

describe('multiclass', () => {
  const LABELS = ['cat', 'dog', 'bird'];
  const policy = [
    'task: multiclass',
    'columns: {y_true: animal, y_score: proba}',
    'metrics: [{name: accuracy, lower_bound: 0.1}, {name: top_k_accuracy, k: 2}, {name: recall, class: dog}]',
  ];
  const random = randomGenerator(3);
  const rows = Array.from({ length: 300 }, (_, id) => {
    const truth = LABELS[id % 3]!;
    const shares = LABELS.map((label) => random() + (label === truth ? 0.5 : 0));
    const total = shares.reduce((sum, share) => sum + share, 0);
    return { id, truth, shares: shares.map((share) => share / total) };
  });
  const best = (shares: readonly number[]): string => LABELS[shares.indexOf(Math.max(...shares))]!;
  const data = rows.map(({ id, truth }) => ({ id, animal: truth }));
  const scores = (prefix: string) =>
    rows.map(({ id, shares }) => ({
      id,
      ...Object.fromEntries(LABELS.map((label, index) => [`${prefix}_${label}`, shares[index]!])),
    }));

  test('scores per class; labels are those of the largest score; classes in their order', async () => {
    const record = await gate(policy, { predictions: scores('proba'), data });
    expect(metric(record, 'accuracy').challenger).toBeCloseTo(
      mean(rows.map(({ truth, shares }) => Number(best(shares) === truth))),
      12,
    );
    const isAmongTwo = ({ truth, shares }: (typeof rows)[number]): boolean =>
      shares.filter((share) => share > shares[LABELS.indexOf(truth)]!).length < 2;
    expect(metric(record, 'top_k_accuracy').challenger).toBeCloseTo(
      mean(rows.map((row) => Number(isAmongTwo(row)))),
      12,
    );
    const dogs = rows.filter(({ truth }) => truth === 'dog');
    expect(metric(record, 'recall').challenger).toBeCloseTo(
      mean(dogs.map(({ shares }) => Number(best(shares) === 'dog'))),
      12,
    );
    expect(record.confusion!.labels).toEqual(['bird', 'cat', 'dog']);
    expect(record.notes.join()).toMatch(/labels are those of the largest score/);
    expect((await kept(record))[0]).toBe('id,y_score_cat,y_score_dog,y_score_bird');
    await expectSameFromKept(policy, record, data);
  });

  test('a class that is predicted and never true is a class; 01 is another label than 1', async () => {
    const named = (label: string): string => (label === 'cat' ? '01' : label === 'dog' ? '1' : '2');
    const record = await gate(['task: multiclass', 'metrics: [{name: accuracy}]'], {
      predictions: rows.map(({ id, shares, truth }) => ({
        id,
        y_true: named(truth),
        y_pred: id === 7 ? 'none' : named(best(shares)),
      })),
    });
    expect(record.confusion!.labels).toEqual(['01', '1', '2', 'none']);
    expect(metric(record, 'accuracy').challenger).toBeCloseTo(
      mean(rows.map(({ id, truth, shares }) => Number(id !== 7 && best(shares) === truth))),
      12,
    );
  });

  test('numbers are sorted as numbers, and 1 is 1.0', async () => {
    const numbered = ['2', '10', '1'];
    const record = await gate(['task: multiclass', 'metrics: [{name: accuracy}]'], {
      predictions: rows.map(({ id }) => ({ id, y_pred: `${numbered[id % 3]}.0` })),
      data: rows.map(({ id }) => ({ id, y_true: numbered[id % 3]! })),
    });
    expect(record.confusion!.labels).toEqual(['1', '2', '10']);
    expect(metric(record, 'accuracy').challenger).toBe(1);
  });

  test('scores of some classes only are refused, with what is there', async () => {
    const without = scores('proba').map(({ proba_dog: _, ...row }: Record<string, number>) => row);
    await expect(gate(policy, { predictions: without as Table, data })).rejects.toThrow(
      /scores have no column for "dog": there are y_score_cat, y_score_bird/,
    );
  });
});

describe('multilabel', () => {
  const policy = [
    'task: multilabel',
    'metrics: [{name: accuracy}, {name: hamming_loss}, {name: precision, class: news}]',
  ];
  const random = randomGenerator(8);
  const rows = Array.from({ length: 200 }, (_, id) => {
    const truth = [random() < 0.5, random() < 0.3];
    return { id, truth, predicted: truth.map((label) => (random() < 0.8 ? label : !label)) };
  });
  const data = rows.map(({ id, truth }) => ({ id, y_true_news: truth[0]!, y_true_sport: Number(truth[1]) }));
  const predictions = rows.map(({ id, predicted }) => ({
    id,
    y_pred_sport: predicted[1]!,
    y_pred_news: Number(predicted[0]),
  }));

  test('one column per label, whatever their order, as 0 and 1 or false and true', async () => {
    const record = await gate(policy, { predictions, data });
    const right = rows.map(({ truth, predicted }) => truth.map((label, index) => label === predicted[index]));
    expect(metric(record, 'accuracy').challenger).toBeCloseTo(
      mean(right.map(([first, second]) => Number(first && second))),
      12,
    );
    expect(metric(record, 'hamming_loss').challenger).toBeCloseTo(
      1 - mean(right.map((labels) => mean(labels.map(Number)))),
      12,
    );
    const news = rows.filter(({ predicted }) => predicted[0]);
    expect(metric(record, 'precision').challenger).toBeCloseTo(
      mean(news.map(({ truth }) => Number(truth[0]))),
      12,
    );
    await expectSameFromKept(policy, record, data);
  });

  test.each([
    ['a label without predictions', { y_pred_news: 1 }, /y_pred lack sport/],
    [
      'a label without truth',
      { y_pred_news: 1, y_pred_sport: 1, y_pred_art: 1 },
      /have art, of which the truth/,
    ],
    ['a share', { y_pred_news: 0.4, y_pred_sport: 1 }, /y_pred_news holds 0.4, where 0 or 1 is needed/],
  ])('%s is refused', async (_, columns, message) => {
    await expect(
      gate(policy, { predictions: rows.map(({ id }) => ({ id, ...columns })), data }),
    ).rejects.toThrow(message);
  });
});
