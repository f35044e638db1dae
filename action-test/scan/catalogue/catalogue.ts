/**
 * Every finding of the safety scan in every format that has it, each with a file that passes and one that fails; all
 * are built byte by byte, and inert. The table in docs/scan.md is made from it.
 */
import { ARCHIVES } from './archives.ts';
import { COMPRESSED } from './compressed.ts';
import type { CatalogueEntry } from './entry.ts';
import { EXPORTED_PROGRAMS } from './exported-programs.ts';
import { GRAPHS } from './graphs.ts';
import { KERAS } from './keras.ts';
import { LOADERS } from './loaders.ts';
import { MACHINE_CODE } from './machine-code.ts';
import { NUMPY } from './numpy.ts';
import { PICKLE } from './pickle.ts';
import { SECRETS } from './secrets.ts';
import { TARGETS } from './targets.ts';
import { TEXT } from './text.ts';
import { WEIGHTS } from './weights.ts';

/** By the file of this folder in which they are made. */
export const CATALOGUE_FILES: Readonly<Record<string, readonly CatalogueEntry[]>> = {
  'pickle.ts': PICKLE,
  'numpy.ts': NUMPY,
  'archives.ts': ARCHIVES,
  'compressed.ts': COMPRESSED,
  'keras.ts': KERAS,
  'graphs.ts': GRAPHS,
  'exported-programs.ts': EXPORTED_PROGRAMS,
  'weights.ts': WEIGHTS,
  'text.ts': TEXT,
  'loaders.ts': LOADERS,
  'targets.ts': TARGETS,
  'machine-code.ts': MACHINE_CODE,
  'secrets.ts': SECRETS,
};

export const CATALOGUE: readonly CatalogueEntry[] = Object.values(CATALOGUE_FILES).flat();
