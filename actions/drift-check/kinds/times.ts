/**
 * A column of times always moves on, so that its values are not compared: what is, is how its rows lie in the day and
 * in the week, and what is told is how far it reaches, how recent it is and how long it was silent.
 */
import { type Aspect, type ColumnComparison, compareCounts, compareNulls } from '../compare-columns.ts';
import { sortedFinite } from '../table.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

interface Profile {
  rows: number;
  /** Ascending. */
  times: Float64Array;
}

function profileOf(milliseconds: Float64Array): Profile {
  return { rows: milliseconds.length, times: sortedFinite(milliseconds) };
}

/** Rows per period of the cycle, over as many whole cycles as the times hold; undefined where these are not one. */
function countsPerPeriod({ times }: Profile, cycle: number, period: number): number[] | undefined {
  const first = times[0]!;
  const start = Math.ceil(first / cycle) * cycle;
  // The start of a period counts as covered where the first time stands on it or within the period after it.
  const begin = first - (start - cycle) < period ? start - cycle : start;
  const last = times.at(-1)!;
  const cycles = Math.floor((last - begin + period) / cycle);
  if (cycles < 1) return undefined;
  const end = begin + cycles * cycle;
  const counts = new Array<number>(cycle / period).fill(0);
  for (const time of times) {
    if (time < begin || time >= end) continue;
    counts[Math.floor((time - begin) / period)! % counts.length]!++;
  }
  return counts;
}

function cycleAspect(
  name: Aspect['name'],
  [before, now]: readonly [Profile, Profile],
  cycle: number,
  period: number,
): Aspect | undefined {
  const reference = countsPerPeriod(before, cycle, period);
  const data = countsPerPeriod(now, cycle, period);
  if (!reference || !data) return undefined;
  const names = reference.map((_, at) => String(at));
  const found = compareCounts([...names, ''], [...reference, 0], [...data, 0]).values;
  return found && { name, measure: 'jensen_shannon', ...found };
}

const date = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ');

function span(milliseconds: number): string {
  if (milliseconds < 2 * HOUR) return `${Math.round(milliseconds / 60_000)} minutes`;
  return milliseconds < 2 * DAY
    ? `${Math.round(milliseconds / HOUR)} hours`
    : `${Math.round(milliseconds / DAY)} days`;
}

/** `reaches from … to …; longest silence 3 days; begins 2 days after the reference ends` */
function describe(before: Profile, now: Profile): string {
  const first = now.times[0]!;
  const last = now.times.at(-1)!;
  let silence = 0;
  for (let at = 1; at < now.times.length; at++)
    silence = Math.max(silence, now.times[at]! - now.times[at - 1]!);
  const gap = first - before.times.at(-1)!;
  const beside =
    gap >= 0 ? `begins ${span(gap)} after the reference ends` : `overlaps the reference by ${span(-gap)}`;
  return `reaches from ${date(first)} to ${date(last)}; longest silence ${span(silence)}; ${beside}`;
}

/**
 * Times of both sides in milliseconds, NaN for null.
 * @param judged whether daily and weekly rhythm count: rows of a day often come together, so only the policy says so.
 */
export function compareTimes(reference: Float64Array, data: Float64Array, judged: boolean): ColumnComparison {
  const before = profileOf(reference);
  const now = profileOf(data);
  const summary = ({ rows, times }: Profile) => ({
    rows,
    nullShare: rows === 0 ? 0 : (rows - times.length) / rows,
    mean: null,
    deviation: null,
    distinct: null,
  });
  const comparison: ColumnComparison = {
    aspects: [],
    measure: 'jensen_shannon',
    nulls: compareNulls(
      before.rows,
      before.rows - before.times.length,
      now.rows,
      now.rows - now.times.length,
    ),
    reference: summary(before),
    data: summary(now),
    unseen: [],
    unseenCount: 0,
    note: '',
  };
  if (before.times.length === 0 || now.times.length === 0) {
    comparison.note = `no value in ${before.times.length === 0 ? 'the reference' : 'the data'}`;
    return comparison;
  }
  comparison.note = describe(before, now);
  if (!judged) return comparison;
  const sides = [before, now] as const;
  // Dates alone have no hour.
  const hasHours = sides.every(({ times }) => times.some((time) => time % DAY !== 0));
  comparison.aspects = [
    hasHours ? cycleAspect('hour_of_day', sides, DAY, HOUR) : undefined,
    cycleAspect('weekday', sides, WEEK, DAY),
  ].filter((aspect) => aspect !== undefined);
  if (comparison.aspects.length === 0) comparison.note += '; too short for a daily or weekly rhythm';
  return comparison;
}
