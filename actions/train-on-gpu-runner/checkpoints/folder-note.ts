import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

/**
 * A note in the checkpoint folder says to which work (command, parameters, data) the checkpoints belong and whether it
 * was finished: a new training must not go on from another one's end.
 */
const NOTE = '.mlops-checkpoints.json';
const noteSchema = z.strictObject({
  work: z.string(),
  finished: z.boolean(),
  /** Files are being brought into the folder: what is there is half a checkpoint. */
  restoring: z.literal(true).optional(),
});
export type FolderNote = z.infer<typeof noteSchema>;

/** Inside a checkpoint folder that cannot be renamed: what lay there before. */
export const PREVIOUS = '.mlops-previous';

/** Names in the checkpoint folder that are not the program's. */
export const isOwnName = (name: string): boolean => name.startsWith('.mlops-');

/** What the program has in the folder. */
export async function contents(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => !isOwnName(name));
}

/** Undefined when there is none of ours. */
export async function readNote(folder: string): Promise<FolderNote | undefined> {
  try {
    return noteSchema.parse(JSON.parse(await readFile(join(folder, NOTE), 'utf8')));
  } catch {
    return undefined;
  }
}

export async function writeNote(folder: string, content: FolderNote): Promise<void> {
  const draft = join(folder, `${NOTE}.draft`);
  await writeFile(draft, JSON.stringify(content));
  await rename(draft, join(folder, NOTE));
}
