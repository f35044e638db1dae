import { expect, test } from 'vitest';
import { type CountedSplit, WindowCounter } from './windows.ts';

const beside = (digest: string, weight = 10): CountedSplit => ({ weight, challenger: { digest } });

/** What the challenger and the champion are seen to predict when each answers in a way of its own. */
function seen(counter: WindowCounter, split: CountedSplit) {
  counter.predicted('champion', 'late');
  counter.predicted('challenger', 'on time');
  counter.roll(split);
  const { champion, challenger } = counter.after(0).at(-1)!;
  return [champion.predictions, challenger.predictions];
}

/** A counter whose fifty classes are taken by one rollout. */
function full(): WindowCounter {
  const counter = new WindowCounter(() => 0, [], beside('b'));
  for (let index = 0; index < 50; index += 1) counter.predicted('challenger', `answer ${index}`);
  return counter;
}

const apart = [{ late: 1 }, { 'on time': 1 }];
const together = [{ '(other classes)': 1 }, { '(other classes)': 1 }];

test.each<[string, CountedSplit]>([
  ['another challenger', beside('c')],
  ['the champion alone', { weight: 0, challenger: null }],
  ['nothing', { weight: 0 }],
])('the fifty classes of a rollout are forgotten with %s', (_, split) => {
  const counter = full();
  counter.roll(split);
  expect(seen(counter, split)).toEqual(apart);
});

test('and the same challenger again is another rollout', () => {
  const counter = full();
  counter.roll({ weight: 0, challenger: null });
  counter.roll(beside('b'));
  expect(seen(counter, beside('b'))).toEqual(apart);
});

test('within a rollout a class keeps its name from step to step', () => {
  const counter = full();
  counter.roll(beside('b', 50));
  expect(seen(counter, beside('b', 50))).toEqual(together);
});
