/**
 * CloudWatch's statistics of the values of a period, as its "statistics definitions" say: Sum, Average, SampleCount,
 * Minimum, Maximum; pNN; PR(low:high), the per cent of values, TC(low:high), their number, TS, their sum, and TM, their
 * mean, between a low bound that is left out and a high one that is counted in; either may be missing. Bounds in per
 * cent (TM(10%:90%), tc90) are percentiles. IQM is TM(25%:75%).
 */
import type { MetricBin } from './metric-store.ts';

const SIMPLE = ['Sum', 'Average', 'SampleCount', 'Minimum', 'Maximum'] as const;
const NUMBER = String.raw`\d+(?:\.\d{1,10})?`;
const RANGE = new RegExp(`^(PR|TC|TS|TM)\\((${NUMBER}%?)?:(${NUMBER}%?)?\\)$`);
const PERCENTILE = new RegExp(`^p(${NUMBER})$`);
const TRIMMED = new RegExp(`^(tc|ts|tm)(${NUMBER})$`);

/** Whether CloudWatch has such a statistic. */
export function isStatistic(statistic: string): boolean {
  if ((SIMPLE as readonly string[]).includes(statistic)) return true;
  const [, percent] = PERCENTILE.exec(statistic) ?? [];
  if (percent !== undefined) return Number(percent) <= 100;
  const range = rangeOf(statistic);
  return range !== undefined && (range.low !== undefined || range.high !== undefined);
}

/** Undefined where a period has no such value: percentiles of negative values or of statistic sets. */
export function statisticOf(bin: MetricBin, statistic: string): number | undefined {
  if ((SIMPLE as readonly string[]).includes(statistic))
    return simple(bin, statistic as (typeof SIMPLE)[number]);
  const sorted = [...bin.values].sort(([a], [b]) => a - b);
  if (bin.sets.length > 0 || sorted.length === 0 || sorted[0]![0] < 0) return undefined;
  const [, percent] = PERCENTILE.exec(statistic) ?? [];
  if (percent !== undefined) return percentile(sorted, Number(percent));
  const range = rangeOf(statistic);
  if (!range) throw new Error(`There is no statistic ${statistic}.`);
  const { low, high } = range;
  const bound = (text: string | undefined, otherwise: number) =>
    text === undefined
      ? otherwise
      : text.endsWith('%')
        ? percentile(sorted, Number(text.slice(0, -1)))
        : Number(text);
  const [least, most] = [low === '0%' ? -Infinity : bound(low, -Infinity), bound(high, Infinity)];
  const inside = sorted.filter(([value]) => value > least && value <= most);
  const count = countOf(inside);
  if (range.kind === 'TC') return count;
  if (range.kind === 'PR') return (100 * count) / countOf(sorted);
  const sum = inside.reduce((total, [value, times]) => total + value * times, 0);
  if (range.kind === 'TS') return sum;
  return count === 0 ? undefined : sum / count;
}

function rangeOf(statistic: string): { kind: string; low?: string; high?: string } | undefined {
  if (statistic === 'IQM') return { kind: 'TM', low: '25%', high: '75%' };
  const [, kind, low, high] = RANGE.exec(statistic) ?? [];
  const isPercent = [low, high].some((bound) => bound?.endsWith('%'));
  if (kind === 'PR' && isPercent) return undefined;
  if (kind !== undefined) return { kind, ...(low && { low }), ...(high && { high }) };
  const [, short, percent] = TRIMMED.exec(statistic) ?? [];
  return short === undefined ? undefined : { kind: short.toUpperCase(), high: `${percent}%` };
}

function simple({ values, sets }: MetricBin, statistic: (typeof SIMPLE)[number]): number {
  const all = [
    ...[...values].map(([value, SampleCount]) => {
      return { SampleCount, Sum: value * SampleCount, Minimum: value, Maximum: value };
    }),
    ...sets,
  ];
  const count = all.reduce((total, { SampleCount }) => total + SampleCount, 0);
  const sum = all.reduce((total, { Sum }) => total + Sum, 0);
  switch (statistic) {
    case 'SampleCount':
      return count;
    case 'Sum':
      return sum;
    case 'Average':
      return sum / count;
    case 'Minimum':
      return all.reduce((least, { Minimum }) => Math.min(least, Minimum), Infinity);
    case 'Maximum':
      return all.reduce((most, { Maximum }) => Math.max(most, Maximum), -Infinity);
  }
}

const countOf = (values: [number, number][]): number => values.reduce((total, [, count]) => total + count, 0);

/** Between the two nearest ranks; CloudWatch does not say how its own lie between values. */
function percentile(sorted: [number, number][], percent: number): number {
  const rank = (percent / 100) * (countOf(sorted) - 1);
  const at = (index: number) => {
    let seen = 0;
    for (const [value, count] of sorted) {
      seen += count;
      if (index < seen) return value;
    }
    return sorted.at(-1)![0];
  };
  const low = at(Math.floor(rank));
  return low + (rank - Math.floor(rank)) * (at(Math.ceil(rank)) - low);
}
