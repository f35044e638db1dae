/** Every fairness metric against fairlearn, and the tests of the search for weak slices against scipy, to 1e-9. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundToGroups, type Groups } from '../../shared/metrics/fairness.ts';
import { fairnessMetricNames, findFairnessMetric } from '../../shared/metrics/fairness-metric.ts';
import type { Rows } from '../../shared/metrics/rows.ts';
import { hypergeometricAtLeast } from '../../shared/stats/hypergeometric.ts';
import { type Moments, welchComparison, welchInterval } from '../../shared/stats/welch.ts';
import { ask, draw, expectClose, python, requirePython } from './oracle.ts';

const CASES = 200;
const ORACLE = 'fairness_oracle.py';

type FairnessTask = 'binary' | 'regression' | 'multiclass';

/** Of more than two classes a few: how groups are compared is the same for every metric. */
const OF_CLASSES = ['accuracy', 'zero_one_loss', 'f1_micro', 'recall_weighted'];

/** Every name of a task; of aliases only those that fairlearn itself has. */
const namesOf = (task: FairnessTask): string[] =>
  fairnessMetricNames(task).filter((name) => {
    const { bases } = findFairnessMetric(name, task)!;
    const stem = name.replace(/_(difference|ratio|group_min|group_max)$/, '');
    if (task === 'multiclass') return OF_CLASSES.includes(stem);
    return bases.length > 1 || bases[0]!.name === stem || COMPOSED.includes(stem);
  });
const COMPOSED = ['demographic_parity', 'equal_opportunity', 'equalized_odds'];

interface Case {
  kind: 'fairness';
  task: FairnessTask;
  truth: number[];
  predicted: number[];
  score: number[];
  weight: number[] | null;
  /** One column per sensitive feature; groups are those of all of them together. */
  groups: string[][];
  method: 'between_groups' | 'to_overall';
  agg: 'worst_case' | 'mean';
}

const label = fc.integer({ min: 0, max: 1 });
/** Above 0, so that every metric of numbers exists. */
const quantity = fc.integer({ min: 10, max: 100_000 }).map((value) => value / 1000);
const VALUES = { binary: label, regression: quantity, multiclass: fc.integer({ min: 0, max: 2 }) };
const weight = fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: 0.01, max: 100, noNaN: true }));
const score = fc.oneof(fc.constantFrom(0, 0.25, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true }));

/** 8 to 120 rows, of one to four groups, or twice as many; a third without weights; some with one label, or all predicted alike. */
function cases(task: FairnessTask): fc.Arbitrary<Case> {
  return fc
    .tuple(fc.integer({ min: 8, max: 120 }), fc.integer({ min: 0, max: 29 }), fc.integer({ min: 1, max: 4 }))
    .chain(([rows, flavour, groups]) => {
      const column = <Value>(of: fc.Arbitrary<Value>): fc.Arbitrary<Value[]> =>
        fc.array(of, { minLength: rows, maxLength: rows });
      const value = VALUES[task];
      const constant = value.map((one) => new Array<number>(rows).fill(one));
      const group = column(fc.constantFrom(...['A', 'B', 'C', 'D'].slice(0, groups)));
      return fc.record({
        kind: fc.constant('fairness' as const),
        task: fc.constant(task),
        truth: flavour === 0 ? constant : column(value),
        predicted: flavour === 1 ? constant : column(value),
        score: column(score),
        weight: flavour % 3 === 0 ? fc.constant(null) : column(weight),
        groups: flavour % 5 === 0 ? fc.tuple(group, column(fc.constantFrom('x', 'y'))) : fc.tuple(group),
        method: fc.constantFrom('between_groups' as const, 'to_overall' as const),
        agg: fc.constantFrom('worst_case' as const, 'mean' as const),
      });
    });
}

function groupsOf(one: Case): Groups {
  const rows = Map.groupBy(one.truth.keys(), (row) => one.groups.map((column) => column[row]).join());
  return { names: [...rows.keys()], rows: [...rows.values()].map((own) => Int32Array.from(own)) };
}

