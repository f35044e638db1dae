import type { HistoryKeeper } from './history.ts';
import { isLossLike } from './loss-warnings.ts';
import type { ProgressFacts } from './progress-line.ts';

/** The latest value of each metric: the monitored one first, then losses. @param shown the values of the line before. */
export function latestMetrics(
  history: Pick<HistoryKeeper, 'names' | 'curve'>,
  shown: ReadonlyMap<string, number>,
  monitor: string | undefined,
): ProgressFacts['metrics'] {
  const rank = (name: string) => (name === monitor ? 0 : isLossLike(name) ? 1 : 2);
  return history
    .names()
    .toSorted((a, b) => rank(a) - rank(b))
    .flatMap((name) => {
      const value = history.curve(name)?.values.at(-1);
      return value === undefined ? [] : [{ name, value, before: shown.get(name) }];
    });
}
