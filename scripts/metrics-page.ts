/** `docs/metrics.md`, from the catalogue by which the gate computes. */
import { METRICS, type MetricDefinition, type MetricTask } from '../shared/metrics/catalogue.ts';
import { methodOfValue } from '../shared/metrics/comparison.ts';
import { FAIRNESS_SHAPES, findFairnessMetric } from '../shared/metrics/fairness-metric.ts';
import type { IntervalMethod, Need } from '../shared/metrics/metric-definition.ts';
import {
  CLUSTERS,
  DECIDING_LOSSES,
  DECIDING_ROWS,
  DISCORDANT,
  QUERIES,
  ROWS_OF_EXPLAINED,
  ROWS_OF_LOSS,
  ROWS_PER_CLASS,
  ROWS_PER_WEIGHTED_CLASS,
} from '../shared/metrics/sufficiency.ts';
import { FEW } from '../shared/metrics/supposed-variance.ts';

const NEEDS: Record<Need, string> = {
  labels: '`y_pred`',
  scores: '`y_score`',
  probabilities: '`y_score` in 0 to 1',
  numbers: '`y_pred`',
};

const METHODS: Record<IntervalMethod, string> = {
  'score interval':
    'Of one model Wilson’s interval of a share; with ten hits or misses or fewer its nearer end is that of the mid-P test where that lies farther (Brown, Cai & DasGupta 2001). Of two on the same rows Tango’s (1998); at a limit of exactly 0 the exact McNemar test while fewer than 25 rows differ. With weights or clusters the infinitesimal jackknife, on the logit scale for the value.',
  'infinitesimal jackknife':
    'Each row’s influence is its weight times the derivative of the metric by the count that it adds to (Efron 1982); the variance is the sum of the squared differences of both models’ influences.',
  DeLong:
    'The structural components of the area by midranks (DeLong et al. 1988; Sun & Xu 2014), of several classes or labels summed per row.',
  'paired mean':
    'The mean of the differences per row, or per query of a ranking; of losses turned by their skewness (above).',
  'delta method':
    'A smooth function of means per row, by its derivatives; of losses turned by their skewness (above).',
  '20-group jackknife':
    'The metric without each of twenty random groups of rows, with Student’s t of 19 degrees of freedom (Kott 2001).',
  'density at the median':
    'A quantile’s error by the density beside it (Siddiqui 1960; Hall & Sheather 1988).',
  none: 'No interval that could be trusted: only `decide_on: point` judges it.',
};

const TASKS: Record<Exclude<MetricTask, 'scores'>, { title: string; about: string }> = {
  binary: {
    title: 'Binary',
    about:
      'Positive is 1 or `positive_label`. Without `y_pred` a row is positive where `y_score` is at least `threshold`.',
  },
  multiclass: {
    title: 'Multiclass',
    about:
      'Means over classes are over those that occur among the true or the predicted labels, and count 0 for 0/0, as scikit-learn with `zero_division=0`; while a class has too few rows to trust such a mean it is not judged by intervals. `{name: recall, class: cat}` is the metric of two classes on `cat` against the rest, for every name of the binary table.',
  },
  multilabel: {
    title: 'Multilabel',
    about:
      'One column per label, such as `y_true_sports`, `y_pred_sports` and `y_score_sports`. The row is the observation, whatever the number of its labels. `{name: recall, class: sports}` is the metric of two classes on that label.',
  },
  regression: { title: 'Regression', about: 'Weights are scikit-learn’s sample weights.' },
  ranking: {
    title: 'Ranking',
    about:
      'The query (`columns.group`) is the observation; `y_true` is the relevance, and above 0 is relevant. `ndcg@10` is `{name: ndcg, k: 10}`; without k all rows of a query count. Rows of equal score have no order, so a value is the mean over their orders, where trec_eval takes the order of the documents’ names. Sample weights are refused.',
  },
  forecasting: {
    title: 'Forecasting',
    about:
      'All of regression, and these. Where `columns.group` names the series, rows of one series count as depending on each other, unless `columns.cluster` says otherwise. Rows of a single series count as independent: where its errors are like those just before, name spans of time, such as weeks, in `columns.cluster`, or the intervals are too short.',
  },
};

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

function parametersOf({ parameters, required = [] }: MetricDefinition): string {
  return parameters.map((name) => `\`${name}\`${required.includes(name) ? '' : ' (optional)'}`).join(', ');
}

