import { UserError } from '../../errors.ts';
import type { HashedModel } from '../../models/digest.ts';
import { checkAlias } from '../alias.ts';
import { hashedModel } from '../hashed-model.ts';
import { formatModelUri, formatRegistry, type ModelLocation } from '../model-uri.ts';
import type {
  AliasChange,
  AliasMove,
  AttachedFile,
  Attachment,
  Registry,
  RegistryOptions,
  Standing,
  StoredAttachment,
  StoredFile,
  Version,
  VersionDetails,
} from '../registry-interface.ts';
import { moveAlias } from './aliases.ts';
import type { MlflowApi, ModelVersion } from './api.ts';
import { type ArtifactStore, bucketFolder, MODEL_FOLDER, placeOf } from './artifact-store.ts';
import { putAttachment, readAllAttachments, readAttachments } from './attachments.ts';
import { readHistory } from './history-tags.ts';
import { describeVersion, digestByAlias, digestOf, firstOfEachDigest } from './known-versions.ts';
import { pullModelFiles, remarkOn, uploadModel } from './model-files.ts';
import type { ArtifactPlaces } from './open-artifacts.ts';
import { publish, refreshedTags, removeLater, versionsOf, versionTags } from './publish.ts';
import { removeVersion } from './removal.ts';
import { describeRun, ensureRun, type RunSubject } from './runs.ts';
import { standingOf, standingTags } from './standing.ts';

export interface MlflowOptions extends Pick<RegistryOptions, 'artifacts' | 'progress' | 'signal'> {
  now: () => Date;
  wait: (milliseconds: number) => Promise<void>;
}

/**
 * One registered model on a tracking server. A version of ours is a model version with the tag `mlops.digest`; it is
 * created when all that belongs to it lies there, so that whoever finds it finds it whole.
 */
export class MlflowRegistry implements Registry {
  readonly location: ModelLocation;
  readonly capabilities = {
    atomicAlias: false,
    atomicRemove: true,
    atomicAttach: true,
    // Tags, which MLflow's pages show beside the version and let people set.
    nativeStanding: true,
    freesBytes: true,
  };
  readonly #api: MlflowApi;
  readonly #places: ArtifactPlaces;
  readonly #options: MlflowOptions;

  constructor(location: ModelLocation, api: MlflowApi, places: ArtifactPlaces, options: MlflowOptions) {
    this.location = location;
    this.#api = api;
    this.#places = places;
    this.#options = options;
  }

  async resolve(reference: string): Promise<Version | undefined> {
    const digest = await this.#digestOf(reference);
    const [version] = digest ? await versionsOf(this.#api, this.#name, digest) : [];
    return version && describeVersion(this.location, version, await this.aliases());
  }

  async #digestOf(reference: string): Promise<string | undefined> {
    if (reference.startsWith('sha256:')) return reference;
    if (!/^\d+$/.test(reference)) return (await this.aliases())[reference];
    const version = await this.#api.version(this.#name, Number(reference));
    return version && digestOf(version);
  }

