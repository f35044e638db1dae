/**
 * Whether the gate's intervals and verdicts do what they promise, on rows whose truth is known: 2,000 draws from fixed
 * seeds of each task, at 500 and 5,000 rows (of rankings, queries). `npm run bench -- gate-simulation`; ends with 1
 * when a number is out of its range, which the titles say. Takes a quarter of an hour.
 */
import type { MetricTask } from '../shared/metrics/catalogue.ts';
import type { World } from './gate-simulation-data.ts';
import { type Outcome, simulateIntervals } from './gate-simulation-intervals.ts';
import { simulatedMetrics, trueValues } from './gate-simulation-metrics.ts';
import { shareCoverages } from './gate-simulation-shares.ts';
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

/**
 * Where a number is judged in some draws and not in others, which ones depends on the number itself, so that what
 * counts is how many of all draws miss it.
 */
const ALMOST_ALL = 0.9;
const missesFew = (missed: number): boolean => missed <= 1 - COVERAGE.least;
const coversWhereJudged = (judged: number, covered: number, missed: number, most: number): boolean =>
  judged >= ALMOST_ALL ? covers(covered, most) : missesFew(missed);
/** The draws that look tame may be those that lack their large losses, so these must hold it by themselves. */
const HARDLY_ANY = 0.02;
const coversJudged = (judged: number, covered: number): boolean =>
  judged < HARDLY_ANY || covered >= COVERAGE.least;
/** Of a change that few rows decide the sum of few squares is large whenever the change is, and hardly ever too small. */
const MOST_OF_FEW = 0.98;
const isHeld = (outcome: Outcome, most: number): boolean =>
  coversWhereJudged(outcome.valueJudged, outcome.valueCoverage, outcome.valueMissed, most) &&
  coversWhereJudged(outcome.judged, outcome.changeCoverage, outcome.changeMissed, MOST_OF_FEW);

/** Of these only whole rows miss, so that near 1 no interval holds 93 to 97 % of every one: the table of shares tells. */
const SHARES = [
  'accuracy',
  'zero_one_loss',
  'recall',
  'precision',
  'f1',
  'jaccard',
  'true_negative_rate',
  'false_positive_rate',
  'false_negative_rate',
  'negative_predictive_value',
  'false_discovery_rate',
  'false_omission_rate',
];

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
      title: `Values near their bound: an area of ${area} from 60 and 600 positive rows (values covered 93–97 %, shares ≥ 93 %, changes 93–98 %; what is judged in fewer than 90 % of draws: missed in at most 7 % of all)`,
      tasks: ['binary'],
      world: { ...ORDINARY, challengerNoise: 1, positives: 0.12, separation },
      rows: [500, 5000],
      isOutOfRange: (outcome) => !isHeld(outcome, SHARES.includes(outcome.metric) ? 1 : COVERAGE.most),
    }),
  ),
  {
    title:
      'Skewed losses: predictions off by factors of about 1.65 (of the judged draws ≥ 93 % covered, where 2 % or more are judged)',
    tasks: ['regression'],
    world: { ...ORDINARY, logError: 0.5 },
    rows: [50, 100, 500],
    isOutOfRange: (outcome) =>
      !coversJudged(outcome.valueJudged, outcome.valueCoverage) ||
      !coversJudged(outcome.judged, outcome.changeCoverage),
  },
];

const percent = (share: number): string => (Number.isNaN(share) ? '–' : (share * 100).toFixed(1));

export function benchmark(): Benchmark {
  const parts = [...SCENARIOS.map(runScenario), shares(), fiveMetrics()];
  return {
    title: `Intervals and verdicts against the truth, ${DRAWS.toLocaleString('en')} draws each, shares in percent`,
    table: parts.map(({ table }) => table).join('\n\n'),
    withinLimit: parts.every(({ isWithin }) => isWithin),
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
          outcome.valueJudged,
          outcome.valueCoverage,
          outcome.judged,
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
    '| task | metric | rows | value judged | covered | change judged | covered | passes at margin | at relative margin | passes at 4 errors | |',
    '|---|---|--:|--:|--:|--:|--:|--:|--:|--:|---|',
  ];
  return { table: [`### ${title}`, '', ...header, ...lines].join('\n'), isWithin };
}

/** With fewer misses expected no set of whole rows would surprise from below, so that 2.5 % are never missed there. */
const MISSES_FOR_BOTH_SIDES = 3;

function shares(): Part {
  let isWithin = true;
  const lines = [50, 500, 5000].flatMap(shareCoverages).map(({ rows, from, to, least, mean, most }) => {
    const isOut = least < COVERAGE.least || (from >= MISSES_FOR_BOTH_SIDES && mean > COVERAGE.most);
    isWithin &&= !isOut;
    return `| ${[rows, `${from} to ${to}`, ...[least, mean, most].map(percent), isOut ? 'OUT' : ''].join(' | ')} |`;
  });
  const header = ['| rows | misses expected | least | mean | most | |', '|--:|---|--:|--:|--:|---|'];
  return {
    table: [
      '### Shares, exactly (covered ≥ 93 % of every one; on average ≤ 97 % from 3 misses on, since it jumps from share to share)',
      '',
      ...header,
      ...lines,
    ].join('\n'),
    isWithin,
  };
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
