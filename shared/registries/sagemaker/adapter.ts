import type { ObjectStore } from '../../aws/object-store.ts';
import { inParallel } from '../../concurrency/parallel.ts';
import { UserError } from '../../errors.ts';
import type { HashedModel } from '../../models/digest.ts';
import { sha256 } from '../../records/canonical-json.ts';
import { checkAlias } from '../alias.ts';
import { hashedModel } from '../hashed-model.ts';
import { FILE_PATH_ANNOTATION, parseManifest } from '../manifest.ts';
import { formatModelUri, type ModelLocation } from '../model-uri.ts';
import { pullFiles } from '../pull-files.ts';
import { missing } from '../refusals.ts';
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
import { removedMeanwhile, staysAfterMove } from '../removal-mark.ts';
import { isBundleRole } from '../roles.ts';
import { moveAliasObject, readAliases, readMoves } from './aliases.ts';
import { putAttachment, readAllAttachments, readAttachments } from './attachments.ts';
import { mendObject } from './documents.ts';
import { manifestKey, modelFolder } from './keys.ts';
import { type KnownPackage, KnownPackages } from './known-packages.ts';
import { lifeCycleOf } from './package-fields.ts';
import { ArtifactPlace } from './place.ts';
import { registerPackage } from './registration.ts';
import { hasObjects, removalMark, removePackage } from './removal.ts';
import type { SageMakerService } from './service.ts';
import { changeStanding, readStanding, writeStandingWords } from './standing.ts';

/** One model in the registry of SageMaker: a group of packages, and objects in S3 for what SageMaker has no field for. */
export class SageMakerRegistry implements Registry {
  readonly location: ModelLocation;
  readonly #service: SageMakerService;
  readonly #options: RegistryOptions;
  readonly #place: ArtifactPlace;
  readonly #packages: KnownPackages;
  readonly #now: () => Date;

  constructor(location: ModelLocation, service: SageMakerService, options: RegistryOptions) {
    this.location = location;
    this.#service = service;
    this.#options = options;
    this.#place = new ArtifactPlace(service, options);
    this.#packages = new KnownPackages(service);
    this.#now = options.now ?? (() => new Date());
  }

  /** Amazon's S3 holds to conditions of writes; of another server it is known after the first write. */
  get capabilities() {
    const isConditional = this.#place.opened?.isConditional ?? true;
    return {
      atomicAlias: isConditional,
      atomicRemove: true,
      atomicAttach: isConditional,
      nativeStanding: true,
      freesBytes: true,
    };
  }

  async resolve(reference: string): Promise<Version | undefined> {
    const store = await this.#place.find();
    if (!store) return undefined;
    const known = await this.#packages.all();
    const aliases = await readAliases(store, this.location.name);
    const digest = reference.startsWith('sha256:') ? reference : aliases[reference];
    const found = known.find((entry) =>
      digest === undefined ? String(entry.version) === reference : entry.digest === digest,
    );
    if (found) return this.#describe(found, aliases);
    if (digest === undefined && /^\d+$/.test(reference)) await this.#refuseForeign(reference);
    return undefined;
  }