const intervalOf = (metric: MetricDefinition): string =>
  [metric.intervalMethod, methodOfValue(metric)].filter(Boolean).join(', ');

function rowOf(metric: MetricDefinition): string {
  const cells = [
    code([metric.name]),
    code(metric.aliases),
    metric.direction,
    metric.task === 'ranking' ? '`y_score`, `group`' : NEEDS[metric.needs],
    parametersOf(metric),
    cell(metric.formulaSource),
    metric.rate ? metric.intervalMethod : intervalOf(metric),
  ];
  return `| ${cells.join(' | ')} |`;
}

function sectionOf(task: Exclude<MetricTask, 'scores'>): string {
  const ofRegression = METRICS.filter((metric) => metric.task === 'regression').map(({ name }) => name);
  const metrics = METRICS.filter(
    (metric) => metric.task === task && (task !== 'forecasting' || !ofRegression.includes(metric.name)),
  );
  return [
    `## ${TASKS[task].title}`,
    '',
    TASKS[task].about,
    '',
    '| metric | also called | better | reads | parameters | formula | interval |',
    '|---|---|---|---|---|---|---|',
    ...metrics.map(rowOf),
  ].join('\n');
}

/** fairlearn's names of their own; the others are a metric's name and a shape. */
const COMPOSED = ['demographic_parity', 'equal_opportunity', 'equalized_odds'];

/** Metrics, in any task that judges groups, of which there is no such fairness metric. */
function withoutShape(shape: (typeof FAIRNESS_SHAPES)[number]): string[] {
  const judged = METRICS.filter(({ task }) => task !== 'ranking');
  const names = judged.filter(({ name, task }) => !findFairnessMetric(`${name}_${shape}`, task));
  return [...new Set(names.map(({ name }) => name))];
}

function fairnessSection(): string {
  const never = withoutShape('difference');
  const noRatio = withoutShape('ratio').filter((name) => !never.includes(name));

  const composed = COMPOSED.flatMap((stem) =>
    ['difference', 'ratio'].map((shape) => {
      const metric = findFairnessMetric(`${stem}_${shape}`, 'binary');
      if (!metric) throw new Error(`there is no ${stem}_${shape}`);
      const bases = metric.bases.map(({ name }) => name);
      return `| ${code([metric.name])} | ${metric.direction} | ${code(bases)} | \`fairlearn.metrics.${metric.name}\` |`;
    }),
  );
  const shapes: Record<(typeof FAIRNESS_SHAPES)[number], [better: string, formula: string]> = {
    difference: ['lower', '`MetricFrame.difference`'],
    ratio: ['higher', '`MetricFrame.ratio`'],
    group_min: ['as the metric', '`MetricFrame.group_min`'],
    group_max: ['as the metric', '`MetricFrame.group_max`'],
  };
  return [
    '## Fairness',
    '',
    'Of the groups by `sensitive_features`, in fairlearn’s names. The interval is over all comparisons of groups, by the influences of the metric in each group.',
    '',
    `Any metric of the task but ${code(never)}; no ratio of ${code(noRatio)}, where twice as much has no meaning. Of groups alone there are also \`selection_rate\` (binary; difference and ratio) and \`mean_prediction\` (regression, forecasting; difference), of which neither more nor less is better. Rankings have no groups of people.`,
    '',
    '| metric | better | of the groups’ | formula |',
    '|---|---|---|---|',
    ...composed,
    ...FAIRNESS_SHAPES.map(
      (shape) =>
        `| \`<metric>_${shape}\` | ${shapes[shape][0]} | any metric of the task | ${shapes[shape][1]} |`,
    ),
  ].join('\n');
}

