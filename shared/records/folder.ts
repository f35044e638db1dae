/**
 * The folder of records of one model name: `<folder>/<name>/<Kind>-<first 12 of the subject's digest>.json`. The schemas
 * of all kinds are loaded when a record is read or written: made at every start, they would be a quarter of it.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '../errors.ts';
import { sha256 } from './canonical-json.ts';
import type { RecordKind } from './envelope.ts';
import type { AnyRecord, RecordOf } from './kinds.ts';

/** These happen again and again to one subject, so each run keeps a file of its own; the newest counts. */
const DATED_KINDS: readonly RecordKind[] = ['Deployment', 'DriftCheck', 'GpuRunner'];

export class RecordFolder {
  readonly path: string;
  readonly name: string;

  /** @param folder the input `records`. @param name the model's name. Nothing is created until something is written. */
  constructor(folder: string, name: string) {
    this.path = join(folder, name);
    this.name = name;
  }

  /** Where a record is or would be written. */
  pathOf(record: Pick<AnyRecord, 'kind' | 'subject' | 'createdAt'>): string {
    const stem = `${record.kind}-${digestPrefix(record.subject.digest)}`;
    const date = record.createdAt.replace(/[-:]/g, '').replace(/\.\d+/, '');
    return join(this.path, DATED_KINDS.includes(record.kind) ? `${stem}-${date}.json` : `${stem}.json`);
  }

  /** Writes a record whole or not at all, and returns its path. */
  async write(record: AnyRecord): Promise<string> {
    const path = this.pathOf(record);
    const { writeRecordText } = await import('./text.ts');
    await writeFileAtomically(path, writeRecordText(record));
    return path;
  }

  /** Writes a large part (curves, predictions, sketches) beside the records as a file named by its digest. */
  async writeAttachment(
    bytes: Uint8Array | string,
    extension: string,
  ): Promise<{ file: string; digest: string }> {
    const digest = sha256(bytes);
    const file = `${digest.slice('sha256:'.length)}.${extension}`;
    await writeFileAtomically(join(this.path, file), bytes);
    return { file, digest };
  }

  /** The path of an attachment by the file name that a record keeps. */
  attachmentPath(file: string): string {
    if (!/^[0-9a-f]{64}\.[a-z0-9.]+$/.test(file))
      throw new UserError(`${file} is not the name of an attachment.`);
    return join(this.path, file);
  }

  /** Reads one attachment and checks that its bytes are those the record was made with. */
  async readAttachment(file: string, digest: string): Promise<Uint8Array> {
    const path = this.attachmentPath(file);
    const bytes = await readFile(path).catch((cause) => {
      throw new UserError(`The attachment ${path} is missing.`, {
        where: { file: path },
        fix: 'Keep the whole records folder together, or run the step that wrote it again.',
        cause,
      });
    });
    if (sha256(bytes) !== digest) {
      throw new UserError(`The attachment ${path} was changed after it was written.`, {
        where: { file: path },
        fix: 'Run the step that wrote it again.',
      });
    }
    return bytes;
  }

  /** The newest record of a kind, of one subject when a digest is given; undefined when there is none. */
  async find<Kind extends RecordKind>(kind: Kind, digest?: string): Promise<RecordOf<Kind> | undefined> {
    const prefix = digest ? `${kind}-${digestPrefix(digest)}` : `${kind}-`;
    const candidates: RecordOf<Kind>[] = [];
    for (const file of await this.#files()) {
      if (!file.startsWith(prefix)) continue;
      const record = await readRecordFile(join(this.path, file));
      if (record.kind !== kind) continue;
      if (digest && record.subject.digest !== digest) {
        throw new UserError(
          `The record ${file} is of another subject: ${record.subject.digest}, not ${digest}.`,
          {
            where: { file: join(this.path, file), key: 'subject.digest' },
            fix: 'Run the step that writes this record for this very subject.',
          },
        );
      }
      candidates.push(record as RecordOf<Kind>);
    }
    return candidates.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))[0];
  }

  /** As `find`, but none is an error that lists what is there. */
  async read<Kind extends RecordKind>(kind: Kind, digest?: string): Promise<RecordOf<Kind>> {
    const found = await this.find(kind, digest);
    if (found) return found;
    const files = await this.#files();
    throw new UserError(
      `There is no ${kind} record${digest ? ` of ${digest}` : ''} for "${this.name}" in ${this.path}.`,
      {
        where: { file: this.path },
        fix:
          files.length > 0
            ? `What is there: ${files.join(', ')}.`
            : 'The folder is empty: run the earlier steps first.',
      },
    );
  }

  /** All records of this name. */
  async all(): Promise<AnyRecord[]> {
    const files = await this.#files();
    return Promise.all(files.map((file) => readRecordFile(join(this.path, file))));
  }

  async #files(): Promise<string[]> {
    const entries = await readdir(this.path).catch(() => []);
    return entries.filter((entry) => /^[A-Z][A-Za-z]+-[0-9a-f]{12}.*\.json$/.test(entry)).sort();
  }
}

/** Reads one record by its path. @throws UserError as `parseRecordText` does, and when there is no such file. */
export async function readRecordFile(path: string): Promise<AnyRecord> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new UserError(`There is no record at ${path}.`, { where: { file: path }, cause });
  });
  const { parseRecordText } = await import('./text.ts');
  return parseRecordText(text, path);
}

/** First 12 hexadecimal digits: enough to name a file, short enough to read. */
export function digestPrefix(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12);
}

/** Temporary file in the same folder, flushed to disk, then renamed: a reader sees the old bytes or the new. */
export async function writeFileAtomically(path: string, bytes: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(temporary, 'w');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw asWriteError(error, path);
  }
}

/** What a person can mend about a disk, in a person's words. */
const DISK_ERRORS: Record<string, string> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a part of the path is a file',
  EISDIR: 'there is a folder of this name',
};

function asWriteError(error: unknown, path: string): unknown {
  const why = DISK_ERRORS[(error as NodeJS.ErrnoException).code ?? ''];
  if (!why) return error;
  return new UserError(`${path} cannot be written: ${why}.`, {
    where: { file: path },
    fix: 'Mend that, or give another folder.',
    cause: error,
  });
}
