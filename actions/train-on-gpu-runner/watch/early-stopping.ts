import * as z from 'zod';
import { UserError } from '../../../shared/errors.ts';
import { parseYamlDocument } from '../../../shared/records/document.ts';
import { metricValue, metricValueSchema } from '../../../shared/records/metric-value.ts';
import { type EarlyStopRules, earlyStopSchema } from '../../../shared/records/stop-rules.ts';

/** Ending a training that no longer gets better, by the rule and in the words of Lightning's EarlyStopping. */

/** Reads the input `early-stop`. @throws UserError when it is no map of these words. */
export async function readEarlyStop(text: string | undefined): Promise<EarlyStopRules | undefined> {
  if (text === undefined) return undefined;
  try {
    return (await parseYamlDocument(text, 'early-stop', earlyStopSchema)).value;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { line, key } = error.where;
    throw new UserError(error.message, {
      where: { key: ['early-stop', key].filter(Boolean).join('.'), line },
      fix: error.fix || 'Give at least "monitor: val_loss".',
      cause: error,
    });
  }
}

export interface EarlyStopState {
  best: number;
  /** Looks since the last improvement. */
  waited: number;
}

export type StopCause = 'not-finite' | 'stopping-threshold' | 'divergence-threshold' | 'patience';

export function initialState({ mode }: Pick<EarlyStopRules, 'mode'>): EarlyStopState {
  return { best: mode === 'min' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY, waited: 0 };
}

/**
 * One look at the monitored metric: Lightning 2.6 with the same values stops at the same look for the same cause.
 * In its order: not finite, the threshold reached, the divergence threshold passed, an improvement, patience.
 */
export function look(
  rules: EarlyStopRules,
  state: EarlyStopState,
  value: number,
): { state: EarlyStopState; stop?: StopCause } {
  const sign = rules.mode === 'min' ? 1 : -1;
  const isBetter = (a: number, b: number) => sign * a < sign * b;
  if (rules.check_finite && !Number.isFinite(value)) return { state, stop: 'not-finite' };
  if (rules.stopping_threshold !== undefined && isBetter(value, rules.stopping_threshold))
    return { state, stop: 'stopping-threshold' };
  if (rules.divergence_threshold !== undefined && isBetter(-value, -rules.divergence_threshold))
    return { state, stop: 'divergence-threshold' };
  if (isBetter(value + sign * rules.min_delta, state.best)) return { state: { best: value, waited: 0 } };
  const waited = state.waited + 1;
  return {
    state: { ...state, waited },
    ...(waited >= rules.patience ? { stop: 'patience' as const } : {}),
  };
}

/** Limits and patience say what follows from a look, and not what it is. */
const isJudgedAlike = (one: EarlyStopRules, other: EarlyStopRules): boolean =>
  one.monitor === other.monitor && one.mode === other.mode && one.min_delta === other.min_delta;

/** Looks that can be gone back to. */
const REMEMBERED = 10_000;
/** Of these another attempt is told: it goes on from a checkpoint of the last moments. */
const MOST_KEPT = 1_000;

export const keptLooksSchema = z.strictObject({
  rules: earlyStopSchema,
  looks: z
    .array(z.strictObject({ step: z.number(), best: metricValueSchema, waited: z.number() }))
    .max(MOST_KEPT),
});
/** How long each look has waited for what, for the attempt that goes on from a checkpoint. */
export type KeptLooks = z.infer<typeof keptLooksSchema>;

/**
 * The rule over a training that may go back to a checkpoint: the looks after the checkpoint are forgotten, as
 * Lightning forgets them by restoring its own state with the model's.
 */
export class EarlyStopping {
  readonly #rules: EarlyStopRules;
  #looks: { step: number; state: EarlyStopState }[] = [];

  /** @param earlier of the attempt whose checkpoint this one goes on from; other rules begin anew. */
  constructor(rules: EarlyStopRules, earlier?: KeptLooks) {
    this.#rules = rules;
    if (!earlier || !isJudgedAlike(rules, earlier.rules)) return;
    this.#looks = earlier.looks.map(({ step, best, waited }) => ({
      step,
      state: { best: Number(best), waited },
    }));
  }

  kept(): KeptLooks {
    const looks = this.#looks.slice(-MOST_KEPT).map(({ step, state: { best, waited } }) => ({
      ...{ step, waited },
      best: metricValue(best),
    }));
    return { rules: this.#rules, looks };
  }

  /** @returns a sentence with the numbers when the training should end. */
  add(step: number, value: number): string | undefined {
    while (this.#looks.length > 0 && this.#looks.at(-1)!.step >= step) this.#looks.pop();
    const before = this.#looks.at(-1)?.state ?? initialState(this.#rules);
    const { state, stop } = look(this.#rules, before, value);
    this.#looks.push({ step, state });
    if (this.#looks.length > REMEMBERED) this.#looks = this.#looks.slice(-REMEMBERED / 2);
    return stop && this.#sentence(stop, state, value, step);
  }

  #sentence(stop: StopCause, state: EarlyStopState, value: number, step: number): string {
    const { monitor, mode, min_delta, stopping_threshold, divergence_threshold } = this.#rules;
    switch (stop) {
      case 'not-finite':
        return `${monitor} is ${value} at step ${step}.`;
      case 'stopping-threshold':
        return `${monitor} has reached ${value}, ${mode === 'min' ? 'below' : 'above'} the stopping_threshold of ${stopping_threshold}.`;
      case 'divergence-threshold':
        return `${monitor} has come to ${value}, ${mode === 'min' ? 'above' : 'below'} the divergence_threshold of ${divergence_threshold}.`;
      case 'patience':
        return `${monitor} has not got better than ${state.best}${min_delta === 0 ? '' : ` by more than ${Math.abs(min_delta)}`} in its last ${state.waited} values (patience).`;
    }
  }
}
