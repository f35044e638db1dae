/** Random and degenerate predictions of every task, as the oracle gets them and as rows. */
import fc from 'fast-check';
import type { MetricParameters, MetricTask } from '../../shared/metrics/catalogue.ts';
import { numberClusters, type Rows } from '../../shared/metrics/rows.ts';

type Table = number[][];

export interface Case extends MetricParameters {
  kind: Exclude<MetricTask, 'scores'>;
  truth: number[];
  predicted: number[];
  weight: number[] | null;
  /** Binary, ranking. */
  score?: number[];
  /** Multiclass: one column per class. */
  classScores?: Table;
  /** Multilabel: one column per label. */
  labels?: { truth: number[]; predicted: number[]; score: number[] }[];
  /** Ranking: the query. Forecasting: the series. */
  groups?: number[];
  /** Forecasting: what each series was in training. */
  training?: Table;
}

const weight = fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: 0.01, max: 100, noNaN: true }));
const score = fc.oneof(
  fc.constantFrom(0, 0.1, 0.25, 0.3, 0.5, 1, 1e-20, 1 - 1e-16),
  fc.double({ min: 0, max: 1, noNaN: true }),
);
/** Millionths, so that no difference is lost to underflow. */
const micro = (min: number, max: number) =>
  fc.integer({ min: min * 1e6, max: max * 1e6 }).map((value) => value / 1e6);
export const quantity = fc.oneof(fc.integer({ min: 0, max: 4 }), micro(-50, 1000));
const positive = quantity.map((value) => Math.abs(value) + 0.01);
const bit = fc.integer({ min: 0, max: 1 });

const column = <Value>(of: fc.Arbitrary<Value>, rows: number) =>
  fc.array(of, { minLength: rows, maxLength: rows });
const constant = <Value>(of: fc.Arbitrary<Value>, rows: number) =>
  of.map((one) => new Array<Value>(rows).fill(one));

interface Flavour {
  rows: number;
  /** A third without weights, of the others one in five all zero. */
  weight: fc.Arbitrary<number[] | null>;
  /** One label, one truth. */
  isConstant: boolean;
  hasConstantScores: boolean;
  /** A prediction that is no number. */
  hasNaN: boolean;
}

const flavours = (largest: number): fc.Arbitrary<Flavour> =>
  fc
    .record({
      rows: fc.oneof({ weight: 30, arbitrary: fc.integer({ min: 1, max: largest }) }, fc.constant(0)),
      flavour: fc.nat(29),
    })
    .map(({ rows, flavour }) => ({
      rows,
      weight:
        flavour % 3 === 0
          ? fc.constant(null)
          : flavour === 1
            ? constant(fc.constant(0), rows)
            : column(weight, rows),
      isConstant: flavour % 6 === 5,
      hasConstantScores: flavour % 10 === 7,
      hasNaN: flavour === 13 && rows > 0,
    }));

const withNaN = (values: number[], { hasNaN }: Flavour): number[] =>
  hasNaN ? values.with(0, Number.NaN) : values;

const truths = (of: fc.Arbitrary<number>, { rows, isConstant }: Flavour) =>
  isConstant ? constant(of, rows) : column(of, rows);
const scores = ({ rows, hasConstantScores }: Flavour) =>
  hasConstantScores ? constant(score, rows) : column(score, rows);

export const binaryCases: fc.Arbitrary<Case> = flavours(120).chain((flavour) =>
  fc.record({
    kind: fc.constant('binary' as const),
    truth: truths(bit, flavour),
    predicted: column(bit, flavour.rows).map((values) => withNaN(values, flavour)),
    score: scores(flavour).map((values) => withNaN(values, flavour)),
    weight: flavour.weight,
  }),
);

const numbersOf = (kind: 'regression' | 'forecasting', of: fc.Arbitrary<number>) => (flavour: Flavour) =>
  fc.record({
    kind: fc.constant(kind),
    truth: truths(of, flavour),
    predicted: column(of, flavour.rows).map((values) => withNaN(values, flavour)),
    weight: flavour.weight,
  });

export const regressionCases: fc.Arbitrary<Case> = fc
  .constantFrom(quantity, positive, positive)
  .chain((of) => flavours(120).chain(numbersOf('regression', of)));

