import { UserError } from '../../errors.ts';
import { type HashedModel, modelDigest } from '../../models/digest.ts';
import { MODEL_ARTIFACT_TYPE, MODEL_CONFIG_TYPE } from '../../models/media-types.ts';
import { AliasMovedError, checkAlias, isAliasTag } from '../alias.ts';
import { KEPT_MOVES, parseHistory } from '../alias-history.ts';
import { formatModelUri, formatRegistry, type ModelLocation } from '../model-uri.ts';
import type {
  AliasChange,
  AliasMove,
  AttachedFile,
  Attachment,
  Registry,
  StoredFile,
  Version,
} from '../registry-interface.ts';
import {
  artifactTypeOf,
  attachmentManifest,
  createdAtOf,
  describeFiles,
  emptyConfig,
  laterThan,
  newest,
  parseManifest,
  storedManifest,
} from './artifacts.ts';
import { pullFiles, readStoredFile, saveStoredFile } from './pull.ts';
import {
  type Descriptor,
  EMPTY_CONFIG_TYPE,
  type Manifest,
  type OciStore,
  type StoredManifest,
  TITLE_ANNOTATION,
} from './types.ts';

const HISTORY_FILE = 'history.json';

/** One model name in an OCI store, on disk or remote: the version is the digest, aliases are tags. */
export class OciRegistry implements Registry {
  readonly location: ModelLocation;
  readonly #store: OciStore;
  readonly #options: { now: () => Date; progress?: (message: string) => void; signal?: AbortSignal };

  constructor(
    location: ModelLocation,
    store: OciStore,
    options: { now: () => Date; progress?: (message: string) => void; signal?: AbortSignal },
  ) {
    this.location = location;
    this.#store = store;
    this.#options = options;
  }

