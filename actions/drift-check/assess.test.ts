import { describe, expect, test } from 'vitest';
import { assess } from './assess.ts';
import type { ChunkSize } from './chunks.ts';
import { decide } from './decide.ts';
import type { DriftTable } from './table.ts';
import {
  categorical,
  metricsOf,
  normalNumbers,
  numeric,
  policyOf,
  randomNumbers,
  scoredTable,
  tableOf,
} from './test-tables.ts';

function judge(
  reference: DriftTable,
  data: DriftTable,
  policyFields: Record<string, unknown> = {},
  more: { importance?: Record<string, number>; chunk?: ChunkSize; labelsGiven?: boolean } = {},
) {
  const policy = policyOf(policyFields);
  const assessment = assess(reference, data, {
    policy,
    metrics: metricsOf(policy),
    importance: new Map(Object.entries(more.importance ?? {})),
    chunk: more.chunk,
    times: [],
  });
  const labelsGiven = more.labelsGiven ?? (assessment.labelled.data ?? 0) > 0;
  const decision = decide({ ...assessment, policy, labelsGiven });
  const column = (name: string) => assessment.columns.find((one) => one.name === name)!;
  return { ...assessment, ...decision, column };
}

const noise = (seed: number, rows = 600, shift = 0) => {
  const next = normalNumbers(randomNumbers(seed));
  return numeric(rows, () => next() + shift);
};
const airports = (seed: number, names = ['ORD', 'ATL', 'DFW'], rows = 600) => {
  const random = randomNumbers(seed);
  return categorical(rows, () => names[Math.floor(random() * names.length)]!);
};
const SCORED = {
  columns: { y_true: 'late', y_score: 'score' },
  performance: [{ name: 'roc_auc', margin: 0.02 }],
};
const CHUNKS = { chunk: { by: 'rows', size: 1000 } as const };