const season = fc.integer({ min: 2, max: 6 });
export const forecastingCases: fc.Arbitrary<Case> = fc
  .constantFrom(quantity, positive, positive)
  .chain((of) =>
    flavours(60).chain((flavour) =>
      fc
        .tuple(
          numbersOf('forecasting', of)(flavour),
          fc.array(
            season.chain((length) => column(of, length)),
            { minLength: 1, maxLength: 4 },
          ),
          fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        )
        .map(([numbers, training, quantile]) => ({
          ...numbers,
          training,
          quantile,
          groups: numbers.truth.map((_, row) => row % training.length),
        })),
    ),
  );

/** Scores of the classes that sum to 1; ties and zeros among them. */
const distribution = (classes: number) =>
  column(fc.oneof(fc.integer({ min: 0, max: 4 }), micro(0, 1)), classes).map((values) => {
    const sum = values.reduce((total, value) => total + value, 0);
    return sum > 0 ? values.map((value) => value / sum) : values.map(() => 1 / classes);
  });

export const multiclassCases: fc.Arbitrary<Case> = fc
  .tuple(fc.integer({ min: 2, max: 5 }), flavours(150), fc.integer({ min: 1, max: 3 }))
  .chain(([classes, flavour, k]) => {
    const label = fc.integer({ min: 0, max: classes - 1 });
    const row = distribution(classes);
    const table = flavour.hasConstantScores ? constant(row, flavour.rows) : column(row, flavour.rows);
    return fc.record({
      kind: fc.constant('multiclass' as const),
      truth: truths(label, flavour),
      predicted: column(label, flavour.rows).map((values) => withNaN(values, flavour)),
      classScores: table.map((values) =>
        Array.from({ length: classes }, (_, index) =>
          withNaN(
            values.map((one) => one[index]!),
            flavour,
          ),
        ),
      ),
      weight: flavour.weight,
      k: fc.constant(k),
    });
  });

export const multilabelCases: fc.Arbitrary<Case> = fc
  .tuple(fc.integer({ min: 2, max: 5 }), flavours(80))
  .chain(([count, flavour]) =>
    fc
      .tuple(
        column(
          fc.record({
            truth: truths(bit, flavour),
            predicted: column(bit, flavour.rows).map((values) => withNaN(values, flavour)),
            score: scores(flavour).map((values) => withNaN(values, flavour)),
          }),
          count,
        ),
        flavour.weight,
      )
      .map(([labels, weights]) => ({
        kind: 'multilabel' as const,
        truth: Array.from({ length: flavour.rows }, (_, row) =>
          labels.reduce((sum, label) => sum + label.truth[row]!, 0),
        ),
        predicted: [],
        labels,
        weight: weights,
      })),
  );

/** @param hasTies scores of few values; else all differ, since trec_eval orders ties by the names of documents. */
export const rankingCases = (hasTies: boolean): fc.Arbitrary<Case> =>
  fc
    .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 80 }), fc.integer({ min: 1, max: 12 }))
    .chain(([queries, rows, k]) =>
      fc.record({
        kind: fc.constant('ranking' as const),
        truth: column(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3 })), rows),
        predicted: fc.constant([]),
        score: hasTies
          ? column(fc.integer({ min: 0, max: 4 }), rows)
          : fc.shuffledSubarray([...new Array(rows).keys()], { minLength: rows }),
        groups: column(fc.integer({ min: 0, max: queries - 1 }), rows),
        weight: fc.constant(null),
        k: fc.constant(k),
      }),
    );

/** Mean |y(t) − y(t − 1)| of each series. */
const naiveErrors = (training: Table): number[] =>
  training.map((series) => {
    const steps = series.slice(1).map((value, at) => Math.abs(value - series[at]!));
    return steps.reduce((sum, step) => sum + step, 0) / steps.length;
  });

const floats = (values: number[]): Float64Array => Float64Array.from(values);

/** The rows as the metrics read them. */
export function rowsOf(one: Case): Rows {
  const naive = one.training && naiveErrors(one.training);
  return {
    truth: floats(one.truth),
    predicted: one.labels || one.kind === 'ranking' ? undefined : floats(one.predicted),
    score: one.score && floats(one.score),
    classes: one.classScores?.map((_, index) => `class ${index}`),
    classScores: one.classScores?.map(floats),
    labels: one.labels?.map((label, index) => ({
      name: `class ${index}`,
      truth: floats(label.truth),
      predicted: floats(label.predicted),
      score: floats(label.score),
    })),
    groups: one.groups && numberClusters(one.groups),
    naiveError: naive && floats(one.groups!.map((group) => naive[group]!)),
    weight: one.weight ? floats(one.weight) : undefined,
  };
}
