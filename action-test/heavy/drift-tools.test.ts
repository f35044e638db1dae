/** Measures of drift and estimates of performance against the tools that people know them from. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { effectOfNumbers } from '../../actions/drift-check/column-effects.ts';
import { compareCategorical } from '../../actions/drift-check/compare-columns.ts';
import { resolveMetrics } from '../../actions/drift-check/metrics.ts';
import { assessPerformance } from '../../actions/drift-check/performance/assess-performance.ts';
import { type DriftTable, encodeCategories } from '../../actions/drift-check/table.ts';
import { driftPolicySchema } from '../../shared/records/drift-policy.ts';
import {
  hellingerDistance,
  jensenShannonDivergence,
  standardisedWasserstein,
  wassersteinDistance,
} from '../../shared/stats/divergence.ts';
import { randomGenerator } from '../../shared/stats/random.ts';
import { kolmogorovSmirnovDistance } from '../../shared/stats/two-sample.ts';
import { installedTool } from './tool.ts';

const CHUNK = 500;

function ask<Answer>(python: string, program: string, cases: readonly object[]): Answer[] {
  const output = execFileSync(python, [join(import.meta.dirname, program)], {
    input: JSON.stringify(cases),
    env: { ...process.env, NML_DISABLE_USAGE_LOGGING: '1', DO_NOT_TRACK: '1', PYTHONWARNINGS: 'ignore' },
    stdio: ['pipe', 'pipe', 'pipe'],
    maxBuffer: 1 << 26,
  });
  return JSON.parse(output.toString());
}

function expectWithin(found: number, said: number, tolerance: number, what: string): void {
  const error = Math.abs(found - said) / Math.max(1, Math.abs(said));
  expect(error <= tolerance, `${what}: ${found} here, ${said} there`).toBe(true);
}

const random = randomGenerator(20);
const draw = <Value>(count: number, of: () => Value): Value[] => Array.from({ length: count }, of);
const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const word = (weights: readonly number[]) => (): string => {
  const at = random() * weights.reduce((sum, weight) => sum + weight, 0);
  let below = 0;
  const index = weights.findIndex((weight) => {
    below += weight;
    return at < below;
  });
  return `c${index}`;
};
const chunksOf = <Value>(values: readonly Value[]): Value[][] =>
  Array.from({ length: values.length / CHUNK }, (_, at) => values.slice(at * CHUNK, (at + 1) * CHUNK));
const ascending = (values: readonly number[]): Float64Array => Float64Array.from(values).sort();

const REFERENCE = { x: draw(2000, normal), c: draw(2000, word([5, 3, 2, 1, 1])) };
const DATA = {
  x: [...draw(CHUNK, normal), ...draw(CHUNK, () => 0.5 + 1.5 * normal()), ...draw(CHUNK, () => 3 + normal())],
  // The last chunk has a word that the reference has not.
  c: [
    ...draw(CHUNK, word([5, 3, 2, 1, 1])),
    ...draw(CHUNK, word([2, 3, 2, 1, 4])),
    ...draw(CHUNK, word([2, 3, 0, 1, 4, 3])),
  ],
};

const nannyml = installedTool('MLOPS_TEST_NANNYML');
describe.skipIf(nannyml === undefined)('NannyML', () => {
  test('measures of one column', () => {
    const [answer] = ask<{ columns: Record<string, Record<string, number[]>>; edges: number[] }>(
      nannyml!,
      'nannyml_oracle.py',
      [{ kind: 'univariate', reference: REFERENCE, data: DATA, chunk: CHUNK }],
    );
    const { x, c } = answer!.columns as Record<'x' | 'c', Record<string, number[]>>;
    const sorted = ascending(REFERENCE.x);
    // It bins numbers by Doane's rule, where our measures take deciles, and what lies outside of the reference is a bin
    // of its own: its bins, ours to compute.
    const shares = (values: readonly number[]): number[] => {
      const inner = answer!.edges.slice(1, -1);
      const [first, last] = [answer!.edges[0]!, answer!.edges.at(-1)!];
      const counts = new Array<number>(inner.length + 2).fill(0);
      for (const value of values) {
        const isOutside = value < first || value > last;
        counts[isOutside ? counts.length - 1 : inner.filter((edge) => edge <= value).length]!++;
      }
      return counts;
    };
    for (const [at, values] of chunksOf(DATA.x).entries()) {
      const chunk = ascending(values);
      expectWithin(kolmogorovSmirnovDistance(sorted, chunk), x.kolmogorov_smirnov![at]!, 1e-9, 'KS');
      // In the unit of the values there, in deviations of the reference in drift-check.
      expectWithin(wassersteinDistance(sorted, chunk), x.wasserstein![at]!, 1e-9, 'Wasserstein');
      const bins = [shares(REFERENCE.x), shares(values)] as const;
      // Base 2 there, nats here.
      const distance = Math.sqrt(jensenShannonDivergence(...bins) / Math.LN2);
      expectWithin(distance, x.jensen_shannon![at]!, 1e-9, 'Jensen–Shannon of numbers');
      expectWithin(hellingerDistance(...bins), x.hellinger![at]!, 1e-9, 'Hellinger of numbers');
    }
    for (const [at, values] of chunksOf(DATA.c).entries()) {
      const [before, now] = [encodeCategories(REFERENCE.c), encodeCategories(values)];
      const of = (measure: Parameters<typeof compareCategorical>[2]): number =>
        compareCategorical(before, now, measure, 'measure').values!.effect;
      const distance = of('jensen_shannon_distance') / Math.sqrt(Math.LN2);
      expectWithin(distance, c.jensen_shannon![at]!, 1e-9, 'Jensen–Shannon of categories');
      expectWithin(of('hellinger'), c.hellinger![at]!, 1e-9, 'Hellinger of categories');
      expectWithin(of('l_infinity'), c.l_infinity![at]!, 1e-9, 'L∞');
      expectWithin(of('chi_squared'), c.chi2![at]!, 1e-9, 'χ²');
    }
  });

  test('performance of a classifier, with scores that are calibrated', () => {
    // Of the rows of each score exactly that share is positive, so that both calibrations change nothing and there is no
    // optimism to take away: what is left is the estimate itself. It rounds counts to five digits.
    const levels = [0.05, 0.2, 0.35, 0.45, 0.6, 0.75, 0.9];
    const reference = levels.flatMap((score) =>
      Array.from({ length: 200 }, (_, row) => ({ score, y: row < Math.round(200 * score) ? 1 : 0 })),
    );
    const shuffled = reference
      .map((row) => ({ row, at: random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ row }) => row);
    const data = draw(3 * CHUNK, () => levels[Math.floor(levels.length * random() ** 1.7)]!);
    const predicted = (scores: readonly number[]) => scores.map((score) => (score >= 0.5 ? 1 : 0));
    const scores = shuffled.map(({ score }) => score);
    const labels = shuffled.map(({ y }) => y);
    const [answer] = ask<Record<string, number[]>>(nannyml!, 'nannyml_oracle.py', [
      {
        kind: 'classifier',
        reference: { score: scores, predicted: predicted(scores), y: labels },
        data: { score: data, predicted: predicted(data) },
        chunk: CHUNK,
      },
    ]);
    const names = {
      roc_auc: 'roc_auc',
      f1: 'f1',
      precision: 'precision',
      recall: 'recall',
      accuracy: 'accuracy',
      true_negative_rate: 'specificity',
    };
    const estimated = estimate(
      { scores: Float64Array.from(scores), labels: Float64Array.from(labels) },
      { scores: Float64Array.from(data) },
      { y_true: 'y', y_score: 'score' },
      Object.keys(names),
    );
    for (const [here, there] of Object.entries(names))
      for (const [at, chunk] of estimated.entries())
        expectWithin(chunk[here]!, answer![there]![at]!, 1e-6, `${here} of chunk ${at}`);
  });

  test('performance of a regressor, as far as two kinds of trees agree', () => {
    // LightGBM there, our own trees here, and only here the optimism on the reference is taken away: where the loss has
    // two levels both learn them, and end within the hundredth part of each other.
    const rowsOf = (count: number, share: number) => {
      const x = draw(count, () => (random() < share ? 1 : 0));
      const predictedValues = x.map(() => 10 + normal());
      const y = x.map((level, row) => predictedValues[row]! + (level === 1 ? 3 : 1) * normal());
      return { x, predicted: predictedValues, y };
    };
    const reference = rowsOf(6000, 0.3);
    const data = rowsOf(3 * CHUNK, 0.6);
    const [answer] = ask<Record<string, number[]>>(nannyml!, 'nannyml_oracle.py', [
      { kind: 'regressor', reference, data: { x: data.x, predicted: data.predicted }, chunk: CHUNK },
    ]);
    const side = ({ x, predicted, y }: typeof reference) => ({
      predictions: Float64Array.from(predicted),
      labels: Float64Array.from(y),
      columns: new Map([['x', { kind: 'numeric' as const, values: Float64Array.from(x) }]]),
    });
    const names = { mean_absolute_error: 'mae', mean_squared_error: 'mse', root_mean_squared_error: 'rmse' };
    const { labels: _, ...unlabelled } = side(data);
    const estimated = estimate(
      side(reference),
      unlabelled,
      { y_true: 'y', y_pred: 'predicted' },
      Object.keys(names),
      ['x'],
    );
    for (const [here, there] of Object.entries(names))
      for (const [at, chunk] of estimated.entries())
        expectWithin(chunk[here]! / answer![there]![at]!, 1, 0.03, `${here} of chunk ${at}`);
  });
});

/** The estimates of each chunk of the data. */
function estimate(
  before: Partial<DriftTable>,
  now: Partial<DriftTable>,
  columns: object,
  metrics: readonly string[],
  features: readonly string[] = [],
): Record<string, number | null>[] {
  const table = (side: Partial<DriftTable>): DriftTable => {
    const rowCount = (side.scores ?? side.predictions)!.length;
    return { rowCount, columns: new Map(), ...side };
  };
  const policy = driftPolicySchema.parse({
    version: 1,
    columns,
    performance: metrics.map((name) => ({ name })),
  });
  const [reference, data] = [table(before), table(now)];
  const chunks = [
    { part: 'reference' as const, first: 0, end: reference.rowCount, judged: true },
    ...Array.from({ length: data.rowCount / CHUNK }, (_, at) => {
      return { part: 'data' as const, first: at * CHUNK, end: (at + 1) * CHUNK, judged: true };
    }),
  ];
  const resolved = resolveMetrics(policy, () => ({}));
  const assessed = assessPerformance({ reference, data }, chunks, resolved, policy, [...features]);
  return assessed.chunks.slice(1).map((chunk) => chunk.estimated);
}