/** The whole page. */
export function metricsPage(): string {
  return `${[
    '<!-- Generated by `npm run generate` from shared/metrics. -->',
    '# Metrics',
    '',
    'What the gate can compute from predictions, with sample weights and per slice. Names are scikit-learn’s: of its',
    'functions (`roc_auc_score`), of its scorers (`roc_auc`), or `neg_` before a metric that is better lower, whose bounds',
    'are then of the negated value. Every number equals that of the formula’s source to nine digits on random and',
    'degenerate data, or there is none and the report says why: one class only, a denominator of 0, a score that is no',
    'number. A metric that is not here may be judged from a file of metrics, or as a column of scores (task `scores`),',
    'with `direction: higher` or `lower`.',
    '',
    ...Object.keys(TASKS).flatMap((task) => [sectionOf(task as Exclude<MetricTask, 'scores'>), '']),
    fairnessSection(),
    '',
    '## Scores',
    '',
    'Of task `scores` every metric of the policy is a column of the predictions, one score per row that another program',
    'gave, such as the grade of a language model’s answer. Judged is the mean: as a share (score interval) where all',
    'scores are 0 or 1, otherwise by the paired mean.',
    '',
    '## Intervals',
    '',
    'Rows of one cluster (`columns.cluster`) are summed before they are squared. Limits are judged by an interval from so',
    'many rows on that simulated intervals cover 93 % or more; below that the report says what is missing:',
    '',
    ...[
      `of two classes ${ROWS_PER_CLASS} rows of each, and of metrics by the infinitesimal jackknife ${ROWS_PER_CLASS} predicted as each;`,
      `of means over classes or labels ${ROWS_PER_CLASS} of each, of weighted ones ${ROWS_PER_WEIGHTED_CLASS};`,
      `of rankings ${QUERIES} queries, and where rows come in clusters ${CLUSTERS} of them;`,
      `of a change ${DISCORDANT} rows (or queries) in which the models differ;`,
      `of a value of labels ${DECIDING_ROWS} rows that decide it, as of a correlation near 1 the misses do;`,
      `of a loss, and of its change, ${ROWS_OF_LOSS} rows, and of r2 and explained_variance themselves ${ROWS_OF_EXPLAINED};`,
      `of a loss by means over seeds ${DECIDING_LOSSES} rows that decide it: of a mean that is mostly a few large errors those.`,
    ].map((item) => `- ${item}`),
    '',
    'How many rows decide is (Σφ²)²/Σφ⁴ of their influences φ. No rows tell of errors that none of them has: of a loss',
    'that is rare, have so many rows that ten of the rare ones may be expected. The score interval holds with any number of',
    'rows: in 93 % of draws or more, though of a share with fewer than three misses expected in more than 97 %, since no',
    'set of whole rows would surprise there.',
    '',
    'An error that few rows tell is itself not well known, and too small where the value is far off. So the interval of a',
    'value is by Student’s t with the degrees of freedom of the sum of squares, 2(Σφ²)²/(Σφ⁴ − (Σφ²)²/n) (Satterthwaite',
    '1946), about two for each row that decides. A change errs alike to both sides, and has the normal distribution.',
    'Losses are lopsided: a mean that lacks its few large ones is too low and too sure of itself. So what is by Student’s t',
    'of losses, of a value as of a change, is t + a·t²/3 + a²·t³/27 + a/6 with the skewness a = Σφ³/(Σφ²)^1.5 (Hall 1992),',
    'which makes the interval long to the side of the large losses. Its degrees of freedom are at most one for each row that',
    'decides a change, and 1.25 for each that decides a value. A share of what is explained, r2 or explained_variance, is',
    'turned so on its logarithmic scale, with the bend of that scale added to a/3. Means over seeds have the plain interval.',
    '',
    'A bound on a value is judged by the interval of the value alone, a change by that of the difference. Near the best',
    'value there is, value ± z·error holds too seldom (of an area of 0.99 from 60 positive rows in 83 % instead of 95 %).',
    'So the value of a share or an area is judged on its logit scale, that of a correlation on Fisher’s, which is the same',
    'for −1 to 1, and an average precision by the logarithm of its distance from 1, each by the delta method. Precision and',
    'its like, and the Jaccard index, are shares of certain rows, and have the score interval of these; F1 is a function of',
    `the Jaccard index, and has its. Of areas and of rankings that fewer than ${FEW} rows (or queries) decide, the interval also`,
    'holds all values that a score test would not reject, with the variance that the supposed value has by Hanley & McNeil',
    '(method 5 of Newcombe 2006), or the largest that a mean between 0 and 1 can have. Other values that are exactly at',
    'their bound are not judged, since their rows show no error.',
    '',
    '| interval | how |',
    '|---|---|',
    ...Object.entries(METHODS).map(([method, how]) => `| ${method} | ${cell(how)} |`),
  ].join('\n')}\n`;
}
