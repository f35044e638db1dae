/** Predictions for groups of people, as the oracle gets them and as groups; some groups are degenerate. */
import fc from 'fast-check';
import type { MetricTask } from '../../shared/metrics/catalogue.ts';
import type { FairnessOptions, Groups } from '../../shared/metrics/fairness.ts';
import { CASES_WITH, type Case, type Flavour, flavours, oneWeight } from './metric-cases.ts';

export interface FairnessCase extends Case, FairnessOptions {
  /** One column per sensitive feature; groups are those of all of them together. */
  sensitive: string[][];
}

const MOST_ROWS = 140;
/** Of classes and labels few, since groups are to have each of them. */
const SEVERAL = fc.constantFrom(2, 3, 3);

/** Nothing odd but weights of zero among others. */
const plain: fc.Arbitrary<Flavour> = fc
  .record({ rows: fc.integer({ min: 50, max: MOST_ROWS }), isWeighted: fc.boolean() })
  .map(({ rows, isWeighted }) => ({
    rows,
    weight: isWeighted ? fc.array(oneWeight, { minLength: rows, maxLength: rows }) : fc.constant(null),
    isConstant: false,
    isUndecided: false,
    hasNaN: false,
  }));

/** What happens to the group A. */
const DAMAGES = ['one row', 'one class', 'one prediction', 'no weight', 'no predictions'] as const;
type Damage = (typeof DAMAGES)[number];

function withDamage(one: FairnessCase, damage: Damage): FairnessCase {
  const [first = [], ...others] = one.sensitive;
  const inGroup = (row: number): boolean => first[row] === 'A';
  const change = (values: number[], to: (values: number[]) => number): number[] =>
    values.map((value, row) => (inGroup(row) ? to(values) : value));
  const alike = (values: number[]) => change(values, () => values[0]!);
  const missing = (values: number[]) => change(values, () => Number.NaN);
  const { truth, labels, weight } = one;
  if (damage === 'one row') {
    const only = first.indexOf('A');
    return {
      ...one,
      sensitive: [first.map((own, row) => (own === 'A' && row !== only ? 'B' : own)), ...others],
    };
  }
  if (damage === 'one class')
    return {
      ...one,
      truth: alike(truth),
      labels: labels?.map((label) => ({ ...label, truth: alike(label.truth) })),
    };
  if (damage === 'no weight') return { ...one, weight: change(weight ?? truth.map(() => 1), () => 0) };
  const predictions = damage === 'one prediction' ? alike : missing;
  return {
    ...one,
    predicted: predictions(one.predicted),
    score: one.score && predictions(one.score),
    classScores: one.classScores?.map(predictions),
    labels: labels?.map((label) => ({
      ...label,
      predicted: predictions(label.predicted),
      score: predictions(label.score),
    })),
  };
}

const casesOf = (
  task: MetricTask,
  flavour: fc.Arbitrary<Flavour>,
  groups: fc.Arbitrary<number>,
): fc.Arbitrary<FairnessCase> =>
  fc
    .tuple(
      flavour.chain((own) => CASES_WITH[task](own, SEVERAL)),
      groups,
      fc.nat(7),
    )
    .chain(([one, count, part]) => {
      const column = (values: string[]): fc.Arbitrary<string[]> =>
        fc.array(fc.constantFrom(...values), { minLength: one.truth.length, maxLength: one.truth.length });
      const group = column(['A', 'B', 'C', 'D'].slice(0, count));
      return fc
        .record({
          sensitive: part === 0 ? fc.tuple(group, column(['x', 'y'])) : fc.tuple(group),
          method: fc.constantFrom('between_groups' as const, 'to_overall' as const),
          agg: fc.constantFrom('worst_case' as const, 'mean' as const),
        })
        .map((more) => ({ ...one, ...more }));
    });

/** Two or three groups of usual rows, or of two features together up to six. */
export const plainCases = (task: MetricTask): fc.Arbitrary<FairnessCase> =>
  casesOf(task, plain, fc.integer({ min: 2, max: 3 }));

/** Rows that are odd as a whole, usual rows of which something has happened to one group, or no rows at all. */
export const oddCases = (task: MetricTask): fc.Arbitrary<FairnessCase> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: casesOf(task, flavours(1, MOST_ROWS / 2), fc.integer({ min: 1, max: 3 })),
    },
    {
      weight: 10,
      arbitrary: fc
        .tuple(plainCases(task), fc.constantFrom(...DAMAGES))
        .map(([one, damage]) => withDamage(one, damage)),
    },
    casesOf(task, flavours(0, 0), fc.constant(1)),
  );

export function groupsOf(one: FairnessCase): Groups {
  const rows = Map.groupBy(one.truth.keys(), (row) => one.sensitive.map((column) => column[row]).join());
  return { names: [...rows.keys()], rows: [...rows.values()].map((own) => Int32Array.from(own)) };
}
