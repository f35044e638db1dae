import { open } from 'node:fs/promises';
import { messageOf } from '../../errors.ts';
import type { ModelScanResult } from '../../records/model-scan.ts';
import { hashFile, type ModelFile } from '../files.ts';
import { type AllowedFinding, AllowList } from './allow.ts';
import { ByteReader } from './byte-reader.ts';
import { isCheckpointMetadata } from './checkpoint/names.ts';
import { CheckpointPieces } from './checkpoint/pieces.ts';
import { CollectedFindings } from './collected-findings.ts';
import { fileAccess, sourceOf } from './file-bytes.ts';
import { FileScan } from './file-scan.ts';

export interface ScanOptions {
  /** What a person vouches for. */
  allow?: readonly AllowedFinding[];
  signal: AbortSignal;
  /** For copies of archives that lie inside of others; nothing is left there. */
  temporaryFolder: string;
  /** Hears which file is looked into. */
  progress?: (message: string) => void;
  /** Hears what is to be said of the allow-list. */
  remark?: (message: string) => void;
  /** Decides which permissions have expired. */
  now: Date;
}

/**
 * Looks for what can run code, or cannot be looked into, in the files of a model: formats told by content, every
 * wrapping followed to the bottom. Nothing is loaded or executed, and nothing the bytes hold makes it throw.
 * @throws only where the signal aborts or a file cannot be opened or read.
 */
export async function scanModel(files: readonly ModelFile[], options: ScanOptions): Promise<ModelScanResult> {
  const { signal, progress } = options;
  const allow = new AllowList(options.allow ?? [], options.now);
  const findings = new CollectedFindings();
  const formats = new Map<string, number>();
  const sizes = new Map(files.map(({ path, size }) => [path, size]));
  const pieces = new CheckpointPieces();
  let streams = 0;
  for (const [index, file] of dataFirst(files).entries()) {
    signal.throwIfAborted();
    progress?.(`Looking into ${file.path} (${index + 1} of ${files.length}).`);
    streams += await scanFile(file, { options, findings, formats, sizes, pieces });
    let digest: Promise<string> | undefined;
    await findings.settle(allow, () => {
      digest ??= hashFile(file.location, signal).then((hashed) => hashed.digest.replace(/^sha256:/, ''));
      return digest;
    });
  }
  for (const remark of allow.remarks()) options.remark?.(remark);
  return {
    ...findings.result(),
    files: files.length,
    streams,
    bytes: files.reduce((sum, file) => sum + file.size, 0),
    formats: Object.fromEntries([...formats].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** What names bytes of other files comes after them. */
function dataFirst(files: readonly ModelFile[]): ModelFile[] {
  const isLast = ({ path }: ModelFile): boolean => isCheckpointMetadata({ file: path, members: [] });
  return [...files.filter((file) => !isLast(file)), ...files.filter(isLast)];
}

interface Shared {
  options: ScanOptions;
  findings: CollectedFindings;
  formats: Map<string, number>;
  /** Of all files of the model, in bytes, by their paths. */
  sizes: ReadonlyMap<string, number>;
  pieces: CheckpointPieces;
}

/** @returns how many streams it held, itself among them. */
async function scanFile(
  file: ModelFile,
  { options, findings, formats, sizes, pieces }: Shared,
): Promise<number> {
  const { signal, temporaryFolder } = options;
  const handle = await open(file.location, 'r');
  try {
    const before = await handle.stat({ bigint: true });
    const size = Number(before.size);
    const scan = new FileScan({
      size,
      signal,
      temporaryFolder,
      report: (place, found) => findings.add(place, found),
      count: (format) => formats.set(format, (formats.get(format) ?? 0) + 1),
      sizeOf: (path) => sizes.get(path),
      pieces,
    });
    const random = scan.counted(fileAccess(handle, size));
    const reader = new ByteReader(sourceOf(random, 0, size, signal));
    const place = { file: file.path, members: [] };
    await scan.look({ place, reader, size, random }).catch((error: unknown) => {
      signal.throwIfAborted();
      findings.add(place, {
        rule: 'unreadable',
        offset: null,
        what: `It cannot be read: ${messageOf(error)}.`,
      });
    });
    const after = await handle.stat({ bigint: true });
    // A clock that nobody can turn back: what was looked at must be what is stored.
    if (after.ctimeNs !== before.ctimeNs || after.size !== before.size) {
      findings.add(place, { rule: 'unreadable', offset: null, what: 'It changed while it was looked into.' });
    }
    return scan.streams;
  } finally {
    await handle.close();
  }
}
