/** Values by step, and which of them are judged: those of the step that the file itself calls the best, else the last. */
import type { MetricNumber } from './metrics-format.ts';

export interface HistoryPoint {
  step: number;
  value: number;
}

/** By key, in the order of the file. */
export type History = Map<string, HistoryPoint[]>;

export function addPoint(history: History, key: string, point: HistoryPoint): void {
  const points = history.get(key);
  if (points) points.push(point);
  else history.set(key, [point]);
}

/** The values of a step; of a key that has none there the one before it. Without a step the last ones. */
export function numbersAt(history: History, step: number | undefined): Map<string, MetricNumber> {
  const numbers = new Map<string, MetricNumber>();
  for (const [key, points] of history) {
    const point = latest(points, step);
    if (point)
      numbers.set(key, { value: point.value, ...(isOfTraining(key, history) && { ofTraining: true }) });
  }
  return numbers;
}

/** Of several values of one step the later one in the file counts. */
function latest(points: readonly HistoryPoint[], step: number | undefined): HistoryPoint | undefined {
  let found: HistoryPoint | undefined;
  for (const point of points) {
    const counts = step === undefined || point.step <= step;
    if (counts && (found === undefined || point.step >= found.step)) found = point;
  }
  return found;
}

/** Keras calls a metric of the training rows as that of the validation rows, without `val_`. */
const isOfTraining = (key: string, history: History): boolean => history.has(`val_${key}`);

/** `history.csv is a history: its last values are judged, of epoch 3`. */
export function lastStepNote(path: string, history: History, word: string): string {
  const steps = [...history.values()].map((points) => Math.max(...points.map(({ step }) => step)));
  const [first, last] = [Math.min(...steps), Math.max(...steps)];
  const which = first === last ? `${word} ${last}` : `${word} ${first} to ${last}, each metric's own last`;
  return `${path} is a history: its last values are judged, of ${which}`;
}