const evidently = installedTool('MLOPS_TEST_EVIDENTLY');
describe.skipIf(evidently === undefined)('evidently', () => {
  test('measures of one column, on the same cells', () => {
    const categories = chunksOf(DATA.c).map((data) => ({
      kind: 'categorical',
      reference: REFERENCE.c,
      data,
    }));
    const numbers = chunksOf(DATA.x).map((data) => ({ kind: 'numeric', reference: REFERENCE.x, data }));
    const answers = ask<Record<string, number>>(evidently!, 'evidently_oracle.py', [
      ...categories,
      ...numbers,
    ]);
    for (const [at, { reference, data }] of categories.entries()) {
      const hasEmpty = new Set([...reference, ...data]).size > new Set(data).size || at === 2;
      for (const measure of ['psi', 'jensen_shannon_distance', 'hellinger'] as const) {
        // Of a cell without rows it makes 0.0001 for every measure, drift-check for the one that needs it.
        if (hasEmpty && measure !== 'psi') continue;
        const sides = [encodeCategories(reference), encodeCategories(data)] as const;
        const found = compareCategorical(...sides, measure, 'measure').values!.effect;
        expectWithin(found, answers[at]![measure]!, 1e-9, `${measure} of chunk ${at}`);
      }
    }
    // It bins numbers by Sturges' rule over both sides, drift-check by the reference's deciles: no bins, no difference.
    for (const [at, { reference, data }] of numbers.entries()) {
      const said = answers[categories.length + at]!.wasserstein!;
      const sides = [ascending(reference), ascending(data)] as const;
      expectWithin(standardisedWasserstein(...sides), said, 1e-9, `Wasserstein of chunk ${at}`);
      expect(effectOfNumbers(...sides, 'wasserstein')).toBe(standardisedWasserstein(...sides));
    }
  });
});
