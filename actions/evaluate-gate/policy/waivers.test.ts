import { describe, expect, test } from 'vitest';
import { UserError } from '../../../shared/errors.ts';
import type { MetricResult } from '../../../shared/records/evaluation.ts';
import { parseGatePolicy } from '../../../shared/records/gate-policy.ts';
import { sampleEvaluation } from '../../../shared/testing/sample-records.ts';
import { overall } from '../judgement/overall.ts';
import { rulesOf } from './rules.ts';
import { applyWaivers, checkWaivers } from './waivers.ts';

const policy = (waivers: string) =>
  parseGatePolicy(
    `version: 1
task: multiclass
metrics:
  - {name: accuracy, lower_bound: 0.5}
  - {name: neg_log_loss, lower_bound: -1}
  - {name: recall, class: cat, lower_bound: 0.5}
  - {name: recall, class: dog, lower_bound: 0.5}
slices:
  - {feature_keys: [origin, day], metrics: [accuracy], min_absolute_change: -0.02}
latency: {severity: warn, p95_ms: {upper_bound: 40}}
waivers:
${waivers}`,
    'gate.yaml',
  );
const rest = 'owner: data team, reason: a known gap, expires: 2026-03-01';

const sample = sampleEvaluation().metrics[0]!;
const result = (changes: Partial<MetricResult>): MetricResult => ({
  ...sample,
  name: 'accuracy',
  ...changes,
});
const failed = result({ verdict: 'fail', word: 'worse' });
const on = (day: string) => new Date(`${day}T23:59:59Z`);

describe('a waiver', () => {
  test('covers a failure to the end of its last day, in UTC, and then nothing', async () => {
    const { value } = await policy(`  - {name: accuracy, ${rest}}`);
    const held = applyWaivers([failed], value, on('2026-03-01'));
    expect(held.results[0]).toMatchObject({
      verdict: 'fail',
      waiver: { owner: 'data team', expires: '2026-03-01' },
    });
    expect(held).toMatchObject({ waivers: [{ status: 'used' }], notes: [] });
    const late = applyWaivers([failed], value, new Date('2026-03-02T00:00:00Z'));
    expect(late.results[0]!.waiver).toBeNull();
    expect(late.waivers).toMatchObject([{ name: 'accuracy', status: 'expired' }]);
    expect(late.notes).toEqual([
      'The waiver of accuracy by data team lapsed after 2026-03-01 and changes nothing any more.',
    ]);
  });

  test.each([
    ['missing', 'used'],
    ['inconclusive', 'used'],
    ['not_judged', 'used'],
    ['warn', 'unused'],
    ['pass', 'unused'],
  ] as const)('of a part that is %s is %s', async (verdict, status) => {
    const { value } = await policy(`  - {name: accuracy, ${rest}}`);
    const { waivers, results } = applyWaivers([result({ verdict })], value, on('2026-01-01'));
    expect(waivers).toMatchObject([{ status }]);
    expect(results[0]!.waiver === null).toBe(status === 'unused');
  });

  test('of all rows covers no slice, of a slice no other, and of a parameter no other', async () => {
    const { value } = await policy(`  - {name: accuracy, ${rest}}
  - {name: accuracy, slice: {day: 7, origin: ORD}, ${rest}}
  - {name: recall, parameters: {class: cat}, ${rest}}
  - {name: neg_log_loss, ${rest}}`);
    const slice = (origin: string) =>
      result({ verdict: 'fail', block: 'slices', slice: { origin, day: '7' } });
    const recall = (label: string) =>
      result({ name: 'recall', verdict: 'fail', parameters: { class: label } });
    const results = [
      slice('ORD'),
      slice('JFK'),
      recall('cat'),
      recall('dog'),
      result({ name: 'log_loss', verdict: 'fail' }),
    ];
    const waived = applyWaivers(results, value, on('2026-01-01'));
    expect(waived.results.map(({ waiver }) => waiver !== null)).toEqual([true, false, true, false, true]);
    expect(waived.waivers.map(({ status }) => status)).toEqual(['unused', 'used', 'used', 'used']);
  });

  test('may be named as the policy names it', async () => {
    const { value } = await parseGatePolicy(
      `version: 1
task: ranking
metrics: [{name: ndcg@10, lower_bound: 0.5}, {name: ndcg, k: 20, lower_bound: 0.5}]
waivers:
  - {name: ndcg@10, ${rest}}`,
      'gate.yaml',
    );
    const ndcg = (k: string) => result({ name: 'ndcg', verdict: 'fail', parameters: { k } });
    const { results } = applyWaivers([ndcg('10'), ndcg('20')], value, on('2026-01-01'));
    expect(results.map(({ waiver }) => waiver !== null)).toEqual([true, false]);
  });

  test('that lapsed does not keep a renewed one from holding', async () => {
    const { value } = await policy(`  - {name: accuracy, owner: a, reason: b, expires: 2025-01-01}
  - {name: accuracy, ${rest}}`);
    const { results, waivers } = applyWaivers([failed], value, on('2026-02-01'));
    expect(results[0]!.waiver).toMatchObject({ owner: 'data team' });
    expect(waivers.map(({ status }) => status)).toEqual(['expired', 'used']);
  });

  test('makes of a failure a warning of the whole, and of nothing a failure', () => {
    const item = {
      rule: { severity: 'fail', onMissing: 'fail', onInconclusive: 'inconclusive' },
      slice: null,
    } as never;
    const limits = sample.limits.map((limit) => ({ ...limit, verdict: 'fail' as const }));
    const waiver = {
      name: 'accuracy',
      slice: null,
      parameters: null,
      owner: 'data team',
      reason: 'a known gap',
      expires: '2026-03-01',
    };
    const ask = (one: MetricResult) =>
      overall({
        judged: [{ item, result: one }],
        hasPolicy: true,
        hasBaseline: true,
        onMissingBaseline: 'warn',
        baselineWhy: '',
      });
    expect(ask({ ...failed, limits }).verdict).toBe('fail');
    expect(ask({ ...failed, limits, waiver })).toMatchObject({
      verdict: 'warn',
      reason: expect.stringMatching(
        /^accuracy is worse.* Waived by data team until 2026-03-01 \(a known gap\)\.$/,
      ),
    });
    expect(ask({ ...result({ verdict: 'inconclusive' }), waiver }).verdict).toBe('warn');
  });
});

