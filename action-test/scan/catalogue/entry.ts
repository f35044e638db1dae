/** A finding in a format: the file that has it, and beside it one of the same shape that is harmless. */
import type { FindingRule } from '../../../shared/models/scan/rules.ts';
import { PLACED } from '../evil-folder.ts';
import type { Looked } from '../told-scan.ts';

export interface Example {
  /** As it would be called in a model. */
  name: string;
  make(): Uint8Array;
}

export interface CatalogueEntry {
  /** Of the stream that has the finding; it may lie in another one. */
  format: Looked;
  rule: FindingRule;
  /** One sentence: what the failing file does and the passing one does not. */
  says: string;
  /** In which nothing at all is found. */
  passing: Example;
  /** In which this is found, and nothing else. */
  failing: Example;
}

/** One of the evil files. @param path below the folder that they are written into: technique and name. */
export function evil(path: string): Example {
  const found = PLACED.find((placed) => placed.path === path);
  if (!found) throw new Error(`No evil file is called ${path}.`);
  return { name: `evil/${path}`, make: found.make };
}

export const example = (name: string, make: () => Uint8Array): Example => ({ name, make });

/** All but the last bytes. */
export const cutOff = (bytes: Uint8Array, count = 1): Uint8Array => bytes.subarray(0, -count);