describe('columns', () => {
  test('nothing moved: pass, no retrain', () => {
    const found = judge(tableOf({ a: noise(1), o: airports(2) }), tableOf({ a: noise(3), o: airports(4) }));
    expect(found).toMatchObject({ verdict: 'pass', retrain: false, reason: 'No drift in 2 columns.' });
  });

  test('a column that moved is a warning without a retrain', () => {
    const found = judge(tableOf({ a: noise(1) }), tableOf({ a: noise(3, 600, 0.5) }));
    expect(found).toMatchObject({ verdict: 'warn', retrain: false, reason: 'Drift in a.' });
    expect(found.column('a')).toMatchObject({ status: 'drifts', test: 'rows', measure: 'wasserstein' });
    expect(found.column('a').effect).toBeCloseTo(0.5, 0);
  });

  test('a larger limit of the policy keeps it steady', () => {
    const tables = [tableOf({ a: noise(1) }), tableOf({ a: noise(3, 600, 0.5) })] as const;
    expect(judge(...tables, { features: { a: { min_effect: 0.9 } } }).column('a').status).toBe('steady');
    expect(judge(...tables, { defaults: { min_effect: 0.9 } }).column('a').status).toBe('steady');
  });

  test.each(['psi', 'jensen_shannon', 'hellinger', 'total_variation', 'kolmogorov_smirnov'] as const)(
    'the measure %s is used where the policy asks for it',
    (measure) => {
      const found = judge(tableOf({ a: noise(1) }), tableOf({ a: noise(3, 600, 1) }), {
        features: { a: { measure } },
      });
      expect(found.column('a')).toMatchObject({ measure, status: 'drifts' });
    },
  );

  test('a measure of numbers on a category is an error that names the column', () => {
    const tables = [tableOf({ o: airports(1) }), tableOf({ o: airports(2) })] as const;
    expect(() => judge(...tables, { features: { o: { measure: 'wasserstein' } } })).toThrow(
      /column o is categorical/,
    );
  });

  test('a missing column fails by default, and the policy may say otherwise', () => {
    const tables = [tableOf({ a: noise(1), b: airports(2) }), tableOf({ a: noise(3) })] as const;
    const found = judge(...tables);
    expect(found).toMatchObject({ verdict: 'fail', retrain: false });
    expect(found.reason).toBe('Column b is missing from the data; no drift in 1 column.');
    expect(judge(...tables, { defaults: { on_missing: 'warn' } }).verdict).toBe('warn');
    expect(judge(...tables, { defaults: { on_missing: 'pass' } }).verdict).toBe('pass');
    // What the policy forgives is still no verdict on anything.
    const alone = judge(tableOf({ b: airports(2) }), tableOf({ a: noise(3) }), {
      defaults: { on_missing: 'pass' },
    });
    expect(alone).toMatchObject({ verdict: 'inconclusive' });
    expect(alone.reason).toBe('Column b is missing from the data; no column could be judged.');
  });

  test('a renamed column is guessed by its values', () => {
    const found = judge(
      tableOf({ delay: noise(1), a: noise(5, 600, 9) }),
      tableOf({ dep_delay: noise(3), a: noise(6, 600, 9) }),
    );
    expect(found.column('delay')).toMatchObject({ status: 'missing' });
    expect(found.column('delay').note).toContain('renamed to dep_delay');
    expect(found.column('dep_delay')).toMatchObject({ status: 'new' });
  });

  test('numbers that became text are a verdict of their own', () => {
    const found = judge(tableOf({ a: noise(1) }), tableOf({ a: airports(1) }));
    expect(found.column('a')).toMatchObject({ status: 'type_changed' });
    expect(found.verdict).toBe('fail');
  });

  test('times that are gone, or are no times any more, are a verdict of their own', () => {
    const before = tableOf({ a: noise(1) });
    const options = { policy: policyOf(), metrics: [], importance: new Map(), times: ['at'] };
    const of = (data: DriftTable, timesNow: string[]) =>
      assess(before, data, { ...options, timesNow }).columns.find((one) => one.name === 'at');
    expect(of(tableOf({ a: noise(3) }), ['at'])).toBeUndefined();
    expect(of(tableOf({ a: noise(3) }), [])).toMatchObject({ status: 'missing' });
    expect(of(tableOf({ a: noise(3), at: noise(4) }), [])).toMatchObject({
      status: 'type_changed',
      note: 'held times in the reference and holds numbers now',
    });
    const empty = categorical(600, () => null);
    expect(of(tableOf({ a: noise(3), at: empty }), [])!.note).toContain('holds no value now');
    const turned = assess(before, tableOf({ b: noise(3) }), { ...options, times: [], timesNow: ['a'] });
    expect(turned.columns.find((one) => one.name === 'a')!.note).toBe(
      'held numbers in the reference and holds times now',
    );
  });

  test('a column that is now all null keeps its kind and drifts by its nulls', () => {
    const found = judge(tableOf({ a: noise(1) }), tableOf({ a: categorical(600, () => null) }));
    expect(found.column('a')).toMatchObject({ kind: 'numeric', status: 'drifts', nulls: { drifts: true } });
  });

  test('constant columns, no rows and one row are not judged', () => {
    const constant = (rows: number) => tableOf({ a: numeric(rows, () => 7) });
    for (const data of [constant(600), constant(1), constant(0)]) {
      const found = judge(constant(600), data);
      expect(found.column('a').status).toBe('not_judged');
      expect(found).toMatchObject({ verdict: 'inconclusive', reason: 'No column could be judged.' });
    }
  });

  test('unseen categories are named', () => {
    const found = judge(tableOf({ o: airports(1) }), tableOf({ o: airports(2, ['ORD', 'ATL', 'XXX']) }));
    expect(found.column('o').unseen.map((one) => one.value)).toEqual(['XXX']);
    expect(found.column('o').status).toBe('drifts');
  });

  test('codes may be judged as categories', () => {
    const codes = (seed: number) => {
      const random = randomNumbers(seed);
      return numeric(600, () => Math.floor(random() * 3));
    };
    const found = judge(tableOf({ z: codes(1) }), tableOf({ z: codes(2) }), {
      features: { z: { kind: 'categorical' } },
    });
    expect(found.column('z')).toMatchObject({
      kind: 'categorical',
      measure: 'jensen_shannon',
      status: 'steady',
    });
  });
});

describe('importance', () => {
  const tables = [
    tableOf({ a: noise(1), b: noise(2), c: noise(3) }),
    tableOf({ a: noise(4, 600, 0.6), b: noise(5), c: noise(6) }),
  ] as const;

  test('drift of an important column asks for a retrain where the policy says so', () => {
    const policy = { retrain_when: ['important_drift'] };
    const important = judge(...tables, policy, { importance: { a: 8, b: 1, c: 1 } });
    expect(important).toMatchObject({ verdict: 'fail', retrain: true });
    expect(important.reason).toMatch(
      /^A retrain is asked for: important columns drifted: a \(effect 0\.\d+\); drift in a\.$/,
    );
    expect(judge(...tables, policy, { importance: { a: 1, b: 8, c: 1 } })).toMatchObject({
      verdict: 'warn',
      retrain: false,
    });
    expect(judge(...tables, {}, { importance: { a: 8, b: 1, c: 1 } })).toMatchObject({
      verdict: 'warn',
      retrain: false,
    });
  });

  test('the file overrides the policy, and the share that counts may be set', () => {
    const policy = {
      retrain_when: ['important_drift'],
      defaults: { min_importance: 0.05 },
      features: { a: { importance: 0 }, b: { importance: 1 } },
    };
    expect(judge(...tables, policy).retrain).toBe(false);
    const found = judge(...tables, policy, { importance: { a: 0.1, b: 1 } });
    expect(found.retrain).toBe(true);
    expect(found.column('a').importance).toBeCloseTo(1 / 11, 12);
  });
});

