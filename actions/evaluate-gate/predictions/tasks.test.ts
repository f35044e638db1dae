/** Every task from its files to its numbers, as the runtime calls the gate. */
import { writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Evaluation, MetricResult } from '../../../shared/records/evaluation.ts';
import { randomGenerator } from '../../../shared/stats/random.ts';
import { csvTable } from '../fixtures/csv-table.ts';
import { type GateFolder, makeGateFolder } from '../fixtures/gate-folder.ts';

let given: GateFolder;
beforeEach(async () => {
  given = await makeGateFolder();
});
afterEach(() => given.close());

type Table = Parameters<typeof csvTable>[0];

/** Judges tables under a policy written as YAML lines. */
async function gate(
  policy: string[],
  tables: { predictions: Table; baseline?: Table; data?: Table; training?: Table },
): Promise<Evaluation> {
  const write = async (name: string, table: Table | undefined): Promise<string | undefined> => {
    if (table) await writeFile(given.at(name), csvTable(table));
    return table && given.at(name);
  };
  await writeFile(given.at('task.yaml'), ['version: 1', ...policy, ''].join('\n'));
  const inputs = {
    predictions: await write('new.csv', tables.predictions),
    'baseline-predictions': await write('old.csv', tables.baseline),
    data: await write('rows.csv', tables.data),
    'training-data': await write('training.csv', tables.training),
    policy: given.at('task.yaml'),
    'policy-from': 'file',
  };
  return given.gate(
    Object.fromEntries(Object.entries(inputs).flatMap(([name, value]) => (value ? [[name, value]] : []))),
  );
}

const metric = (record: Evaluation, name: string, slice?: string): MetricResult =>
  [...record.metrics, ...record.slices].find(
    (result) =>
      result.name === name && (slice === undefined || Object.values(result.slice ?? {})[0] === slice),
  )!;

/** The kept predictions as a table. */
async function kept(record: Evaluation): Promise<string[]> {
  const { file, digest } = record.predictions!;
  return new TextDecoder()
    .decode(await given.records.readAttachment(file, digest))
    .trim()
    .split('\n');
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** What a later gate pairs on must be what this one judged. */
async function expectSameFromKept(policy: string[], record: Evaluation, data: Table): Promise<void> {
  const { file, digest } = record.predictions!;
  await writeFile(given.at('kept.csv'), await given.records.readAttachment(file, digest));
  await writeFile(given.at('rows.csv'), csvTable(data));
  await writeFile(given.at('task.yaml'), ['version: 1', ...policy, ''].join('\n'));
  const again = await given.gate({
    predictions: given.at('kept.csv'),
    'baseline-predictions': given.at('kept.csv'),
    data: given.at('rows.csv'),
    policy: given.at('task.yaml'),
    'policy-from': 'file',
  });
  expect(again.metrics.map(({ name, challenger }) => [name, challenger])).toEqual(
    record.metrics.map(({ name, challenger }) => [name, challenger]),
  );
  expect(again.metrics.map(({ champion }) => champion)).toEqual(
    record.metrics.map(({ challenger }) => challenger),
  );
  expect(again.predictions!.digest).toBe(digest);
}

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

describe('ranking', () => {
  const policy = [
    'task: ranking',
    'columns: {y_true: relevance, group: query}',
    'metrics: [{name: mrr, lower_bound: 0.1}, {name: "recall@2"}]',
  ];
  const random = randomGenerator(5);
  const rows = Array.from({ length: 240 }, (_, id) => ({ id, query: `q${id % 60}`, score: random() }));
  const data = rows.map(({ id, query }) => ({ id, query, relevance: id < 60 ? 1 : 0 }));
  const predictions = rows.map(({ id, score }) => ({ id, y_score: score }));

  test('query by query', async () => {
    const record = await gate(policy, { predictions, data });
    const ranks = Array.from({ length: 60 }, (_, query) => {
      const scores = rows.filter(({ id }) => id % 60 === query).map(({ score }) => score);
      return scores.filter((score) => score > scores[0]!).length + 1;
    });
    expect(metric(record, 'mrr').challenger).toBeCloseTo(mean(ranks.map((rank) => 1 / rank)), 12);
    expect(metric(record, 'recall').challenger).toBeCloseTo(mean(ranks.map((rank) => Number(rank <= 2))), 12);
    await expectSameFromKept(policy, record, data);
  });

  test.each([
    ['without queries', policy[1]!.replace(', group: query', ''), /no column says which query/],
    ['with weights', policy[1]!.replace('}', ', sample_weight: id}'), /take no sample weights/],
  ])('%s it is refused', async (_, columns, message) => {
    await expect(gate([policy[0]!, columns, policy[2]!], { predictions, data })).rejects.toThrow(message);
  });
});

describe('forecasting', () => {
  const policy = [
    'task: forecasting',
    'seasonal_period: 2',
    'columns: {y_true: sold, group: shop, timestamp: day}',
    'metrics: [{name: mase, upper_bound: 9}, {name: wape}]',
  ];
  const SHOPS = ['north', 'south'];
  const day = (index: number): string => new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10);
  const sold = (shop: number, index: number): number =>
    100 + 40 * shop + 7 * (index % 2) + index * (shop + 1);
  const rows = Array.from({ length: 120 }, (_, id) => ({ id, shop: id % 2, index: 50 + (id >> 1) }));
  const data = rows.map(({ id, shop, index }) => ({
    id,
    shop: SHOPS[shop]!,
    day: day(index),
    sold: sold(shop, index),
  }));
  const predictions = rows.map(({ id, shop, index }) => ({ id, y_pred: sold(shop, index) + (id % 5) - 2 }));
  // In no order: columns.timestamp says it.
  const training = Array.from({ length: 100 }, (_, at) => ({ shop: at % 2, index: (at * 37) % 50 })).map(
    ({ shop, index }) => ({ shop: SHOPS[shop]!, day: day(index), sold: sold(shop, index) }),
  );

  test('errors in the unit of the error one season before, of each series by itself', async () => {
    const record = await gate(policy, { predictions, data, training });
    // Two days later the shops sell 2 and 4 more.
    const expected = mean(rows.map(({ id, shop }) => Math.abs((id % 5) - 2) / (2 * (shop + 1))));
    expect(metric(record, 'mase').challenger).toBeCloseTo(expected, 12);
  });

  test('without training data it has no number and says why', async () => {
    const { verdict, why } = metric(await gate(policy, { predictions, data }), 'mase');
    expect(verdict).toBe('missing');
    expect(why).toMatch(/training/);
  });

  test('training data that does not fit is refused', async () => {
    const without = training.map(({ shop: _, ...row }) => row);
    await expect(gate(policy, { predictions, data, training: without })).rejects.toThrow(
      /training data has no column "shop" \(group\)/,
    );
    const holed = training.map((row, at) => (at === 4 ? { ...row, sold: null } : row));
    await expect(gate(policy, { predictions, data, training: holed })).rejects.toThrow(
      /sold is no number in 1 row/,
    );
  });
});

