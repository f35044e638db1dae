/**
 * Files that loading would turn against whoever loads them, each built byte by byte, the same every time. They prove the
 * safety scan: each must be refused for the reason that is named here. They are inert: whoever did load one would see
 * the word `scanned`, and nothing else would happen.
 */
import { ARCHIVES } from './evil/archives.ts';
import { BEGUN_AS_TEXT } from './evil/begun-as-text.ts';
import { DISTRIBUTED_CHECKPOINTS } from './evil/distributed-checkpoints.ts';
import { DISTRIBUTIONS } from './evil/distributions.ts';
import { ENCODINGS } from './evil/encodings.ts';
import type { EvilFile } from './evil/evil-file.ts';
import { EXPORTED_PROGRAMS } from './evil/exported-programs.ts';
import { GADGETS } from './evil/gadgets.ts';
import { GRAPHS } from './evil/graphs.ts';
import { HARMFUL_CALLS } from './evil/harmful-calls.ts';
import { HEADERS } from './evil/headers.ts';
import { HIDDEN_NAMES } from './evil/hidden-names.ts';
import { JOBLIB } from './evil/joblib.ts';
import { KERAS } from './evil/keras.ts';
import { LOADERS } from './evil/loaders.ts';
import { MACHINE_CODE } from './evil/machine-code.ts';
import { MAPPED_ARRAYS } from './evil/mapped-arrays.ts';
import { NUMPY } from './evil/numpy.ts';
import { OPCODES } from './evil/opcodes.ts';
import { REACHED_BY_LOADERS } from './evil/reached-by-loaders.ts';
import { REACHING_FORMATS } from './evil/reaching-formats.ts';
import { SAVED_AROUND_MODELS } from './evil/saved-around-models.ts';
import { STREAMS } from './evil/streams.ts';
import { TARGET_FILES } from './evil/targets.ts';
import { UNPACKING } from './evil/unpacking.ts';

export const EVIL: readonly EvilFile[] = [
  ...OPCODES,
  ...GADGETS,
  ...HIDDEN_NAMES,
  ...STREAMS,
  ...BEGUN_AS_TEXT,
  ...JOBLIB,
  ...NUMPY,
  ...ARCHIVES,
  ...KERAS,
  ...ENCODINGS,
  ...LOADERS,
  ...TARGET_FILES,
  ...MACHINE_CODE,
  ...GRAPHS,
  ...EXPORTED_PROGRAMS,
  ...HEADERS,
  ...REACHING_FORMATS,
  ...REACHED_BY_LOADERS,
  ...UNPACKING,
  ...SAVED_AROUND_MODELS,
  ...DISTRIBUTIONS,
  ...MAPPED_ARRAYS,
  ...HARMFUL_CALLS,
  ...DISTRIBUTED_CHECKPOINTS,
];
