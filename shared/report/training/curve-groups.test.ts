import { expect, test } from 'vitest';
import { bestPoint, brokenStretches, type Curve, curveGroups } from './curve-groups.ts';

const some = { steps: [1, 2], values: [2, 1] };
const titles = (names: string[], followed?: { monitor: string; mode: 'min' | 'max' }) =>
  curveGroups(Object.fromEntries(names.map((name) => [name, some])), followed).map(({ title }) => title);

test('a metric of the training data stands with the same of held-out data, however the two are told apart', () => {
  expect(titles(['loss', 'val_loss'])).toEqual(['loss and val_loss']);
  expect(titles(['eval/loss', 'train/loss'])).toEqual(['train/loss and eval/loss']);
  expect(titles(['Accuracy/train', 'Accuracy/test'])).toEqual(['Accuracy/train and Accuracy/test']);
  expect(titles(['train_loss', 'val_loss', 'test_loss'])).toEqual(['train_loss and val_loss', 'test_loss']);
  expect(titles(['train_loss', 'loss'])).toEqual(['train_loss', 'loss']);
  expect(titles(['val_loss', 'val_f1'])).toEqual(['val_loss', 'val_f1']);
});

test('losses come first, then what should rise, then the rest; what is followed before all', () => {
  const names = ['lr', 'val_accuracy', 'val_loss', 'rouge'];
  expect(titles(names)).toEqual(['val_loss', 'val_accuracy', 'rouge', 'lr']);
  expect(titles(names, { monitor: 'lr', mode: 'max' })[0]).toBe('lr');
});

test('the best step is that of held-out data, or of what is followed, in its direction', () => {
  const history = {
    train_loss: { steps: [1, 2, 3], values: [3, 2, 1] },
    val_loss: { steps: [1, 2, 3], values: [3, 2, 2.5] },
  };
  const best = (followed?: { monitor: string; mode: 'min' | 'max' }) => {
    const [group] = curveGroups(history, followed);
    return bestPoint(group!.judged, group!.better);
  };
  expect(best()).toEqual({ step: 2, value: 2 });
  expect(best({ monitor: 'train_loss', mode: 'min' })).toEqual({ step: 3, value: 1 });
  expect(best({ monitor: 'val_loss', mode: 'max' })).toEqual({ step: 1, value: 3 });
  const [unknown] = curveGroups({ lr: some });
  expect(bestPoint(unknown!.judged, unknown!.better)).toBeUndefined();
});

const curve = (values: number[]): Curve => ({
  ...{ name: 'loss', role: '', isHeldOut: false, values },
  steps: values.map((_, index) => 10 * index),
});

test('the best value is finite, and the first of equal ones', () => {
  expect(bestPoint(curve([Number.NEGATIVE_INFINITY, Number.NaN, 2, 1, 1]), 'lower')).toEqual({
    step: 30,
    value: 1,
  });
  expect(bestPoint(curve([Number.NaN]), 'lower')).toBeUndefined();
});

test('what is no number is told by its kind and its steps', () => {
  expect(
    brokenStretches(curve([1, Number.NaN, Number.NaN, 2, Number.POSITIVE_INFINITY, Number.NaN])),
  ).toEqual([
    { kind: 'NaN', from: 10, to: 20, values: 2, isLast: false },
    { kind: 'Infinity', from: 40, to: 40, values: 1, isLast: false },
    { kind: 'NaN', from: 50, to: 50, values: 1, isLast: true },
  ]);
  expect(brokenStretches(curve([1e301, -1e305])).map(({ kind }) => kind)).toEqual([
    'over 1e300',
    'below −1e300',
  ]);
});
