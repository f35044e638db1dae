/**
 * Whether the gate's intervals and verdicts do what they promise, on rows whose truth is known: 2,000 draws from fixed
 * seeds of each task, at 500 and 5,000 rows (of rankings, queries). `npm run bench -- gate-simulation`; ends with 1
 * when a number is out of its range, which the titles say. Takes a quarter of an hour.
 */
import type { MetricTask } from '../shared/metrics/catalogue.ts';
import type { World } from './gate-simulation-data.ts';
import { type Outcome, simulateIntervals } from './gate-simulation-intervals.ts';
import { simulatedMetrics, trueValues } from './gate-simulation-metrics.ts';
import { simulateFiveMetrics } from './gate-simulation-verdicts.ts';
import type { Benchmark } from './measure.ts';

const DRAWS = 2000;
const TASKS: MetricTask[] = [
  'binary',
  'multiclass',
  'multilabel',
  'regression',
  'forecasting',
  'ranking',
  'scores',
];

/** 2.5 % fail by right; more than this of 2,000 or of 1,000 does so less than once in a hundred times. */
const MOST_WRONG = 0.037;
const COVERAGE = { least: 0.93, most: 0.97 };
const LEAST_WIDE_PASSES = 0.95;

interface Scenario {
  title: string;
  tasks: MetricTask[];
  world: World;
  rows: number[];
  isOutOfRange(outcome: Outcome): boolean;
}

const covers = (share: number, most: number): boolean =>
  // Without a draw that is judged there is no share.
  Number.isNaN(share) || (share >= COVERAGE.least && share <= most);

const ORDINARY: World = { challengerNoise: 1.1, shared: 0.6, positives: 0.3 };
const SCENARIOS: Scenario[] = [
  {
    title: 'A challenger that is worse (coverage 93–97 %, passes at its exact margin ≤ 3.7 %)',
    tasks: TASKS,
    world: ORDINARY,
    rows: [500, 5000],
    isOutOfRange: (outcome) =>
      !covers(outcome.valueCoverage, COVERAGE.most) ||
      !covers(outcome.changeCoverage, COVERAGE.most) ||
      outcome.passesAtMargin > MOST_WRONG ||
      outcome.passesAtRelativeMargin > MOST_WRONG,
  },
  {
    title: 'An equal model (coverage 93–97 %, passes with a margin of four standard errors ≥ 95 %)',
    tasks: TASKS,
    world: { ...ORDINARY, challengerNoise: 1 },
    rows: [500],
    isOutOfRange: (outcome) =>
      !covers(outcome.changeCoverage, COVERAGE.most) || outcome.passesWideMargin < LEAST_WIDE_PASSES,
  },
  {
    title: 'Few positive rows (coverage ≥ 93 %, or not judged)',
    tasks: ['binary'],
    world: { ...ORDINARY, positives: 0.11 },
    rows: [200, 500],
    isOutOfRange: (outcome) => !covers(outcome.valueCoverage, 1) || !covers(outcome.changeCoverage, 1),
  },
  {
    title: 'Models that hardly differ (coverage ≥ 93 %, or not judged)',
    tasks: ['binary'],
    world: { ...ORDINARY, shared: 0.97 },
    rows: [200, 500],
    isOutOfRange: (outcome) => !covers(outcome.valueCoverage, 1) || !covers(outcome.changeCoverage, 1),
  },
  ...[
    { area: 0.96, separation: 3.218 },
    { area: 0.99, separation: 4.277 },
  ].map(
    ({ area, separation }): Scenario => ({
      title: `Values near their bound: an area of ${area} from 60 and 600 positive rows (value covered ≥ 93 % of all draws, or not judged)`,
      tasks: ['binary'],
      world: { ...ORDINARY, challengerNoise: 1, positives: 0.12, separation },
      rows: [500, 5000],
      isOutOfRange: ({ valueMissed }) => valueMissed > 1 - COVERAGE.least,
    }),
  ),
];

const percent = (share: number): string => (Number.isNaN(share) ? '–' : (share * 100).toFixed(1));

export function benchmark(): Benchmark {
  const scenarios = SCENARIOS.map(runScenario);
  const five = fiveMetrics();
  return {
    title: `Intervals and verdicts against the truth, ${DRAWS.toLocaleString('en')} draws each, shares in percent`,
    table: [...scenarios, five].map(({ table }) => table).join('\n\n'),
    withinLimit: [...scenarios, five].every(({ isWithin }) => isWithin),
  };
}

interface Part {
  table: string;
  isWithin: boolean;
}

function runScenario({ title, tasks, world, rows, isOutOfRange }: Scenario): Part {
  const lines: string[] = [];
  let isWithin = true;
  for (const task of tasks) {
    const metrics = simulatedMetrics(task);
    const truth = trueValues(task, metrics, world);
    for (const count of rows) {
      const question = { task, metrics, world, truth, rows: count, draws: DRAWS };
      for (const outcome of simulateIntervals(question)) {
        const isOut = isOutOfRange(outcome);
        isWithin &&= !isOut;
        const shares = [
          outcome.judged,
          outcome.valueCoverage,
          outcome.changeCoverage,
          outcome.passesAtMargin,
          outcome.passesAtRelativeMargin,
          outcome.passesWideMargin,
        ].map(percent);
        lines.push(`| ${[task, outcome.metric, count, ...shares, isOut ? 'OUT' : ''].join(' | ')} |`);
      }
    }
  }
  const header = [
    '| task | metric | rows | judged | value covered | change covered | passes at margin | at relative margin | passes at 4 errors | |',
    '|---|---|--:|--:|--:|--:|--:|--:|--:|---|',
  ];
  return { table: [`### ${title}`, '', ...header, ...lines].join('\n'), isWithin };
}

function fiveMetrics(): Part {
  const all = [500, 5000].map((rows) => ({ rows, shares: simulateFiveMetrics(rows, DRAWS) }));
  const lines = all.map(
    ({ rows, shares }) =>
      `| ${[rows, ...[shares.pass, shares.inconclusive, shares.fail, shares.plain].map(percent)].join(' | ')} |`,
  );
  const header = [
    '| rows | pass | cannot tell | fail | plain `new >= old` refuses |',
    '|--:|--:|--:|--:|--:|',
  ];
  return {
    table: [
      '### Five metrics correlated at 0.6, an equal model, zero margins (fails ≤ 3.7 %)',
      '',
      ...header,
      ...lines,
    ].join('\n'),
    isWithin: all.every(({ shares }) => shares.fail <= MOST_WRONG),
  };
}
