import { UserError } from '../../../../shared/errors.ts';
import type { TrafficWindow } from '../../engine/window.ts';
import { SplitChanged } from '../split-changed.ts';
import type { DeployedModel, Split, TargetState } from '../target.ts';
import type { ApiServer } from './api-server.ts';
import type { Arm, RolloutStore } from './rollout-store.ts';

export interface ClusterTargetOptions {
  api: ApiServer;
  store: RolloutStore;
  /** The URI of a version of which only the digest is known; empty where nothing tells. */
  uriOf: (digest: string) => string;
  progress: (message: string) => void;
}

/** Weights are set to a hundredth of a per cent. */
const ROUNDING = 0.006;

/** What serving in a cluster is whichever object splits the requests: a ConfigMap keeps the rollout. */
export abstract class ClusterTarget {
  readonly #store: RolloutStore;
  readonly #api: ApiServer;

  constructor({ api, store }: ClusterTargetOptions) {
    this.#api = api;
    this.#store = store;
  }

  /** How people end what serves: the object, and what they do. */
  protected abstract readonly ending: { what: string; how: string };

  /** Nothing is seen here: the counts come from the rollout's own source. */
  async windows(): Promise<TrafficWindow[]> {
    return [];
  }

  async saveProgress(progress: unknown): Promise<void> {
    await this.#store.writeProgress(progress);
  }

  async stop(): Promise<void> {
    throw new UserError(`The ${this.ending.what} serves users, and no job may end it.`, {
      where: { key: 'operation' },
      fix: `To end it, ${this.ending.how}.`,
    });
  }

  served(): Pick<TargetState, 'champion' | 'challenger'> {
    const { champion, challenger } = this.#store.state;
    return { champion: modelOf(champion), challenger: modelOf(challenger) };
  }

  async close(): Promise<void> {
    await this.#api.close();
  }

  /** How the requests are split now, or a sentence on what is wrong with it. */
  protected abstract lookAtSplit(challenger: Arm): Promise<Split | string>;

  async confirmSplit(): Promise<void> {
    const { challenger, splits } = this.#store.state;
    const wanted = splits?.at(-1);
    if (!challenger?.server || !splits || !wanted) return;
    const found = await this.lookAtSplit(challenger);
    const isOurs = typeof found !== 'string' && splits.some((one) => isSameSplit(one, found));
    if (!isOurs) throw new SplitChanged(this.ending.what, found, wanted);
  }

  /** Stored before it is set, so that what a run leaves that dies meanwhile is not taken for somebody else's. */
  protected async setAs(split: Split, set: () => Promise<void>): Promise<void> {
    const { splits } = this.#store.state;
    const isStored = !splits || splits.some((one) => isSameSplit(one, split));
    if (!isStored) await this.#store.write({ splits: [...splits, split] });
    await set();
    this.#store.note({ splits: [split] });
  }

  /** As the store has it, with the part of the requests that the challenger has. */
  protected stateWith(weight: number): TargetState {
    const { previous } = this.#store.state;
    return {
      ...this.served(),
      weight,
      previous: modelOf(previous),
      progress: this.#store.progress,
      lastSequence: 0,
    };
  }
}

const isSameSplit = (one: Split, other: Split): boolean =>
  one.mirror === other.mirror && Math.abs(one.weight - other.weight) < ROUNDING;

const modelOf = (arm: Arm | null): DeployedModel | null => arm && { digest: arm.digest, uri: arm.uri };
