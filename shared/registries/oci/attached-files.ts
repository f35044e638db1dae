import { byAge, createdAtOf, laterThan } from '../attachment-age.ts';
import {
  type BlobSource,
  CREATED_ANNOTATION,
  type Descriptor,
  EMPTY_CONFIG_TYPE,
  type Manifest,
  parseManifest,
  type StoredManifest,
  TITLE_ANNOTATION,
} from '../manifest.ts';
import { readStoredFile, saveStoredFile } from '../pull-files.ts';
import { missing } from '../refusals.ts';
import type { Attachment, Standing, StoredAttachment, StoredFile } from '../registry-interface.ts';
import { isBundleRole, ROLE_ANNOTATION, roleOf } from '../roles.ts';
import { attachmentManifest, describeFiles, emptyConfig } from './attachment-artifact.ts';
import { isSaid, STANDING_ROLE, standingAnnotations, sumOfStandings } from './standing.ts';
import type { OciStore } from './store.ts';

/** What refers to the versions of one model: records, code, signatures, and how a version stands. */
export class AttachedFiles {
  readonly #store: OciStore;
  readonly #now: () => Date;

  constructor(store: OciStore, now: () => Date) {
    this.#store = store;
    this.#now = now;
  }

  /** Attaches, except what the newest of its role says already. */
  async put(subject: Descriptor, attachments: Attachment[], standing?: Standing): Promise<void> {
    const changes = standing && Object.values(standing).some((value) => value !== undefined);
    if (attachments.length === 0 && !changes) return;
    const present = await this.#store.referrers(subject.digest);
    const manifests: StoredManifest[] = [];
    const blobs: BlobSource[] = [emptyConfig()];
    for (const attachment of attachments) {
      const described = await describeFiles(attachment.role, attachment.files);
      const sameRole = byAge(present.filter((entry) => roleOf(entry) === attachment.role));
      const compared = isBundleRole(attachment.role) ? sameRole : sameRole.slice(-1);
      // Of what is kept, too: bytes that were lost are stored again.
      blobs.push(...described.blobs);
      if (await this.#isKept(compared, attachment, described.layers)) continue;
      const createdAt = laterThan(this.#now(), sameRole.map(createdAtOf));
      manifests.push(attachmentManifest(attachment, described.layers, createdAt, subject));
    }
    if (standing && changes) {
      const said = present.filter((entry) => roleOf(entry) === STANDING_ROLE);
      if (!isSaid(sumOfStandings(said), standing)) {
        const createdAt = laterThan(this.#now(), said.map(createdAtOf));
        const annotations = standingAnnotations({ at: createdAt, ...standing });
        manifests.push(attachmentManifest({ role: STANDING_ROLE, annotations }, [], createdAt, subject));
      }
    }
    await this.#store.putBlobs(blobs);
    if (manifests.length > 0) await this.#store.putReferrers(subject, manifests, blobs);
  }

  /** The files of the newest attachment of a role; of signatures the files of all of them, newest first. */
  async filesOf(digest: string, role: string): Promise<StoredFile[]> {
    const sameRole = byAge(await this.#store.referrers(digest)).filter((entry) => roleOf(entry) === role);
    const counting = isBundleRole(role) ? sameRole.toReversed() : sameRole.slice(-1);
    const files: StoredFile[] = [];
    for (const entry of counting) files.push(...this.filesIn(await this.#manifest(entry)));
    return files;
  }

  /** The newest of every role, and every signature; how the version stands is not among them. */
  async all(digest: string): Promise<StoredAttachment[]> {
    const byRole = new Map<string, Descriptor[]>();
    for (const entry of byAge(await this.#store.referrers(digest))) {
      const role = roleOf(entry);
      if (role === undefined || role === STANDING_ROLE) continue;
      byRole.set(role, isBundleRole(role) ? [...(byRole.get(role) ?? []), entry] : [entry]);
    }
    const found: StoredAttachment[] = [];
    for (const [role, entries] of [...byRole].sort(([a], [b]) => (a < b ? -1 : 1))) {
      for (const entry of entries) found.push(await this.#describe(role, entry));
    }
    return found;
  }

  async standing(digest: string): Promise<Standing> {
    const entries = await this.#store.referrers(digest);
    return sumOfStandings(entries.filter((entry) => roleOf(entry) === STANDING_ROLE));
  }

  filesIn(manifest: Manifest): StoredFile[] {
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

  async #describe(role: string, entry: Descriptor): Promise<StoredAttachment> {
    const manifest = await this.#manifest(entry);
    const {
      [CREATED_ANNOTATION]: createdAt,
      [ROLE_ANNOTATION]: _role,
      ...annotations
    } = manifest.annotations ?? {};
    return { role, annotations, ...(createdAt ? { createdAt } : {}), files: this.filesIn(manifest) };
  }

  async #manifest(entry: Descriptor): Promise<Manifest> {
    const stored = await this.#store.getManifest(entry.digest);
    if (!stored) throw missing(`attachment ${entry.digest}`);
    return parseManifest(stored.bytes, entry.digest);
  }

  /** Whether one of these says the same already: then a second would only be noise. */
  async #isKept(present: Descriptor[], attachment: Attachment, layers: Descriptor[]): Promise<boolean> {
    for (const { digest } of present) {
      const stored = await this.#store.getManifest(digest);
      if (!stored) continue;
      const { annotations, subject } = parseManifest(stored.bytes, digest);
      const createdAt = annotations?.[CREATED_ANNOTATION] ?? '';
      if (attachmentManifest(attachment, layers, createdAt, subject).descriptor.digest === digest)
        return true;
    }
    return false;
  }
}