describe('a waiver that matches no rule is refused where it is written', () => {
  const check = async (waiver: string): Promise<UserError> => {
    const document = await policy(`  - {${waiver}, ${rest}}`);
    try {
      checkWaivers(document, rulesOf(document.value, document.locate, false));
    } catch (error) {
      if (error instanceof UserError) return error;
    }
    throw new Error('it was taken');
  };

  test.each([
    [
      'name: acuracy',
      'waivers[0].name',
      /"acuracy" matches nothing that the policy judges/,
      /Did you mean accuracy\?/,
    ],
    [
      'name: f1_macro',
      'waivers[0].name',
      /"f1_macro" matches nothing/,
      /The policy judges accuracy, log_loss, recall, p95_ms, training_overlap/,
    ],
    [
      'name: accuracy, slice: {origin: ORD}',
      'waivers[0].slice',
      /the policy judges accuracy on all rows, per origin and day/,
      /feature_keys/,
    ],
    [
      'name: recall, slice: {origin: ORD, day: 7}',
      'waivers[0].slice',
      /the policy judges recall on all rows/,
      /feature_keys/,
    ],
    ['name: recall', 'waivers[0].name', /would cover 2 rules/, /\{"class":"cat"\}, \{"class":"dog"\}/],
    [
      'name: recall, parameters: {class: cow}',
      'waivers[0].parameters',
      /matches nothing with these parameters/,
      /"cat"/,
    ],
  ])('%s', async (waiver, key, message, fix) => {
    const error = await check(waiver);
    expect(error.message).toMatch(message);
    expect(error.fix).toMatch(fix);
    expect(error.where).toMatchObject({ file: 'gate.yaml', line: 12, key });
  });

  test('and one that matches is taken', async () => {
    for (const waiver of [
      'name: accuracy',
      'name: p95_ms',
      'name: training_overlap',
      'name: accuracy, slice: {day: 7, origin: ORD}',
    ]) {
      await expect(check(waiver)).rejects.toThrow('it was taken');
    }
  });
});
