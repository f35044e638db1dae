/**
 * Every metric of every task, and of each class, against scikit-learn (rankings: trec_eval; forecasts: utilsforecast),
 * to 1e-9, on random and on degenerate data sets. A metric of the catalogue that the oracle does not know is red, as
 * is one that is never asked about a kind of degenerate data.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { METRICS, type MetricDefinition, type MetricTask } from '../../shared/metrics/catalogue.ts';
import { meanScore } from '../../shared/metrics/mean-score.ts';
import { computeMetric } from '../../shared/metrics/metric-definition.ts';
import { ofClass } from '../../shared/metrics/one-class.ts';
import { calibrationCurve } from '../../shared/metrics/probability.ts';
import type { Rows } from '../../shared/metrics/rows.ts';
import { precisionRecallCurve } from '../../shared/metrics/score-curves.ts';
import { rowsOf } from './case-rows.ts';
import { isMadeUp } from './made-up-numbers.ts';
import { CASES_WITH, type Case, flavours } from './metric-cases.ts';
import { degeneraciesOf, degeneraciesOfTask } from './metric-degeneracies.ts';
import { ask, draw, expectClose, LONGEST, python, requirePython } from './oracle.ts';

const CASES = 330;
const MOST_ROWS = 120;
/** Data sets of which a metric must have a number; of the others it is shown why there is none. */
const ENOUGH = 200;
/** Data sets of each kind of degeneracy about which each metric must have been asked. */
const OF_EACH_DEGENERACY = 3;
/** Classes that nearly all data sets have. */
const CLASSES = ['class 0', 'class 1', 'class 2'];

type Answer = Record<string, number | null>;

const TASKS = [...new Set(METRICS.map(({ task }) => task)), 'scores' as const];
const SCORES = [meanScore('score', 'higher', false)];
const ofTask = (task: MetricTask): MetricDefinition[] =>
  task === 'scores' ? SCORES : METRICS.filter((metric) => metric.task === task);
const ofClasses = (names: readonly string[]): MetricDefinition[] =>
  names.flatMap((name) =>
    ofTask('binary').map((metric) => ({ ...ofClass(metric, name), name: `${metric.name} of ${name}` })),
  );

interface Found {
  numbers: number;
  asked: Map<string, number>;
}

/** Where the oracle refuses or says NaN there is no number here either. */
function compareAll(cases: Case[], answers: Answer[], definitionsOf: (rows: Rows) => MetricDefinition[]) {
  const found = new Map<string, Found>();
  cases.forEach((one, index) => {
    const rows = rowsOf(one);
    for (const definition of definitionsOf(rows)) {
      const { name } = definition;
      const theirs = answers[index]![name];
      // trec_eval is not asked for the mean over thousands of orders.
      if (theirs === undefined && one.kind === 'ranking' && name !== 'ndcg') continue;
      expect(theirs === undefined, `the oracle lacks ${name}`).toBe(false);
      const ours = computeMetric(definition, rows, one);
      const { numbers, asked } = found.get(name) ?? { numbers: 0, asked: new Map() };
      const read = name.includes(' of class ') ? definition.prepare!(rows) : rows;
      for (const degeneracy of degeneraciesOf(read, definition))
        asked.set(degeneracy, (asked.get(degeneracy) ?? 0) + 1);
      found.set(name, { numbers: numbers + (ours.value === undefined ? 0 : 1), asked });
      const what = `${name} of case ${index}`;
      if (ours.value === undefined) {
        expect(ours.why.length).toBeGreaterThan(10);
        expect(theirs === null || isMadeUp(name, ours.why), `${what}: ${ours.why}; there ${theirs}`).toBe(
          true,
        );
        continue;
      }
      expect(theirs, `${what}: ${JSON.stringify(one)}`).not.toBeNull();
      expectClose(ours.value, theirs!, what);
    }
  });
  return found;
}

function expectEnough(found: Map<string, Found>, { name, task }: MetricDefinition): void {
  const { numbers, asked } = found.get(name)!;
  expect(numbers, `${name}: data sets with a number`).toBeGreaterThanOrEqual(ENOUGH);
  for (const degeneracy of degeneraciesOfTask(task))
    expect(asked.get(degeneracy) ?? 0, `${name}: data sets with ${degeneracy}`).toBeGreaterThanOrEqual(
      OF_EACH_DEGENERACY,
    );
}

requirePython();

describe.skipIf(!python)('equal to the oracles (set MLOPS_TEST_PYTHON to an interpreter with them)', () => {
  /** By what the oracle is asked for. */
  const drawn = new Map<string, Case[]>();
  const answers = new Map<string, unknown[]>();
  const answersOf = <One = Answer>(kind: string): One[] => answers.get(kind) as One[];

  beforeAll(() => {
    for (const task of TASKS)
      drawn.set(
        task,
        draw(
          flavours(1, MOST_ROWS).chain((own) => CASES_WITH[task](own)),
          CASES,
        ),
      );
    drawn.set('of_each_class', drawn.get('multiclass')!);
    drawn.set('of_each_label', drawn.get('multilabel')!);
    const withCurves = ({ score }: Case) => score!.length > 1 && score!.every(Number.isFinite);
    drawn.set('curves', drawn.get('binary')!.filter(withCurves));
    const told = ask(
      [...drawn].flatMap(([kind, cases]) => cases.map((one) => ({ ...one, kind, first: CLASSES.length }))),
    );
    for (const [kind, cases] of drawn) answers.set(kind, told.splice(0, cases.length));
  }, LONGEST);

  test.each(TASKS)('%s', (task) => {
    const found = compareAll(drawn.get(task)!, answersOf(task), () => ofTask(task));
    for (const definition of ofTask(task)) expectEnough(found, definition);
  });

  test.each(['of_each_class', 'of_each_label'])('%s', (kind) => {
    const found = compareAll(drawn.get(kind)!, answersOf(kind), ({ classes, labels }) =>
      ofClasses((classes ?? labels!.map(({ name }) => name)).slice(0, CLASSES.length)),
    );
    for (const definition of ofClasses(CLASSES)) expectEnough(found, definition);
  });

  test('the curves of calibration, precision and recall', () => {
    const told = answersOf<{ calibration: number[][]; precisionRecall: number[][] }>('curves');
    expect(told.length).toBeGreaterThan(ENOUGH);
    drawn.get('curves')!.forEach((one, index) => {
      const { weight: _, ...plain } = rowsOf(one);
      const bins = calibrationCurve(plain, 10).flatMap((bin) => [bin.score, bin.positives]);
      expectSame(bins, told[index]!.calibration.flat(), `calibration of case ${index}`);
      const curve = precisionRecallCurve(rowsOf(one), Number.POSITIVE_INFINITY).flat();
      if (curve.length === 0) return;
      expectSame(curve, told[index]!.precisionRecall.flat(), `precision and recall of case ${index}`);
    });
  });
});

function expectSame(ours: number[], theirs: number[], what: string): void {
  expect(ours).toHaveLength(theirs.length);
  ours.forEach((value, at) => {
    expectClose(value, theirs[at]!, what);
  });
}
