import type { EarlyStopRules } from '../../../shared/records/stop-rules.ts';
import { divergence } from './divergence.ts';
import type { HistoryKeeper } from './history.ts';
import { shortNumber } from './progress-line.ts';

/** What the values of a loss say to a person. */

/** A name that means "less is better", whole or as a part: `val_loss`, `train/rmse`, `Loss`. */
const LOSS = /(^|[^a-z])(loss|nll|perplexity|ppl|error|rmse|mse|mae)([^a-z]|$)/i;

export function isLossLike(name: string): boolean {
  return LOSS.test(name) || /[a-z]Loss$/.test(name);
}

type State = { message: string } | 'clear' | undefined;

export class LossWarnings {
  readonly #monitor: Pick<EarlyStopRules, 'monitor' | 'mode'> | undefined;

  constructor(monitor: Pick<EarlyStopRules, 'monitor' | 'mode'> | undefined) {
    this.#monitor = monitor;
  }

  /** A gradient's norm is infinite now and then in mixed precision; a loss or the monitored metric never should be. */
  notANumber(name: string, step: number, value: number): State {
    if (!isLossLike(name) && name !== this.#monitor?.monitor) return undefined;
    if (Number.isFinite(value)) return 'clear';
    const advice = 'a smaller learning rate, clipped gradients or a look at the data of this step may help';
    return { message: `${name} is ${value} at step ${step}: ${advice}.` };
  }

  /** The first loss that rises for good. */
  diverging(history: HistoryKeeper): State {
    const names = history.names().filter((name) => {
      return name === this.#monitor?.monitor ? this.#monitor.mode === 'min' : isLossLike(name);
    });
    for (const name of names) {
      const found = divergence(history.curve(name)?.values ?? []);
      if (!found) continue;
      const [best, last] = [found.best, found.last].map(shortNumber);
      return { message: `${name} rises: it is at ${last} after it had been at ${best}.` };
    }
    return names.length > 0 ? 'clear' : undefined;
  }
}