describe('scores', () => {
  const policy = [
    'task: scores',
    'metrics: [{name: passed, direction: higher, min_absolute_change: -0.2}, {name: grade, direction: higher, lower_bound: 0}]',
    'slices: [{feature_keys: [topic], metrics: [grade]}]',
  ];
  const rows = (good: number) =>
    Array.from({ length: 250 }, (_, id) => ({
      id,
      passed: id % 10 < good,
      grade: ((id * 7) % 5) + good / 10,
      topic: id % 3 === 0 ? 'law' : 'code',
    }));

  test('columns of the user’s own, by their means; passes and misses as a rate; no truth', async () => {
    const record = await gate(policy, { predictions: rows(8), baseline: rows(7) });
    expect(metric(record, 'passed')).toMatchObject({ challenger: 0.8, champion: 0.7, method: 'Tango score' });
    expect(metric(record, 'grade').challenger).toBeCloseTo(mean(rows(8).map(({ grade }) => grade)), 12);
    expect(metric(record, 'grade').method).toBe('paired mean');
    const law = rows(8).filter(({ topic }) => topic === 'law');
    expect(metric(record, 'grade', 'law').challenger).toBeCloseTo(mean(law.map(({ grade }) => grade)), 12);
    expect((await kept(record))[0]).toBe('id,passed,grade');
  });

  test('a column that is not there is missing, on either side', async () => {
    const without = rows(7).map(({ grade: _, ...row }) => row);
    const record = await gate(policy, { predictions: without, baseline: rows(7) });
    expect(metric(record, 'grade')).toMatchObject({
      verdict: 'missing',
      why: 'the predictions have no column grade',
    });
  });

  test('text in a column of scores is refused', async () => {
    const words = rows(7).map((row) => ({ ...row, grade: row.id === 3 ? 'good' : String(row.grade) }));
    await expect(gate(policy, { predictions: words })).rejects.toThrow(/cannot be read|grade holds text/);
  });
});

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
    expect(record.notes.join()).toMatch(/are of the first of [34] seeds/);
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
    "the challenger's labels are y_pred, so threshold: 0.9 is not used for them",
  );
  expect((await kept(text)).slice(0, 12).map((line) => line.split(',')[0])).toEqual(
    ['id', ...Array.from({ length: 11 }, (_, id) => id)].map(String),
  );
  await writeFile(
    given.at('new.jsonl'),
    rows.map((row) => JSON.stringify({ ...row, id: Number(row.id) })).join('\n'),
  );
  const typed = await given.gate({
    predictions: given.at('new.jsonl'),
    policy: given.at('task.yaml'),
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
        await writeFile(given.at('part-1.csv'), csvTable(shuffled.slice(cut)));
        await writeFile(given.at('part-2.csv'), csvTable(shuffled.slice(0, cut)));
        await writeFile(given.at('old.csv'), csvTable(shuffledOld));
        const again = await given.gate({
          predictions: `${given.at('part-1.csv')}, ${given.at('part-2.csv')}`,
          'baseline-predictions': given.at('old.csv'),
          policy: given.at('task.yaml'),
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
