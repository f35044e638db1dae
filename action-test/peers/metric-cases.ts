/** Random and degenerate predictions of every task, as the oracle gets them. */
import fc from 'fast-check';
import type { MetricParameters, MetricTask } from '../../shared/metrics/catalogue.ts';

export type Table = number[][];

export interface Case extends MetricParameters {
  kind: MetricTask;
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

export const oneWeight = fc.oneof(
  fc.constant(0),
  fc.constant(1),
  fc.double({ min: 0.01, max: 100, noNaN: true }),
);
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

/** What may be odd about the rows of a case. */
export interface Flavour {
  rows: number;
  /** A third without weights, one in thirty all zero. */
  weight: fc.Arbitrary<number[] | null>;
  /** One label, one truth. */
  isConstant: boolean;
  /** One score, one prediction. */
  isUndecided: boolean;
  /** A prediction that is no number. */
  hasNaN: boolean;
}

/** @param least rows of all cases but the empty ones. */
export const flavours = (least: number, most: number): fc.Arbitrary<Flavour> =>
  fc
    .record({
      rows: fc.oneof({ weight: 30, arbitrary: fc.integer({ min: least, max: most }) }, fc.constant(0)),
      flavour: fc.nat(29),
    })
    .map(({ rows, flavour }) => ({
      rows,
      weight:
        flavour % 3 === 0
          ? fc.constant(null)
          : flavour === 1
            ? constant(fc.constant(0), rows)
            : column(oneWeight, rows),
      isConstant: flavour % 6 === 5,
      isUndecided: flavour % 10 === 7,
      hasNaN: flavour === 13 && rows > 0,
    }));

const withNaN = (values: number[], { hasNaN }: Flavour): number[] =>
  hasNaN ? values.with(0, Number.NaN) : values;

const truths = (of: fc.Arbitrary<number>, { rows, isConstant }: Flavour) =>
  isConstant ? constant(of, rows) : column(of, rows);
const predictions = <Value>(of: fc.Arbitrary<Value>, { rows, isUndecided }: Flavour) =>
  isUndecided ? constant(of, rows) : column(of, rows);
const numbers = (of: fc.Arbitrary<number>, flavour: Flavour) =>
  predictions(of, flavour).map((values) => withNaN(values, flavour));

const binary = (flavour: Flavour): fc.Arbitrary<Case> =>
  fc.record({
    kind: fc.constant('binary' as const),
    truth: truths(bit, flavour),
    predicted: numbers(bit, flavour),
    score: numbers(score, flavour),
    weight: flavour.weight,
  });

const numbersOf =
  (kind: 'regression' | 'forecasting' | 'scores', of: fc.Arbitrary<number>) =>
  (flavour: Flavour): fc.Arbitrary<Case> =>
    fc.record({
      kind: fc.constant(kind),
      truth: truths(of, flavour),
      predicted: numbers(of, flavour),
      weight: flavour.weight,
    });

/** Two thirds above 0, which some metrics need. */
const quantities = fc.constantFrom(quantity, positive, positive);

const season = fc.integer({ min: 2, max: 6 });
const forecasting =
  (of: fc.Arbitrary<number>) =>
  (flavour: Flavour): fc.Arbitrary<Case> =>
    fc
      .tuple(
        numbersOf('forecasting', of)(flavour),
        fc.array(
          season.chain((length) => column(of, length)),
          { minLength: 1, maxLength: 4 },
        ),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      )
      .map(([forecast, training, quantile]) => ({
        ...forecast,
        training,
        quantile,
        groups: forecast.truth.map((_, row) => row % training.length),
      }));

/** Scores of the classes that sum to 1; ties and zeros among them. */
const distribution = (classes: number) =>
  column(fc.oneof(fc.integer({ min: 0, max: 4 }), micro(0, 1)), classes).map((values) => {
    const sum = values.reduce((total, value) => total + value, 0);
    return sum > 0 ? values.map((value) => value / sum) : values.map(() => 1 / classes);
  });

const multiclass =
  (classes: number) =>
  (flavour: Flavour): fc.Arbitrary<Case> => {
    const label = fc.integer({ min: 0, max: classes - 1 });
    return fc.record({
      kind: fc.constant('multiclass' as const),
      truth: truths(label, flavour),
      predicted: numbers(label, flavour),
      classScores: predictions(distribution(classes), flavour).map((values) =>
        Array.from({ length: classes }, (_, index) =>
          withNaN(
            values.map((one) => one[index]!),
            flavour,
          ),
        ),
      ),
      weight: flavour.weight,
      k: fc.integer({ min: 1, max: 3 }),
    });
  };

const multilabel =
  (count: number) =>
  (flavour: Flavour): fc.Arbitrary<Case> =>
    fc
      .record({
        labels: column(
          fc.record({
            truth: truths(bit, flavour),
            predicted: numbers(bit, flavour),
            score: numbers(score, flavour),
          }),
          count,
        ),
        weight: flavour.weight,
      })
      .map((drawn) => ({
        ...drawn,
        kind: 'multilabel' as const,
        truth: Array.from({ length: flavour.rows }, (_, row) =>
          drawn.labels.reduce((sum, label) => sum + label.truth[row]!, 0),
        ),
        predicted: [],
      }));

/** One in six with weights, which rankings refuse; half with many ties. */
const ranking = (flavour: Flavour): fc.Arbitrary<Case> =>
  fc.tuple(fc.integer({ min: 1, max: 12 }), fc.boolean(), fc.nat(5)).chain(([queries, hasTies, part]) =>
    fc.record({
      kind: fc.constant('ranking' as const),
      truth: truths(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3 })), flavour),
      predicted: fc.constant([]),
      score: numbers(hasTies ? fc.integer({ min: 0, max: 9 }) : micro(0, 1000), flavour),
      groups: column(fc.integer({ min: 0, max: queries - 1 }), flavour.rows),
      weight: part === 0 ? flavour.weight : fc.constant(null),
      k: fc.integer({ min: 1, max: 12 }),
    }),
  );

/** A number of classes or labels; of two there are fewer cases, since each class beyond is to have many. */
const SEVERAL = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 3, max: 5 }) }, fc.constant(2));

/** One class against another knows no weights. */
const mostlyUnweighted = ({ weight: own, ...flavour }: Flavour, part: number): Flavour => ({
  ...flavour,
  weight: part > 0 ? fc.constant(null) : own,
});

type CasesWith = (flavour: Flavour, several?: fc.Arbitrary<number>) => fc.Arbitrary<Case>;

/** What a task's cases are made of, given what is odd about them, and how many classes or labels there are. */
export const CASES_WITH: Record<MetricTask, CasesWith> = {
  binary,
  multiclass: (flavour, several = SEVERAL) =>
    fc
      .tuple(several, fc.nat(5))
      .chain(([classes, part]) => multiclass(classes)(mostlyUnweighted(flavour, part))),
  multilabel: (flavour, several = SEVERAL) => several.chain((count) => multilabel(count)(flavour)),
  regression: (flavour) => quantities.chain((of) => numbersOf('regression', of)(flavour)),
  forecasting: (flavour) => quantities.chain((of) => forecasting(of)(flavour)),
  ranking,
  scores: (flavour) => numbersOf('scores', micro(-50, 50))(flavour),
};