/** Where fairlearn makes up a number (a rate of no row is 0) we say why there is none. */
function compareAll(drawn: Case[]): Map<string, number> {
  const answers = ask<Record<string, number | null>>(drawn, ORACLE);
  const compared = new Map<string, number>();
  for (const [index, one] of drawn.entries()) {
    const rows: Rows = {
      truth: Float64Array.from(one.truth),
      predicted: Float64Array.from(one.predicted),
      score: one.task === 'binary' ? Float64Array.from(one.score) : undefined,
      classes: one.task === 'multiclass' ? ['a', 'b', 'c'] : undefined,
      weight: one.weight ? Float64Array.from(one.weight) : undefined,
    };
    for (const name of namesOf(one.task)) {
      const metric = findFairnessMetric(name, one.task)!;
      const ours = boundToGroups(metric, groupsOf(one), one).compute(rows);
      const theirs = answers[index]![name];
      expect(theirs === undefined, `the oracle lacks ${name}`).toBe(false);
      if (ours.value === undefined) {
        expect(ours.why.length).toBeGreaterThan(10);
        continue;
      }
      expect(theirs, `${name} of case ${index}: ${JSON.stringify(one)}`).not.toBeNull();
      expectClose(ours.value, theirs!, `${name} of case ${index}`);
      compared.set(name, (compared.get(name) ?? 0) + 1);
    }
  }
  return compared;
}

requirePython();

describe.skipIf(!python)(
  'equal to fairlearn and scipy (set MLOPS_TEST_PYTHON to an interpreter with both)',
  () => {
    test.each(['binary', 'regression', 'multiclass'] as const)('fairness of the task %s', (task) => {
      const compared = compareAll(draw(cases(task), CASES));
      for (const name of namesOf(task)) expect(compared.get(name), name).toBeGreaterThan(CASES / 4);
    });

    test('the hypergeometric tail', () => {
      const drawn = draw(
        fc
          .tuple(
            fc.integer({ min: 1, max: 200_000 }),
            fc.double({ min: 0, max: 1, noNaN: true }),
            fc.double({ min: 0, max: 1, noNaN: true }),
            fc.integer({ min: -40, max: 80 }),
          )
          .map(([total, markedShare, drawnShare, away]) => {
            const [marked, taken] = [Math.floor(total * markedShare), Math.floor(total * drawnShare)];
            const k = Math.max(0, Math.round((marked * taken) / total) + away);
            return { kind: 'hypergeometric', k, total, marked, drawn: taken };
          }),
        400,
      );
      const answers = ask<{ value: number }>(drawn, ORACLE);
      drawn.forEach(({ k, total, marked, drawn: taken }, index) => {
        const ours = hypergeometricAtLeast(k, total, marked, taken);
        expectClose(ours, answers[index]!.value, JSON.stringify(drawn[index]));
        // Ranks and thresholds are of small p-values, so their digits count too.
        if (answers[index]!.value > 1e-200)
          expectClose(ours / answers[index]!.value, 1, JSON.stringify(drawn[index]));
      });
    });

    test("Welch's test and interval", () => {
      const side = fc.array(quantity, { minLength: 3, maxLength: 60 });
      const drawn = draw(fc.tuple(side, side), 200).map(([first, second]) => ({
        kind: 'welch',
        confidence: 0.95,
        first,
        second,
      }));
      const answers = ask<{ pValue: number; degrees: number; low: number; high: number }>(drawn, ORACLE);
      drawn.forEach(({ first, second, confidence }, index) => {
        const ours = welchComparison(momentsOf(first), momentsOf(second));
        const theirs = answers[index]!;
        expectClose(ours.pValue, theirs.pValue, 'p-value');
        expectClose(ours.degrees, theirs.degrees, 'degrees of freedom');
        const [low, high] = welchInterval(ours, confidence);
        expectClose(low, theirs.low, 'low end');
        expectClose(high, theirs.high, 'high end');
      });
    });
  },
);

function momentsOf(values: number[]): Moments {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { count: values.length, mean, variance: squares / (values.length - 1) };
}
