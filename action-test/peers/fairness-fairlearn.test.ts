/**
 * Every fairness metric of every task against fairlearn, whose frames are of its own functions or of scikit-learn's, and
 * the tests of the search for weak slices against scipy, to 1e-9. A name that the oracle does not know is red.
 */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { METRICS, type MetricTask } from '../../shared/metrics/catalogue.ts';
import { boundToGroups } from '../../shared/metrics/fairness.ts';
import {
  type FairnessMetric,
  fairnessMetricNames,
  findFairnessMetric,
} from '../../shared/metrics/fairness-metric.ts';
import { selectRows } from '../../shared/metrics/rows.ts';
import { hypergeometricAtLeast } from '../../shared/stats/hypergeometric.ts';
import { type Moments, welchComparison, welchInterval } from '../../shared/stats/welch.ts';
import { rowsOf } from './case-rows.ts';
import { type FairnessCase, groupsOf, oddCases, plainCases } from './fairness-cases.ts';
import { isMadeUp } from './made-up-numbers.ts';
import { type Degeneracy, degeneraciesOf, degeneraciesOfTask } from './metric-degeneracies.ts';
import { ask, draw, expectClose, LONGEST, python, requirePython } from './oracle.ts';

/** Of numbers more, since a third has values below 0, of which some metrics are not; of classes some have one alone. */
const PLAIN: Partial<Record<MetricTask, number>> = { multiclass: 220, regression: 275, forecasting: 275 };
const USUAL = 200;
const ODD = 75;
/** Data sets of which every name must have a number. */
const ENOUGH = 200;
/** Data sets with a group of each kind of degeneracy about which each metric must have been asked. */
const OF_EACH_DEGENERACY = 3;
/** Cases that one process of the oracle takes at once. */
const BATCH = 20;
const ORACLE = 'fairness_oracle.py';

const TASKS = [...new Set(METRICS.map(({ task }) => task))].filter(
  (task) => fairnessMetricNames(task).length > 0,
);

/** Every metric of a task once, though it has several names. */
function metricsOf(task: MetricTask): FairnessMetric[] {
  const meanings = new Map<string, FairnessMetric>();
  for (const name of fairnessMetricNames(task)) {
    const metric = findFairnessMetric(name, task)!;
    const bases = metric.bases.map((base) => base.name).join();
    const meaning = `${bases} ${metric.shape}`;
    // demographic_parity_difference is selection_rate_difference, and fairlearn has a function for it.
    if (COMPOSED.test(name)) meanings.set(name, metric);
    else if (!meanings.has(meaning)) meanings.set(meaning, { ...metric, name: `${bases}_${metric.shape}` });
  }
  return [...meanings.values()];
}
const COMPOSED = /^(demographic_parity|equal_opportunity|equalized_odds)_/;

interface Answer {
  [name: string]: number | null;
}
type Told = Answer & { without: string[] };

/** What is degenerate about any of the groups, for metrics that read the same columns. */
function degeneraciesOfGroups(one: FairnessCase, metric: FairnessMetric): Set<Degeneracy> {
  const rows = rowsOf(one);
  const groups = one.truth.length === 0 ? [new Int32Array()] : groupsOf(one).rows;
  return new Set(groups.flatMap((own) => degeneraciesOf(selectRows(rows, own), metric.bases[0]!)));
}

/** fairlearn passes over groups without a number; here there is none then, and it says of which group. */
function isKnownGap(metric: FairnessMetric, why: string, { without }: Told): boolean {
  if (metric.bases.some(({ name }) => without.includes(name))) return true;
  if (/^there (are fewer than two groups|is no group)$/.test(why)) return true;
  const ofGroup = why.slice(why.indexOf(': ') + 2);
  return metric.bases.some(({ name }) => isMadeUp(name, ofGroup));
}

