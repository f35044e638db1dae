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

/** @param content at most 700 bytes: what `model_config` says. */
export function hdf5(content: string | Uint8Array): Uint8Array {
  const file = inflateSync(Buffer.from(CONFIGURED, 'base64'));
  const place = file.indexOf(PLACE);
  file.fill(0, place, place + PLACE.length);
  file.set(Buffer.from(content), place);
  return new Uint8Array(file);
}

const unpacked = (packed: string): Uint8Array => new Uint8Array(inflateSync(Buffer.from(packed, 'base64')));
export const hdf5WithLink = (): Uint8Array => unpacked(LINK);
export const hdf5WithExternalLink = (): Uint8Array => unpacked(EXTERNAL_LINK);

/** As PyTables 3.11 writes an array of objects of any length, with one of 400 bytes, all of them `@`, by zlib. */
const OBJECTS =
  'eNrtmb1OwlAUx+9tARsEUnVBB8NEmAgYB0crlI+kUNIWAhNG46KDgz6Ao24+hiOP4OhjuPoUyO09rW0jBnUh+v9Bcrin//vR23PuTbkPnWYrn93LMoGmsRTTWZQ58VyOl4Prp2Q52XuyT0rgz/jXiuTXqf2SKsuv5Pcc0xTqeYKgHz0trcbAf6RjGgNhx2EcSV6UuO767PLi/PYmjMfOL/vdop6ScZ1jpTC+RdZ4Xc9aBDDb0WUuKP5X6CoRncYaluG6pEtH8qbt2MNBTK/5n5HpuF277+vViL5erdE4jkhf9PWDiWecWKY7bdlOz/Cmy+ofVOtULy99PJ6fs31ZHifmQ130I6S79Az0sKrMzPTC+vevSrdGma8qyl3mY6kIF5ltqiecb9fZq6/mayMy/pFlOI4x+cZ8Hcbub0yDqSTuz+3bTe63RqSQez9h1fwQ6z7/ZN3Xl7Q7K8fLPLEeAAAAAODv0W7YFo9s+MH+/0g/jsFaETy3QQGxCwAAAAAAAABgdTidJ3HOY+//wblBjtXIvynPw1xz2LQNz+5JnTh/yETqyfNCzCsAAACwzoj/+WcFFu797+7E1VE=';

/** @param content at most 400 bytes: the object, which PyTables unpickles. */
export function hdf5WithObject(content: Uint8Array): Uint8Array {
  const file = unpacked(OBJECTS);
  const place = Buffer.from(file.buffer).indexOf('@'.repeat(400));
  file.fill(0, place, place + 400);
  file.set(content, place);
  return file;
}

/** The type of a list of any length of bytes; and how long the only one is. */
const LIST_OF_BYTES = Buffer.from('1900000010000000100000000100000000000800', 'hex');
const LENGTH_OF_BYTES = 400;

/** Types of numbers of two bytes, and how a pickle lies in the file as such. */
const NUMBERS = {
  'big-endian': {
    type: '100100000200000000001000',
    written: (pickle: Uint8Array) => Buffer.from(pickle).swap16(),
  },
  'a byte in the middle': {
    type: '100000000200000007000800',
    written: (pickle: Uint8Array) => {
      const numbers = Buffer.alloc(LENGTH_OF_BYTES);
      for (let at = 0; at < LENGTH_OF_BYTES; at += 2) numbers.writeUInt16LE(pickle[at / 2]! << 7, at);
      return numbers;
    },
  },
};

/** As `hdf5WithObject`, of numbers that HDF5 turns into the pickle as it reads them. @param content at most 200 bytes. */
export function hdf5WithConvertedObject(content: Uint8Array, numbers: keyof typeof NUMBERS): Uint8Array {
  const { type, written } = NUMBERS[numbers];
  const pickle = Buffer.alloc(LENGTH_OF_BYTES);
  pickle.set(content);
  const file = Buffer.from(hdf5WithObject(written(pickle)));
  file.write(type, file.indexOf(LIST_OF_BYTES) + 8, 'hex');
  // How many there are, and the heap that they lie in.
  const list = Buffer.alloc(12);
  list.writeUInt32LE(LENGTH_OF_BYTES);
  list.writeUInt32LE(file.indexOf('GCOL'), 4);
  file.writeUInt32LE(LENGTH_OF_BYTES / 2, file.indexOf(list));
  return new Uint8Array(file);
}
