/**
 * How often the methods of the rule `history` alarm on a series of daily row counts where nothing changed, and how
 * surely they find that half of the rows are gone. `npm run bench -- history-simulation`; ends with 1 when a share is
 * out of its range.
 */
import {
  changeLimits,
  type Expectation,
  seasonalLimits,
  usualLimits,
} from '../shared/stats/history-limits.ts';
import { randomGenerator } from '../shared/stats/random.ts';
import type { Benchmark } from './measure.ts';

const SERIES = 1000;
/** Three sigma promises 0.27 %; where the noise of a Sunday is not that of a Monday it may be a little more. */
const MOST_ALARMS = 0.01;
const LEAST_FOUND = 0.95;
/** Of the mean, by which a day differs from what is usual for it. */
const NOISE = 0.05;
const WEEK = [1.1, 1.1, 1.05, 1.05, 1.1, 0.8, 0.8];

type Draw = (step: number) => number;
const KINDS: Record<string, (normal: () => number) => Draw> = {
  'independent days': (normal) => () => 1 + NOISE * normal(),
  'weekends 27 % below': (normal) => (step) => WEEK[step % 7]! * (1 + NOISE * normal()),
  'weekends, and a level that drifts by 1 % a day': (normal) => {
    let level = 0;
    return (step) => {
      level += 0.01 * normal();
      return WEEK[step % 7]! * Math.exp(level) * (1 + NOISE * normal());
    };
  },
  'each day like the one before (AR(1), 0.7)': (normal) => {
    let state = normal() / Math.sqrt(1 - 0.49);
    return () => {
      state = 0.7 * state + normal();
      return 1 + NOISE * state;
    };
  },
};

const METHODS: Record<string, (values: readonly number[]) => Expectation> = {
  'relativeChange ±20 %': (values) =>
    changeLimits(values.slice(-1), { maxDecrease: 0.2, maxIncrease: 0.2, isRelative: true }),
  threeSigma: (values) => usualLimits(values),
  seasonal: (values) => seasonalLimits(values, 7)!,
};

interface Shares {
  kind: string;
  days: number;
  method: string;
  alarms: number;
  found: number;
}

function simulate(kind: string, days: number): Shares[] {
  const random = randomGenerator(days);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const counts = Object.keys(METHODS).map((method) => ({ kind, days, method, alarms: 0, found: 0 }));
  for (let series = 0; series < SERIES; series++) {
    const draw = KINDS[kind]!(normal);
    // Every day of the week is judged.
    const values = Array.from({ length: days + 1 }, (_, step) => draw(step + series));
    const value = values.pop()!;
    for (const count of counts) {
      const { lower, upper } = METHODS[count.method]!(values);
      if (value < lower || value > upper) count.alarms += 1 / SERIES;
      if (value / 2 < lower || value / 2 > upper) count.found += 1 / SERIES;
    }
  }
  return counts;
}

/** Where a method promises something: few alarms, whatever the day, and half of the rows found. */
function isInRange({ kind, method, alarms, found }: Shares): boolean {
  if (method === 'seasonal') return alarms <= MOST_ALARMS && found >= LEAST_FOUND;
  if (method === 'threeSigma' && kind === 'independent days')
    return alarms <= MOST_ALARMS && found >= LEAST_FOUND;
  return true;
}

export async function benchmark(): Promise<Benchmark> {
  const shares = Object.keys(KINDS).flatMap((kind) => [21, 28, 56].flatMap((days) => simulate(kind, days)));
  const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
  const rows = shares.map(
    ({ kind, days, method, alarms, found }) =>
      `| ${kind} | ${days} | ${method} | ${percent(alarms)} | ${percent(found)} |`,
  );
  return {
    title: `history: ${SERIES} series of daily row counts; seasonal, and threeSigma of independent days, alarm in at most ${percent(MOST_ALARMS)} without a change and find half the rows gone in at least ${percent(LEAST_FOUND)}`,
    table: [
      '| days | earlier runs | method | alarms without a change | half the rows gone, found |',
      '|---|---|---|---|---|',
      ...rows,
    ].join('\n'),
    withinLimit: shares.every(isInRange),
  };
}