describe('performance', () => {
  const reference = scoredTable(10_000, 1);

  test('inputs moved and the model is still right: a warning, no retrain', () => {
    const found = judge(reference, scoredTable(3000, 2, 'holds', 0.5), SCORED, CHUNKS);
    expect(found).toMatchObject({ verdict: 'warn', retrain: false });
    expect(found.reason).toBe('Drift in x and score, without harm to performance.');
    expect(found.column('score').role).toBe('prediction');
    expect(found.column('x').test).toBe('chunks');
  });

  test('labels no longer follow the score: a retrain, and the estimate did not see it', () => {
    const found = judge(reference, scoredTable(3000, 2, 'broken'), SCORED, CHUNKS);
    expect(found).toMatchObject({ verdict: 'fail', retrain: true });
    expect(found.reason).toMatch(
      /^A retrain is asked for: roc_auc fell to 0\.\d{4} in rows \d+ to \d+, below its limit/,
    );
    const [real, estimated] = found.performance;
    expect(real).toMatchObject({ source: 'real', status: 'fell', fallenChunks: [10, 11, 12] });
    expect(estimated).toMatchObject({ source: 'estimated', status: 'within' });
    expect(found.knownBeforeLabels.join(' ')).toContain('cannot see a change of what the inputs mean');
  });

  test('a fall within the margin asks for nothing', () => {
    const policy = { ...SCORED, performance: [{ name: 'roc_auc', margin: 0.9 }] };
    expect(judge(reference, scoredTable(3000, 2, 'broken'), policy, CHUNKS).retrain).toBe(false);
  });

  test('a rise is never a reason', () => {
    const found = judge(scoredTable(10_000, 1, 'broken'), scoredTable(3000, 2, 'holds'), SCORED, CHUNKS);
    expect(found.retrain).toBe(false);
    expect(found.performance[0]).toMatchObject({ status: 'within' });
  });

  test('a metric that is better lower rises above its limit', () => {
    const policy = { ...SCORED, performance: [{ name: 'log_loss', margin: 0.05 }] };
    const found = judge(reference, scoredTable(3000, 2, 'broken'), policy, CHUNKS);
    expect(found.performance[0]).toMatchObject({ greaterIsBetter: false, status: 'fell' });
    expect(found.reason).toContain('log_loss rose to');
  });

  test('a fall the policy does not retrain for is a warning', () => {
    const policy = { ...SCORED, retrain_when: ['important_drift'] };
    const found = judge(reference, scoredTable(3000, 2, 'broken'), policy, CHUNKS);
    expect(found).toMatchObject({ verdict: 'warn', retrain: false });
    expect(found.reason).toContain('the policy does not retrain for it');
  });

  test('no labels yet: no verdict on performance, and it is said', () => {
    const found = judge(reference, { ...scoredTable(3000, 2), labels: undefined }, SCORED, CHUNKS);
    expect(found).toMatchObject({ verdict: 'pass', retrain: false });
    expect(found.reason).toContain('real performance is not known yet');
    expect(found.knownWithLabels).toEqual(['No labels have come yet, so the real performance is not known.']);
  });

  test('before labels come, a fall of the estimate asks for a retrain', () => {
    const narrow = scoredTable(3000, 2);
    const scores = narrow.scores!.map((score, row) => 0.27 + 1e-3 * score + (row % 2) * 1e-4);
    const data = tableOf(
      { x: narrow.columns.get('x')!, score: { kind: 'numeric', values: scores } },
      { scores },
    );
    const found = judge(reference, data, SCORED, CHUNKS);
    expect(found.performance[1]).toMatchObject({ source: 'estimated', status: 'fell' });
    expect(found).toMatchObject({ retrain: true });
    expect(found.reason).toContain('estimated roc_auc fell');
  });

  test('labels that judge nothing are inconclusive, never a silent pass', () => {
    const data = scoredTable(3000, 2);
    const few = { ...data, labels: data.labels!.map((label, row) => (row < 10 ? label : Number.NaN)) };
    const found = judge(reference, few, SCORED, CHUNKS);
    expect(found.verdict).toBe('inconclusive');
    expect(found.reason).toContain('no verdict on roc_auc although labels were given');
  });

  test('an estimate of a handful of rows asks for nothing', () => {
    const data = { ...scoredTable(3000, 2), labels: undefined };
    const found = judge(reference, data, SCORED, { chunk: { by: 'rows', size: 30 } });
    expect(found.performance.map(({ source, status }) => [source, status])).toEqual([
      ['real', 'not_judged'],
      ['estimated', 'not_judged'],
    ]);
    expect(found.retrain).toBe(false);
  });

  test('scores that are gone from the data: missing, and no number is made up', () => {
    const { scores: _, ...rest } = scoredTable(3000, 2);
    const data = { ...rest, columns: new Map([...rest.columns].filter(([name]) => name !== 'score')) };
    const found = judge(reference, data, SCORED, CHUNKS);
    expect(found.column('score')).toMatchObject({ status: 'missing', role: 'prediction' });
    expect(found.performance[0]).toMatchObject({ source: 'real', status: 'not_judged' });
    expect(found.verdict).toBe('fail');
  });

  test('a y_pred that cannot be read is not replaced by the scores', () => {
    const policy = {
      columns: { y_true: 'late', y_score: 'score', y_pred: 'answer' },
      performance: [{ name: 'accuracy' }],
    };
    expect(judge(reference, scoredTable(3000, 2), policy, CHUNKS).performance[0]!.status).toBe('not_judged');
    const { y_pred: _, ...columns } = policy.columns;
    const scored = judge(reference, scoredTable(3000, 2), { ...policy, columns }, CHUNKS);
    expect(scored.performance[0]!.status).toBe('within');
  });

  test('a tiny last chunk is not judged', () => {
    const found = judge(reference, scoredTable(3100, 2), SCORED, CHUNKS);
    expect(found.chunks.map((chunk) => chunk.judged)).toEqual([...new Array(13).fill(true), false]);
    expect(found.performance[0]).toMatchObject({ referenceChunks: 10, judgedChunks: 3 });
  });

  test('one class in a chunk has no ROC AUC and does not decide', () => {
    const data = scoredTable(2000, 2);
    const labels = data.labels!.map((label, row) => (row < 1000 ? 0 : label));
    const found = judge(reference, { ...data, labels }, SCORED, CHUNKS);
    expect(found.chunks[10]!.performance.roc_auc).toBeNull();
    expect(found.performance[0]).toMatchObject({ judgedChunks: 1, status: 'within' });
  });
});