  /** @throws UserError when there is a package of this number that is none of ours. */
  async #refuseForeign(reference: string): Promise<void> {
    const packages = await this.#service.packages();
    if (!packages.some((entry) => String(entry.version) === reference)) return;
    throw new UserError(
      `Version ${reference} of ${this.location.name} was not registered by register-model.`,
      {
        fix: 'It has no mlops.digest, so nothing can be verified: register the model with register-model.',
      },
    );
  }

  async versions(): Promise<Version[]> {
    const store = await this.#place.find();
    if (!store) return [];
    const aliases = await readAliases(store, this.location.name);
    return (await this.#packages.all()).map((entry) => this.#describe(entry, aliases));
  }

  async aliases(): Promise<Record<string, string>> {
    const store = await this.#place.find();
    return store ? readAliases(store, this.location.name) : {};
  }

  async pushModel(
    model: string | HashedModel,
    options: { attachments?: Attachment[]; details?: VersionDetails } = {},
  ): Promise<{ digest: string; created: boolean }> {
    const hashed = await hashedModel(model, this.#options.signal);
    const { digest } = hashed;
    const { attachments = [], details } = options;
    // Said before anything is sent.
    if (details?.standing.stage !== undefined) lifeCycleOf(details.standing.stage);
    const store = await this.#place.ensure();
    await this.#putFiles(store, hashed);
    for (const attachment of attachments) await this.#putAttachment(store, digest, attachment);
    if (await this.#packages.find(digest)) return { digest, created: false };
    if (details && Object.values(details.standing).some((value) => value !== undefined)) {
      const words = { at: this.#now().toISOString(), ...details.standing };
      await writeStandingWords(store, this.location.name, digest, words);
    }
    const { progress } = this.#options;
    const registering = { service: this.#service, store, packages: this.#packages, progress };
    return { digest, created: await registerPackage(registering, digest, details) };
  }

  /** The files, and last the manifest that names them. */
  async #putFiles(store: ObjectStore, { digest, files, manifest }: HashedModel): Promise<void> {
    const { name } = this.location;
    await inParallel(files, async ({ path, size, digest: file, location }) => {
      this.#options.progress?.(`Storing ${path} (${size} bytes)`);
      await store.put(modelFolder(name, digest) + path, { path: location, size, digest: file });
    });
    await store.put(manifestKey(name, digest), {
      bytes: manifest,
      size: manifest.length,
      digest: sha256(manifest),
    });
  }

  async pullModel(digest: string, folder: string): Promise<void> {
    const { store } = await this.#version(digest);
    const { name } = this.location;
    const stored = await store.read(manifestKey(name, digest), digest);
    if (!stored) throw missing(`manifest of the model version ${digest}`, this.location);
    const manifest = parseManifest(stored.bytes, digest);
    const paths = new Map(
      manifest.layers.map((layer) => [layer.digest, layer.annotations?.[FILE_PATH_ANNOTATION] ?? '']),
    );
    const reader = {
      openBlob: (file: string) => store.open(modelFolder(name, digest) + (paths.get(file) ?? '')),
      mend: (file: string) => mendObject(store, modelFolder(name, digest) + (paths.get(file) ?? '')),
    };
    await pullFiles(reader, manifest, digest, folder, this.#options);
  }

  async attach(
    digest: string,
    role: string,
    files: AttachedFile[],
    annotations?: Record<string, string>,
  ): Promise<void> {
    const { store } = await this.#version(digest);
    await this.#putAttachment(store, digest, { role, files, ...(annotations ? { annotations } : {}) });
  }

  async attachments(digest: string, role: string): Promise<StoredFile[]> {
    const store = await this.#place.find();
    const found = store ? await readAttachments(store, this.location.name, digest, role) : [];
    const counting = isBundleRole(role) ? found.toReversed() : found.slice(-1);
    return counting.flatMap((attachment) => attachment.files);
  }

  async allAttachments(digest: string): Promise<StoredAttachment[]> {
    const store = await this.#place.find();
    return store ? readAllAttachments(store, this.location.name, digest) : [];
  }

  async standing(digest: string): Promise<Standing> {
    const store = await this.#place.find();
    const found = store && (await this.#packages.find(digest));
    const described = found && (await this.#service.untilSeen(() => this.#service.describe(found.arn)));
    return described ? readStanding(store, this.location.name, digest, described) : {};
  }

  async setStanding(digest: string, change: Standing): Promise<void> {
    const { store, found } = await this.#version(digest);
    await changeStanding(this.#service, store, digest, { arn: found.arn, change, now: this.#now });
  }

  async remove(digest: string): Promise<void> {
    const store = await this.#place.find();
    if (!store) return;
    const subject = { service: this.#service, packages: this.#packages, digest };
    await removePackage(store, subject, this.#now);
  }

  async moveAlias(alias: string, change: AliasChange): Promise<void> {
    checkAlias(alias);
    const { store } = await this.#version(change.to);
    const wasConditional = store.isConditional;
    const { name } = this.location;
    const takeBack = await moveAliasObject(store, name, alias, change, this.#now);
    const stays = await staysAfterMove(removalMark(store, name, change.to), {
      now: this.#now,
      wait: (milliseconds) => this.#service.wait(milliseconds),
      isThere: () => hasObjects(store, name, change.to),
    });
    if (!stays) {
      await takeBack();
      throw removedMeanwhile(alias, change.to, this.location);
    }
    if (wasConditional && !store.isConditional) {
      this.#options.progress?.(
        'This S3 server knows no conditional writes: an alias that two jobs move at once follows the later one',
      );
    }
  }

  async aliasHistory(alias: string): Promise<AliasMove[]> {
    checkAlias(alias);
    const store = await this.#place.find();
    return store ? readMoves(store, this.location.name, alias) : [];
  }

  async #version(digest: string): Promise<{ store: ObjectStore; found: KnownPackage }> {
    const store = await this.#place.find();
    const found = store && (await this.#packages.find(digest));
    if (!store || !found) throw missing(`model version ${digest}`, this.location);
    return { store, found };
  }

  #putAttachment(store: ObjectStore, digest: string, attachment: Attachment): Promise<void> {
    return putAttachment(store, this.location.name, digest, attachment, this.#now);
  }

  #describe(found: KnownPackage, aliases: Record<string, string>): Version {
    const { digest, version, createdAt } = found;
    return {
      digest,
      version: String(version),
      aliases: Object.keys(aliases).filter((alias) => aliases[alias] === digest),
      ...(createdAt ? { createdAt } : {}),
      uri: formatModelUri({ ...this.location, reference: digest }),
    };
  }
}
