/** Whole rollouts against an API server: what a runner does, with the counts that a monitoring would give. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NOTHING_BEFORE } from '../../actions/canary-deploy/before/checks.ts';
import { memoryRegistry, type World } from '../../actions/canary-deploy/fixtures/memory-target.ts';
import { CountedTraffic } from '../../actions/canary-deploy/fixtures/simulated-windows.ts';
import { abortByHand, promoteByHand } from '../../actions/canary-deploy/operations/by-hand.ts';
import type {
  OperationResult,
  RunRequest,
  Situation,
} from '../../actions/canary-deploy/operations/operation.ts';
import { reconcile } from '../../actions/canary-deploy/operations/reconcile.ts';
import { run } from '../../actions/canary-deploy/operations/run.ts';
import { openKubernetesTarget } from '../../actions/canary-deploy/targets/kubernetes/open.ts';
import type { Target } from '../../actions/canary-deploy/targets/target.ts';
import { rolloutSchema } from '../../shared/records/rollout.ts';
import type { Registry } from '../../shared/registries/registry.ts';
import { model, type SampleResource } from './sample-cluster.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const ROLLOUT = rolloutSchema.parse({
  version: 1,
  steps: [{ weight: 25, bake: '1m' }],
  analysis: { interval: '1m', max_extend: '20m' },
});

export interface RunnerOptions {
  cluster: { kubeconfig(): string };
  resource: SampleResource;
  /** Share of the challenger's requests that fail. */
  errorRate?: number;
  /** Where the registry's alias points. */
  world: Pick<World, 'alias' | 'standing' | 'moves'>;
  answerMs?: number;
  /** Called before a look is taken, with its number. */
  beforeLook?: (look: number) => unknown;
}

export function newWorld(): Pick<World, 'alias' | 'standing' | 'moves'> {
  return { alias: model('a').digest, standing: {}, moves: [] };
}

/** Opens the target as a runner would. */
export async function openTarget(
  options: RunnerOptions,
  signal = new AbortController().signal,
): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  const file = join(folder, 'config');
  await writeFile(file, options.cluster.kubeconfig());
  const registry = memoryRegistry(options.world as World);
  try {
    return await openKubernetesTarget(
      {
        name: 'churn',
        model: `oci-layout:r/churn@${model('b').digest}`,
        kubernetesResource: options.resource,
        storageUri: options.resource === 'httproute/churn' ? undefined : 's3://models/churn/$digest',
      },
      {
        env: { KUBECONFIG: file },
        signal,
        log: { mask: () => undefined, progress: () => undefined },
        registryOf: async () => ({ ...registry, attachments: async () => [] }) as unknown as Registry,
        bounds: { answerMs: options.answerMs ?? 1_000, allTriesMs: 3_000, pauseMs: 1, settleMs: 5_000 },
      },
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function situationOf(options: RunnerOptions, target: Target): Promise<Situation> {
  const registry = memoryRegistry(options.world as World);
  return {
    target,
    registryOf: async () => registry as Registry,
    signal: new AbortController().signal,
    now: () => NOW,
    info: () => undefined,
    progress: () => undefined,
    runUrl: undefined,
    scheduled: false,
    servesOn: true,
    staleAfterMs: 0,
  };
}

const requestFor = (alias: string | null, letter = 'b'): RunRequest => ({
  model: model(letter),
  aliased:
    alias === null ? undefined : { ...model(letter), digest: alias, version: '', aliases: ['champion'] },
  alias: 'champion',
  rollout: ROLLOUT,
  locate: () => ({}),
  traffic: undefined,
  overrideReason: null,
  before: NOTHING_BEFORE,
  maxWaitMs: 3_600_000,
  gate: { allowed: true, reason: '' },
});

/** `operation: run`, from the opening of the target to its end. */
export async function runRollout(options: RunnerOptions, letter = 'b'): Promise<OperationResult> {
  const target = withCounts(await openTarget(options), options);
  const situation = await situationOf(options, target);
  return run(situation, requestFor(options.world.alias, letter)).finally(() => target.close());
}

export async function runReconcile(options: RunnerOptions): Promise<OperationResult> {
  const target = withCounts(await openTarget(options), options);
  const later = new Date(NOW.getTime() + 2 * 3_600_000);
  const situation = { ...(await situationOf(options, target)), now: () => later };
  return reconcile(situation, undefined).finally(() => target.close());
}

/** What a person asks for. */
export async function runByHand(options: RunnerOptions, what: 'promote' | 'abort'): Promise<OperationResult> {
  const target = await openTarget(options);
  const situation = await situationOf(options, target);
  return (what === 'promote' ? promoteByHand : abortByHand)(situation).finally(() => target.close());
}

/** The target with what a monitoring would count: the engine is told which weight held. */
function withCounts(target: Target, { errorRate = 0, beforeLook }: RunnerOptions): Target {
  const traffic = new CountedTraffic({
    ...{ seed: 3, requestsPerMinute: 3_000 },
    champion: () => ({ errorRate: 0 }),
    challenger: () => ({ errorRate }),
  });
  let weight = 0;
  let looks = 0;
  const windows: Target['windows'] = async () => {
    looks += 1;
    beforeLook?.(looks);
    return [traffic.window(weight)];
  };
  const setSplit: Target['setSplit'] = async (split) => {
    await target.setSplit(split);
    ({ weight } = split);
  };
  return new Proxy(target, {
    get(of, name) {
      if (name === 'windows') return windows;
      if (name === 'setSplit') return setSplit;
      const member: unknown = Reflect.get(of, name, of);
      return typeof member === 'function' ? member.bind(of) : member;
    },
  });
}
