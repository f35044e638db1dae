/** Every metric against scikit-learn, every distribution against scipy, on random and degenerate data, to 1e-9. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { METRICS } from '../../shared/metrics/catalogue.ts';
import { meanOfLoss, type Rows } from '../../shared/metrics/rows.ts';
import * as distributions from '../../shared/stats/distributions.ts';
import { benjaminiHochbergAdjusted } from '../../shared/stats/multiple-testing.ts';
import { influenceError } from '../../shared/stats/paired-intervals.ts';
import { exactMcNemar, wilsonInterval } from '../../shared/stats/paired-proportions.ts';

const python = process.env.MLOPS_TEST_PYTHON;
const SEED = 20_010_122;
const CASES = 400;

function ask<Answer>(cases: object[]): Answer[] {
  const script = fileURLToPath(new URL('metrics_oracle.py', import.meta.url));
  const output = execFileSync(python!, [script], { input: JSON.stringify(cases), maxBuffer: 1 << 28 });
  return JSON.parse(output.toString());
}

function expectClose(actual: number, expected: number, what: string): void {
  const error = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
  expect(error <= 1e-9, `${what}: ${actual} here, ${expected} there`).toBe(true);
}

const draw = <Value>(arbitrary: fc.Arbitrary<Value>, count = CASES): Value[] =>
  fc.sample(arbitrary, { seed: SEED, numRuns: count });

const label = fc.integer({ min: 0, max: 1 });
const weight = fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: 0.01, max: 100, noNaN: true }));
const score = fc.oneof(
  fc.constantFrom(0, 0.25, 0.5, 1, 1e-20, 1 - 1e-16),
  fc.double({ min: 0, max: 1, noNaN: true }),
);
/** Millionths, so that no difference is lost to underflow. */
const micro = (min: number, max: number) =>
  fc.integer({ min: min * 1e6, max: max * 1e6 }).map((value) => value / 1e6);
const quantity = fc.oneof(fc.integer({ min: 0, max: 4 }), micro(-50, 1000));

interface Case {
  kind: 'binary' | 'regression';
  truth: number[];
  predicted: number[];
  score: number[];
  weight: number[] | null;
}

/** Columns of one length between 1 and 120; a third without weights, a fifth with one label only. */
function cases(kind: Case['kind'], value: fc.Arbitrary<number>): fc.Arbitrary<Case> {
  return fc
    .tuple(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 0, max: 14 }))
    .chain(([rows, flavour]) => {
      const column = (of: fc.Arbitrary<number>) => fc.array(of, { minLength: rows, maxLength: rows });
      const constant = flavour % 5 === 0;
      return fc.record({
        kind: fc.constant(kind),
        truth: constant ? value.map((one) => new Array<number>(rows).fill(one)) : column(value),
        predicted: column(value),
        score: flavour === 7 ? fc.constant(new Array<number>(rows).fill(0.5)) : column(score),
        weight: flavour % 3 === 0 ? fc.constant(null) : column(weight),
      });
    });
}

function rowsOf(one: Case): Rows {
  return {
    truth: Float64Array.from(one.truth),
    predicted: Float64Array.from(one.predicted),
    score: one.kind === 'binary' ? Float64Array.from(one.score) : undefined,
    weight: one.weight ? Float64Array.from(one.weight) : undefined,
  };
}

/** Where scikit-learn makes up a number (0 for an empty denominator, 1 for a constant truth) we say why there is none. */
function compareAll(drawn: Case[]): Map<string, number> {
  const answers = ask<Record<string, number | null>>(drawn);
  const compared = new Map<string, number>();
  for (const [index, one] of drawn.entries()) {
    for (const definition of METRICS.filter((metric) => metric.task === one.kind)) {
      const ours = definition.compute(rowsOf(one));
      const theirs = answers[index]![definition.name];
      expect(theirs === undefined, `the oracle lacks ${definition.name}`).toBe(false);
      if (ours.value === undefined) {
        expect(ours.why.length).toBeGreaterThan(10);
        continue;
      }
      expect(theirs, `${definition.name} of case ${index}: ${JSON.stringify(one)}`).not.toBeNull();
      expectClose(ours.value, theirs!, `${definition.name} of case ${index}`);
      compared.set(definition.name, (compared.get(definition.name) ?? 0) + 1);
    }
  }
  return compared;
}

if (!python && process.env.CI === 'true') {
  test('the oracle is there', () => expect.fail('MLOPS_TEST_PYTHON names no interpreter with scikit-learn'));
}

