/** What the table of docs/scan.md that sets the safety scan beside other scanners is made from. */
import type { FindingRule } from '../../shared/models/scan/rules.ts';
import { type EvilFile, PLAIN_GADGET } from '../scan/evil/evil-file.ts';
import type { Looked } from '../scan/told-scan.ts';

export const RIVALS = ['picklescan', 'modelscan', 'fickling'] as const;
export type Rival = (typeof RIVALS)[number];

/** `error`: it could not be read; `skipped`: the tool does not look at files of that name. */
export const VERDICTS = ['refused', 'clean', 'error', 'skipped'] as const;
export type Verdict = (typeof VERDICTS)[number];
export type Tally = Record<Verdict, number>;

export interface RivalsRow extends Record<Rival, Tally> {
  /** The technique of evil files; the libraries that saved good ones. */
  title: string;
  files: number;
  /** In how many of them the safety scan has an error. */
  refusedHere: number;
}

export interface EvilRow extends RivalsRow {
  family: Family;
}

export interface RivalsRecord {
  versions: Record<Rival, string>;
  evil: EvilRow[];
  good: RivalsRow[];
}

/**
 * Kinds of files, and which tools say that they look into them: picklescan in its README and its lists of extensions
 * (scanner.py), modelscan in the table of its README, fickling in its README and where its command line says what it
 * does not support.
 */
export const FAMILIES = {
  pickle: {
    title: 'pickles, by themselves or in a zip of PyTorch or NumPy',
    claimedBy: ['picklescan', 'modelscan', 'fickling'],
  },
  numpy: { title: 'pickles in arrays of NumPy', claimedBy: ['picklescan', 'modelscan'] },
  compressed: { title: 'pickles that are compressed or in a tar', claimedBy: [] },
  keras: { title: 'Keras (.keras, HDF5)', claimedBy: ['modelscan'] },
  'saved-model': { title: 'TensorFlow SavedModel', claimedBy: ['modelscan'] },
  other: { title: 'ONNX, safetensors, GGUF, PMML, MLflow, skops and others', claimedBy: [] },
  archive: { title: 'archives that lead elsewhere, or fill the disk', claimedBy: [] },
} as const satisfies Record<string, { title: string; claimedBy: readonly Rival[] }>;
export type Family = keyof typeof FAMILIES;

const COMPRESSED: readonly Looked[] = [
  'gzip',
  'zlib',
  'old-joblib',
  'bzip2',
  'xz',
  'lzma',
  'lz4',
  'zstd',
  'tar',
];

/** What only files have that a loader opens by their name. */
const OF_DESCRIPTIONS: readonly FindingRule[] = ['named-code', 'skops-type', 'package-source'];

/** @param formats of all streams in the file, the outermost first. */
export function familyOf({ name, rule, gadget }: EvilFile, formats: readonly Looked[]): Family {
  if (OF_DESCRIPTIONS.includes(rule)) return 'other';
  if (formats.includes('saved-model') || formats.includes('keras-metadata')) return 'saved-model';
  if (name.endsWith('.keras') || rule.startsWith('keras-') || rule.startsWith('hdf5-')) return 'keras';
  const isCompressed = formats.some((format) => COMPRESSED.includes(format));
  if (rule.startsWith('pickle-') || gadget === PLAIN_GADGET) {
    if (formats.includes('npy')) return 'numpy';
    return isCompressed ? 'compressed' : 'pickle';
  }
  return isCompressed || formats[0] === 'zip' ? 'archive' : 'other';
}

export function tallyOf(verdicts: readonly Verdict[]): Tally {
  const tally: Tally = { refused: 0, clean: 0, error: 0, skipped: 0 };
  for (const verdict of verdicts) tally[verdict] += 1;
  return tally;
}
