import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ObjectContent } from '../../../shared/aws/objects.ts';
import { UserError } from '../../../shared/errors.ts';
import { sha256 } from '../../../shared/records/canonical-json.ts';
import type { CheckpointObjects } from './objects.ts';

const READ_BYTES = 1 << 20;
/** Drafts begin so; whoever writes them renames them, or was killed. */
const DRAFT = '.draft-';
const ABANDONED_MS = 24 * 60 * 60 * 1000;

/**
 * {@link CheckpointObjects} in a folder. Each object is written beside its place, brought to the disk, and named
 * only then: after a power loss it is there whole, or not at all.
 */
export class FolderObjects implements CheckpointObjects {
  readonly #root: string;

  constructor(folder: string, below: string) {
    this.#root = join(resolve(folder), below);
  }

  uriOf(key: string): string {
    return join(this.#root, key);
  }

  async list(beginning = ''): Promise<{ key: string; size: number }[]> {
    const found: { key: string; size: number }[] = [];
    const visit = async (folder: string): Promise<void> => {
      const entries = await readdir(join(this.#root, folder), { withFileTypes: true }).catch(ignoreMissing);
      for (const entry of entries ?? []) {
        const key = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (entry.isDirectory()) await visit(key);
        if (!entry.isFile() || entry.name.startsWith(DRAFT) || !key.startsWith(beginning)) continue;
        const facts = await stat(this.uriOf(key)).catch(ignoreMissing);
        if (facts) found.push({ key, size: facts.size });
      }
    };
    await visit(beginning.slice(0, Math.max(0, beginning.lastIndexOf('/'))));
    return found.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }

  async put(key: string, content: ObjectContent): Promise<{ sent: boolean }> {
    const present = await stat(this.uriOf(key)).catch(ignoreMissing);
    if (present?.size === content.size && (await digestOf(this.uriOf(key))) === content.digest)
      return { sent: false };
    const draft = await this.#draft(key, chunksOf(content), content.digest);
    await rename(draft, this.uriOf(key));
    await syncFolder(dirname(this.uriOf(key)));
    return { sent: true };
  }

  async putIf(
    key: string,
    bytes: Uint8Array,
    condition: 'absent' | { etag: string },
  ): Promise<{ etag: string } | undefined> {
    if (condition !== 'absent')
      throw new TypeError('A folder keeps only the condition that nothing is there');
    const etag = sha256(bytes);
    const draft = await this.#draft(key, [bytes], etag);
    try {
      // A link is refused where the name exists, which a renaming is not.
      await link(draft, this.uriOf(key));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      return undefined;
    } finally {
      await rm(draft, { force: true });
    }
    await syncFolder(dirname(this.uriOf(key)));
    return { etag };
  }

  async read(key: string, digest?: string): Promise<{ bytes: Uint8Array; etag: string } | undefined> {
    const bytes = await readFile(this.uriOf(key)).catch(ignoreMissing);
    if (!bytes) return undefined;
    const etag = sha256(bytes);
    if (digest !== undefined && digest !== etag) throw changed(this.uriOf(key));
    return { bytes, etag };
  }

  async open(key: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    const path = this.uriOf(key);
    if (!(await stat(path).catch(ignoreMissing))) return undefined;
    // Opened when it is read, so that one that is not read need not be closed.
    return (async function* () {
      yield* createReadStream(path, { highWaterMark: READ_BYTES });
    })();
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) await rm(this.uriOf(key), { force: true });
    for (const folder of new Set(keys.map((key) => dirname(this.uriOf(key))))) await removeDrafts(folder);
  }

  async #draft(
    key: string,
    chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    digest: string,
  ): Promise<string> {
    const folder = dirname(this.uriOf(key));
    await mkdir(folder, { recursive: true });
    const draft = join(folder, `${DRAFT}${randomBytes(6).toString('hex')}`);
    const hash = createHash('sha256');
    const handle = await open(draft, 'wx');
    try {
      for await (const chunk of chunks) {
        hash.update(chunk);
        await handle.writeFile(chunk);
      }
      if (`sha256:${hash.digest('hex')}` !== digest) throw changed(key);
      await handle.sync();
    } catch (error) {
      await handle.close();
      await rm(draft, { force: true });
      throw error;
    }
    await handle.close();
    return draft;
  }
}

/** The file is opened when it is read: one that is gone is then an error of whoever reads. */
async function* chunksOf(content: ObjectContent): AsyncGenerator<Uint8Array> {
  if ('bytes' in content) yield content.bytes;
  // One byte more than was hashed, to see that it has grown.
  else yield* createReadStream(content.path, { highWaterMark: READ_BYTES, end: content.size });
}

function changed(name: string): UserError {
  return new UserError(`${name} is not what it was when it was hashed.`, {
    where: { file: name },
    fix: 'Run again; what is stored is checked before it is used.',
  });
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) hash.update(chunk);
  return `sha256:${hash.digest('hex')}`;
}

/** A new name is on the disk once its folder is. Some systems cannot bring a folder to the disk. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

async function removeDrafts(folder: string): Promise<void> {
  const names = (await readdir(folder).catch(ignoreMissing)) ?? [];
  for (const name of names.filter((each) => each.startsWith(DRAFT))) {
    const facts = await stat(join(folder, name)).catch(ignoreMissing);
    if (facts && Date.now() - facts.mtimeMs > ABANDONED_MS) await rm(join(folder, name), { force: true });
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
  return undefined;
}
