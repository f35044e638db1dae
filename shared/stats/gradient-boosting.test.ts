import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitGradientBoosting } from './gradient-boosting.ts';
import { randomGenerator } from './random.ts';

const random = randomGenerator(7);
const x = Float64Array.from({ length: 2000 }, () => 2 * random() - 1);
const noise = Float64Array.from({ length: 2000 }, random);
const plain = { columns: [x, noise], rounds: 30, learningRate: 0.2, leaves: 8 };

describe('what it learns', () => {
  test('a step of one column is found, and the other column is of no importance', () => {
    const target = x.map((value) => (value > 0.25 ? 3 : -1));
    const model = fitGradientBoosting({ ...plain, target, objective: 'squared' });
    const [low, high] = model.predict([Float64Array.of(-0.5, 0.9), Float64Array.of(0.5, 0.5)]);
    expect(low).toBeCloseTo(-1, 1);
    expect(high).toBeCloseTo(3, 1);
    expect(model.importance[0]).toBeGreaterThan(0.99);
    expect(model.importance[0]! + model.importance[1]!).toBeCloseTo(1, 12);
  });

  test('that a value is missing is learnt like a value', () => {
    const holed = x.map((value) => (value > 0.6 ? Number.NaN : 0.5));
    const target = holed.map((value) => Number(Number.isNaN(value)));
    const model = fitGradientBoosting({ ...plain, columns: [holed], target, objective: 'binary' });
    const [missing, there] = model.predict([Float64Array.of(Number.NaN, 0.5)]);
    expect(missing).toBeGreaterThan(0.95);
    expect(there).toBeLessThan(0.05);
  });

  test('infinite values are beyond all others', () => {
    const wide = x.map((value) => (value > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY));
    const target = wide.map((value) => Number(value > 0));
    const model = fitGradientBoosting({ ...plain, columns: [wide], target, objective: 'squared' });
    const [low, high] = model.predict([Float64Array.of(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)]);
    expect(low).toBeCloseTo(0, 2);
    expect(high).toBeCloseTo(1, 2);
  });

  test('a row of weight 2 is two rows', () => {
    const target = x.map((value) => Math.sin(3 * value));
    const weights = x.map((_, row) => (row % 3 === 0 ? 2 : 1));
    const rows = Array.from(x.keys()).flatMap((row) => (row % 3 === 0 ? [row, row] : [row]));
    const pick = (values: Float64Array) => Float64Array.from(rows, (row) => values[row]!);
    const shared = { ...plain, objective: 'squared' as const, minLeafRows: 1, bins: 16, rounds: 5 };
    const weighted = fitGradientBoosting({ ...shared, target, weights });
    const repeated = fitGradientBoosting({
      ...shared,
      columns: [pick(x), pick(noise)],
      target: pick(target),
    });
    const at = plain.columns;
    weighted.predict(at).forEach((value, row) => {
      expect(value).toBeCloseTo(repeated.predict(at)[row]!, 9);
    });
  });

  test('the same rows give the same model, whatever their order of magnitude', () => {
    const target = x.map((value) => value ** 2);
    const predict = (scale: number) =>
      fitGradientBoosting({
        ...plain,
        columns: [x.map((value) => value * scale)],
        target,
        objective: 'squared',
      }).predict([x.map((value) => value * scale)]);
    expect(predict(1)).toEqual(predict(1));
    expect(predict(2 ** 40)).toEqual(predict(1));
  });
});

describe('what there is nothing to learn from', () => {
  const one = { rounds: 3, learningRate: 0.1, leaves: 4, minLeafRows: 1 };

  test.each(['binary', 'squared'] as const)('one target is predicted as it is: %s', (objective) => {
    const model = fitGradientBoosting({ ...one, columns: [x], target: x.map(() => 1), objective });
    expect(model.predict([Float64Array.of(-9, Number.NaN, 9)])).toEqual(Float64Array.of(1, 1, 1));
    expect(model.importance).toEqual(Float64Array.of(0));
  });

  test('constant columns and columns of nothing but holes give the mean', () => {
    const columns = [new Float64Array(4).fill(2), new Float64Array(4).fill(Number.NaN)];
    const model = fitGradientBoosting({
      ...one,
      columns,
      target: Float64Array.of(1, 2, 3, 6),
      objective: 'squared',
    });
    expect(model.predict([Float64Array.of(5), Float64Array.of(5)])).toEqual(Float64Array.of(3));
  });

  test('a target among rows without weight does not count', () => {
    const model = fitGradientBoosting({
      ...one,
      columns: [Float64Array.of(1, 2, 3)],
      target: Float64Array.of(1, 1, 0),
      weights: Float64Array.of(1, 1, 0),
      objective: 'binary',
    });
    expect(model.predict([Float64Array.of(3)])).toEqual(Float64Array.of(1));
  });
});

test('predictions of numbers stay within the targets', () => {
  const value = fc.double({ min: -100, max: 100, noNaN: true });
  const rows = fc.array(fc.tuple(fc.oneof(value, fc.constant(Number.NaN)), value), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(rows, (pairs) => {
      const column = Float64Array.from(pairs, ([own]) => own);
      const target = Float64Array.from(pairs, ([, wanted]) => wanted);
      const model = fitGradientBoosting({
        columns: [column],
        target,
        objective: 'squared',
        rounds: 10,
        learningRate: 0.5,
        minLeafRows: 1,
      });
      const [low, high] = [Math.min(...target), Math.max(...target)];
      for (const predicted of model.predict([column])) {
        expect(predicted).toBeGreaterThanOrEqual(low - 1e-9);
        expect(predicted).toBeLessThanOrEqual(high + 1e-9);
      }
    }),
    { numRuns: 200, seed: 4 },
  );
});

describe('what it refuses', () => {
  const good = {
    columns: [Float64Array.of(1, 2)],
    target: Float64Array.of(0, 1),
    objective: 'binary' as const,
  };

  test.each([
    ['no column', { columns: [] }],
    ['no row', { columns: [new Float64Array(0)], target: new Float64Array(0) }],
    ['columns of another length', { columns: [Float64Array.of(1)] }],
    ['a label that is neither', { target: Float64Array.of(0, 2) }],
    ['a number that is none', { objective: 'squared' as const, target: Float64Array.of(0, Number.NaN) }],
    ['a negative weight', { weights: Float64Array.of(1, -1) }],
    ['weights of nothing', { weights: Float64Array.of(0, 0) }],
    ['one leaf', { leaves: 1 }],
    ['too many bins', { bins: 256 }],
    ['no step', { learningRate: 0 }],
    ['no round', { rounds: 0 }],
  ])('%s', (_, change) => {
    expect(() => fitGradientBoosting({ ...good, ...change })).toThrow(RangeError);
  });

  test('columns that it was not trained on', () => {
    const model = fitGradientBoosting(good);
    expect(() => model.predict([])).toThrow('knows 1 column');
    expect(() => model.predict([x, x])).toThrow(RangeError);
  });
});
