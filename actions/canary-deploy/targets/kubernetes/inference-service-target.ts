/**
 * The target of a KServe InferenceService in serverless mode: each change of it is a revision, of which the newest gets
 * `canaryTrafficPercent` and the one before the rest.
 */
import { UserError } from '../../../../shared/errors.ts';
import type {
  Check,
  DeployedModel,
  ModelDoor,
  Split,
  Target,
  TargetAbilities,
  TargetState,
} from '../target.ts';
import { ClusterTarget, type ClusterTargetOptions } from './cluster-target.ts';
import { championOfService } from './found-champion.ts';
import type { InferenceService } from './kinds.ts';
import type { Arm } from './rollout-store.ts';
import { place, setPercent, storageUriOf } from './service-model.ts';
import {
  awaitRevision,
  awaitTraffic,
  percentOfRevision,
  readyRevision,
  refuseRaw,
  servingRevision,
} from './service-revisions.ts';

const ABILITIES: TargetAbilities = {
  name: 'the target kubernetes with an InferenceService',
  strategies: ['canary', 'linear', 'blue-green', 'all-at-once'],
  sees: { counts: false, latency: false, predictions: false },
  windowStepMs: 1,
  outlivesJob: true,
  reachesIdle: false,
  wholePercents: true,
};

export interface InferenceServiceTargetOptions extends ClusterTargetOptions {
  /** Name of the InferenceService. */
  service: string;
  /** Where a model lies, for `storageUri`. */
  locate: (model: DeployedModel) => Promise<string>;
  /** The digest of the version at a place, where the place tells. */
  digestAt: (storageUri: string) => string | undefined;
}

export class InferenceServiceTarget extends ClusterTarget implements Target {
  readonly abilities = ABILITIES;
  readonly #options: InferenceServiceTargetOptions;
  #service: InferenceService | null = null;

  constructor(options: InferenceServiceTargetOptions) {
    super(options);
    this.#options = options;
  }

  protected get ending() {
    const { service } = this.#options;
    return { what: `InferenceService ${service}`, how: `run: kubectl delete inferenceservice ${service}` };
  }

