/** What the schema of the section `system` cannot see: values that do not go together. */
import { type ErrorLocation, UserError } from '../../../shared/errors.ts';
import { parsePrometheusAddress } from '../../../shared/monitoring/prometheus-account.ts';
import { type SystemMeasure, type SystemPolicy, shareNumber } from '../../../shared/records/system-policy.ts';
import { FEWEST_PAST_WINDOWS } from './judge.ts';
import { lengthsOf, looksBack } from './windows.ts';

/** Where a key of the section stands. */
export type Locate = (path: readonly PropertyKey[]) => ErrorLocation;

/** Steps of all windows of one measure: more would strain a server that others need. */
const MOST_STEPS = 200_000;

/** @throws UserError for the first thing that cannot be. */
export function checkSystem(policy: SystemPolicy, locate: Locate): void {
  checkAddress(policy, locate);
  checkLengths(policy, locate);
  policy.measures.forEach((measure, index) => {
    const at: Locate = (path) => locate(['measures', index, ...path]);
    if (policy.measures.findIndex(({ name }) => name === measure.name) !== index) {
      throw new UserError(`There are two system measures named ${measure.name}.`, {
        where: at(['name']),
        fix: 'Give each a name of its own.',
      });
    }
    checkQuestion(measure, policy, at);
    checkLimits(measure, at);
  });
}

function checkAddress({ source }: SystemPolicy, locate: Locate): void {
  if (!('prometheus' in source)) return;
  try {
    parsePrometheusAddress(source.prometheus);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(error.message, { where: locate(['source', 'prometheus']), fix: error.fix });
  }
}

function checkLengths(policy: SystemPolicy, locate: Locate): void {
  const { window, step, past, season } = lengthsOf(policy);
  const refuse = (key: keyof SystemPolicy, what: string, fix: string): never => {
    throw new UserError(`system.${key}: ${policy[key]} ${what}.`, { where: locate([key]), fix });
  };
  if (step < 1000 || step % 1000 !== 0)
    refuse('step', 'is not a whole number of seconds', 'Write a step such as 30s or 1m.');
  if (window === 0 || window % step !== 0)
    refuse('window', `is not a multiple of the step of ${policy.step}`, 'Write a window such as 1h.');
  if (!policy.measures.some(looksBack)) return;
  if (season < window || season % step !== 0)
    refuse(
      'season',
      `is not a multiple of the step, or shorter than the window of ${policy.window}`,
      'Write 1d to compare with the same time of earlier days, or the length of the window for all of the past.',
    );
  const windows = Math.floor(past / season);
  if (windows < FEWEST_PAST_WINDOWS)
    refuse(
      'past',
      `holds ${windows} windows at a season of ${policy.season}, and ${FEWEST_PAST_WINDOWS} are needed to say how they vary`,
      'Look back further, or choose a shorter season.',
    );
  if ((windows + 1) * (window / step) > MOST_STEPS)
    refuse(
      'past',
      `asks for ${(windows + 1) * (window / step)} steps of each measure, and ${MOST_STEPS} is the most`,
      'Write a longer step or season, or look back less far.',
    );
}

function checkQuestion(measure: SystemMeasure, { source }: SystemPolicy, at: Locate): void {
  const [wanted, other] =
    'prometheus' in source ? (['query', 'metric'] as const) : (['metric', 'query'] as const);
  const kind = wanted === 'query' ? 'Prometheus' : 'CloudWatch';
  if (measure[other] === undefined && measure[wanted] !== undefined) return;
  throw new UserError(
    measure[other] === undefined
      ? `The system measure ${measure.name} does not say what to ask.`
      : `The system measure ${measure.name} has a ${other}, which ${kind} does not know.`,
    {
      where: at(measure[other] === undefined ? [] : [other]),
      fix:
        wanted === 'query'
          ? 'Write query: with PromQL.'
          : 'Write metric: {namespace, name, dimensions, statistic}.',
    },
  );
}

function checkLimits(measure: SystemMeasure, at: Locate): void {
  const { name, min, max, max_decrease } = measure;
  if (min === undefined && max === undefined && !looksBack(measure)) {
    throw new UserError(`The system measure ${name} has no limit, so nothing of it would be judged.`, {
      where: at([]),
      fix: 'Add max, min, max_increase or max_decrease.',
    });
  }
  if (min !== undefined && max !== undefined && min > max) {
    throw new UserError(`The min of ${name} (${min}) is above its max (${max}).`, { where: at(['min']) });
  }
  if (max_decrease !== undefined && shareNumber(max_decrease) >= 1) {
    throw new UserError(`A max_decrease of ${max_decrease} lets ${name} fall to nothing.`, {
      where: at(['max_decrease']),
      fix: 'Write a share below 100%, such as 50%.',
    });
  }
  if (measure.min_change > 0 && !looksBack(measure)) {
    throw new UserError(`The min_change of ${name} has no effect without a comparison with the past.`, {
      where: at(['min_change']),
      fix: 'Add max_increase or max_decrease, or take min_change away.',
    });
  }
}
