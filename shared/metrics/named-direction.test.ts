import { expect, test } from 'vitest';
import { directionOfName } from './named-direction.ts';

test.each([
  ['roc_auc', 'higher'],
  ['log_loss', 'lower'],
  ['neg_log_loss', 'higher'],
  ['val_loss', 'lower'],
  ['train/top5_acc', 'higher'],
  ['evalLoss', 'lower'],
  ['Loss/train', 'lower'],
  ['eval_wer', 'lower'],
  ['val.accuracy', 'higher'],
  ['error_rate', 'lower'],
  ['learning_rate', undefined],
  ['loss_scale', undefined],
  ['neg_loss', undefined],
  ['closs', undefined],
  ['', undefined],
])('%s is %s', (name, direction) => {
  expect(directionOfName(name)).toBe(direction);
});
