/** What intervals and limits do over many draws whose true values are known. */
import type { MetricDefinition, MetricTask } from '../shared/metrics/catalogue.ts';
import { compareModels } from '../shared/metrics/comparison.ts';
import { GENERATORS, Randomness, type World } from './gate-simulation-data.ts';
import type { TrueValues } from './gate-simulation-metrics.ts';

const CONFIDENCE = 0.95;

/** Shares of the draws. Of the intervals: of those that are judged by. */
export interface Outcome {
  metric: string;
  /** Share of the draws in which the change is judged. */
  judged: number;
  /** Share of the draws in which the value is judged. */
  valueJudged: number;
  valueCoverage: number;
  /** Shares of all draws in which a value (a change) is judged by an interval that misses it. */
  valueMissed: number;
  changeCoverage: number;
  changeMissed: number;
  /** Share of all draws in which a limit passes that the challenger misses by nothing. */
  passesAtMargin: number;
  passesAtRelativeMargin: number;
  /** Equal models only: passes with a margin of four standard errors. */
  passesWideMargin: number;
}

interface Counts {
  valueJudged: number;
  valueCovered: number;
  changeJudged: number;
  changeCovered: number;
  passes: number;
  relativePasses: number;
  differences: number[];
  lows: number[];
}

export interface IntervalQuestion {
  task: MetricTask;
  metrics: readonly MetricDefinition[];
  world: World;
  truth: ReadonlyMap<string, TrueValues>;
  rows: number;
  draws: number;
}

export function simulateIntervals(question: IntervalQuestion): Outcome[] {
  const { task, metrics, world, truth, rows, draws } = question;
  const counts = new Map(metrics.map((metric) => [metric.name, noCounts()]));
  const random = new Randomness(rows);
  for (let draw = 0; draw < draws; draw++) {
    const { champion, challenger } = GENERATORS[task](rows, random, world);
    for (const metric of metrics) {
      const comparison = compareModels(metric, champion, challenger, { confidence: CONFIDENCE });
      const known = truth.get(metric.name)!;
      const sign = metric.direction === 'higher' ? 1 : -1;
      const benefit = sign * (known.challenger - known.champion);
      const counted = counts.get(metric.name)!;
      const { challengerInterval: own, interval, difference } = comparison;
      if (own && comparison.tooFewForValue === undefined) {
        counted.valueJudged++;
        if (own[0] <= known.challenger && known.challenger <= own[1]) counted.valueCovered++;
      }
      if (!interval || difference === undefined || comparison.tooFewForChange !== undefined) continue;
      counted.changeJudged++;
      const change = known.challenger - known.champion;
      if (interval[0] <= change && change <= interval[1]) counted.changeCovered++;
      const passes = (kind: 'min_absolute_change' | 'min_relative_change', limit: number): boolean => {
        const clearance = comparison.clearance(kind, limit)!;
        return clearance.interval[0] >= 0 && clearance.shown;
      };
      if (passes('min_absolute_change', benefit)) counted.passes++;
      if (passes('min_relative_change', benefit / Math.abs(known.champion))) counted.relativePasses++;
      counted.differences.push(sign * difference);
      counted.lows.push(sign === 1 ? interval[0] : -interval[1]);
    }
  }
  return metrics.map((metric) => outcomeOf(metric.name, counts.get(metric.name)!, draws));
}

const noCounts = (): Counts => ({
  valueJudged: 0,
  valueCovered: 0,
  changeJudged: 0,
  changeCovered: 0,
  passes: 0,
  relativePasses: 0,
  differences: [],
  lows: [],
});

function outcomeOf(metric: string, counts: Counts, draws: number): Outcome {
  const margin = 4 * deviation(counts.differences);
  return {
    metric,
    judged: counts.changeJudged / draws,
    valueJudged: counts.valueJudged / draws,
    valueCoverage: counts.valueCovered / counts.valueJudged,
    valueMissed: (counts.valueJudged - counts.valueCovered) / draws,
    changeCoverage: counts.changeCovered / counts.changeJudged,
    changeMissed: (counts.changeJudged - counts.changeCovered) / draws,
    passesAtMargin: counts.passes / draws,
    passesAtRelativeMargin: counts.relativePasses / draws,
    passesWideMargin: counts.lows.filter((low) => low + margin >= 0).length / counts.lows.length,
  };
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}
