import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HistoryKeeper } from '../watch/history.ts';
import { keepHistory } from './keep-history.ts';
import { HISTORY, historyBytes, momentOf, readHistory, upTo, writeHistory } from './travelling-history.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'history-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Six steps, a second apart, of a metric with steps and of one without. */
function sixSteps(): HistoryKeeper {
  const keeper = new HistoryKeeper();
  for (let step = 1; step <= 6; step++) {
    keeper.add({ step, values: { loss: 1 / step } }, step * 1_000);
    keeper.add({ step: null, values: { speed: step } }, step * 1_000);
  }
  return keeper;
}
const stepsOf = (history: ReturnType<HistoryKeeper['kept']>) =>
  Object.fromEntries(Object.entries(history.curves).map(([name, { steps }]) => [name, steps]));

test('what was seen up to the step of the checkpoint goes along; without steps, up to its time', () => {
  const seen = sixSteps().kept();
  expect(stepsOf(upTo(seen, { step: 4, at: 4_500 }))).toEqual({ loss: [1, 2, 3, 4], speed: [0, 1, 2, 3] });
  // A line is read a moment after it was printed.
  expect(stepsOf(upTo(seen, { step: 4, at: 3_990 }))).toEqual({ loss: [1, 2, 3, 4], speed: [0, 1, 2, 3] });
  expect(stepsOf(upTo(seen, { step: null, at: 2_500 }))).toEqual({ loss: [1, 2], speed: [0, 1] });
  expect(stepsOf(upTo(seen, { step: 3, at: null }))).toEqual({ loss: [1, 2, 3], speed: [0, 1, 2, 3, 4, 5] });
  // The number of an epoch is no step of the metrics.
  expect(stepsOf(upTo(seen, { step: 1, at: 5_500 })).loss).toEqual([1, 2, 3, 4, 5]);
});

test('a training that goes on has the history of one that was never interrupted', async () => {
  await writeHistory(folder, historyBytes(upTo(sixSteps().kept(), { step: 4, at: 4_500 }), 'work'));
  const again = new HistoryKeeper(await readHistory(folder, 'work'));
  expect(again.lastStep).toBe(4);
  for (const step of [5, 6]) {
    again.add({ step, values: { loss: 1 / step } }, 60_000 + step);
    again.add({ step: null, values: { speed: step } }, 60_000 + step);
  }
  expect(again.result()).toEqual(sixSteps().result());
});

test.each([
  ['of other work', historyBytes(sixSteps().kept(), 'other')],
  ['that is cut off', historyBytes(sixSteps().kept(), 'work').slice(0, 99)],
  [
    'with values missing',
    Buffer.from(
      JSON.stringify({
        ...{ schemaVersion: 1, work: 'work', offsets: [] },
        curves: { loss: { steps: [1, 2], values: [1], times: [1, 2], counted: false } },
      }),
    ),
  ],
])('a file %s is none', async (_, bytes) => {
  await writeHistory(folder, bytes);
  expect(await readHistory(folder, 'work')).toBeUndefined();
});

test('the moment of a checkpoint is its step and the time of its last byte, without the files of this action', async () => {
  expect(await momentOf(folder)).toEqual({ step: null, at: null });
  writeFileSync(join(folder, 'checkpoint-30.pt'), 'x');
  utimesSync(join(folder, 'checkpoint-30.pt'), 1_000, 1_000);
  writeFileSync(join(folder, HISTORY), '{}');
  expect(await momentOf(folder)).toEqual({ step: 30, at: 1_000_000 });
});

test('the file is kept up to date while it trains, and at the end; that it cannot be is told once', async () => {
  const keeper = sixSteps();
  const problems: string[] = [];
  const kept = keepHistory({
    ...{ folder, bytes: () => historyBytes(keeper.kept(), 'work'), everyMs: 3_600_000 },
    onProblem: (message) => problems.push(message),
  });
  expect(await readHistory(folder, 'work')).toBeUndefined();
  await kept.stop();
  expect(await readHistory(folder, 'work')).toEqual(keeper.kept());
  const lost = keepHistory({
    ...{ folder: join(folder, 'gone'), bytes: () => historyBytes(keeper.kept(), 'work') },
    onProblem: (message) => problems.push(message),
  });
  await lost.stop();
  expect(problems).toHaveLength(1);
});
