/** The inputs of evaluate-gate beside the common ones, and which of them go together. */
import { UserError } from '../../shared/errors.ts';
import { fields } from '../../shared/runtime/fields.ts';

export const inputs = {
  predictions: fields.list({ optional: true }),
  baselinePredictions: fields.list({ optional: true }),
  metrics: fields.text({ optional: true }),
  baselineMetrics: fields.text({ optional: true }),
  model: fields.text({ optional: true }),
  predictCommand: fields.text({ optional: true }),
  data: fields.list({ optional: true }),
  baseline: fields.text({ optional: true }),
  policy: fields.text({ optional: true }),
};

export interface Given {
  predictions?: string[];
  baselinePredictions?: string[];
  metrics?: string;
  baselineMetrics?: string;
  model?: string;
  predictCommand?: string;
  data?: string[];
  baseline?: string;
  policy?: string;
}

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
  return way;
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
