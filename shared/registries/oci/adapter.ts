import { UserError } from '../../errors.ts';
import type { HashedModel } from '../../models/digest.ts';
import { MODEL_ARTIFACT_TYPE } from '../../models/media-types.ts';
import { checkAlias, isAliasTag } from '../alias.ts';
import { createdAtOf } from '../attachment-age.ts';
import { hashedModel } from '../hashed-model.ts';
import type { BlobSource, Manifest, StoredManifest } from '../manifest.ts';
import { isManifest, isModel, parseManifest, storedManifest } from '../manifest.ts';
import { formatModelUri, type ModelLocation } from '../model-uri.ts';
import { pullFiles } from '../pull-files.ts';
import { missing } from '../refusals.ts';
import type {
  AliasChange,
  AliasMove,
  AttachedFile,
  Attachment,
  Registry,
  Standing,
  StoredAttachment,
  StoredFile,
  Version,
  VersionDetails,
} from '../registry-interface.ts';
import { roleOf } from '../roles.ts';
import { AliasTags } from './alias-tags.ts';
import { AttachedFiles } from './attached-files.ts';
import type { OciStore } from './store.ts';

interface OciRegistryOptions {
  now: () => Date;
  progress?: (message: string) => void;
  signal?: AbortSignal;
}

/** One model name in an OCI store, on disk or remote: the version is the digest, aliases are tags. */
export class OciRegistry implements Registry {
  readonly location: ModelLocation;
  /** For copies from store to store. */
  readonly store: OciStore;
  /** For copies from store to store. */
  readonly attached: AttachedFiles;
  readonly #aliases: AliasTags;
  readonly #options: OciRegistryOptions;

  constructor(location: ModelLocation, store: OciStore, options: OciRegistryOptions) {
    this.location = location;
    this.store = store;
    this.attached = new AttachedFiles(store, options.now);
    this.#aliases = new AliasTags(store, this.attached, options.now);
    this.#options = options;
  }

  get capabilities() {
    const { atomicTags, atomicRemove, freesBytes } = this.store;
    return {
      atomicAlias: atomicTags,
      atomicRemove,
      atomicAttach: true,
      nativeStanding: false,
      freesBytes,
    };
  }

  async resolve(reference: string): Promise<Version | undefined> {
    const stored = await this.store.getManifest(reference);
    if (!stored) return undefined;
    const manifest = isManifest(stored) ? parseManifest(stored.bytes, reference) : undefined;
    if (!manifest || !isModel(manifest)) {
      const found = manifest?.artifactType ?? manifest?.config.mediaType ?? stored.descriptor.mediaType;
      throw new UserError(`${formatModelUri({ ...this.location, reference })} is not a model.`, {
        fix: `It is ${found}; give the reference of a model.`,
      });
    }
    return this.#describe(stored.descriptor.digest, await this.aliases());
  }

  async versions(): Promise<Version[]> {
    const aliases = await this.aliases();
    const versions: Version[] = [];
    for (const entry of await this.store.listVersions()) {
      if (entry.artifactType !== undefined && entry.artifactType !== MODEL_ARTIFACT_TYPE) continue;
      const stored = await this.store.getManifest(entry.digest);
      if (stored && isManifest(stored) && isModel(parseManifest(stored.bytes, entry.digest))) {
        versions.push(await this.#describe(entry.digest, aliases, true));
      }
    }
    const age = ({ createdAt = '', digest }: Version) => `${createdAt} ${digest}`;
    return versions.sort((a, b) => (age(a) < age(b) ? -1 : 1));
  }

  async aliases(): Promise<Record<string, string>> {
    const tags = Object.entries(await this.store.listTags()).filter(([tag]) => isAliasTag(tag));
    // Without a prototype: an alias may be called `constructor`.
    const aliases: Record<string, string> = Object.create(null);
    for (const [tag, digest] of tags.sort(([a], [b]) => (a < b ? -1 : 1))) aliases[tag] = digest;
    return aliases;
  }

  async pushModel(
    model: string | HashedModel,
    options: { attachments?: Attachment[]; details?: VersionDetails } = {},
  ): Promise<{ digest: string; created: boolean }> {
    const hashed = await hashedModel(model, this.#options.signal);
    const stored = storedManifest(hashed.manifest, parseManifest(hashed.manifest, hashed.digest));
    const blobs: BlobSource[] = [
      ...hashed.files.map(({ digest, size, location, path }) => ({
        digest,
        size,
        path: location,
        name: path,
      })),
      { ...hashed.config, size: hashed.config.bytes.length },
    ];
    await this.store.putBlobs(blobs, ({ name, size }) => {
      if (name !== undefined) this.#options.progress?.(`Storing ${name} (${size} bytes)`);
    });
    // Before the version can be seen: whoever finds it finds everything that belongs to it.
    const isNew = (await this.store.getManifest(hashed.digest)) === undefined;
    const standing = isNew ? options.details?.standing : undefined;
    await this.attached.put(stored.descriptor, options.attachments ?? [], standing);
    const created = await this.store.publishVersion(stored, blobs);
    return { digest: hashed.digest, created };
  }

  async pullModel(digest: string, folder: string): Promise<void> {
    const { manifest } = await this.#model(digest);
    await pullFiles(this.store, manifest, digest, folder, this.#options);
  }

  async attach(
    digest: string,
    role: string,
    files: AttachedFile[],
    annotations?: Record<string, string>,
  ): Promise<void> {
    const { stored } = await this.#model(digest);
    await this.attached.put(stored.descriptor, [{ role, files, annotations }]);
  }

  attachments(digest: string, role: string): Promise<StoredFile[]> {
    return this.attached.filesOf(digest, role);
  }

  allAttachments(digest: string): Promise<StoredAttachment[]> {
    return this.attached.all(digest);
  }

  standing(digest: string): Promise<Standing> {
    return this.attached.standing(digest);
  }

  async setStanding(digest: string, change: Standing): Promise<void> {
    const { stored } = await this.#model(digest);
    await this.attached.put(stored.descriptor, [], change);
  }

  async remove(digest: string): Promise<void> {
    await this.store.removeVersion(digest);
  }

  async moveAlias(alias: string, change: AliasChange): Promise<void> {
    checkAlias(alias);
    const { stored } = await this.#model(change.to);
    await this.#aliases.move(alias, change, stored);
  }

  async aliasHistory(alias: string): Promise<AliasMove[]> {
    return this.#aliases.history(alias);
  }

  async #model(digest: string): Promise<{ stored: StoredManifest; manifest: Manifest }> {
    const stored = await this.store.getManifest(digest);
    const manifest = stored && isManifest(stored) ? parseManifest(stored.bytes, digest) : undefined;
    if (!stored || !manifest || !isModel(manifest)) throw missing(`model version ${digest}`, this.location);
    return { stored, manifest };
  }

  async #describe(digest: string, aliases: Record<string, string>, isListed = false): Promise<Version> {
    const referrers = await this.store.referrers(digest, isListed);
    const records = referrers.filter((entry) => roleOf(entry) === 'ModelVersion');
    const [createdAt] = records.map(createdAtOf).filter(Boolean).sort();
    return {
      digest,
      version: digest,
      aliases: Object.keys(aliases).filter((alias) => aliases[alias] === digest),
      ...(createdAt ? { createdAt } : {}),
      uri: formatModelUri({ ...this.location, reference: digest }),
    };
  }
}
