/** Each operation in a file of its own; here is what they are given and what they give back. */

import type { Deployment, DeploymentEvent, DeploymentOutcome } from '../../../shared/records/deployment.ts';
import type { Locate } from '../../../shared/records/document.ts';
import type { Verdict } from '../../../shared/records/envelope.ts';
import { type Rollout, rolloutMilliseconds } from '../../../shared/records/rollout.ts';
import {
  openRegistry,
  parseModelUri,
  type Registry,
  type Version,
} from '../../../shared/registries/registry.ts';
import type { BeforeTraffic } from '../before/checks.ts';
import type { RolloutState } from '../engine/engine.ts';
import type { WeightChange } from '../engine/window.ts';
import type { Monitoring } from '../metrics/watched.ts';
import type { Progress } from '../progress.ts';
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
  /** Whether a schedule started this run, so that nobody stands behind it who could approve anything. */
  scheduled: boolean;
  /** Whether the target goes on serving when this job ends. */
  servesOn: boolean;
  /** Milliseconds after which a run that stored nothing is taken for dead. */
  staleAfterMs: number;
  /** How sources of metrics are asked; needed by rollouts that name one. */
  monitoring?: Monitoring | undefined;
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
  /** What the rollout asks for before any traffic, with its files read. */
  before: BeforeTraffic;
  /** Milliseconds after which the run leaves the rollout to a later one. */
  maxWaitMs: number;
  /** Whether the model may be deployed, and on what grounds; what is `unsafe` not even where the alias names it. */
  gate: { allowed: boolean; reason: string; unsafe?: boolean };
  /** What is wrong with the signature of a version, in sentences; left out where none is asked for. */
  signatureProblem?: (digest: string) => Promise<string | undefined>;
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
export function driverOf(
  { runUrl, now }: Pick<Situation, 'runUrl' | 'now'>,
  kind: Progress['driver']['kind'] = 'run',
): Progress['driver'] {
  return { runUrl: runUrl ?? null, seenAt: now().toISOString(), kind };
}

/** What is stored before a challenger is brought up, so that whoever finds it knows whose it is. */
export function firstProgress(
  situation: Situation,
  given: Pick<Progress, 'challenger' | 'champion' | 'alias' | 'rollout' | 'overrideReason'> &
    Partial<Progress>,
): Progress {
  return {
    version: 2,
    phase: 'rolling',
    driver: driverOf(situation),
    weights: [],
    state: null,
    startedAfter: 0,
    ...given,
  };
}

/** Length of a window where nothing is compared. */
export const QUIET_WINDOW_MS = 60_000;

/** A service may take so long to bring up a challenger, and nothing is stored meanwhile. */
const BRINGING_UP_MS = 3_600_000;
/** Between two looks nothing is stored either; one may be late. */
const LATE_LOOKS = 3;

/** Whether a run of another job drives the rollout and has stored something a short while ago. */
export function isAtWork(progress: Progress, { now, runUrl, staleAfterMs }: Situation): boolean {
  const { driver, phase, rollout, weights } = progress;
  if (driver.kind !== 'run' || phase === 'held' || phase === 'paused') return false;
  if (runUrl !== undefined && driver.runUrl === runUrl) return false;
  const bringingUp = phase === 'rolling' && weights.length === 0 ? BRINGING_UP_MS : 0;
  return unseenMs(progress, now()) < Math.max(staleAfterMs, bringingUp, lateLooksMs(rollout));
}

/** GitHub starts what a schedule asks for late, often by an hour and more. */
const LATE_SCHEDULE_MS = 3 * 3_600_000;

/** Whether `operation: continue`, to which a run left the rollout, has looked at it lately or may still do so. */
export function isContinued(progress: Progress, { now, staleAfterMs }: Situation): boolean {
  const { driver, phase, rollout } = progress;
  if (driver.kind !== 'schedule' || phase !== 'rolling') return false;
  return unseenMs(progress, now()) < Math.max(staleAfterMs, LATE_SCHEDULE_MS, lateLooksMs(rollout));
}

/** For how long nothing was stored. */
export const unseenMs = ({ driver }: Progress, now: Date): number =>
  now.getTime() - Date.parse(driver.seenAt);

const lateLooksMs = (rollout: Progress['rollout']): number =>
  rollout ? LATE_LOOKS * rolloutMilliseconds(rollout.analysis.interval) : 0;

/** `https://…, last seen 2026-01-01T00:00:00.000Z` */
export function describeDriver({ runUrl, seenAt }: Progress['driver']): string {
  return `${runUrl ?? 'a run outside GitHub'}, last seen at ${seenAt}`;
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
