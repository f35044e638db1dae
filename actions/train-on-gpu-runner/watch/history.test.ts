import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HistoryKeeper } from './history.ts';

const loss = (step: number | null, value: number, epoch?: number) => ({
  step,
  ...(epoch !== undefined && { epoch }),
  values: { loss: value },
});

describe('HistoryKeeper', () => {
  test('steps only grow, are never doubled, and the last value of a step counts', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1500 }), { minLength: 1, maxLength: 900 }), (steps) => {
        const keeper = new HistoryKeeper();
        for (const [index, step] of steps.entries()) keeper.add(loss(step, index));
        const { loss: curve } = keeper.result();
        expect(curve!.steps.length).toBeLessThanOrEqual(200);
        expect(curve!.steps).toEqual([...new Set(curve!.steps)].toSorted((a, b) => a - b));
        expect(curve!.steps.at(-1)).toBe(steps.at(-1));
        for (const [at, step] of curve!.steps.entries()) {
          expect(curve!.values[at]).toBe(steps.lastIndexOf(step));
        }
      }),
    );
  });

  test('of a long training at most 200 points, the first and the last among them', () => {
    const keeper = new HistoryKeeper();
    for (let step = 0; step < 12_345; step++) keeper.add(loss(step, step / 2));
    const { steps, values } = keeper.result().loss!;
    expect(steps).toHaveLength(200);
    expect([steps[0], steps.at(-1), values.at(-1)]).toEqual([0, 12_344, 6172]);
  });

  test('a long training is covered evenly, with its lowest, its highest and its first fault', () => {
    const telling = { 3001: 0.5, 3333: 9_999, 3500: Number.NaN, 9001: Number.POSITIVE_INFINITY };
    const keeper = new HistoryKeeper();
    for (let step = 0; step < 20_000; step++)
      keeper.add(loss(step, telling[step as keyof typeof telling] ?? 1 + (step % 7)));
    const { steps, values } = keeper.result().loss!;
    expect(steps).toHaveLength(200);
    for (const [step, value] of [
      [3_001, 0.5],
      [3_333, 9_999],
      [3_500, 'NaN'],
    ])
      expect(values[steps.indexOf(step as number)]).toBe(value);
    const gaps = steps.slice(1).map((step, index) => step - steps[index]!);
    expect(Math.max(...gaps)).toBeLessThan((4 * 20_000) / 200);
  });

  test('goes on from the history of an earlier attempt, without what came after its checkpoint', () => {
    const keeper = new HistoryKeeper({
      curves: {
        loss: { steps: [1, 2, 3, 4], values: [4, 3, 2, 'NaN'], times: [1, 2, 3, 4], counted: false },
      },
      offsets: [],
    });
    keeper.add(loss(3, 2.5));
    keeper.add({ step: 4, values: { other: 1 } });
    expect(keeper.result()).toEqual({
      loss: { steps: [1, 2, 3], values: [4, 3, 2.5] },
      other: { steps: [4], values: [1] },
    });
  });

  test('steps that each epoch counts anew go on, and going back to an epoch goes back', () => {
    const keeper = new HistoryKeeper();
    for (const epoch of [0, 1, 2]) for (const step of [10, 20]) keeper.add(loss(step, epoch, epoch));
    expect(keeper.result().loss!.steps).toEqual([10, 20, 30, 40, 50, 60]);
    keeper.add(loss(20, 9, 1));
    expect(keeper.result().loss).toEqual({ steps: [10, 20, 30, 40], values: [0, 0, 1, 9] });
    const fromZero = new HistoryKeeper();
    for (const epoch of [0, 1]) for (const step of [0, 1]) fromZero.add(loss(step, epoch, epoch));
    expect(fromZero.result().loss!.steps).toEqual([0, 1, 2, 3]);
    const whole = new HistoryKeeper();
    for (const step of [1, 2, 3, 4]) whole.add(loss(step, 0, Math.floor(step / 2)));
    expect(whole.result().loss!.steps).toEqual([1, 2, 3, 4]);
  });

  test('epochs that count their steps anew go on under the steps that the earlier attempt gave them', () => {
    const earlier = new HistoryKeeper();
    for (const epoch of [0, 1]) for (const step of [10, 20]) earlier.add(loss(step, epoch, epoch));
    const keeper = new HistoryKeeper(JSON.parse(JSON.stringify(earlier.kept())));
    keeper.add(loss(20, 9, 1));
    keeper.add(loss(10, 8, 2));
    expect(keeper.result().loss).toEqual({ steps: [10, 20, 30, 40, 50], values: [0, 0, 1, 9, 8] });
  });

  test('without steps they are counted, and of too many metrics the first are kept', () => {
    const keeper = new HistoryKeeper();
    for (const value of [5, 6]) keeper.add(loss(null, value));
    expect(keeper.result().loss).toEqual({ steps: [0, 1], values: [5, 6] });
    for (let index = 0; index < 120; index++) keeper.add({ step: 1, values: { [`m${index}`]: 1 } });
    expect(Object.keys(keeper.result())).toHaveLength(100);
    expect(keeper.leftOut).toBe(21);
  });

  test('keeps what is no number in words', () => {
    const keeper = new HistoryKeeper();
    for (const [step, value] of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].entries())
      keeper.add(loss(step, value));
    expect(keeper.result().loss!.values).toEqual(['NaN', 'Infinity', '-Infinity']);
  });
});
