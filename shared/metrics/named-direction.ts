/** Whether more is better, by the name under which a training writes a metric. */
import { findMetric } from './catalogue.ts';

const LOWER = new Set(
  'loss error err nll perplexity ppl wer cer mae mse rmse mape brier fid distance'.split(' '),
);
const HIGHER = new Set(
  'accuracy acc auc auroc auprc f1 precision recall iou dice map mrr ndcg r2 bleu rouge psnr ssim reward'.split(
    ' ',
  ),
);
/** `loss_scale` is a setting of the optimizer, `neg_loss` turns the direction round. */
const NO_MEASURE = new Set(['scale', 'weight', 'neg', 'negative']);

/**
 * A metric of the catalogue has its direction; of others the last word that is known counts: `val_loss`,
 * `train/top5_acc`, `evalLoss`. Undefined where none is known.
 */
export function directionOfName(name: string): 'higher' | 'lower' | undefined {
  const found = findMetric(name);
  if (found) return found.negated ? 'higher' : found.definition.direction;
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  if (words.some((word) => NO_MEASURE.has(word))) return undefined;
  const known = words.findLast((word) => LOWER.has(word) || HIGHER.has(word));
  return known === undefined ? undefined : LOWER.has(known) ? 'lower' : 'higher';
}
