import type { HistoryParameters } from '../../../shared/records/contract-history.ts';
import { parseDuration } from '../../../shared/runtime/fields.ts';
import type { EarlierRun, History } from './history.ts';
import { columnStatistic } from './statistics.ts';

export interface EarlierValue {
  /** ISO 8601. */
  at: string;
  value: number;
}

/** Longer ago a season says little of this one. */
const PERIODS = 8;

/**
 * The number of a column, or of rows where no column is named, in each earlier run that has it: the newest last, and
 * why others do not count. For a season undefined stands for each step without a run.
 */
export function earlierValues(
  history: History,
  given: HistoryParameters,
  column: string | undefined,
): {
  series: (EarlierValue | undefined)[];
  leftOut: string[];
} {
  const recent = history.runs.filter(
    ({ at }) => given.since === undefined || Date.parse(at) >= Date.parse(given.since),
  );
  const values = recent.flatMap((run): EarlierValue[] => {
    const value = numberOf(run, given, column);
    return value === undefined ? [] : [{ at: run.at, value }];
  });
  const series =
    given.method === 'seasonal'
      ? inSteps(values, history.now, parseDuration(given.every!), PERIODS * given.period!)
      : values.slice(-(given.last ?? usualLast(given)));
  const unused =
    given.method === 'seasonal' ? values.length - series.filter((run) => run !== undefined).length : 0;
  const reasons: [number, string][] = [
    [history.runs.length - recent.length, `before ${given.since}`],
    [recent.length - values.length, 'without this number'],
    [unused, `beside a newer one of the same ${given.every}, or long ago`],
  ];
  const more = reasons.filter(([count]) => count > 0).map(([count, why]) => `${count} ${why}`);
  return { series, leftOut: [...history.leftOut, ...more] };
}

function numberOf(run: EarlierRun, given: HistoryParameters, column: string | undefined): number | undefined {
  if (column === undefined) return run.rowCount;
  const sketch = run.columns.get(column);
  return sketch && columnStatistic(sketch, given);
}

const usualLast = ({ method }: HistoryParameters): number =>
  method === 'relativeChange' || method === 'absoluteChange' ? 1 : Number.POSITIVE_INFINITY;

/**
 * Runs by how many steps ago they were, so that a run left out is a gap and moves no other. Of several in one step the
 * newest counts; one in the step of this run does not.
 */
function inSteps(
  values: readonly EarlierValue[],
  now: Date,
  every: number,
  most: number,
): (EarlierValue | undefined)[] {
  const series: (EarlierValue | undefined)[] = [];
  for (const run of values) {
    const ago = Math.round((now.getTime() - Date.parse(run.at)) / every);
    if (ago < 1 || ago > most) continue;
    // The oldest run comes first, so that its place is the length of the series.
    if (series.length === 0) series.length = ago;
    series[series.length - ago] = run;
  }
  return Array.from(series);
}
