/**
 * A target is where models serve. The engine knows it only through this interface: read the state, prepare a
 * challenger, set weights, read counts, promote, restore, clean up. Whatever a call does must be safe to repeat, and
 * between any two calls the traffic is with the champion, with the challenger, or with both.
 */
import type { Locate } from '../../../shared/records/document.ts';
import type { Rollout, RolloutStrategy } from '../../../shared/records/rollout.ts';
import type { TrafficWindow } from '../engine/window.ts';

/** A registered model version. */
export interface DeployedModel {
  digest: string;
  /** `<registry>/<name>@<digest>`. */
  uri: string;
}

/** What came back of one request. */
export interface Answer {
  /** Of HTTP; 0 when there was no answer. */
  status: number;
  text: string;
  milliseconds: number;
  /** Which arm answered, where the answer says so. */
  arm?: 'champion' | 'challenger';
}

/** A way to one model, or to whichever the weights choose. Nothing here throws: an answer of status 0 says it all. */
export interface ModelDoor {
  /** For people. */
  place: string;
  /** Whether it is ready: `GET /ping`, or what the service has in its place. */
  ping(signal?: AbortSignal): Promise<boolean>;
  /** @param body one JSON document. */
  invoke(body: string, signal?: AbortSignal): Promise<Answer>;
}

/** Rejects with a UserError when the challenger must not get traffic. @param champion null when nothing serves. */
export type Check = (challenger: ModelDoor, champion: ModelDoor | null) => Promise<void>;

/** What a target can do; what a rollout asks for beyond it is refused before anything is started. */
export interface TargetAbilities {
  /** For people: `the local target`. */
  name: string;
  strategies: readonly RolloutStrategy[];
  /** What its own windows tell; a source of metrics in the rollout file may tell more. */
  sees: { counts: boolean; latency: boolean; predictions: boolean };
  /** A look is a whole number of these: CloudWatch has one value a minute. Milliseconds. */
  windowStepMs: number;
  /** Whether it goes on serving when the job ends. */
  outlivesJob: boolean;
  /** `false` where no request can be sent to a challenger that has no traffic. */
  reachesIdle?: false;
  /** Where no split finer than by whole per cents can be set. */
  wholePercents?: true;
  /** Per cent below which an arm cannot have a part of the requests beside the other one; left out, any part goes. */
  smallestPercent?: number;
}

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

/** How requests are split. */
export interface Split {
  /** Per cent of the requests that the challenger answers, 0 to 100. */
  weight: number;
  /** Whether the challenger also gets copies of the champion's requests, whose answers nobody sees. */
  mirror: boolean;
}

/** How a rollout ended that the service carried out. */
export interface ShiftEnd {
  /** Null where the service is still at work, and this run may wait no longer. */
  promoted: boolean | null;
  /** A clause for people. */
  reason: string;
}

/**
 * Of a target whose service can shift the traffic by itself and take it back: nothing is looked at or decided here, it
 * is only watched to its end.
 */
export interface ServiceRollouts {
  /** Whether the inputs ask for it. */
  readonly isWanted: boolean;
  /** @throws UserError for what the rollout asks for and the service cannot do. */
  refuse(rollout: Rollout, locate: Locate): void;
  /**
   * Shifts all traffic to a model and resolves when the service has ended, one way or the other, or waits no longer.
   * @param watching.until milliseconds since 1970. @param watching.note told of each new share of traffic, in per cent.
   * @throws UserError when the service was not asked at all: then nothing has changed.
   */
  shift(
    model: DeployedModel,
    rollout: Rollout,
    watching: { until: number; note: (weight: number, reason: string) => void },
  ): Promise<ShiftEnd>;
  /** What serves and is stored while the service is at work, and how that looks; undefined where it is not. */
  atWork(): Promise<
    (Pick<TargetState, 'champion' | 'challenger' | 'progress'> & { status: string }) | undefined
  >;
  /** Gives all traffic back to the champion before, after a shift that ended well. */
  undo(): Promise<void>;
}

export interface Target {
  readonly abilities: TargetAbilities;
  /** Where the service behind it can shift the traffic by itself. */
  readonly byService?: ServiceRollouts;
  /** What is, after whatever an interrupted run left half done has been finished or undone. */
  read(): Promise<TargetState>;
  /**
   * Brings up a challenger without traffic. When it cannot be started or `check` fails, everything is as before.
   * @param windowMs length of the windows from now on.
   */
  prepare(model: DeployedModel, windowMs: number, check: Check): Promise<void>;
  /** Resolves when the split is in force. */
  setSplit(split: Split): Promise<void>;
  /**
   * Windows that are over, with a sequence above `after`, oldest first.
   * @param slowerThanMs the threshold for `slow`; null before there is one.
   */
  windows(after: number, slowerThanMs: number | null): Promise<TrafficWindow[]>;
  /** Mends what keeps users from the split that is wanted; called between looks whose counts come from elsewhere. */
  attend?(): Promise<void>;
  /**
   * Called before a look is taken and before the rollout goes on, where people may change the split past this action.
   * @throws SplitChanged when somebody did: it is to be left as it is.
   */
  confirmSplit?(): Promise<void>;
  /** Keeps what is needed to take up the rollout after a crash, where any runner finds it; undefined forgets it. */
  saveProgress(progress: unknown): Promise<void>;
  /**
   * Whether this model is still there to be promoted, or is the champion already: asked before the alias moves, where
   * others may have changed that since the last call.
   */
  stillHas?(digest: string): Promise<boolean>;
  /** The challenger, this model, becomes the champion with all traffic; the old one ends when its requests have. */
  promote(digest: string): Promise<void>;
  /** All traffic to the champion; the challenger ends when its requests have. */
  restore(): Promise<void>;
  /** Ends everything. @throws UserError where a target serves users that no job may leave without a model. */
  stop(): Promise<void>;
  /** What was stored last, without starting or ending anything. */
  served(): Pick<TargetState, 'champion' | 'challenger'>;
  /** The way that users take; null when nothing serves. */
  entrance(): ModelDoor | null;
  /** The address at which users reach the model, for people and records; null when nothing serves. */
  address(): string | null;
  /** What monitoring calls the servers of an arm: host and port, a variant, a service; null when it does not run. */
  serverName(arm: 'champion' | 'challenger'): string | null;
  /** What exists and serves nobody, by name, because it could not be removed (a permission, a service that is busy). */
  unused(): Promise<string[]>;
  /** What was made for a challenger and is removed again, by name, where that is more than the challenger itself. */
  undone?(): readonly string[];
  /** Frees what only this run holds, such as the lock. Serving goes on. */
  close(): Promise<void>;
}