  get capabilities() {
    return { atomicAlias: this.#store.atomicTags, atomicAttach: this.#store.atomicTags };
  }

  async resolve(reference: string): Promise<Version | undefined> {
    const stored = await this.#store.getManifest(reference);
    if (!stored) return undefined;
    const manifest = parseManifest(stored.bytes, reference);
    if (!isModel(manifest)) {
      throw new UserError(`${formatModelUri({ ...this.location, reference })} is not a model.`, {
        fix: `It is ${manifest.artifactType ?? manifest.config.mediaType}; give the reference of a model.`,
      });
    }
    return this.#describe(stored.descriptor.digest, await this.aliases());
  }

  async versions(): Promise<Version[]> {
    const aliases = await this.aliases();
    const versions: Version[] = [];
    for (const entry of await this.#store.listVersions()) {
      if (entry.artifactType !== undefined && entry.artifactType !== MODEL_ARTIFACT_TYPE) continue;
      const stored = await this.#store.getManifest(entry.digest);
      if (stored && isModel(parseManifest(stored.bytes, entry.digest))) {
        versions.push(await this.#describe(entry.digest, aliases));
      }
    }
    return versions.sort((a, b) => ((a.createdAt ?? '') < (b.createdAt ?? '') ? -1 : 1));
  }

  async aliases(): Promise<Record<string, string>> {
    const tags = Object.entries(await this.#store.listTags()).filter(([tag]) => isAliasTag(tag));
    // Without a prototype: an alias may be called `constructor`.
    const aliases: Record<string, string> = Object.create(null);
    for (const [tag, digest] of tags.sort(([a], [b]) => (a < b ? -1 : 1))) aliases[tag] = digest;
    return aliases;
  }

  async pushModel(
    model: string | HashedModel,
    options: { attachments?: Attachment[] } = {},
  ): Promise<{ digest: string; created: boolean }> {
    const hashed =
      typeof model === 'string' ? await modelDigest(model, { signal: this.#options.signal }) : model;
    const manifest = parseManifest(hashed.manifest, hashed.digest);
    const stored = storedManifest(hashed.manifest, manifest);
    for (const file of hashed.files) {
      this.#options.signal?.throwIfAborted();
      this.#options.progress?.(`Storing ${file.path} (${file.size} bytes)`);
      await this.#store.putBlob({ digest: file.digest, size: file.size, path: file.location });
    }
    await this.#store.putBlob({ ...hashed.config, size: hashed.config.bytes.length });
    // Before the version can be seen: whoever finds it finds everything that belongs to it.
    await this.#putAttachments(stored.descriptor, options.attachments ?? []);
    const created = await this.#store.publishVersion(stored);
    return { digest: hashed.digest, created };
  }

  async pullModel(digest: string, folder: string): Promise<void> {
    const { manifest } = await this.#model(digest);
    await pullFiles(this.#store, manifest, digest, folder, this.#options);
  }

  async attach(
    digest: string,
    role: string,
    files: AttachedFile[],
    annotations?: Record<string, string>,
  ): Promise<void> {
    const { stored } = await this.#model(digest);
    await this.#putAttachments(stored.descriptor, [{ role, files, annotations }]);
  }

  async attachments(digest: string, role: string): Promise<StoredFile[]> {
    const type = artifactTypeOf(role);
    const found = (await this.#store.referrers(digest)).filter((entry) => entry.artifactType === type);
    const latest = newest(found);
    if (!latest) return [];
    const stored = await this.#store.getManifest(latest.digest);
    if (!stored) throw missing(`the ${role} of ${digest}`);
    return this.#files(parseManifest(stored.bytes, latest.digest));
  }

  async moveAlias(alias: string, change: AliasChange): Promise<void> {
    checkAlias(alias);
    const { stored } = await this.#model(change.to);
    const historyTag = `history-${alias}`;
    await this.#store.moveTags([alias, historyTag], async (current) => {
      const from = current[alias] ?? null;
      if (from === change.to) return [];
      if (change.expected !== undefined && from !== change.expected) {
        throw new AliasMovedError(alias, change.expected, current[alias]);
      }
      const { to, expected: _expected, operation = 'promote', ...why } = change;
      const at = this.#options.now().toISOString();
      const moves = [...(await this.#history(alias)), { to, from, at, operation, ...why }].slice(-KEPT_MOVES);
      return [
        { tag: historyTag, manifest: await this.#storeHistory(alias, moves, at) },
        { tag: alias, manifest: stored },
      ];
    });
  }

  aliasHistory(alias: string): Promise<AliasMove[]> {
    return this.#history(checkAlias(alias));
  }

  async #history(alias: string): Promise<AliasMove[]> {
    const stored = await this.#store.getManifest(`history-${alias}`);
    if (!stored) return [];
    const [file] = this.#files(parseManifest(stored.bytes, `history-${alias}`));
    if (!file) throw missing(`the history of ${alias}`);
    return parseHistory(new TextDecoder().decode(await file.read()), alias);
  }

  async #storeHistory(alias: string, moves: AliasMove[], at: string): Promise<StoredManifest> {
    const bytes = new TextEncoder().encode(JSON.stringify(moves));
    const { layers, blobs } = await describeFiles([{ name: HISTORY_FILE, bytes }]);
    for (const blob of [...blobs, emptyConfig()]) await this.#store.putBlob(blob);
    const annotations = { 'org.opencontainers.image.title': `History of the alias ${alias}` };
    return attachmentManifest({ role: 'alias-history', annotations }, layers, at);
  }

  async #putAttachments(subject: Descriptor, attachments: Attachment[]): Promise<void> {
    if (attachments.length === 0) return;
    const present = await this.#store.referrers(subject.digest);
    const manifests: StoredManifest[] = [];
    for (const attachment of attachments) {
      const { layers, blobs } = await describeFiles(attachment.files);
      const type = artifactTypeOf(attachment.role);
      const sameRole = present.filter((entry) => entry.artifactType === type);
      if (await this.#isSame(newest(sameRole), attachment, layers)) continue;
      for (const blob of [...blobs, emptyConfig()]) await this.#store.putBlob(blob);
      const createdAt = laterThan(this.#options.now(), sameRole.map(createdAtOf));
      manifests.push(attachmentManifest(attachment, layers, createdAt, subject));
    }
    if (manifests.length > 0) await this.#store.putReferrers(subject, manifests);
  }

  /** Whether the newest attachment says the same already: then a second would only be noise. */
  async #isSame(
    latest: Descriptor | undefined,
    attachment: Attachment,
    layers: Descriptor[],
  ): Promise<boolean> {
    const stored = latest && (await this.#store.getManifest(latest.digest));
    if (!stored) return false;
    const manifest = parseManifest(stored.bytes, stored.descriptor.digest);
    const createdAt = createdAtOf({ ...stored.descriptor, annotations: manifest.annotations });
    const again = attachmentManifest(attachment, layers, createdAt, manifest.subject);
    return again.descriptor.digest === stored.descriptor.digest;
  }

  async #model(digest: string): Promise<{ stored: StoredManifest; manifest: Manifest }> {
    const stored = await this.#store.getManifest(digest);
    const manifest = stored && parseManifest(stored.bytes, digest);
    if (!stored || !manifest || !isModel(manifest))
      throw missing(`the model version ${digest}`, this.location);
    return { stored, manifest };
  }

  #files(manifest: Manifest): StoredFile[] {
    return manifest.layers
      .filter((layer) => layer.mediaType !== EMPTY_CONFIG_TYPE)
      .map((layer) => ({
        name: layer.annotations?.[TITLE_ANNOTATION] ?? layer.digest,
        digest: layer.digest,
        size: layer.size,
        read: () => readStoredFile(this.#store, layer),
        save: (path) => saveStoredFile(this.#store, layer, path),
      }));
  }

  async #describe(digest: string, aliases: Record<string, string>): Promise<Version> {
    const type = artifactTypeOf('ModelVersion');
    const records = (await this.#store.referrers(digest)).filter((entry) => entry.artifactType === type);
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

function isModel(manifest: Manifest): boolean {
  return manifest.artifactType === MODEL_ARTIFACT_TYPE || manifest.config.mediaType === MODEL_CONFIG_TYPE;
}

function missing(what: string, location?: ModelLocation): UserError {
  const where = location ? ` in ${formatRegistry(location)}/${location.name}` : '';
  return new UserError(`There is no ${what.replace(/^the /, '')}${where}.`, {
    fix: 'Check the name and the reference, and that nothing was removed from the registry.',
  });
}
