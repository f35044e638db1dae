import { capitalized } from '../../shared/capitalized.ts';
import { UserError } from '../../shared/errors.ts';
import type { Locate } from '../../shared/records/document.ts';
import { type Rollout, rolloutMilliseconds } from '../../shared/records/rollout.ts';
import { formatNumber } from '../../shared/report/numbers.ts';
import { makePlan } from './engine/plan.ts';
import { LONGEST_WINDOW_MS, SHORTEST_WINDOW_MS } from './router/route.ts';
import type { TargetAbilities } from './targets/target.ts';

/** With more a plan fills the memory, and no one waits for its end. */
const MOST_STEPS = 1000;

/** @throws UserError for what a rollout asks for and the target cannot do: before anything is started. */
export function refuseUnable(rollout: Rollout, abilities: TargetAbilities, locate: Locate): void {
  const { name, strategies, sees } = abilities;
  const { strategy, latency, predictions, metrics, steps, analysis } = rollout;
  if (!strategies.includes(strategy)) {
    throw new UserError(`The strategy ${strategy} is not one of ${name}.`, {
      where: locate(['strategy']),
      fix: `It has ${strategies.join(', ')}.`,
    });
  }
  if (abilities.reachesIdle === false && rollout.before !== undefined) {
    throw new UserError(`No request can be sent to a challenger without traffic by ${name}.`, {
      where: locate(['before']),
      fix: 'Leave before out; the challenger must be ready all the same.',
    });
  }
  if (strategy === 'linear') refuseManySteps(rollout, locate);
  if (abilities.wholePercents) refuseParts(rollout, name, locate);
  refuseSmallParts(rollout, abilities, locate);
  if (!sees.counts && !tellsCounts(metrics)) {
    throw new UserError(`${capitalized(name)} counts no requests and no errors itself.`, {
      where: locate(['metrics']),
      fix: 'Name a source that does: metrics.prometheus with requests and errors, or metrics.command.',
    });
  }
  if (latency && !(tellsCounts(metrics) ? tellsLatency(metrics) : sees.latency)) {
    throw new UserError(`${name} does not see how long requests take.`, {
      where: locate(['latency']),
      fix: 'Name a source that does under metrics, or leave latency out.',
    });
  }
  const pause = steps?.findIndex((step) => step.pause) ?? -1;
  if (pause >= 0 && !abilities.outlivesJob) {
    throw new UserError(
      `${name} ends with the job, so that nothing would serve while a person is waited for.`,
      {
        where: locate(['steps', pause, 'pause']),
        fix: 'Leave pause out, or run on a machine of yours that goes on living.',
      },
    );
  }
  const interval = rolloutMilliseconds(analysis.interval);
  const { windowStepMs } = abilities;
  if (tellsCounts(metrics) ? interval < windowStepMs : interval % windowStepMs !== 0) {
    throw new UserError(
      `${name} counts by ${abilities.windowStepMs / 1000} s, and analysis.interval is ${analysis.interval}.`,
      {
        where: locate(['analysis', 'interval']),
        fix: `Give a whole number of ${abilities.windowStepMs / 1000} s.`,
      },
    );
  }
  if (!(interval >= SHORTEST_WINDOW_MS && interval <= LONGEST_WINDOW_MS)) {
    const isShort = interval < SHORTEST_WINDOW_MS;
    throw new UserError(`A look of ${analysis.interval} is too ${isShort ? 'short' : 'long'}.`, {
      where: locate(['analysis', 'interval']),
      fix: `Give at least ${SHORTEST_WINDOW_MS}ms and at most 24d, such as 1m.`,
    });
  }
  const seesPredictions = tellsCounts(metrics) ? metrics && 'command' in metrics : sees.predictions;
  if (predictions && !seesPredictions) {
    throw new UserError(`What predictions asks for is not to be had with ${name}.`, {
      where: locate(['predictions']),
      fix: 'Leave it out.',
    });
  }
}

function refuseParts({ steps = [], increment = 1 }: Rollout, name: string, locate: Locate): void {
  const step = steps.findIndex(({ weight }) => !Number.isInteger(weight));
  const [path, weight] =
    step < 0 ? [['increment'], increment] : [['steps', step, 'weight'], steps[step]!.weight];
  if (Number.isInteger(weight)) return;
  throw new UserError(`${weight} is no whole number of per cents, and ${name} splits by no other.`, {
    where: locate(path),
    fix: `Give ${Math.max(1, Math.round(weight))}.`,
  });
}

function refuseManySteps({ increment = 1 }: Rollout, locate: Locate): void {
  if (100 / increment <= MOST_STEPS) return;
  throw new UserError(`An increment of ${increment} makes more than ${formatNumber(MOST_STEPS)} steps.`, {
    where: locate(['increment']),
    fix: `Give ${100 / MOST_STEPS} or more.`,
  });
}

/** An arm that gets nothing, or much more than it was meant to, is compared all the same. */
function refuseSmallParts(
  rollout: Rollout,
  { name, smallestPercent = 0 }: TargetAbilities,
  locate: Locate,
): void {
  if (rollout.strategy !== 'canary' && rollout.strategy !== 'linear') return;
  const { steps } = makePlan(rollout);
  const index = steps.findIndex(({ weight }) => Math.min(weight, 100 - weight) < smallestPercent);
  if (index < 0) return;
  const least = Math.ceil(smallestPercent * 10) / 10;
  throw new UserError(
    `At a weight of ${steps[index]!.weight} one arm has less than ${least} per cent, and ${name} splits no smaller part off.`,
    {
      where: locate(rollout.strategy === 'linear' ? ['increment'] : ['steps', index, 'weight']),
      fix: `Give weights from ${least} to ${100 - least}.`,
    },
  );
}

/** Whether a source counts the requests of both arms, and not only measures of their servers. */
const tellsCounts = (metrics: Rollout['metrics']): boolean =>
  metrics !== undefined &&
  ('command' in metrics || ('prometheus' in metrics && metrics.requests !== undefined));

const tellsLatency = (metrics: Rollout['metrics']): boolean =>
  metrics !== undefined &&
  ('command' in metrics || ('prometheus' in metrics && metrics.latency !== undefined));
