/** The evil files on disk, each in a folder of its own, as the one file of a model. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { EvilFile } from './evil/evil-file.ts';
import { EVIL } from './evil.ts';

export interface WrittenEvil extends EvilFile {
  /** Of the folder; unique. */
  path: string;
}

export const PLACED: readonly WrittenEvil[] = EVIL.map((evil) => ({
  ...evil,
  path: `${evil.technique.replaceAll(' ', '-')}/${evil.name}`,
}));

/** Writes all of them. */
export async function writeEvil(folder: string): Promise<void> {
  for (const { path, make } of PLACED) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), make());
  }
}
