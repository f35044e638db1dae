/** What holds of rows whatever the task: several training runs, names of labels, the order of rows. */
import { writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomGenerator } from '../../../shared/stats/random.ts';
import { csvTable } from '../fixtures/csv-table.ts';
import { mean, metric, useTaskFolder } from '../fixtures/task-folder.ts';
import { report } from '../report.ts';

const { gate, kept, expectSameFromKept, at, files } = useTaskFolder();

describe('several training runs in one table', () => {
  const policy = [
    'task: binary',
    'columns: {seed: run}',
    'metrics: [{name: accuracy, min_absolute_change: -0.1}, {name: brier_score_loss}]',
    'slices: [{feature_keys: [half], metrics: [accuracy], min_samples: 10}]',
  ];
  const random = randomGenerator(21);
  const runs = (count: number, noise: number) =>
    Array.from({ length: count }, (_, run) =>
      Array.from({ length: 300 }, (_, id) => ({
        id,
        run: run * 10,
        y_score: Math.min(1, Math.max(0, 0.5 + ((id % 2) - 0.5) * 0.5 + (random() - 0.5) * noise)),
      })),
    ).flat();
  const data = Array.from({ length: 300 }, (_, id) => ({ id, y_true: id % 2, half: id < 150 ? 'a' : 'b' }));
  const [challenger, champion] = [runs(4, 1.2), runs(3, 1.4)];
  const accuracy = (rows: typeof challenger): number =>
    mean(rows.map(({ id, y_score }) => Number(y_score >= 0.5 === (id % 2 === 1))));

  test('the value is the mean over the runs, in slices too, whatever the order of rows', async () => {
    const record = await gate(policy, { predictions: challenger, baseline: champion, data });
    expect(metric(record, 'accuracy').challenger).toBeCloseTo(accuracy(challenger), 12);
    expect(metric(record, 'accuracy').champion).toBeCloseTo(accuracy(champion), 12);
    expect(metric(record, 'accuracy').method).toMatch(/3 and 4 seeds/);
    expect(record.notes.join()).toMatch(
      /are of seed 0, the first of 4\.,Of the champion they are of the first of its 3/,
    );
    expect(report(record).details.map(({ title }) => title)).toContain(
      'Confusion · 2 labels · seed 0, one of 4',
    );
    expect(metric(record, 'accuracy', 'a').challenger).toBeCloseTo(
      accuracy(challenger.filter(({ id }) => id < 150)),
      12,
    );
    const shuffled = await gate(policy, {
      predictions: challenger.toSorted((a, b) => ((a.id * 7) % 11) - ((b.id * 7) % 11) || a.id - b.id),
      baseline: champion.toReversed(),
      data: data.toReversed(),
    });
    expect(shuffled.metrics).toEqual(record.metrics);
    expect(shuffled.predictions!.digest).toBe(record.predictions!.digest);
    expect((await kept(record)).length).toBe(1 + 4 * 300);
    await expectSameFromKept(policy, record, data);
  });

  test('an id twice in one run, or missing in one, is refused', async () => {
    await expect(gate(policy, { predictions: [...challenger, challenger[5]!], data })).rejects.toThrow(
      /the predictions of seed 0 ids are given more than once, such as 5/,
    );
    await expect(gate(policy, { predictions: challenger.slice(1), data })).rejects.toThrow(
      /1 id only in the predictions of seed 10/,
    );
    const without = [['task: binary'], policy.slice(2)].flat();
    await expect(gate(without, { predictions: challenger, data })).rejects.toMatchObject({
      fix: expect.stringContaining('columns: {seed: …}'),
    });
  });
});

test('labels by their own names; whole numbers of ids sort as numbers in every format', async () => {
  const rows = Array.from({ length: 400 }, (_, id) => ({
    id: String(id),
    y_true: id % 2 ? 'late' : 'on time',
    y_score: ((id * 37) % 100) / 100,
  }));
  const policy = ['task: binary', 'positive_label: late', 'metrics: [{name: average_precision}]'];
  const text = await gate(policy, { predictions: rows });
  expect(text.confusion!.labels).toEqual(['on time', 'late']);
  const labelled = rows.map((row) => ({ ...row, y_pred: row.y_true }));
  expect((await gate([...policy, 'threshold: 0.9'], { predictions: labelled })).notes).toContain(
    "There is y_pred, so threshold: 0.9 does not make the challenger's labels.",
  );
  expect((await kept(text)).slice(0, 12).map((line) => line.split(',')[0])).toEqual(
    ['id', ...Array.from({ length: 11 }, (_, id) => id)].map(String),
  );
  await writeFile(
    at('new.jsonl'),
    rows.map((row) => JSON.stringify({ ...row, id: Number(row.id) })).join('\n'),
  );
  const typed = await files({
    predictions: at('new.jsonl'),
    policy: at('task.yaml'),
    'policy-from': 'file',
  });
  expect(typed.metrics).toEqual(text.metrics);
  expect(typed.predictions!.digest).toBe(text.predictions!.digest);
});

test('neither the order of rows nor how they are dealt to files changes anything', async () => {
  const random = randomGenerator(33);
  const rows = Array.from({ length: 260 }, (_, id) => ({
    id: `row ${id}`,
    y_true: id % 2,
    y_score: Math.round(random() * 50) / 50,
    w: (id % 4) + 0.5,
    user: id % 40,
    half: id % 3 ? 'a' : 'b',
  }));
  const old = rows.map(({ id }) => ({ id, y_score: Math.round(random() * 50) / 50 }));
  const columns = 'columns: {sample_weight: w, cluster: user}';
  const policy = [
    'task: binary',
    columns,
    'metrics: [{name: roc_auc}, {name: average_precision}, {name: f1}, {name: log_loss}]',
    'slices: [{feature_keys: [half], metrics: [roc_auc, brier_score_loss], min_samples: 10}]',
  ];
  const first = await gate(policy, { predictions: rows, baseline: old });
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(rows, { minLength: rows.length }),
      fc.shuffledSubarray(old, { minLength: old.length }),
      fc.integer({ min: 1, max: rows.length - 1 }),
      async (shuffled, shuffledOld, cut) => {
        await writeFile(at('part-1.csv'), csvTable(shuffled.slice(cut)));
        await writeFile(at('part-2.csv'), csvTable(shuffled.slice(0, cut)));
        await writeFile(at('old.csv'), csvTable(shuffledOld));
        const again = await files({
          predictions: `${at('part-1.csv')}, ${at('part-2.csv')}`,
          'baseline-predictions': at('old.csv'),
          policy: at('task.yaml'),
          'policy-from': 'file',
        });
        expect(again.metrics).toEqual(first.metrics);
        expect(again.slices).toEqual(first.slices);
        expect(again.predictions!.digest).toBe(first.predictions!.digest);
      },
    ),
    { numRuns: 6 },
  );
});
