/** Gradient boosted trees against scikit-learn's HistGradientBoosting: on the same rows the same trees. */
import { describe, expect, test } from 'vitest';
import { fitGradientBoosting } from '../../shared/stats/gradient-boosting.ts';
import { randomGenerator } from '../../shared/stats/random.ts';
import { ask, python, requirePython } from './oracle.ts';

interface Answer {
  predictions: number[];
}

/** Columns of numbers, codes and holes; a target that hangs on them in a crooked way, and the same on fresh rows. */
function makeCase({ objective, bins, weighted }: Kind, rounds: number) {
  const random = randomGenerator(bins);
  const draw = (count: number) => {
    const smooth = Array.from({ length: count }, () => 4 * random() - 2);
    const codes = Array.from({ length: count }, () => Math.floor(7 * random()));
    const holed = Array.from({ length: count }, () =>
      random() < 0.2 ? null : Math.round(50 * random()) / 7,
    );
    const constant = new Array<number>(count).fill(3);
    const target = smooth.map((x, row) => {
      const hole = holed[row] === null ? 1 : 0.1 * holed[row]!;
      const signal = Math.sin(2 * x) + (codes[row]! > 4 ? x : 0.5) + hole;
      const noise = random();
      return objective === 'squared' ? signal + noise : Number(noise < 1 / (1 + Math.exp(1 - 2 * signal)));
    });
    return { columns: [smooth, codes, holed, constant], target };
  };
  const { columns, target } = draw(3000);
  const fresh = draw(1000);
  return {
    columns,
    target,
    objective,
    weights: weighted ? target.map(() => Math.floor(4 * random())) : undefined,
    at: fresh.columns,
    fresh: fresh.target,
    rounds,
    learningRate: 0.1,
    leaves: 15,
    bins,
    minLeafRows: 20,
  };
}

interface Kind {
  objective: 'binary' | 'squared';
  bins: number;
  weighted: boolean;
}

const kinds = (['binary', 'squared'] as const).flatMap((objective): Kind[] =>
  [32, 255].flatMap((bins) => [false, true].map((weighted) => ({ objective, bins, weighted }))),
);

const numbers = (columns: (number | null)[][]) =>
  columns.map((column) => Float64Array.from(column, (value) => value ?? Number.NaN));

const predictHere = (one: Omit<ReturnType<typeof makeCase>, 'fresh'>): Float64Array =>
  fitGradientBoosting({
    ...one,
    columns: numbers(one.columns),
    target: Float64Array.from(one.target),
    weights: one.weights && Float64Array.from(one.weights),
  }).predict(numbers(one.at));

requirePython();

describe.skipIf(!python)(
  'boosted trees are those of scikit-learn (set MLOPS_TEST_PYTHON to an interpreter with scikit-learn)',
  () => {
    test('numbers and probabilities, with holes, codes, few bins and weights: the same predictions', () => {
      const cases = kinds.map((kind) => makeCase(kind, 8));
      const answers = ask<Answer>(cases, 'boosting_oracle.py');
      for (const [index, one] of cases.entries()) {
        const here = predictHere(one);
        answers[index]!.predictions.forEach((value, row) => {
          // There gradients are kept in single precision.
          expect(Math.abs(here[row]! - value), `case ${index}, row ${row}`).toBeLessThan(1e-6);
        });
      }
    });

    test('after many rounds, when other splits win by single precision: as good on fresh rows', () => {
      const cases = kinds.map((kind) => makeCase(kind, 80));
      const answers = ask<Answer>(cases, 'boosting_oracle.py');
      for (const [index, one] of cases.entries()) {
        const squares = (predicted: ArrayLike<number>) =>
          one.fresh.reduce((sum, value, row) => sum + (predicted[row]! - value) ** 2, 0) / one.fresh.length;
        const ratio = squares(predictHere(one)) / squares(answers[index]!.predictions);
        expect(ratio, `ratio of the errors of case ${index}`).toBeGreaterThan(0.97);
        expect(ratio, `ratio of the errors of case ${index}`).toBeLessThan(1.03);
      }
    });

    test('one target, one row, nothing but holes or constants', () => {
      const plain = { objective: 'squared' as const, rounds: 5, learningRate: 0.1, leaves: 31, bins: 255 };
      const rising = Array.from({ length: 40 }, (_, row) => row ** 1.5);
      const holes = new Array<null>(40).fill(null);
      const cases = [
        { ...plain, columns: [rising], target: new Array<number>(40).fill(2.5), at: [[0, 7, null]] },
        { ...plain, columns: [[4]], target: [1.5], at: [[4, null, 9]] },
        {
          ...plain,
          columns: [holes, rising.map(() => 1)],
          target: rising,
          at: [
            [null, 3],
            [1, 2],
          ],
        },
        { ...plain, columns: [rising.map((x) => (x < 20 ? null : x))], target: rising, at: [[null, 25, 0]] },
        { ...plain, columns: [rising], target: rising, at: [[null, -5, 99]] },
      ].map((one) => ({ ...one, weights: undefined, minLeafRows: 5 }));
      const answers = ask<Answer>(cases, 'boosting_oracle.py');
      for (const [index, one] of cases.entries()) {
        const here = predictHere(one);
        answers[index]!.predictions.forEach((value, row) => {
          expect(Math.abs(here[row]! - value), `case ${index}, row ${row}`).toBeLessThan(1e-5);
        });
      }
    });
  },
);
