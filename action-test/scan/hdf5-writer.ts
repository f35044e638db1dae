/** HDF5 files as h5py 3.16 writes them in its oldest form, which has no checksums: with a text of one's own in them. */
import { inflateSync } from 'node:zlib';

/** An attribute `model_config` of 700 bytes, all of them `@`, by zlib. */
const CONFIGURED =
  'eNrr9HBx4+WS4mIAAQ4OBhYGAQZk8B8KNNhQ+TD5BCjNCKU7oPQKJpg4M1hOAiouADVfgRnC54DSIUGursjmo9szCkY28HB1DADREVA+B5Q+wYSqDpYOA6hkryA0vaKnax6GF0wQ+3iBbuFgyM1PSc2JT87PS8tMB4kLAx2yhwnhHodRMAqGKAClXwDX1N6w';
/** A link `weights` into `/weights` of `other-model.h5`, by zlib. */
const EXTERNAL_LINK =
  'eNrr9HBx4+WS4mIAAQ4OBhYGAQZk8B8KGphR+TD5BCjNCKU7oPQKJpg4C1hOAiouADVfgRlVf0iQqyuy+ej2jIKRDTxcHQNAdASUzwGlTzChqoOlwwAq2csET7nYUyYX0CWMSOrZGDQg7uBwYC9PzUzPKCmWZGDIL8lILdLNzU9JzdHLMGXQh8oA1QEA+KNEPw==';
/** A link `weights` to `/weights-of-dense` of the same file, by zlib. */
const LINK =
  'eNrr9HBx4+WS4mIAAQ4OBhYGAQZk8B8KMlhQ+TD5BCjNCKU7oPQKJpg4I1hOAiouCDUfXV1IkKsrSPV/NACzR4EZQnMwjIKRCDxcHQNAdASUrwGlTzChqitPzUzPKClm0IcydPPTdFNS84pT0dKpAZH2Bvv5u4BSMAdafoBZKzAaNUQBADqhO6g=';

const PLACE = '@'.repeat(700);

/** @param text at most 700 bytes: what `model_config` says. */
export function hdf5(text: string): Uint8Array {
  const file = inflateSync(Buffer.from(CONFIGURED, 'base64'));
  file.write(text.padEnd(PLACE.length, '\0'), file.indexOf(PLACE));
  return new Uint8Array(file);
}

const unpacked = (packed: string): Uint8Array => new Uint8Array(inflateSync(Buffer.from(packed, 'base64')));
export const hdf5WithLink = (): Uint8Array => unpacked(LINK);
export const hdf5WithExternalLink = (): Uint8Array => unpacked(EXTERNAL_LINK);