  async read(): Promise<TargetState> {
    const { store } = this.#options;
    await store.read();
    let service = await this.#look();
    // The challenger was not there yet, or is on its way back: nobody can go on with it.
    const left = store.state.challenger;
    if (left && storageUriOf(service) !== left.storageUri) {
      await this.restore();
      service = await this.#look();
    }
    const { champion, challenger } = store.state;
    // Without a rollout of ours the champion is what is there, whoever put it there.
    if (!challenger && champion?.storageUri !== storageUriOf(service))
      await store.write({ champion: championOfService(service, this.#options) });
    await store.learnUri(this.#options.uriOf);
    if (challenger?.server) {
      await this.#inForce(challenger.server, service.spec.predictor.canaryTrafficPercent ?? 100);
      service = await this.#look();
    }
    return this.stateWith(challenger?.server ? percentOfRevision(service, challenger.server) : 0);
  }

  async prepare(model: DeployedModel, _windowMs: number, check: Check): Promise<void> {
    const { api, store, service: name, locate, progress } = this.#options;
    const before = await store.read();
    if (before.challenger && before.challenger.digest !== model.digest) await this.restore();
    const { champion } = store.state;
    if (!champion) throw new Error('there is no champion');
    const storageUri = await locate(model);
    if (storageUri === champion.storageUri) throw samePlace(storageUri);
    const arm = { digest: model.digest, uri: model.uri, storageUri };
    try {
      const found = await this.#look();
      // Whoever restarted it made a new revision of the same model.
      const isServing = storageUriOf(found) === champion.storageUri;
      const serving = isServing ? (servingRevision(found) ?? champion.server) : champion.server;
      const known = store.state.challenger?.server ?? null;
      await store.write({
        champion: { ...champion, server: serving },
        challenger: { ...arm, server: known },
        splits: [{ weight: 0, mirror: false }],
      });
      await api.modify('InferenceService', name, (service) => {
        refuseRaw(service);
        place(service, arm);
        setPercent(service, 0);
      });
      const server = await awaitRevision(api, name, { other: serving, isNew: true, progress });
      await store.write({ challenger: { ...arm, server } });
      await this.#inForce(server, 0);
      await check(this.#door(server), null);
    } catch (error) {
      await this.restore();
      throw error;
    }
  }

  async setSplit({ weight, mirror }: Split): Promise<void> {
    if (mirror || !Number.isInteger(weight))
      throw new TypeError('an InferenceService splits by whole per cents');
    const { challenger } = await this.#options.store.read();
    if (!challenger?.server) {
      if (weight === 0) return;
      throw new Error('there is no challenger');
    }
    await this.#divide(challenger.server, weight);
  }

  async promote(): Promise<void> {
    const { store } = this.#options;
    const { champion, challenger } = await store.read();
    if (!challenger) {
      if (champion) return;
      throw new Error('there is no challenger');
    }
    if (!challenger.server) throw new Error('the challenger has no revision');
    await this.#setPercent(undefined);
    await this.#inForce(challenger.server, 100);
    await store.write({ champion: challenger, challenger: null, previous: champion });
    await this.#look();
  }

  async restore(): Promise<void> {
    const { api, store, service: name, progress } = this.#options;
    const { champion, challenger } = await store.read();
    if (!challenger || !champion) return;
    const found = await api.get('InferenceService', name);
    const isBack = storageUriOf(found) === champion.storageUri;
    if (!isBack) {
      await this.#divide(challenger.server, 0);
    }
    // A cancelled run has seconds: the traffic is where it belongs, and reconcile does the rest.
    if (api.isCancelled) return;
    // A revision of the champion once more: until it is ready the one before has all requests.
    await api.modify('InferenceService', name, (service) => place(service, champion));
    const server = await awaitRevision(api, name, { other: challenger.server, isNew: false, progress });
    await this.#setPercent(undefined);
    await this.#inForce(server, 100);
    await store.write({ champion: { ...champion, server }, challenger: null });
    await this.#look();
  }

  /** Its protocol is the model's own: no request of a traffic file can be sent to it. */
  entrance(): ModelDoor | null {
    return null;
  }

  address(): string | null {
    return this.#service?.status?.url ?? null;
  }

  serverName(arm: 'champion' | 'challenger'): string | null {
    const { champion, challenger } = this.#options.store.state;
    if (arm === 'challenger') return challenger?.server ?? null;
    // Whoever restarts it makes a new revision of the same model.
    const serving = !challenger && this.#service ? servingRevision(this.#service) : undefined;
    return serving ?? champion?.server ?? null;
  }

  async unused(): Promise<string[]> {
    const { store, service: name } = this.#options;
    const { challenger } = store.state;
    if (!challenger) return [];
    const service = await this.#look();
    if (challenger.server && percentOfRevision(service, challenger.server) > 0) return [];
    return [`the revision ${challenger.server ?? 'being made'} of the InferenceService ${name}`];
  }

  async #look(): Promise<InferenceService> {
    const { api, service } = this.#options;
    this.#service = await api.get('InferenceService', service);
    return this.#service;
  }

  protected async lookAtSplit({ storageUri }: Arm): Promise<Split | string> {
    const service = await this.#look();
    const address = storageUriOf(service);
    if (address !== storageUri) return `Its model lies at ${address}, which is not the challenger's.`;
    return { weight: service.spec.predictor.canaryTrafficPercent ?? 100, mirror: false };
  }

  /** @param revision of the challenger; null while it has no name, so that nothing can be waited for. */
  #divide(revision: string | null, weight: number): Promise<void> {
    return this.setAs({ weight, mirror: false }, async () => {
      await this.#setPercent(weight);
      if (revision) await this.#inForce(revision, weight);
    });
  }

  async #setPercent(percent: number | undefined): Promise<void> {
    const { api, service } = this.#options;
    await api.modify('InferenceService', service, (object) => setPercent(object, percent));
  }

  #inForce(revision: string, percent: number): Promise<void> {
    const { api, service, progress } = this.#options;
    return awaitTraffic(api, service, { revision, percent, progress });
  }

  /** Ready is what KServe says of it. */
  #door(revision: string): ModelDoor {
    return {
      place: `the revision ${revision}`,
      ping: async () => readyRevision(await this.#look()) === revision,
      invoke: async () => ({ status: 0, text: '', milliseconds: 0 }),
    };
  }
}

const samePlace = (storageUri: string): UserError =>
  new UserError(`The champion and the challenger lie at the same address, ${storageUri}.`, {
    where: { key: 'storage-uri' },
    fix: 'Let storage-uri have $digest in it, and copy each version to where it says.',
  });
