import * as z from 'zod';
import type { ObjectContent, ObjectStore } from '../../aws/object-store.ts';
import { inParallel } from '../../concurrency/parallel.ts';
import { UserError } from '../../errors.ts';
import { hashFile } from '../../models/files.ts';
import { sha256 } from '../../records/canonical-json.ts';
import { laterThan } from '../attachment-age.ts';
import { readStoredFile, saveStoredFile } from '../pull-files.ts';
import type { AttachedFile, Attachment, StoredAttachment, StoredFile } from '../registry-interface.ts';
import { isBundleRole } from '../roles.ts';
import { changeDocument, mendObject } from './documents.ts';
import { attachmentKey, attachmentsFolder, fileKey } from './keys.ts';

const entrySchema = z.object({
  annotations: z.record(z.string(), z.string()),
  createdAt: z.string(),
  files: z.array(
    z.object({
      name: z.string(),
      digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
      size: z.number().int().min(0),
    }),
  ),
});
type Entry = z.infer<typeof entrySchema>;
/** Oldest first; more than one only for signatures, of which all count. */
const documentSchema = z.object({ role: z.string(), entries: z.array(entrySchema) });

/** Stores files and then the object that names them, except where it says the same already. */
export async function putAttachment(
  store: ObjectStore,
  name: string,
  digest: string,
  attachment: Attachment,
  now: () => Date,
): Promise<void> {
  const { role, annotations = {} } = attachment;
  const contents = await Promise.all(attachment.files.map(contentOf));
  await inParallel(contents, async ({ content }) => {
    await store.put(fileKey(name, digest, content.digest), content);
  });
  const files = contents.map(({ name: file, content }) => ({
    name: file,
    digest: content.digest,
    size: content.size,
  }));
  await changeDocument(store, attachmentKey(name, digest, role), (present) => {
    const entries = present === undefined ? [] : entriesOf(present, role);
    const compared = isBundleRole(role) ? entries : entries.slice(-1);
    if (compared.some((entry) => isSame(entry, { annotations, files }))) return undefined;
    const createdAt = laterThan(
      now(),
      entries.map((entry) => entry.createdAt),
    );
    const kept = isBundleRole(role) ? entries : [];
    return JSON.stringify({ role, entries: [...kept, { annotations, createdAt, files }] });
  });
}

async function contentOf(file: AttachedFile): Promise<{ name: string; content: ObjectContent }> {
  const { name } = file;
  if ('bytes' in file) {
    const content = { bytes: file.bytes, digest: sha256(file.bytes), size: file.bytes.length };
    return { name, content };
  }
  return { name, content: { path: file.path, ...(await hashFile(file.path)) } };
}

const isSame = (a: Omit<Entry, 'createdAt'>, b: Omit<Entry, 'createdAt'>): boolean =>
  JSON.stringify([Object.entries(a.annotations).sort(), a.files]) ===
  JSON.stringify([Object.entries(b.annotations).sort(), b.files]);

/** @throws UserError when the text is none of ours. */
function entriesOf(text: string, role: string): Entry[] {
  try {
    const document = documentSchema.parse(JSON.parse(text));
    if (document.role === role) return document.entries;
  } catch {
    // Said below.
  }
  throw new UserError(`What the registry keeps as the ${role} of a version cannot be read.`, {
    fix: 'Something other than these actions changed it: restore the object, or remove it and attach again.',
  });
}

/** The attachments of a role, oldest first. */
export async function readAttachments(
  store: ObjectStore,
  name: string,
  digest: string,
  role: string,
): Promise<StoredAttachment[]> {
  const present = await store.read(attachmentKey(name, digest, role));
  if (!present) return [];
  return entriesOf(new TextDecoder().decode(present.bytes), role).map(
    ({ annotations, createdAt, files }) => ({
      role,
      annotations,
      createdAt,
      files: files.map((file) => storedFile(store, fileKey(name, digest, file.digest), file)),
    }),
  );
}

function storedFile(store: ObjectStore, key: string, file: Entry['files'][number]): StoredFile {
  const reader = { openBlob: () => store.open(key), mend: () => mendObject(store, key) };
  const layer = { ...file, mediaType: 'application/octet-stream' };
  return {
    ...file,
    read: () => readStoredFile(reader, layer),
    save: (path) => saveStoredFile(reader, layer, path),
  };
}

/** Of every role, sorted: the newest attachment, and of signatures all. */
export async function readAllAttachments(
  store: ObjectStore,
  name: string,
  digest: string,
): Promise<StoredAttachment[]> {
  const folder = attachmentsFolder(name, digest);
  const keys = await store.list(folder);
  const roles = keys.map(({ key }) => decodeURIComponent(key.slice(folder.length, -'.json'.length))).sort();
  const found: StoredAttachment[] = [];
  for (const role of roles) found.push(...(await readAttachments(store, name, digest, role)));
  return found;
}
