/** Every call of a rollout, going wrong in every way; afterwards another run, or reconcile, ends it. */
import type { Fault } from './api-stand-in.ts';
import { sampleCluster } from './sample-cluster.ts';
import { expectSettled, type Runner, watchTraffic } from './settled.ts';
import { newWorld, type RunnerOptions, runReconcile, runRollout } from './whole-rollout.ts';

const FAULTS: Fault[] = [
  ...(['fails', 'throttled', 'hangs', 'takes effect and is lost'] as const),
  ...(['killed before', 'killed after'] as const),
];
const ANSWER_MS = 40;

/**
 * @param errorRate of the challenger.
 * @param every 1 for all cases; 6 for one way of going wrong for each call.
 * @returns how many cases there were.
 */
export async function runFaultMatrix(
  resource: RunnerOptions['resource'],
  errorRate: number,
  every: number,
): Promise<number> {
  const undisturbed = await runner(resource, errorRate);
  await runRollout(undisturbed);
  await undisturbed.cluster.close();
  const calls = undisturbed.cluster.asked.length;
  let cases = 0;
  for (const [index, kind] of FAULTS.entries()) {
    for (let at = 1; at <= calls; at += 1) {
      if ((at + index) % every !== 0) continue;
      await oneCase(await runner(resource, errorRate), kind, at);
      cases += 1;
    }
  }
  return cases;
}

async function runner(resource: RunnerOptions['resource'], errorRate: number): Promise<Runner> {
  const cluster = await sampleCluster(resource);
  cluster.behaviour.delay = 1;
  return { cluster, resource, errorRate, world: newWorld(), answerMs: ANSWER_MS };
}

async function oneCase(options: Runner, kind: Fault, at: number): Promise<void> {
  const { cluster, resource } = options;
  if (resource === 'httproute/churn') watchTraffic(cluster);
  const isKill = kind.startsWith('killed');
  cluster.fault = ({ number }) =>
    number === at ? kind : number > at && isKill ? 'killed before' : undefined;
  await runRollout(options).catch(() => undefined);
  cluster.fault = () => undefined;
  await (at % 2 === 0 ? runReconcile(options) : runRollout(options));
  expectSettled(options, `${resource}: ${kind} at call ${at}, ${cluster.asked[at - 1]?.what}`);
  await cluster.close();
}
