import { UserError } from '../../shared/errors.ts';
import type { Rollout } from '../../shared/records/rollout.ts';
import type { TargetAbilities } from './targets/target.ts';

/** Where a key of the rollout file stands. */
export type Locate = (path: readonly PropertyKey[]) => UserError['where'];

/** @throws UserError for what a rollout asks for and the target cannot do: before anything is started. */
export function refuseUnable(rollout: Rollout, abilities: TargetAbilities, locate: Locate): void {
  const { name, strategies, sees } = abilities;
  const { strategy, latency, predictions, metrics, servers, before, steps, analysis } = rollout;
  if (!strategies.includes(strategy)) {
    throw new UserError(`The strategy ${strategy} is not one of ${name}.`, {
      where: locate(['strategy']),
      fix: `It has ${strategies.join(', ')}.`,
    });
  }
  if (latency && !metrics && !sees.latency) {
    throw new UserError(`${name} does not see how long requests take.`, {
      where: locate(['latency']),
      fix: 'Name a source that does under metrics, or leave latency out.',
    });
  }
  const missing = {
    predictions: predictions && !sees.predictions,
    metrics: metrics !== undefined,
    servers: servers !== undefined,
    before: before !== undefined,
    steps: steps?.some(({ pause }) => pause),
    analysis: analysis.initial_delay !== '0s',
  };
  for (const [key, isAsked] of Object.entries(missing)) {
    if (!isAsked) continue;
    throw new UserError(`What ${key} asks for is not to be had with ${name}.`, {
      where: locate([key]),
      fix: `Leave it out.`,
    });
  }
}