describe('chunks', () => {
  const DAY = 86_400_000;
  const days = (first: string, count: number, perDay: number, seed: number, shift = 0): DriftTable => {
    const start = Date.parse(first);
    const timestamps = Float64Array.from(
      { length: count * perDay },
      (_, row) => start + (row / perDay) * DAY,
    );
    return tableOf({ a: noise(seed, count * perDay, shift) }, { timestamps });
  };

  test('weeks begin with the reference, and a week cut short is not judged', () => {
    const found = judge(
      days('2001-01-29', 56, 40, 1),
      days('2001-04-01', 15, 40, 2),
      {},
      { chunk: { by: 'period', size: 7 * DAY } },
    );
    const starts = found.chunks
      .filter((chunk) => chunk.part === 'data')
      .map((chunk) => [chunk.start!.slice(0, 10), chunk.judged]);
    expect(starts).toEqual([
      ['2001-03-26', false],
      ['2001-04-02', true],
      ['2001-04-09', true],
    ]);
    expect(found.chunking).toMatchObject({ judgedReference: 8, judgedData: 2, ordered: true });
    expect(found.column('a').test).toBe('chunks');
  });

  test('too few reference chunks: rows decide, and it is said', () => {
    const found = judge(
      days('2001-01-29', 28, 40, 1),
      days('2001-04-02', 14, 40, 2),
      {},
      { chunk: { by: 'period', size: 7 * DAY } },
    );
    expect(found.column('a').test).toBe('rows');
    expect(found.notes.join(' ')).toContain('too few comparable chunks');
  });

  test('a little reference beside a lot of data does not cut endless chunks', () => {
    const found = judge(tableOf({ a: noise(1, 20) }), tableOf({ a: noise(2, 20_000) }));
    expect(found.chunks.length).toBeLessThanOrEqual(511);
  });
});
