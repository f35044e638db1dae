/** Items from files that the tools wrote, through the whole of reading; intervals against formulas written out here. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Deps } from '../../../shared/runtime/definition.ts';
import { emptyPolicy, type Rule, rulesOf } from '../policy/rules.ts';
import { itemOfRule } from './metric-item.ts';
import { readSide } from './read-side.ts';

const SAMPLES = join(import.meta.dirname, '../../../action-test/fixtures/metrics-files');
const sample = (path: string): string => join(SAMPLES, path);
const results = (folder: string): string =>
  sample(
    `lm-eval/${folder}/${readdirSync(sample(`lm-eval/${folder}`)).find((name) => name.startsWith('results'))}`,
  );

const accuracyIn = (folder: string): [value: number, error: number] => {
  const { toy_sums } = JSON.parse(readFileSync(results(folder), 'utf8')).results;
  return [toy_sums['acc,none'], toy_sums['acc_stderr,none']];
};

const rule = (name: string, extra: object = {}): Rule =>
  rulesOf(
    { ...emptyPolicy('scores'), metrics: [{ name, min_absolute_change: 0, ...extra }] },
    undefined,
    true,
  )[0]!;

const side = (entries: string[]) => readSide(entries, 'metrics', { env: {} } as Deps);
async function item(wanted: Rule, challengers: string[], champions?: string[]) {
  const champion = champions && (await side(champions));
  const sides = { champion, challenger: await side(challengers), positiveLabel: undefined };
  const noted = itemOfRule(wanted, sides);
  return { ...noted.item, notes: noted.notes };
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'metrics-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const write = (name: string, content: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

describe('plain numbers', () => {
  test('have no interval, and say so', async () => {
    const [challenger, champion] = [write('new.json', { auc: 0.9 }), write('old.json', { auc: 0.8 })];
    const found = await item(rule('roc_auc'), [challenger], [champion]);
    expect(found).toMatchObject({
      challenger: { value: 0.9 },
      champion: { value: 0.8 },
      interval: undefined,
      method: '',
    });
    expect(found.noIntervalForChange).toContain('gives no interval');
  });

  test('NaN is not a number, and an absent key is missing', async () => {
    const path = write('m.json', '{"f1": NaN}');
    expect((await item(rule('f1'), [path])).challenger).toEqual({
      value: undefined,
      why: `${path} says NaN`,
      isNaN: true,
    });
    expect((await item(rule('recall'), [path])).challenger).toEqual({
      value: undefined,
      why: `${path} has no recall; nearest: f1`,
      isNaN: false,
    });
  });
});

describe('standard errors in the files', () => {
  test('give an unpaired normal interval', async () => {
    const found = await item(rule('toy_sums.acc'), [results('challenger')], [results('champion')]);
    const [[value, error], [championValue, championError]] = [
      accuracyIn('challenger'),
      accuracyIn('champion'),
    ];
    expect(found.challenger.value).toBe(value);
    const half = 1.959963984540054;
    expect(found.challengerInterval![0]).toBeCloseTo(value - half * error, 12);
    const both = half * Math.sqrt(error ** 2 + championError ** 2);
    expect(found.interval![0]).toBeCloseTo(value - championValue - both, 12);
    expect(found.interval![1]).toBeCloseTo(value - championValue + both, 12);
    expect(found).toMatchObject({
      rows: 80,
      method: 'normal, by the standard errors in the files, unpaired',
    });
    const lower = found.clearance('lower_bound', 0.3)!;
    expect(lower.interval[0]).toBeCloseTo(value - 0.3 - half * error, 12);
  });

  test('where the champion has none, only the own value has an interval', async () => {
    const champion = write('old.json', { results: { toy_sums: { 'acc,none': 0.4 } }, versions: {} });
    const found = await item(rule('toy_sums.acc'), [results('challenger')], [champion]);
    expect(found.interval).toBeUndefined();
    expect(found.challengerInterval).toBeDefined();
    expect(found.noIntervalForChange).toContain("the champion's file gives no standard error");
  });
});

describe('other data', () => {
  test('lm-eval with other shots, documents or hashes is not compared', async () => {
    const found = await item(rule('toy_sums.acc'), [results('challenger')], [results('other-shots')]);
    expect(found.champion).toEqual({
      value: undefined,
      why: 'it is not compared, since the two numbers are of other data or were made otherwise: the n-shot is 0 of one and 1 of the other',
      isNaN: false,
      isNotComparable: true,
    });
    expect(found.interval).toBeUndefined();
    expect(found.challengerInterval).toBeDefined();
  });

  test('other supports are other rows', async () => {
    const report = (support: number) => ({
      yes: { 'f1-score': 0.5, support },
      'macro avg': { 'f1-score': 0.5, support },
      accuracy: 0.5,
    });
    const found = await item(rule('accuracy'), [write('a.json', report(10))], [write('b.json', report(11))]);
    expect(found.champion).toMatchObject({
      why: expect.stringContaining('rows per class is 10 of one and 11 of the other'),
    });
  });

  test('tests that were added, or judged otherwise, are said', async () => {
    const of = (asserts: string[]) => ({
      results: {
        version: 3,
        results: asserts.map((assert, testIdx) => ({
          testIdx,
          vars: { q: testIdx },
          success: true,
          testCase: { assert },
        })),
      },
    });
    const two = write('a.json', of(['x', 'y']));
    const why = async (other: string[]) => {
      const { champion } = await item(
        rule('pass_rate', { direction: 'higher' }),
        [two],
        [write('b.json', of(other))],
      );
      return champion && 'why' in champion ? champion.why : champion;
    };
    expect(await why(['x'])).toContain('1 test only in one file and 0 tests only in the other');
    expect(await why(['x', 'y', 'z'])).toContain('0 tests only in one file and 1 test only in the other');
    expect(await why(['x', 'z'])).toContain('1 of 2 tests were asked or judged otherwise');
    expect(await why(['x', 'y'])).toEqual({ value: 1 });
  });
});

describe('test by test', () => {
  test('promptfoo: a rate by the score interval, a mean of scores as a paired mean', async () => {
    const [one, two] = [sample('promptfoo/results-1.json'), sample('promptfoo/results-2.json')];
    const rate = await item(rule('pass_rate', { direction: 'higher' }), [one], [two]);
    expect(rate).toMatchObject({ rows: 60, challenger: { value: 42 / 60 }, champion: { value: 40 / 60 } });
    expect(rate.interval![0]).toBeLessThan(42 / 60 - 40 / 60);
    expect(rate.method).toContain('score');
    const score = await item(rule('cost', { direction: 'lower' }), [one], [two]);
    expect(score.method).toBe('paired mean, skewness by Hall’s transformation');
    // Each test costs exactly one thousandth more.
    expect(score.interval![0]).toBeCloseTo(-0.001, 12);
    expect(score.interval![1]).toBeCloseTo(-0.001, 12);
  });

  test('samples of lm-eval are paired on the document, narrower than their standard errors would say', async () => {
    const found = await item(
      rule('toy_sums.acc'),
      [sample('lm-eval/challenger')],
      [sample('lm-eval/champion')],
    );
    expect(found.rows).toBe(80);
    expect(found.method).not.toContain('unpaired');
    expect(found.interval![0]).toBeLessThan(0.0125);
    expect(found.interval![1]).toBeGreaterThan(0.0125);
  });
});

describe('several trainings', () => {
  const seeds = (values: number[], name: string): string[] =>
    values.map((value, index) => write(`${name}-${index}.json`, { eval_accuracy: value }));

  test("Welch's interval of the numbers (scipy's ttest_ind)", async () => {
    const found = await item(
      rule('accuracy'),
      seeds([0.81, 0.83, 0.82, 0.85], 'new'),
      seeds([0.8, 0.79, 0.81], 'old'),
    );
    expect(found).toMatchObject({ method: "Welch's t, 3 and 4 seeds", noIntervalForChange: undefined });
    expect(found.challenger.value).toBeCloseTo(0.8275, 12);
    expect(found.interval![0]).toBeCloseTo(0.000753961409800049, 12);
    expect(found.interval![1]).toBeCloseTo(0.05424603859019966, 12);
  });

  test('a seed without the number is said', async () => {
    const [three, one] = [seeds([0.81, 0.83, 0.82], 'new'), write('died.json', { epoch: 1 })];
    expect((await item(rule('accuracy'), [...three, one])).notes).toEqual([
      `accuracy is judged by 3 of 4 files: the others, such as ${one}, do not hold it`,
    ]);
    expect((await item(rule('accuracy'), three)).notes).toEqual([]);
  });

  test('two are too few', async () => {
    const found = await item(rule('accuracy'), seeds([0.81, 0.83], 'new'), seeds([0.8, 0.79, 0.81], 'old'));
    expect(found.noIntervalForChange).toContain('2 seeds');
  });

  test('what is of other data, or the samples beside the results, is no further seed', async () => {
    const champion = sample('lm-eval/champion');
    await expect(item(rule('toy_sums.acc'), [champion, results('champion')])).rejects.toThrow(
      /are no two seeds of toy_sums.acc: one tells of each test and the other does not/,
    );
    await expect(item(rule('toy_sums.acc'), [results('champion'), results('other-shots')])).rejects.toThrow(
      /the n-shot is 0 of one and 1 of the other/,
    );
  });

  test('files of which each has other metrics are one training', async () => {
    const files = [write('a.json', { accuracy: 0.8 }), write('b.json', { f1: 0.7 })];
    expect((await item(rule('f1'), files)).challenger).toEqual({ value: 0.7 });
  });
});

describe('a folder is one training', () => {
  test('its files are put together, and settings beside them are left out', async () => {
    const { runs } = await side([sample('hugging-face')]);
    expect(runs).toHaveLength(1);
    expect([...runs[0]!.numbers.keys()]).toContain('eval_accuracy');
    write('config.json', { hidden_size: 768 });
    write('tokenizer.json', 'this is not JSON');
    write('metrics.json', { accuracy: 0.8 });
    expect([...(await side([folder])).runs[0]!.numbers.keys()]).toEqual(['accuracy']);
  });

  test('files that contradict each other are an error where the number is asked for', async () => {
    write('eval_results.json', { eval_accuracy: 0.8, eval_loss: 1 });
    write('all_results.json', { eval_accuracy: 0.7, eval_loss: 1 });
    await expect(item(rule('accuracy'), [folder])).rejects.toThrow(
      /eval_accuracy is 0.8 in .*eval_results.json and 0.7/,
    );
    expect((await item(rule('eval_loss', { direction: 'lower' }), [folder])).challenger).toEqual({
      value: 1,
    });
  });

  test('one without metrics, a missing file, a glob, a file without numbers', async () => {
    await expect(side([folder])).rejects.toThrow(/holds no file of metrics/);
    await expect(side([join(folder, 'none.json')])).rejects.toThrow(/There is no metrics file/);
    await expect(side([join(folder, '*.json')])).rejects.toThrow(/There is no metrics file/);
    write('a.json', { accuracy: 0.8 });
    write('b.json', { accuracy: 0.9 });
    expect((await side([join(folder, '*.json')])).runs).toHaveLength(2);
    await expect(side([write('empty.json', {})])).rejects.toThrow(/holds no number/);
  });
});