function compareAll(task: MetricTask, cases: FairnessCase[], told: Told[]): void {
  const degenerate = new Map<string, Set<Degeneracy>[]>();
  for (const metric of metricsOf(task)) {
    const { name } = metric;
    const { needs } = metric.bases[0]!;
    const odd = degenerate.get(needs) ?? cases.map((one) => degeneraciesOfGroups(one, metric));
    degenerate.set(needs, odd);
    let numbers = 0;
    cases.forEach((one, index) => {
      const ours = boundToGroups(metric, groupsOf(one), one).compute(rowsOf(one));
      const theirs = told[index]![name];
      const what = `${name} of case ${index}`;
      expect(theirs === undefined, `the oracle lacks ${name}`).toBe(false);
      if (ours.value === undefined) {
        expect(ours.why.length).toBeGreaterThan(10);
        const known = theirs === null || isKnownGap(metric, ours.why, told[index]!);
        expect(known, `${what}: ${ours.why}; there ${theirs}`).toBe(true);
        return;
      }
      expect(theirs, `${what}: ${JSON.stringify(one)}`).not.toBeNull();
      expectClose(ours.value, theirs!, what);
      numbers++;
    });
    expect(numbers, `${name}: data sets with a number`).toBeGreaterThanOrEqual(ENOUGH);
    for (const degeneracy of degeneraciesOfTask(task)) {
      const asked = odd.filter((own) => own.has(degeneracy)).length;
      expect(asked, `${name}: ${degeneracy}`).toBeGreaterThanOrEqual(OF_EACH_DEGENERACY);
    }
  }
}

/** Numbers of rows, of marked ones and of those that are drawn, near what is expected and far from it. */
const hypergeometric = draw(
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

const side = fc.array(
  fc.integer({ min: 10, max: 100_000 }).map((value) => value / 1000),
  { minLength: 3, maxLength: 60 },
);
const welch = draw(fc.tuple(side, side), 200).map(([first, second]) => ({
  kind: 'welch',
  confidence: 0.95,
  first,
  second,
}));

const split = <Value>(values: Value[], at: number) => [values.slice(0, at), values.slice(at)] as const;

requirePython();

describe.skipIf(!python)(
  'equal to fairlearn and scipy (set MLOPS_TEST_PYTHON to an interpreter with both)',
  () => {
    const drawn = new Map<MetricTask, FairnessCase[]>();
    const answers = new Map<MetricTask, Told[]>();
    let others: object[] = [];

    beforeAll(() => {
      for (const task of TASKS)
        drawn.set(task, [...draw(plainCases(task), PLAIN[task] ?? USUAL), ...draw(oddCases(task), ODD)]);
      const batches = [...drawn].flatMap(([task, cases]) =>
        Array.from({ length: Math.ceil(cases.length / BATCH) }, (_, at) => ({
          kind: 'fairness',
          task,
          cases: cases.slice(at * BATCH, (at + 1) * BATCH),
        })),
      );
      const [fair, rest] = split(
        ask<Told[] | object>([...batches, ...hypergeometric, ...welch], ORACLE),
        batches.length,
      );
      const told = (fair as Told[][]).flat();
      others = rest;
      for (const [task, cases] of drawn) answers.set(task, told.splice(0, cases.length));
    }, LONGEST);

    test.each(TASKS)('fairness of the task %s', (task) => {
      compareAll(task, drawn.get(task)!, answers.get(task)!);
    });

    test('the hypergeometric tail', () => {
      hypergeometric.forEach(({ k, total, marked, drawn: taken }, index) => {
        const ours = hypergeometricAtLeast(k, total, marked, taken);
        const theirs = (others[index] as { value: number }).value;
        const what = JSON.stringify(hypergeometric[index]);
        expectClose(ours, theirs, what);
        // Ranks and thresholds are of small p-values, so their digits count too.
        if (theirs > 1e-200) expectClose(ours / theirs, 1, what);
      });
    });

    test("Welch's test and interval", () => {
      welch.forEach(({ first, second, confidence }, index) => {
        const ours = welchComparison(momentsOf(first), momentsOf(second));
        const theirs = others[hypergeometric.length + index] as Record<string, number>;
        expectClose(ours.pValue, theirs.pValue!, 'p-value');
        expectClose(ours.degrees, theirs.degrees!, 'degrees of freedom');
        const [low, high] = welchInterval(ours, confidence);
        expectClose(low, theirs.low!, 'low end');
        expectClose(high, theirs.high!, 'high end');
      });
    });
  },
);

function momentsOf(values: number[]): Moments {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { count: values.length, mean, variance: squares / (values.length - 1) };
}
