import { join } from 'node:path';
import type { Scan, ScannedFile } from './scan.ts';
import { wholenessOf } from './wholeness.ts';

/**
 * Whether what lies in the checkpoint folder is a checkpoint, or one that is being written. Nobody tells, so one of
 * these must hold:
 *
 * - the program ended by itself;
 * - nothing in the folder changed for a while (and had not when the program was killed);
 * - all checkpoints are one file or folder each, named alike but for their numbers, and each new one is proven to be
 *   complete: it got its name after its last byte, or is of a format whose end is known.
 *
 * And no file of a known format may lack its end, nor a folder of Hugging Face's Trainer.
 */
export interface Moment {
  folder: string;
  scan: Scan;
  /** What was kept last, by path: its marks. */
  kept: ReadonlyMap<string, string>;
  /** Milliseconds since something in the folder changed; when the program was killed, until then. */
  stillMs: number;
  /** How the program ended; undefined while it runs. */
  ended: 'by-itself' | 'killed' | undefined;
  /** Nothing writes from now on: the program stands still, or will before a file is read. */
  isHeld?: boolean;
}

export interface Patience {
  /** Milliseconds after which a folder in which nothing changes is taken for still. */
  settleMs: number;
  /** Milliseconds after which a file that lacks its end, but does not change, is taken for one of another format. */
  brokenMs: number;
}

/** Two writes within one tick of the file system's clock leave the same time: the second would not be seen. */
export const CLOCK_TICK_MS = 20;

/** @returns undefined when it may be kept, else why not. */
export async function reasonToWait(
  moment: Moment,
  { settleMs, brokenMs }: Patience,
): Promise<string | undefined> {
  const { folder, scan, kept, stillMs, ended, isHeld } = moment;
  const changed = scan.files.filter(({ path, mark }) => kept.get(path) !== mark);
  const proven = new Set<string>();
  for (const file of changed) {
    if (file.link !== undefined) {
      proven.add(file.path);
      continue;
    }
    const wholeness = await wholenessOf(join(folder, file.path), file.size);
    if (wholeness === 'broken' && (ended === 'killed' || stillMs < brokenMs))
      return `${file.path} is not complete`;
    if (wholeness === 'whole') proven.add(file.path);
  }
  const folderInWork = trainerFolderInWork(scan.files);
  if (folderInWork && (ended === 'killed' || stillMs < brokenMs)) return `${folderInWork} is not complete`;
  if (ended === 'by-itself' || stillMs >= settleMs) return undefined;
  const isFresh =
    ended === undefined && !isHeld && changed.some(({ changedAt }) => Date.now() - changedAt < CLOCK_TICK_MS);
  const isCertain =
    !isFresh &&
    isOneFamily(scan.files) &&
    !isBeingRemoved(scan, kept) &&
    changed.every((file) => isProven(file, scan, proven, kept));
  if (isCertain) return undefined;
  return ended === 'killed'
    ? 'the command was killed while files were being written'
    : 'files are being written';
}

function isProven(
  file: ScannedFile,
  scan: Scan,
  proven: ReadonlySet<string>,
  kept: ReadonlyMap<string, string>,
): boolean {
  const unit = unitOf(file.path);
  if (unit === file.path) return file.isRenamed || proven.has(file.path);
  // A folder that appeared whole; one of which a part was kept is being changed in place.
  return scan.renamedFolders.has(unit) && ![...kept.keys()].some((path) => unitOf(path) === unit);
}

/** Hugging Face's Trainer writes its arguments with the model, and its state after the optimizer, at the end. */
function trainerFolderInWork(files: readonly ScannedFile[]): string | undefined {
  const paths = new Set(files.map(({ path }) => path));
  const begun = [...paths].filter((path) => /^checkpoint-\d+\/training_args\.bin$/.test(path)).map(unitOf);
  return begun.find((folder) => !paths.has(`${folder}/trainer_state.json`));
}

/** Whether a folder of which there is something left had more before. */
function isBeingRemoved({ files }: Scan, kept: ReadonlyMap<string, string>): boolean {
  const paths = new Set(files.map(({ path }) => path));
  const units = new Set(files.map(({ path }) => unitOf(path)));
  return [...kept.keys()].some((path) => units.has(unitOf(path)) && !paths.has(path));
}

/** Whether the names of the first level differ in their numbers alone: then each is a checkpoint by itself. */
function isOneFamily(files: readonly ScannedFile[]): boolean {
  return new Set(files.map(({ path }) => unitOf(path).replace(/\d+/g, '#'))).size <= 1;
}

const unitOf = (path: string): string => path.split('/')[0] ?? path;
