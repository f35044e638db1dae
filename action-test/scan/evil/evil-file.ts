/** What an evil file is, and the call that most of them hide. */
import type { FindingRule } from '../../../shared/models/scan/rules.ts';
import { join } from '../bytes.ts';
import { global, pickle, REDUCE, texts } from '../pickle-writer.ts';

export interface EvilFile {
  /** In the model; it may pretend to be of another format. */
  name: string;
  /** How the danger is hidden. */
  technique: string;
  /** What loading it would import, as `module.name`, or else what is wrong with it. */
  gadget: string;
  /** Of a finding of level `error` that the file must have. */
  rule: FindingRule;
  make(): Uint8Array;
}

/** All that any payload does is to print a word. */
export const COMMAND = 'echo scanned';
export const SCRIPT = "print('scanned')";

/** `os.system('echo scanned')`, in the plainest form there is. */
export const plainEvil = (version = 2): Uint8Array =>
  pickle(version, join(global('os', 'system'), texts(COMMAND), REDUCE));
/** The same as an object within a pickle. */
export const plainCall = (): Uint8Array => join(global('os', 'system'), texts(COMMAND), REDUCE);
export const PLAIN_GADGET = 'os.system';

/** Files of one technique that import the same. */
export const importing = (
  technique: string,
  files: Record<string, () => Uint8Array>,
  gadget = PLAIN_GADGET,
): EvilFile[] =>
  Object.entries(files).map(([name, make]) => ({
    name,
    technique,
    gadget,
    rule: 'pickle-import',
    make,
  }));
