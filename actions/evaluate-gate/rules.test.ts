import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../../shared/errors.ts';
import { gatePolicySchema, readGatePolicy } from '../../shared/records/gate-policy.ts';
import { emptyPolicy, rulesOf } from './rules.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'policy-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function read(text: string) {
  const file = join(folder, 'gate.yaml');
  await writeFile(file, text);
  return readGatePolicy(file);
}

async function refusal(work: Promise<unknown>): Promise<UserError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof UserError)) throw new Error(`not refused for a person to mend: ${error}`);
  return error;
}

const HEAD = 'version: 1\ntask: binary\n';

describe('the policy', () => {
  test.each([
    ['fairness:\n  - {name: equalized_odds_difference}', 'fairness'],
    ['latency: {p95_ms: {upper_bound: 40}}', 'latency'],
    ['explainability: {attribution_ndcg: {lower_bound: 0.9}}', 'explainability'],
    ['resources: {cost_usd: {upper_bound: 12}}', 'cost_usd'],
  ])('what is not judged yet is refused, not ignored: %s', async (block, word) => {
    const error = await refusal(read(`${HEAD}${block}\n`));
    expect(error.message).toMatch(/not supported yet by this version/);
    expect(error.message).toContain(word);
    expect(error.where.line).toBeGreaterThan(2);
  });

  test('a task of later is refused', async () => {
    expect((await refusal(read('version: 1\ntask: ranking\n'))).message).toContain('"ranking"');
  });

  test('a number out of its range is told the range', async () => {
    await expect(read(`${HEAD}defaults: {confidence_level: 95}`)).rejects.toThrow(
      /defaults\.confidence_level: Too big: expected number to be <1 \(95 is given\)/,
    );
  });

  test('a mistyped key names its place and the nearest key', async () => {
    const error = await refusal(read(`${HEAD}metrics:\n  - {name: roc_auc, lower_bond: 0.8}\n`));
    expect(error.where).toMatchObject({ line: 4 });
    expect(error.fix).toContain('lower_bound');
  });
});

describe('rules', () => {
  test('a neg_ name negates its bounds and keeps its margins', async () => {
    const { value } = await read(
      `${HEAD}metrics:\n  - {name: neg_log_loss, lower_bound: -0.45, min_absolute_change: -0.01, min_relative_change: -0.02}\n`,
    );
    const [rule] = rulesOf(value, undefined, false);
    expect(rule).toMatchObject({ name: 'log_loss', direction: 'lower' });
    expect(rule!.limits).toEqual([
      { kind: 'upper_bound', limit: 0.45 },
      { kind: 'min_absolute_change', limit: -0.01 },
      { kind: 'min_relative_change', limit: -0.02 },
    ]);
  });

  test('an unknown metric: its place, and the nearest name', async () => {
    const document = await read(`${HEAD}metrics:\n  - {name: roc_acu, lower_bound: 0.8}\n`);
    const error = await refusal(
      Promise.resolve().then(() => rulesOf(document.value, document.locate, false)),
    );
    expect(error.fix).toContain('Did you mean roc_auc?');
    expect(error.where).toMatchObject({ line: 4, key: 'metrics[0].name' });
  });

  test('a metric of another task is refused', async () => {
    const document = await read(`${HEAD}metrics:\n  - {name: r2, lower_bound: 0.8}\n`);
    expect(() => rulesOf(document.value, document.locate, false)).toThrow(/one of regression/);
  });

  test('a metric of the user’s own needs a direction and a metrics file', () => {
    const policy = gatePolicySchema.parse({
      version: 1,
      task: 'scores',
      metrics: [{ name: 'helpfulness', direction: 'higher', lower_bound: 3 }],
    });
    expect(rulesOf(policy, undefined, true)[0]).toMatchObject({ name: 'helpfulness', direction: 'higher' });
    expect(() => rulesOf(policy, undefined, false)).toThrow(/no metric called/);
  });

  test('one rule per metric of a slice, with the defaults of the policy', () => {
    const policy = gatePolicySchema.parse({
      version: 1,
      task: 'binary',
      defaults: { min_samples: 300, on_inconclusive: 'warn' },
      slices: [
        {
          feature_keys: ['country'],
          metrics: ['recall', 'f1'],
          min_absolute_change: -0.02,
          min_samples: 500,
        },
      ],
    });
    const rules = rulesOf(policy, undefined, false);
    expect(rules.map((rule) => [rule.name, rule.featureKeys, rule.minSamples, rule.onInconclusive])).toEqual([
      ['recall', ['country'], 500, 'warn'],
      ['f1', ['country'], 500, 'warn'],
    ]);
  });

  test('without a policy the usual metrics are reported without limits', () => {
    const rules = rulesOf(emptyPolicy('regression'), undefined, false);
    expect(rules.map((rule) => rule.name)).toContain('r2');
    expect(rules.every((rule) => rule.limits.length === 0)).toBe(true);
  });
});
