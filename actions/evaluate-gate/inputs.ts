/** The inputs of evaluate-gate beside the common ones, and which of them go together. */
import type * as z from 'zod';
import { UserError } from '../../shared/errors.ts';
import { fields } from '../../shared/runtime/fields.ts';
import { type commonInputs, inputName } from '../../shared/runtime/inputs.ts';

export const inputs = {
  operation: fields.choice(['evaluate', 'calibrate'], { default: 'evaluate' }),
  predictions: fields.list({ optional: true }),
  baselinePredictions: fields.list({ optional: true }),
  metrics: fields.list({ optional: true }),
  baselineMetrics: fields.list({ optional: true }),
  model: fields.text({ optional: true }),
  predictCommand: fields.text({ optional: true }),
  data: fields.list({ optional: true }),
  trainingData: fields.list({ optional: true }),
  baseline: fields.text({ optional: true }),
  policy: fields.text({ optional: true }),
  policyFrom: fields.choice(['base', 'file'], { default: 'base' }),
  untrusted: fields.boolean({ default: 'false' }),
  latency: fields.list({ optional: true }),
  baselineLatency: fields.list({ optional: true }),
  serveCommand: fields.text({ optional: true }),
  endpoint: fields.text({ optional: true }),
  requests: fields.text({ optional: true }),
  attributions: fields.list({ optional: true }),
  baselineAttributions: fields.list({ optional: true }),
  draws: fields.integer({ default: '1000', min: 100, max: 100_000 }),
};

/** Which inputs mean something with which operation. */
export const operations = {
  evaluate: [
    'predictions',
    'baselinePredictions',
    'metrics',
    'baselineMetrics',
    'model',
    'predictCommand',
    'data',
    'trainingData',
    'baseline',
    'policy',
    'policyFrom',
    'untrusted',
    'latency',
    'baselineLatency',
    'serveCommand',
    'endpoint',
    'requests',
    'attributions',
    'baselineAttributions',
  ],
  calibrate: ['predictions', 'baselinePredictions', 'data', 'policy', 'policyFrom', 'draws'],
} as const;

/** What `run` is given: these and the common inputs, parsed. */
export type Inputs = z.infer<z.ZodObject<ReturnType<typeof commonInputs> & typeof inputs>>;

/** Those that say what is judged. */
export type Given = Partial<
  Pick<
    Inputs,
    | 'predictions'
    | 'baselinePredictions'
    | 'metrics'
    | 'baselineMetrics'
    | 'model'
    | 'predictCommand'
    | 'data'
    | 'trainingData'
    | 'baseline'
    | 'policy'
    | 'untrusted'
    | 'serveCommand'
    | 'endpoint'
    | 'latency'
    | 'attributions'
  >
>;

/** Where the challenger's numbers come from. */
export type JudgedFrom = 'predictions' | 'metrics' | 'predict-command';

/** @throws UserError when the inputs contradict each other or something to judge is missing. */
export function judgedFrom(given: Given): JudgedFrom {
  const ways = [
    given.predictions && 'predictions',
    given.metrics !== undefined && 'metrics',
    given.predictCommand !== undefined && 'predict-command',
  ].filter((way): way is JudgedFrom => typeof way === 'string');
  const [way] = ways;
  if (way === undefined || ways.length > 1) {
    throw new UserError(
      way === undefined
        ? 'There is nothing to judge: none of predictions, metrics and predict-command is given.'
        : `The inputs ${ways.join(' and ')} are given, and only one can be judged.`,
      {
        where: { key: 'inputs' },
        fix: 'Give predictions, or metrics, or predict-command with model and data.',
      },
    );
  }
  refuseForeign(way, given);
  if (given.untrusted) refuseWithStrangers(way, given);
  return way;
}

/** Nothing of a stranger is run, and nothing but predictions is read of one: no file of theirs is about a model here. */
function refuseWithStrangers(way: JudgedFrom, given: Given): void {
  const refuse = (name: string, what: string, fix: string): never => {
    throw new UserError(what, { where: { key: `inputs.${name}` }, fix });
  };
  if (way === 'metrics')
    refuse(
      way,
      'untrusted: true is given with metrics.',
      'Give predictions, of as many seeds as there are: metrics from a fork would be its own word for the verdict.',
    );
  if (way !== 'predictions')
    refuse(way, `untrusted: true is given with ${way}.`, 'Give predictions: nothing of a fork is run.');
  if (!given.data)
    refuse(
      'data',
      'untrusted: true is given without data.',
      'Name the rows to judge: labels, weights and features come from there and never from the predictions.',
    );
  for (const key of ['model', 'serveCommand', 'endpoint', 'latency', 'attributions'] as const) {
    const name = inputName(key);
    if (given[key] !== undefined)
      refuse(
        name,
        `${name} is given with untrusted: true.`,
        'Leave it out: predictions from a fork say nothing about a model that lies here.',
      );
  }
}

function refuseForeign(way: JudgedFrom, given: Given): void {
  const refuse = (key: string, what: string, fix: string): never => {
    throw new UserError(what, { where: { key: `inputs.${key}` }, fix });
  };
  if (way === 'predict-command') {
    if (given.model === undefined)
      refuse('model', 'predict-command is given without model.', 'Name the model to run.');
    if (!given.data) refuse('data', 'predict-command is given without data.', 'Name the rows to judge.');
  }
  if (way === 'metrics') {
    for (const key of ['baselinePredictions', 'data', 'baseline'] as const) {
      if (given[key] !== undefined) {
        const name = key === 'baselinePredictions' ? 'baseline-predictions' : key;
        refuse(
          name,
          `${name} cannot be compared with metrics.`,
          'Give baseline-metrics, or predictions instead of metrics.',
        );
      }
    }
  } else if (given.baselineMetrics !== undefined) {
    refuse(
      'baseline-metrics',
      'baseline-metrics is given without metrics.',
      'Give baseline-predictions or baseline instead.',
    );
  }
  if (given.baseline !== undefined && given.baselinePredictions) {
    refuse(
      'baseline',
      'Both baseline and baseline-predictions are given.',
      'Give the one that the challenger is compared with.',
    );
  }
}