  async versions(): Promise<Version[]> {
    const all = await this.#api.versions(this.#name);
    const aliases = digestByAlias(await this.#api.model(this.#name), all);
    return firstOfEachDigest(all).map((version) => describeVersion(this.location, version, aliases));
  }

  async aliases(): Promise<Record<string, string>> {
    const model = await this.#api.model(this.#name);
    if (!model || model.aliases.length === 0) return digestByAlias(undefined, []);
    return digestByAlias(model, await this.#api.versions(this.#name));
  }

  async pushModel(
    model: string | HashedModel,
    options: { attachments?: Attachment[]; details?: VersionDetails } = {},
  ): Promise<{ digest: string; created: boolean }> {
    const { signal, now, wait } = this.#options;
    const { attachments = [], details } = options;
    const hashed = await hashedModel(model, signal);
    const { digest } = hashed;
    // What MLflow would refuse is said before anything is sent.
    versionTags(digest, details);
    const present = await removeLater(this.#api, this.#name, digest);
    if (present) {
      // What was lost or damaged since, as far as that can be seen, is stored again.
      await uploadModel(await this.#storeOf(present), hashed, this.#options);
      await this.#refresh(present, attachments, details);
      return { digest, created: false };
    }
    const name = this.#name;
    await this.#api.ensureModel(name, 'Versions registered by mlops-actions; mlops.digest names the files.');
    const run = await ensureRun(this.#api, this.#runSubject(digest), now());
    if (details) await describeRun(this.#api, run, details, now());
    const store = await this.#places.open(this.#artifactsOf(digest) ?? run.info.artifact_uri);
    await uploadModel(store, hashed, this.#options);
    for (const attachment of attachments) await putAttachment(store, attachment, this.#options);
    await this.#api.finishRun(run.info.run_id, now().getTime());
    const source = `${store.uri}/${MODEL_FOLDER}`;
    const remark = remarkOn(hashed);
    if (remark) this.#options.progress?.(`${name} ${digest}: ${remark}`);
    const given = { name, digest, source, runId: run.info.run_id, details, remark };
    const { version, created } = await publish(this.#api, given, wait);
    // The job that was faster may have used another run: then it has not what this one attached to its own.
    if (version.source !== source) await this.#refresh(version, attachments, undefined);
    return { digest, created };
  }

  /** What is known about a version that is there already. */
  async #refresh(
    version: ModelVersion,
    attachments: Attachment[],
    details: VersionDetails | undefined,
  ): Promise<void> {
    if (attachments.length > 0) {
      const store = await this.#storeOf(version);
      for (const attachment of attachments) await putAttachment(store, attachment, this.#options);
    }
    if (!details) return;
    for (const tag of refreshedTags(details)) {
      if (version.tags[tag.key] !== tag.value)
        await this.#api.setVersionTag(this.#name, version.version, tag);
    }
    const run = version.run_id ? await this.#api.run(version.run_id) : undefined;
    if (run) await describeRun(this.#api, run, details, this.#options.now());
  }

  async pullModel(digest: string, folder: string): Promise<void> {
    await pullModelFiles(await this.#storeOf(await this.#version(digest)), digest, folder, this.#options);
  }

  async attach(
    digest: string,
    role: string,
    files: AttachedFile[],
    annotations?: Record<string, string>,
  ): Promise<void> {
    const store = await this.#storeOf(await this.#version(digest));
    await putAttachment(store, { role, files, ...(annotations ? { annotations } : {}) }, this.#options);
  }

  async attachments(digest: string, role: string): Promise<StoredFile[]> {
    const [version] = await versionsOf(this.#api, this.#name, digest);
    if (!version) return [];
    const found = await readAttachments(await this.#storeOf(version), role);
    return found.toReversed().flatMap(({ files }) => files);
  }

  async allAttachments(digest: string): Promise<StoredAttachment[]> {
    const [version] = await versionsOf(this.#api, this.#name, digest);
    return version ? readAllAttachments(await this.#storeOf(version)) : [];
  }

  async standing(digest: string): Promise<Standing> {
    const version = await this.#version(digest);
    return standingOf(version.tags, `version ${version.version} of ${this.#name}`);
  }

  async setStanding(digest: string, change: Standing): Promise<void> {
    const version = await this.#version(digest);
    const present = standingOf(version.tags, `version ${version.version} of ${this.#name}`);
    const at = this.#options.now().toISOString();
    for (const tag of standingTags(present, { at, ...change })) {
      await this.#api.setVersionTag(this.#name, version.version, tag);
    }
  }

  async remove(digest: string): Promise<void> {
    await removeVersion(this.#api, this.#places, { name: this.#name, digest }, this.#options.now);
  }

  async moveAlias(alias: string, change: AliasChange): Promise<void> {
    checkAlias(alias);
    if (/^\d+$/.test(alias)) {
      throw new UserError(`The alias ${alias} reads as the number of a version in MLflow.`, {
        fix: 'Choose one with a letter in it.',
      });
    }
    const target = await this.#version(change.to);
    await moveAlias(this.#api, this.location, { alias, change, target }, this.#options);
  }

  async aliasHistory(alias: string): Promise<AliasMove[]> {
    return readHistory((await this.#api.model(this.#name))?.tags ?? {}, checkAlias(alias));
  }

  get #name(): string {
    return this.location.name;
  }

  #runSubject(digest: string): RunSubject {
    const artifacts = this.#artifactsOf(digest);
    return { name: this.#name, digest, ...(artifacts ? { artifacts } : {}) };
  }

  /** Where the bytes go when the user says where; below it every digest has a place of its own. */
  #artifactsOf(digest: string): string | undefined {
    const { artifacts } = this.#options;
    return artifacts && `${artifacts.replace(/\/+$/, '')}/${bucketFolder(this.#name, digest)}`;
  }

  async #version(digest: string): Promise<ModelVersion> {
    const [version] = await versionsOf(this.#api, this.#name, digest);
    if (version) return version;
    throw new UserError(`There is no model version ${digest} in ${formatRegistry(this.location)}.`, {
      fix: `Check the name and the reference: ${formatModelUri({ ...this.location, reference: digest })}.`,
    });
  }

  #storeOf(version: ModelVersion): Promise<ArtifactStore> {
    return this.#places.open(placeOf(version.source));
  }
}