describe.skipIf(!python)(
  'equal to scikit-learn and scipy (set MLOPS_TEST_PYTHON to an interpreter with both)',
  () => {
    test('binary metrics', () => {
      const compared = compareAll(draw(cases('binary', label)));
      for (const metric of METRICS.filter(({ task }) => task === 'binary')) {
        expect(compared.get(metric.name), metric.name).toBeGreaterThan(CASES / 2);
      }
    });

    test('regression metrics', () => {
      const positive = quantity.map((value) => Math.abs(value) + 0.01);
      const compared = compareAll([
        ...draw(cases('regression', quantity)),
        ...draw(cases('regression', positive)),
      ]);
      for (const metric of METRICS.filter(({ task }) => task === 'regression')) {
        expect(compared.get(metric.name), metric.name).toBeGreaterThan(CASES / 2);
      }
    });

    test('distributions', () => {
      const probability = fc.oneof(
        fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true }),
        fc.constantFrom(0.025, 0.5, 0.975, 1e-8),
      );
      const deviate = fc.double({ min: -30, max: 30, noNaN: true });
      const degrees = fc.oneof(
        fc.integer({ min: 1, max: 200 }),
        fc.double({ min: 0.5, max: 1e6, noNaN: true }),
      );
      const shape = fc.double({ min: 0.2, max: 1e4, noNaN: true });
      const count = fc.integer({ min: 1, max: 1_000_000 });
      const of = (name: string, ours: (...values: number[]) => number, ...from: fc.Arbitrary<number>[]) =>
        draw(fc.tuple(...from), 150).map((values) => ({
          function: name,
          arguments: values,
          ours: ours(...values),
        }));
      const drawn = [
        ...of('norm.cdf', distributions.normalCdf, deviate),
        ...of('norm.sf', distributions.normalSurvival, deviate),
        ...of('norm.ppf', distributions.normalQuantile, probability),
        ...of('t.cdf', distributions.studentCdf, deviate, degrees),
        ...of('t.sf', distributions.studentSurvival, deviate, degrees),
        ...of('t.ppf', distributions.studentQuantile, probability, degrees),
        ...of(
          'chi2.sf',
          distributions.chiSquareSurvival,
          fc.double({ min: 0, max: 3000, noNaN: true }),
          degrees,
        ),
        ...of('beta.ppf', distributions.betaQuantile, probability, shape, shape),
        ...of(
          'kstwobign.sf',
          distributions.kolmogorovSurvival,
          fc.double({ min: 0.01, max: 6, noNaN: true }),
        ),
        ...draw(fc.tuple(count, probability, fc.double({ min: -5, max: 5, noNaN: true })), 200).flatMap(
          ([n, p, away]) => {
            const k = Math.max(0, Math.min(n, Math.round(n * p + away * Math.sqrt(n * p * (1 - p)))));
            return [
              { function: 'binom.cdf', arguments: [k, n, p], ours: distributions.binomialCdf(k, n, p) },
              { function: 'binom.sf', arguments: [k, n, p], ours: distributions.binomialSurvival(k, n, p) },
            ];
          },
        ),
      ];
      const answers = ask<{ value: number }>(drawn.map((one) => ({ kind: 'distribution', ...one })));
      drawn.forEach((one, index) => {
        expectClose(one.ours, answers[index]!.value, `${one.function}(${one.arguments})`);
      });
    });

    test('exact McNemar, Wilson, paired mean, Benjamini–Hochberg', () => {
      const few = fc.integer({ min: 0, max: 30 });
      const pairs = draw(
        fc.tuple(few, few).filter(([gained, lost]) => gained + lost > 0),
        100,
      );
      const mcnemar = ask<{ value: number }>(
        pairs.map(([gained, lost]) => ({ kind: 'exact_mcnemar', gained, lost })),
      );
      pairs.forEach(([gained, lost], index) => {
        expectClose(exactMcNemar(gained, lost).twoSided, mcnemar[index]!.value, `McNemar ${gained}, ${lost}`);
      });

      const shares = draw(
        fc.tuple(few, few).map(([a, b]) => ({ successes: Math.min(a, b), count: Math.max(a, b, 1) })),
        100,
      );
      const wilson = ask<{ low: number; high: number }>(
        shares.map((one) => ({ kind: 'wilson', confidence: 0.95, ...one })),
      );
      shares.forEach(({ successes, count }, index) => {
        const [low, high] = wilsonInterval(successes, count, 0.95);
        expectClose(low, wilson[index]!.low, 'Wilson, low');
        expectClose(high, wilson[index]!.high, 'Wilson, high');
      });

      const losses = draw(fc.array(fc.tuple(quantity, quantity), { minLength: 3, maxLength: 100 }), 100);
      const means = ask<{ standardError: number; mean: number }>(
        losses.map((rows) => ({
          kind: 'paired_mean',
          first: rows.map(([a]) => a),
          second: rows.map(([, b]) => b),
        })),
      );
      losses.forEach((rows, index) => {
        const side = (which: 0 | 1) =>
          meanOfLoss({ truth: new Float64Array(rows.length) }, (row) => rows[row]![which]);
        const [first, second] = [side(0), side(1)];
        if (first.value === undefined || second.value === undefined) throw new Error('a mean has a value');
        const influenceOf = (of: typeof first.spread) =>
          of.kind === 'influence' ? of.influence() : new Float64Array();
        const error = influenceError([
          { values: influenceOf(second.spread), factor: 1 },
          { values: influenceOf(first.spread), factor: -1 },
        ]);
        expectClose(second.value - first.value, means[index]!.mean, 'paired mean');
        expectClose(error.standardError, means[index]!.standardError, 'its standard error');
      });

      const many = draw(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }),
        100,
      );
      const adjusted = ask<{ adjusted: number[] }>(many.map((pValues) => ({ kind: 'adjusted', pValues })));
      many.forEach((pValues, index) => {
        benjaminiHochbergAdjusted(pValues).forEach((p, at) => {
          expectClose(p, adjusted[index]!.adjusted[at]!, 'Benjamini–Hochberg');
        });
      });
    });
  },
);
