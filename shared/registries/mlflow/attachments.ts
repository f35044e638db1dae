/**
 * What is known about a version, beside its files:
 *
 *     attachments/<role>/<time>.<first of its sha256>.json   names, digests and annotations of one attachment
 *     attachments/<role>/<first of the digests' sha256>/…    its files
 *
 * The first is written last: until then there is no attachment. The greatest time of a role counts, and of signatures
 * all of them, since several parties may sign.
 */
import * as z from 'zod';
import { UserError } from '../../errors.ts';
import { canonicalJson, sha256 } from '../../records/canonical-json.ts';
import { laterThan } from '../attachment-age.ts';
import { readStoredFile, saveStoredFile } from '../pull-files.ts';
import type { Attachment, StoredAttachment, StoredFile } from '../registry-interface.ts';
import { isBundleRole } from '../roles.ts';
import { type ArtifactStore, ATTACHMENTS_FOLDER, isKeptPath, listAll, readSmall } from './artifact-store.ts';
import { attachedContent, bytesContent, type Content } from './content.ts';

const INDEX = /^(\d{8}T\d{9}Z)\.([0-9a-f]{16})\.json$/;
/** An index names files; it holds none. */
const LARGEST_INDEX_BYTES = 16 * 1024 * 1024;

const indexSchema = z.object({
  role: z.string(),
  annotations: z.record(z.string(), z.string()),
  createdAt: z.string(),
  files: z.array(z.object({ name: z.string(), path: z.string(), digest: z.string(), size: z.number() })),
});
type Index = z.infer<typeof indexSchema>;

export interface AttachmentOptions {
  now: () => Date;
  signal?: AbortSignal;
}

/** Attaches; what is attached already with the same content is not attached again. */
export async function putAttachment(
  store: ArtifactStore,
  { role, files, annotations = {} }: Attachment,
  options: AttachmentOptions,
): Promise<void> {
  const contents: { name: string; content: Content }[] = [];
  for (const file of files) {
    contents.push({ name: file.name, content: await attachedContent(file, options.signal) });
  }
  const folder = folderOf(role);
  const described = contents.map(({ name, content: { digest, size } }) => ({ name, digest, size }));
  const place = `${folder}/${short(canonicalJson(described))}`;
  const named = described.map((file) => ({ ...file, path: `${place}/${storedName(file)}` }));
  const { files: present } = await store.list(folder);
  const names = indexNames(present);
  const there = contents.length > 0 && !store.knowsDigests ? await listAll(store, place) : undefined;
  for (const [index, { content }] of contents.entries()) {
    options.signal?.throwIfAborted();
    const { path } = named[index]!;
    if (there?.get(path) !== content.size) await store.put(path, content);
  }
  for (const name of countingNames(role, names)) {
    const kept = await readIndex(store, folder, name, present).catch((error: unknown) => {
      if (error instanceof UserError) return undefined;
      throw error;
    });
    // One that is damaged says nothing: this one takes its place.
    if (kept && canonicalJson([kept.files, kept.annotations]) === canonicalJson([named, annotations])) return;
  }
  const createdAt = laterThan(options.now(), names.slice(-1).map(timeOf));
  const body: Index = { role, annotations, createdAt, files: named };
  const text = JSON.stringify(body);
  await store.put(`${folder}/${stamp(createdAt)}.${short(text)}.json`, bytesContent(Buffer.from(text)));
}

/** The newest attachment of a role, or of signatures all, oldest first; empty when there is none. */
export function readAttachments(store: ArtifactStore, role: string): Promise<StoredAttachment[]> {
  return readFolder(store, folderOf(role));
}

/** Of every role, sorted: the newest attachment, and of signatures all. */
export async function readAllAttachments(store: ArtifactStore): Promise<StoredAttachment[]> {
  const { folders } = await store.list(ATTACHMENTS_FOLDER);
  const found: StoredAttachment[] = [];
  for (const name of folders) {
    found.push(...(await readFolder(store, `${ATTACHMENTS_FOLDER}/${name}`)));
  }
  return found.sort((a, b) => compareText(a.role, b.role));
}

async function readFolder(store: ArtifactStore, folder: string): Promise<StoredAttachment[]> {
  const { files: present } = await store.list(folder);
  const found: StoredAttachment[] = [];
  for (const name of countingNames(folder.slice(ATTACHMENTS_FOLDER.length + 1), indexNames(present))) {
    const { role, annotations, createdAt, files } = await readIndex(store, folder, name, present);
    found.push({ role, annotations, createdAt, files: files.map((file) => storedFile(store, file)) });
  }
  return found;
}

/** Of the indexes of a role, oldest first, those that count. */
function countingNames(role: string, names: string[]): string[] {
  return isBundleRole(role) ? names : names.slice(-1);
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function storedFile(store: ArtifactStore, file: Index['files'][number]): StoredFile {
  const { name, digest, size } = file;
  const reader = { openBlob: () => store.open(file.path), mend: () => store.mend(file.path) };
  const layer = { mediaType: 'application/octet-stream', digest, size };
  return {
    name,
    digest,
    size,
    read: () => readStoredFile(reader, layer),
    save: (path) => saveStoredFile(reader, layer, path),
  };
}

async function readIndex(
  store: ArtifactStore,
  folder: string,
  name: string,
  present: ReadonlyMap<string, number>,
): Promise<Index> {
  const path = `${folder}/${name}`;
  const isSmall = (present.get(name) ?? 0) <= LARGEST_INDEX_BYTES;
  const bytes = isSmall ? await readSmall(store, path, LARGEST_INDEX_BYTES) : undefined;
  const text = bytes?.toString('utf8') ?? '';
  if (short(text) !== INDEX.exec(name)?.[2]) {
    throw new UserError(`${store.uri}/${path} is damaged.`, {
      fix: store.mend(path),
    });
  }
  return indexSchema.parse(JSON.parse(text));
}

/** Sorted, so that the newest is the last. */
function indexNames(files: ReadonlyMap<string, number>): string[] {
  return [...files.keys()].filter((name) => INDEX.test(name)).sort();
}

function folderOf(role: string): string {
  const name = isKeptPath(role) && !role.includes('/') ? role : `x-${Buffer.from(role).toString('hex')}`;
  return `${ATTACHMENTS_FOLDER}/${name}`;
}

function storedName({ name, digest }: { name: string; digest: string }): string {
  return isKeptPath(name) && !name.includes('/') ? name : digest.slice('sha256:'.length);
}

const short = (text: string): string => sha256(text).slice('sha256:'.length, 'sha256:'.length + 16);

/** `2026-01-02T03:04:05.678Z` → `20260102T030405678Z`, which sorts as the times do. */
const stamp = (iso: string): string => iso.replace(/[-:.]/g, '');

/** The time in the name of an index, as ISO 8601. */
function timeOf(name: string): string {
  return name.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z.*$/, '$1-$2-$3T$4:$5:$6.$7Z');
}
