/** The operation as a whole, on the folder of the other gate tests: from files to the record. */
import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decideByEvaluation } from '../../../shared/records/model-version.ts';
import { csv, type GateFolder, makeGateFolder, predictions } from '../fixtures/gate-folder.ts';

describe('operation: calibrate', () => {
  let given: GateFolder;
  const at = (name: string) => given.at(name);
  const calibrate = (inputs: Record<string, string> = {}) =>
    given.gate({
      operation: 'calibrate',
      predictions: at('twin.csv'),
      'baseline-predictions': at('good.csv'),
      data: at('data.csv'),
      policy: at('zero.yaml'),
      'policy-from': 'file',
      draws: '200',
      ...inputs,
    });
  const policy = (lines: string[]) =>
    writeFile(
      at('zero.yaml'),
      ['version: 1', 'task: binary', 'columns: {id: flight_id, y_true: late}', ...lines, ''].join('\n'),
    );
  beforeEach(async () => {
    given = await makeGateFolder();
    await writeFile(at('twin.csv'), csv(predictions(1.2, 9)));
    await policy(['metrics:', '  - {name: roc_auc, min_absolute_change: 0}']);
  });
  afterEach(() => given.close());

  test('with a zero margin an equal model rarely fails, and plain comparison refuses every second', async () => {
    const record = await calibrate();
    const { calibrate: counted } = record;
    expect(record).toMatchObject({ operation: 'calibrate', verdict: 'pass', metrics: [], predictions: null });
    expect(counted).toMatchObject({ draws: 200, swapped: 'rows' });
    const { shares, metrics } = counted!;
    expect(shares.fail).toBeLessThanOrEqual(0.055);
    expect(shares.pass + shares.warn + shares.inconclusive + shares.fail).toBeCloseTo(1, 9);
    expect(metrics).toHaveLength(1);
    expect(metrics[0]!.plainComparisonFails).toBeGreaterThan(0.4);
    expect(metrics[0]!.plainComparisonFails).toBeLessThan(0.6);
    expect(metrics[0]!.fail).toBe(shares.fail);
    expect(record.reason).toMatch(
      /^Of 200 models equal to the champion this policy passes .* within the 5\.5\s% that a confidence of 95\s% allows\. Plain new >= old would refuse/,
    );
  });

  test('the same inputs give the same shares', async () => {
    expect((await calibrate()).calibrate).toEqual((await calibrate()).calibrate);
  });

  test('a policy that decides on the point is warned of, and fails no step', async () => {
    await policy(['defaults: {decide_on: point}', 'metrics:', '  - {name: roc_auc, min_absolute_change: 0}']);
    const record = await calibrate();
    expect(record.verdict).toBe('warn');
    expect(record.calibrate!.shares.fail).toBe(record.calibrate!.metrics[0]!.plainComparisonFails);
    expect(record.reason).toMatch(/more than the 5\.5\s% .* Most often it is roc_auc/);
  });

  test('slices are judged too; what only warns is counted as broken and fails nothing', async () => {
    await policy([
      'metrics:',
      '  - {name: log_loss, min_absolute_change: 0.5, severity: warn}',
      'slices:',
      '  - {feature_keys: [origin], metrics: [accuracy], min_absolute_change: -0.2}',
    ]);
    const { calibrate: counted, verdict } = await calibrate();
    expect(counted!.metrics.map(({ name, slice }) => [name, slice?.origin])).toEqual([
      ['log_loss', undefined],
      ['accuracy', 'JFK'],
      ['accuracy', 'ORD'],
    ]);
    expect(counted!.metrics[0]).toMatchObject({ fail: 1, pass: 0 });
    expect(counted!.metrics[1]).toMatchObject({ fail: 0, pass: 1 });
    expect(counted!.shares).toMatchObject({ warn: 1, fail: 0 });
    expect(verdict).toBe('pass');
  });

  test('two metrics of one name are told apart by their parameters', async () => {
    const rows = Array.from({ length: 240 }, (_, row) => `r${row},q${Math.floor(row / 4)},${(row * 7) % 3}`);
    const scores = (seed: number) =>
      ['id,y_score', ...rows.map((_, row) => `r${row},${((row * seed) % 101) / 101}`), ''].join('\n');
    await writeFile(at('ranked.csv'), ['id,query,gain', ...rows, ''].join('\n'));
    await writeFile(at('one.csv'), scores(37));
    await writeFile(at('other.csv'), scores(59));
    await writeFile(
      at('zero.yaml'),
      [
        'version: 1',
        'task: ranking',
        'columns: {id: id, y_true: gain, group: query}',
        'defaults: {min_samples: 50}',
        'metrics:',
        '  - {name: ndcg, k: 1, min_absolute_change: 0}',
        '  - {name: ndcg, k: 3, min_absolute_change: 0}',
        '',
      ].join('\n'),
    );
    const { calibrate: counted, rows: all } = await calibrate({
      predictions: at('one.csv'),
      'baseline-predictions': at('other.csv'),
      data: at('ranked.csv'),
    });
    expect(all).toBe(240);
    expect(counted!.swapped).toBe('queries');
    expect(counted!.metrics.map(({ name, parameters }) => [name, parameters])).toEqual([
      ['ndcg', { k: '1' }],
      ['ndcg', { k: '3' }],
    ]);
    expect(given.said.filter((line) => line.startsWith('ndcg, k = '))).toHaveLength(2);
  });

  describe('waivers', () => {
    const broken = (expires: string, more = '') => [
      'metrics:',
      '  - {name: log_loss, min_absolute_change: 0.5}',
      `waivers: [{name: log_loss${more}, owner: data team, reason: a known gap, expires: ${expires}}]`,
    ];

    test('turn failures into warnings, as in the gate, and are told', async () => {
      await policy(broken('2026-03-01'));
      const record = await calibrate();
      expect(record.calibrate!.shares).toEqual({ pass: 0, warn: 1, inconclusive: 0, fail: 0 });
      expect(record.calibrate!.metrics[0]).toMatchObject({ fail: 1 });
      expect(record.verdict).toBe('pass');
      expect(record.waivers).toMatchObject([{ name: 'log_loss', status: 'used' }]);
    });

    test('that have lapsed turn nothing', async () => {
      await policy(broken('2026-02-28'));
      const record = await calibrate();
      expect(record.calibrate!.shares.fail).toBe(1);
      expect(record.waivers).toMatchObject([{ status: 'expired' }]);
      expect(record.notes.join()).toContain('lapsed after 2026-02-28');
    });

    test('that match nothing are refused', async () => {
      await policy(broken('2026-03-01', 'es'));
      await expect(calibrate()).rejects.toThrow(/"log_losses" matches nothing/);
    });
  });

  test('no model is let in by its record', async () => {
    const record = await calibrate();
    const real = await given.gate({ ...given.files(), model: at('model') });
    expect(record.subject.digest).not.toBe(real.subject.digest);
    const decision = decideByEvaluation({ digest: real.subject.digest, evaluation: record });
    expect(decision.gate).toBe('refused');
    expect(record.notes).toContainEqual(
      expect.stringMatching(/no model can be registered or deployed by this record/),
    );
  });

  test.each([
    ['predictions', { predictions: '' }, /needs predictions/],
    ['baseline-predictions', { 'baseline-predictions': '' }, /needs baseline-predictions/],
    ['a policy', { policy: '' }, /needs a policy/],
  ])('without %s it says so', async (_, without, message) => {
    await expect(calibrate(without)).rejects.toThrow(message);
  });

  test('a policy without a limit has nothing to count', async () => {
    await policy(['metrics:', '  - {name: roc_auc}']);
    await expect(calibrate()).rejects.toThrow(/sets no limit that rows could break/);
  });
});
