/** Each operation in a file of its own; here is what they are given and what they give back. */

import type { Deployment, DeploymentEvent, DeploymentOutcome } from '../../../shared/records/deployment.ts';
import type { Verdict } from '../../../shared/records/envelope.ts';
import type { Rollout } from '../../../shared/records/rollout.ts';
import {
  openRegistry,
  parseModelUri,
  type Registry,
  type Version,
} from '../../../shared/registries/registry.ts';
import type { RolloutState } from '../engine/engine.ts';
import type { WeightChange } from '../engine/window.ts';
import type { Progress } from '../progress.ts';
import type { Locate } from '../refuse-unable.ts';
import type { DeployedModel, Target } from '../targets/target.ts';
import type { Traffic } from '../traffic.ts';

export interface Situation {
  target: Target;
  /** The registry of the model that a URI names. */
  registryOf: (model: Pick<DeployedModel, 'uri'>) => Promise<Registry>;
  signal: AbortSignal;
  now: () => Date;
  info: (message: string) => void;
  progress: (message: string) => void;
  /** Of the job, noted where an alias moves. */
  runUrl: string | undefined;
}

/** What `operation: run` was asked to do. */
export interface RunRequest {
  model: DeployedModel;
  /** The version that the alias names now. */
  aliased: Version | undefined;
  alias: string;
  rollout: Rollout;
  locate: Locate;
  traffic: Traffic | undefined;
  overrideReason: string | null;
  /** Whether the model may be deployed, and on what grounds. */
  gate: { allowed: boolean; reason: string };
}

/** What an operation did; `main.ts` makes the record of it. */
export interface OperationResult {
  outcome: DeploymentOutcome;
  verdict: Verdict;
  /** A plain-text sentence. */
  reason: string;
  /** The model that this is about. */
  subject: string;
  challenger: DeployedModel | null;
  champion: DeployedModel | null;
  serving: string | null;
  alias: Deployment['alias'];
  rollout: Rollout | null;
  state: RolloutState | null;
  /** Events beside those in `state`, in order, after them. */
  events: DeploymentEvent[];
  overrideReason: string | null;
  traffic: Deployment['traffic'];
  weights: WeightChange[];
  before: Deployment['before'];
  unused: string[];
}

/** Who drives a rollout, as this run notes it. */
export function driverOf({ runUrl, now }: Pick<Situation, 'runUrl' | 'now'>): Progress['driver'] {
  return { runUrl: runUrl ?? null, seenAt: now().toISOString(), kind: 'run' };
}

/** A result without a comparison; the caller overrides what differs. */
export function plainResult(
  result: Pick<OperationResult, 'outcome' | 'verdict' | 'reason' | 'subject'> & Partial<OperationResult>,
): OperationResult {
  return {
    challenger: null,
    champion: null,
    serving: null,
    alias: null,
    rollout: null,
    state: null,
    events: [],
    overrideReason: null,
    traffic: null,
    weights: [],
    before: [],
    unused: [],
    ...result,
  };
}

/** Opens registries by model URI. */
export function registryOpener(options: Parameters<typeof openRegistry>[1]): Situation['registryOf'] {
  return async ({ uri }) => {
    const location = parseModelUri(uri);
    if (!location) throw new TypeError(`${uri} is not a model URI`);
    return openRegistry(location, options);
  };
}

/** `Error: x` → `x`, in one line without its last full stop. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0]!.replace(/\.$/, '');
}
