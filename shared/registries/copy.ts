import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { modelDigest } from '../models/digest.ts';
import { OciRegistry } from './oci/adapter.ts';
import type {
  Attachment,
  Registry,
  Standing,
  StoredAttachment,
  VersionDetails,
} from './registry-interface.ts';

export interface CopyOptions {
  /** What a target that lacks the version shows in fields of its own, and how the version stands there. */
  details?: VersionDetails;
  /** Where the files lie meanwhile, between stores of different kinds. */
  temporaryFolder?: string;
  progress?: (message: string) => void;
}

/**
 * Copies a version with all that is attached to it; its digest stays. Between OCI stores the very manifests are
 * copied, so that the digests of what is attached stay too; otherwise the newest attachment of each role is. Aliases
 * are not copied: they say what is in use in a registry. Nor are approval and stage, which the people of a registry
 * give: where the version is already its standing stays, and a new one starts with that of `details`; without any it
 * starts with what the source's people have against it, and an approval of theirs counts for nothing.
 * @returns `created: false` when the target had the version before; what it lacked is attached all the same.
 * @throws UserError when the source has no such version, or its bytes are damaged.
 */
export async function copyVersion(
  from: Registry,
  to: Registry,
  digest: string,
  options: CopyOptions = {},
): Promise<{ created: boolean }> {
  if (from instanceof OciRegistry && to instanceof OciRegistry) {
    const { copyBetweenStores } = await import('./oci/copy-store.ts');
    const standing = options.details?.standing ?? objectionIn(await from.standing(digest));
    return { created: await copyBetweenStores(from, to, digest, { standing, progress: options.progress }) };
  }
  const parent = options.temporaryFolder ?? tmpdir();
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'copy-'));
  try {
    return await copyThrough(folder, from, to, digest, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function copyThrough(
  folder: string,
  from: Registry,
  to: Registry,
  digest: string,
  options: CopyOptions,
): Promise<{ created: boolean }> {
  const model = join(folder, 'model');
  await from.pullModel(digest, model);
  const attachments: Attachment[] = [];
  for (const [index, attachment] of (await from.allAttachments(digest)).entries()) {
    attachments.push(await bring(attachment, join(folder, String(index))));
  }
  const details = options.details ?? bareDetails(objectionIn(await from.standing(digest)));
  const hashed = await modelDigest(model);
  if (hashed.digest !== digest) {
    throw new UserError(`The files of ${digest} make the version ${hashed.digest}.`, {
      fix: 'register-model did not make that version: register its files by themselves.',
    });
  }
  const { created } = await to.pushModel(hashed, { attachments, details });
  return { created };
}

async function bring(attachment: StoredAttachment, folder: string): Promise<Attachment> {
  await mkdir(folder);
  const files: Attachment['files'] = [];
  for (const [index, file] of attachment.files.entries()) {
    const path = join(folder, String(index));
    await file.save(path);
    files.push({ name: file.name, path });
  }
  return { role: attachment.role, files, annotations: attachment.annotations };
}

/** A rejection or an open question goes with the version; an approval is only that of the source. */
function objectionIn(standing: Standing): Standing {
  if (standing.approval !== 'pending' && standing.approval !== 'rejected') return {};
  const { stage: _stage, ...objection } = standing;
  return objection;
}

function bareDetails(standing: Standing): VersionDetails {
  return {
    description: '',
    tags: {},
    metrics: {},
    source: { repository: null, commit: null, runUrl: null },
    inputs: [],
    parent: null,
    standing,
  };
}
