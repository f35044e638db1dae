/** How often the whole gate fails an equal model: five metrics whose differences are correlated at 0.6, zero margins. */
import { judge } from '../actions/evaluate-gate/judgement/judge.ts';
import { overall } from '../actions/evaluate-gate/judgement/overall.ts';
import { rulesOf } from '../actions/evaluate-gate/policy/rules.ts';
import { compareRows } from '../actions/evaluate-gate/predictions/compare-rows.ts';
import type { Rows } from '../shared/metrics/rows.ts';
import { gatePolicySchema } from '../shared/records/gate-policy.ts';
import { Randomness } from './gate-simulation-data.ts';

const METRICS = 5;
const CORRELATION = 0.6;

export interface VerdictShares {
  pass: number;
  inconclusive: number;
  fail: number;
  /** Draws in which plain `new >= old` says no to one of the metrics. */
  plain: number;
}

/** @param rows per draw, of five scores each: of both models with the same mean. */
export function simulateFiveMetrics(rows: number, draws: number): VerdictShares {
  const random = new Randomness(5);
  const names = Array.from({ length: METRICS }, (_, index) => `score_${index}`);
  const policy = gatePolicySchema.parse({
    version: 1,
    task: 'scores',
    metrics: names.map((name) => ({ name, direction: 'higher', min_absolute_change: 0 })),
  });
  const rules = rulesOf(policy, undefined, true);
  const counts = { pass: 0, inconclusive: 0, fail: 0, plain: 0 };
  for (let draw = 0; draw < draws; draw++) {
    const [champion, challenger] = [drawScores(names, rows, random), drawScores(names, rows, random)];
    const judged = { champion, challenger, seeds: undefined, features: {}, labels: [], notes: [] };
    const { items } = compareRows(rules, judged);
    const results = judge(items, policy.defaults.correction);
    const { verdict } = overall({
      judged: items.map((item, index) => ({ item, result: results[index]! })),
      hasPolicy: true,
      hasBaseline: true,
      onMissingBaseline: 'warn',
      baselineWhy: '',
    });
    if (verdict === 'pass' || verdict === 'inconclusive' || verdict === 'fail') counts[verdict]++;
    if (results.some(({ difference }) => difference! < 0)) counts.plain++;
  }
  return {
    pass: counts.pass / draws,
    inconclusive: counts.inconclusive / draws,
    fail: counts.fail / draws,
    plain: counts.plain / draws,
  };
}

function drawScores(names: readonly string[], count: number, random: Randomness): Rows {
  const truth = new Float64Array(count);
  const labels = names.map((name) => ({ name, truth, predicted: new Float64Array(count) }));
  for (let row = 0; row < count; row++) {
    const common = Math.sqrt(CORRELATION) * random.normal();
    for (const { predicted } of labels)
      predicted[row] = common + Math.sqrt(1 - CORRELATION) * random.normal();
  }
  return { truth, labels };
}
