/**
 * A target is where models serve. The engine knows it only through this interface: read the state, prepare a
 * challenger, set weights, read counts, promote, restore, stop. Whatever a call does must be safe to repeat, and
 * between any two calls the traffic is with the champion, with the challenger, or with both.
 */
import type { TrafficWindow } from '../engine/window.ts';

/** A registered model version. */
export interface DeployedModel {
  digest: string;
  /** `<registry>/<name>@<digest>`. */
  uri: string;
}

/** Rejects when what answers at this address must not get traffic. */
export type Check = (address: string) => Promise<void>;

export interface TargetState {
  /** Has the traffic that the challenger has not; null when nothing serves. */
  champion: DeployedModel | null;
  challenger: DeployedModel | null;
  /** Per cent of the requests that go to the challenger. */
  weight: number;
  /** The champion before this one. */
  previous: DeployedModel | null;
  /** What the last run stored by `saveProgress`; undefined when no rollout is under way. */
  progress: unknown;
  /** Sequence of the last window that is over. */
  lastSequence: number;
}

export interface Target {
  /** What is, after whatever an interrupted run left half done has been finished or undone. */
  read(): Promise<TargetState>;
  /**
   * Brings up a challenger without traffic. When it cannot be started or `check` fails, everything is as before.
   * @param windowMs length of the windows from now on.
   */
  prepare(model: DeployedModel, windowMs: number, check: Check): Promise<void>;
  /** @param weight per cent of the requests for the challenger. */
  setWeight(weight: number): Promise<void>;
  /** Windows that are over, with a sequence above `after`. */
  windows(after: number): Promise<TrafficWindow[]>;
  /** Keeps what is needed to take up the rollout after a crash; undefined forgets it. */
  saveProgress(progress: unknown): Promise<void>;
  /** The challenger becomes the champion with all traffic; the old one ends when its requests have. */
  promote(): Promise<void>;
  /** All traffic to the champion; the challenger ends when its requests have. */
  restore(): Promise<void>;
  /** Ends everything. */
  stop(): Promise<void>;
  /** What was stored last, without starting or ending anything. */
  served(): Pick<TargetState, 'champion' | 'challenger'>;
  /** The address at which users reach the model; null when nothing serves. */
  address(): string | null;
  /** Frees what only this run holds, such as the lock. Serving goes on. */
  close(): Promise<void>;
}
