import { randomUUID } from 'node:crypto';
import { CREATED_ANNOTATION, parseManifest } from '../manifest.ts';
import { missing, refuseAliased } from '../refusals.ts';
import { type RemovalMark, removeMarked, staysAfterMove } from '../removal-mark.ts';
import { attachmentManifest, emptyConfig } from './attachment-artifact.ts';
import type { RemoteManifests } from './remote-manifests.ts';
import type { RemoteReferrers } from './remote-referrers.ts';
import type { RemoteUploads } from './remote-uploads.ts';

const REMOVAL_ROLE = 'removal';
/** Of no manifest: whether a registry deletes at all shows in what it answers to this. */
const NOTHING = `sha256:${'0'.repeat(64)}`;

export interface RemovalOptions {
  now: () => Date;
  wait: (milliseconds: number) => Promise<void>;
}

interface Parts {
  manifests: RemoteManifests;
  referrers: RemoteReferrers;
  uploads: RemoteUploads;
}

/** What was there before a tag was moved. */
export interface TagBefore {
  tag: string;
  /** Where the tag pointed. */
  digest: string | undefined;
}

/**
 * Removes versions of a remote registry, and keeps aliases off them meanwhile. The mark of a removal is a tag
 * `sha256-<hex>.removing`. The specification does not promise that what was just written is seen by the next
 * request, so this narrows the race and cannot close it everywhere.
 */
export class RemoteRemoval {
  readonly #parts: Parts;
  readonly #options: RemovalOptions;

  constructor(parts: Parts, options: RemovalOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  /** @param listTags where every alias points now. */
  async remove(digest: string, listTags: () => Promise<Record<string, string>>): Promise<void> {
    const { manifests, referrers } = this.#parts;
    await manifests.refuseWithoutDeletion(NOTHING);
    await removeMarked(this.#mark(digest), this.#options.now, {
      refuse: async () => refuseAliased(await listTags(), digest),
      remove: async () => {
        // The version first: it is gone for everybody before what belongs to it goes.
        await manifests.delete(digest);
        await manifests.deleteTag(versionTag(digest));
        await referrers.deleteAll(digest);
      },
    });
  }

  /**
   * Asked before an alias is moved: a move stores the manifest again, so that it cannot tell by that afterwards.
   * @returns asks, after the move, whether the version stays. @throws UserError when it is gone.
   */
  async watch(digest: string): Promise<() => Promise<boolean>> {
    const { manifests } = this.#parts;
    const tag = versionTag(digest);
    const isOurs = (await manifests.digestOf(tag)) === digest;
    // Removed a moment ago; a version that another tool has put there has no such tag.
    if (!isOurs && (await manifests.digestOf(digest)) === undefined) {
      throw missing(`model version ${digest}: it was just removed`);
    }
    const isThere = async () => !isOurs || (await manifests.digestOf(tag)) === digest;
    return () => staysAfterMove(this.#mark(digest), { ...this.#options, isThere });
  }

  /**
   * Takes a move back: the tag points where it did before, or is gone.
   * @returns false where it stays, since the registry deletes no tag by itself and the removal did not end.
   */
  async takeBack({ tag, digest: before }: TagBefore, moved: string): Promise<boolean> {
    const { manifests } = this.#parts;
    if ((await manifests.digestOf(tag)) === moved) {
      const stored = before === undefined ? undefined : await manifests.get(before);
      if (stored) await manifests.put(tag, stored.bytes, stored.descriptor.mediaType);
      else await manifests.deleteTag(tag);
    }
    const isGone = (await manifests.digestOf(versionTag(moved))) === undefined;
    const isMarked = (await this.#mark(moved).all()).length > 0;
    // The move has stored the manifest again of a version that is gone; this takes away tags that stayed, too.
    if (isGone && !isMarked) await manifests.delete(moved);
    return (await manifests.digestOf(tag)) !== moved;
  }

  #mark(digest: string): RemovalMark {
    const { manifests, uploads } = this.#parts;
    const tag = `${digest.replace(':', '-')}.removing`;
    let own: string | undefined;
    // Left by a removal that was cut off.
    let replaced: string | undefined;
    return {
      put: async (at) => {
        const annotations = { 'mlops-actions.job': randomUUID() };
        const { bytes, descriptor } = attachmentManifest({ role: REMOVAL_ROLE, annotations }, [], at);
        await uploads.put(emptyConfig());
        replaced = await manifests.digestOf(tag);
        await manifests.put(tag, bytes, descriptor.mediaType);
        own = descriptor.digest;
      },
      all: async () => {
        const stored = await manifests.get(tag);
        return stored ? [parseManifest(stored.bytes, tag).annotations?.[CREATED_ANNOTATION] ?? ''] : [];
      },
      clear: async () => {
        if (own === undefined) return;
        const isOwn = (await manifests.digestOf(tag)) === own;
        for (const digest of new Set([own, replaced ?? own])) await manifests.delete(digest);
        if (isOwn) await manifests.deleteTag(tag);
      },
    };
  }
}

/** By which a version is found: a registry lists tags only. */
export function versionTag(digest: string): string {
  return `version-${digest.slice('sha256:'.length)}`;
}
