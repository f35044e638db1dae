/**
 * How often a fairness bound that holds exactly is called kept or broken, and how often the interval holds the true
 * value: two to five groups, near ties and far from them, small and large. `npm run bench -- fairness`; ends with 1
 * when bounds on the limit are called kept or broken in more than 3.7 % of the draws, or intervals hold in fewer than 94 %.
 */
import type { FairnessOptions, Groups } from '../shared/metrics/fairness.ts';
import { fairnessComparison } from '../shared/metrics/fairness-comparison.ts';
import { findFairnessMetric } from '../shared/metrics/fairness-metric.ts';
import type { Rows } from '../shared/metrics/rows.ts';
import { randomGenerator } from '../shared/stats/random.ts';
import type { Benchmark } from './measure.ts';

const DRAWS = 2000;
/** 2.5 % and three standard errors of 2,000 draws. */
const MOST_WRONG = 0.037;
const LEAST_HELD = 0.94;

interface Scenario {
  metric: string;
  rows: number;
  /** Of each group: its share of the rows, and the shares of its positives and negatives that are called positive. */
  groups: { share: number; found: number; alarms: number }[];
  positives: number;
  /** The true value, which is also the bound. */
  value: number;
  method?: FairnessOptions['method'];
}

const group = (share: number, found: number, alarms: number) => ({ share, found, alarms });
const SCENARIOS: Scenario[] = [
  {
    metric: 'equal_opportunity_difference',
    rows: 1000,
    positives: 0.3,
    value: 0.1,
    groups: [group(0.5, 0.8, 0.1), group(0.5, 0.7, 0.1)],
  },
  {
    metric: 'equal_opportunity_difference',
    rows: 500,
    positives: 0.3,
    value: 0.1,
    groups: [group(0.7, 0.95, 0.1), group(0.3, 0.85, 0.1)],
  },
  {
    metric: 'equalized_odds_difference',
    rows: 1000,
    positives: 0.3,
    value: 0.1,
    groups: [group(0.5, 0.8, 0.1), group(0.5, 0.7, 0.15)],
  },
  {
    metric: 'demographic_parity_difference',
    rows: 2000,
    positives: 0.5,
    value: 0.1,
    groups: [...Array.from({ length: 4 }, () => group(0.2, 0.8, 0.1)), group(0.2, 0.6, 0.1)],
  },
  {
    metric: 'demographic_parity_difference',
    rows: 2000,
    positives: 0.5,
    value: 0,
    groups: Array.from({ length: 5 }, () => group(0.2, 0.8, 0.1)),
  },
  {
    metric: 'demographic_parity_ratio',
    rows: 1000,
    positives: 0.5,
    value: 0.9,
    groups: [group(0.5, 0.8, 0.2), group(0.5, 0.8, 0.1)],
  },
  {
    metric: 'demographic_parity_ratio',
    rows: 500,
    positives: 0.3,
    value: 0.25 / 0.31,
    groups: [group(0.8, 0.8, 0.1), group(0.2, 0.6, 0.1)],
  },
  {
    metric: 'recall_group_min',
    rows: 2000,
    positives: 0.5,
    value: 0.8,
    groups: Array.from({ length: 5 }, () => group(0.2, 0.8, 0.1)),
  },
  {
    metric: 'recall_group_min',
    rows: 300,
    positives: 0.3,
    value: 0.9,
    groups: [group(0.5, 0.97, 0.1), group(0.5, 0.9, 0.1)],
  },
  {
    metric: 'accuracy_difference',
    rows: 2000,
    positives: 0.5,
    value: 0.055,
    method: 'to_overall',
    groups: [group(0.5, 0.9, 0.1), group(0.3, 0.8, 0.2), group(0.2, 0.85, 0.15)],
  },
];

function drawRows(scenario: Scenario, random: () => number): { rows: Rows; groups: Groups } {
  const truth = new Float64Array(scenario.rows);
  const predicted = new Float64Array(scenario.rows);
  const members = scenario.groups.map((): number[] => []);
  for (let row = 0; row < scenario.rows; row++) {
    const drawn = random();
    let [at, below] = [0, scenario.groups[0]!.share];
    while (drawn >= below && at < members.length - 1) below += scenario.groups[++at]!.share;
    members[at]!.push(row);
    truth[row] = random() < scenario.positives ? 1 : 0;
    const { found, alarms } = scenario.groups[at]!;
    predicted[row] = random() < (truth[row] === 1 ? found : alarms) ? 1 : 0;
  }
  const names = members.map((_, at) => `group ${at}`);
  return { rows: { truth, predicted }, groups: { names, rows: members.map((own) => Int32Array.from(own)) } };
}

function simulate(scenario: Scenario): { judged: number; held: number; kept: number; broken: number } {
  const random = randomGenerator(20_120_104);
  const metric = findFairnessMetric(scenario.metric, 'binary')!;
  const options: FairnessOptions = { method: scenario.method ?? 'between_groups', agg: 'worst_case' };
  const counts = { judged: 0, held: 0, kept: 0, broken: 0 };
  for (let draw = 0; draw < DRAWS; draw++) {
    const { rows, groups } = drawRows(scenario, random);
    const { definition, compare } = fairnessComparison(metric, groups, options);
    const found = compare(definition, undefined, rows, { confidence: 0.95 });
    if (found.tooFewForValue !== undefined || !found.challengerInterval) continue;
    const [low, high] = found.challengerInterval;
    const bound = metric.direction === 'lower' ? 'upper_bound' : 'lower_bound';
    const clearance = found.clearance(bound, scenario.value)!;
    counts.judged++;
    if (low <= scenario.value + 1e-12 && high >= scenario.value - 1e-12) counts.held++;
    if (clearance.interval[0] >= 0) counts.kept++;
    if (clearance.pValue <= 0.025) counts.broken++;
  }
  return counts;
}

export async function benchmark(): Promise<Benchmark> {
  let withinLimit = true;
  const lines = SCENARIOS.map((scenario) => {
    const { judged, held, kept, broken } = simulate(scenario);
    const [shareHeld, shareKept, shareBroken] = [held, kept, broken].map((count) => count / judged) as [
      number,
      number,
      number,
    ];
    withinLimit &&= shareHeld >= LEAST_HELD && shareKept <= MOST_WRONG && shareBroken <= MOST_WRONG;
    const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
    return `| ${scenario.metric}${scenario.method ? ', to overall' : ''} | ${scenario.groups.length} | ${scenario.rows} | ${judged} | ${percent(shareHeld)} | ${percent(shareKept)} | ${percent(shareBroken)} |`;
  });
  return {
    title: `Fairness with the true value on its bound, ${DRAWS} draws each`,
    table: [
      '| metric | groups | rows | judged | interval holds it (≥ 94 %) | called kept (≤ 3.7 %) | called broken (≤ 3.7 %) |',
      '|---|--:|--:|--:|--:|--:|--:|',
      ...lines,
    ].join('\n'),
    withinLimit,
  };
}
