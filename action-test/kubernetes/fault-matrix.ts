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
  const cases = FAULTS.flatMap((kind, index) =>
    Array.from({ length: calls }, (_, call) => ({ kind, at: call + 1 })).filter(
      ({ at }) => (at + index) % every === 0,
    ),
  );
  const left = cases.values();
  const lane = async () => {
    for (const { kind, at } of left) await oneCase(await runner(resource, errorRate), kind, at);
  };
  // Two at a time: a quarter of a case is waiting for what does not answer.
  await Promise.all([lane(), lane()]);
  return cases.length;
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
