/** Machines that are made for one job: launched before it, stopped after it, and looked for by a schedule. */
import { UserError } from '../../../shared/errors.ts';
import type { ActionResult, Deps } from '../../../shared/runtime/definition.ts';
import type { Given } from '../inputs.ts';
import { connectRunners } from '../runners/effects.ts';
import { launchRunner } from '../runners/launch.ts';
import { machineLimits } from '../runners/limits.ts';
import { runnerName } from '../runners/names.ts';
import { reapRunners } from '../runners/reap.ts';
import { launchRecord, sweepRecord } from '../runners/record.ts';
import { stopRunner } from '../runners/stop.ts';
import type { RunState } from '../state.ts';

const originOf = ({ name }: Given, deps: Deps<RunState>, repository: string) => ({
  ...{ name, repository, source: deps.source, createdAt: deps.now() },
});

/** @throws UserError for what is missing, and when there is no machine to be had. */
export async function launch(given: Given, deps: Deps<RunState>): Promise<ActionResult> {
  const began = deps.now().getTime();
  const limits = machineLimits(given);
  const effects = await connectRunners(deps, given.runnerToken);
  const job = { ...jobOf(deps.env), name: given.name, repository: effects.repository };
  const launched = await launchRunner(
    {
      ...job,
      runner: runnerName(job, deps.env),
      instanceTypes: given.instanceTypes ?? [],
      market: given.market,
      image: given.machineImage ?? '',
      subnets: given.subnets ?? [],
      securityGroups: given.securityGroups ?? [],
      instanceProfile: given.instanceProfile,
      labels: given.runnerLabels ?? [],
      group: given.runnerGroup,
      ...limits,
    },
    effects,
    (launchState) => deps.saveState({ training: null, launch: launchState, liveCheck: null }),
  );
  const seconds = (deps.now().getTime() - began) / 1000;
  const record = launchRecord(launched, seconds, originOf(given, deps, effects.repository));
  return { record, outputs: { 'runner-label': launched.runner } };
}

export async function stop(given: Given, deps: Deps<RunState>): Promise<ActionResult> {
  requireEc2(given);
  const effects = await connectRunners(deps, given.runnerToken);
  const swept = await stopRunner({ run: jobOf(deps.env).run, name: given.name }, effects);
  return { record: sweepRecord('stop', swept, originOf(given, deps, effects.repository)) };
}

export async function reap(given: Given, deps: Deps<RunState>): Promise<ActionResult> {
  requireEc2(given);
  const effects = await connectRunners(deps, given.runnerToken);
  const swept = await reapRunners(effects);
  return { record: sweepRecord('reap', swept, originOf(given, deps, effects.repository)) };
}

function requireEc2({ runner, operation }: Given): void {
  if (runner === 'ec2') return;
  throw new UserError(`operation: ${operation} is about machines that were launched, and runner is none.`, {
    where: { key: 'runner' },
    fix: 'Set runner: ec2.',
  });
}

function jobOf(env: NodeJS.ProcessEnv): { run: string; attempt: number } {
  return { run: env.GITHUB_RUN_ID ?? '', attempt: Number(env.GITHUB_RUN_ATTEMPT ?? 1) };
}
