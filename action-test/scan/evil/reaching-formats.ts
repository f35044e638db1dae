/** Models in formats without code that reach for other files, or begin as one format and are another. */
import type { FindingRule } from '../../../shared/models/scan/rules.ts';
import { join, u32, u64, utf8 } from '../bytes.ts';
import { field, number } from '../protobuf-writer.ts';
import { type EvilFile, plainCall } from './evil-file.ts';

const STOP = utf8('.');

/** Core ML, with the numbers of the fields of coremltools 9. */
const coreml = (...parts: readonly Uint8Array[]): Uint8Array =>
  join(number(1, 8), field(2, field(100, field(3, 'somebody'))), ...parts);
const linked = (name: string, folders: string): Uint8Array =>
  coreml(field(556, field(1, field(1, field(1, name)), field(2, field(1, folders)))));
const program = (file: string): Uint8Array => {
  const value = field(5, field(1, 'val'), field(2, field(5, field(1, file), number(2, 64))));
  const block = field(2, field(3, field(1, 'const'), value));
  const main = field(2, field(2, 'CoreML5'), field(3, field(1, 'CoreML5'), block));
  return coreml(field(502, number(1, 1), field(2, field(1, 'main'), main)));
};

const CORE_ML: Record<string, [gadget: string, make: () => Uint8Array]> = {
  'linked.mlmodel': ['../../other.mlmodelc', () => linked('../../other.mlmodelc', '.')],
  'linked-in-a-folder.mlmodel': ['/usr/share', () => linked('other.mlmodelc', '.:/usr/share')],
  'linked-in-a-pipeline.mlmodel': [
    '/other.mlmodelc',
    () => coreml(field(202, field(1, linked('/other.mlmodelc', '.')))),
  ],
  'weights-of-the-machine.mlmodel': ['/etc/hostname', () => program('/etc/hostname')],
  'weights-above.mlmodel': ['../secret', () => program('@model_path/../secret')],
};

/** HDF5 as h5py 3.16 writes it, as far as it is looked at: a signature, and one message of a header. */
const HDF5 = join(Uint8Array.of(0x89), utf8('HDF\r\n'), Uint8Array.of(0x1a, 0x0a, 0));
const hdf5 = (...message: readonly Uint8Array[]): Uint8Array =>
  join(HDF5, new Uint8Array(39), ...message, new Uint8Array(64));
const external = utf8('\0../secret.h5\0/there\0');
const link = join(Uint8Array.of(1, 8, 0x40, 5), utf8('where'), Uint8Array.of(external.length, 0), external);
const fileList = join(
  Uint8Array.of(7, 0, 40, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0),
  u64(64),
  ...[u64(0), u64(0), u64(10)],
);
const virtual = join(Uint8Array.of(8, 14, 0, 0, 4, 3), u64(2048), u32(1));

const H5: Record<string, [gadget: string, make: () => Uint8Array]> = {
  'link.h5': ['an external link', () => hdf5(link)],
  'data.h5': ['a list of external files', () => hdf5(fileList)],
  'virtual.h5': ['a virtual dataset', () => hdf5(virtual)],
  'link-behind-a-block.h5': ['an external link', () => join(new Uint8Array(2048), hdf5(link))],
};

/** `GGUF` and `CBM1` begin with opcodes that put 8 and 66 bytes on the stack. */
const BEGINNINGS: Record<string, () => Uint8Array> = {
  'pickle.gguf': () => join(utf8('GGUF'), u32(3), Uint8Array.of(0), utf8('0'), plainCall(), STOP),
  'pickle.cbm': () => join(utf8('CBM1'), new Uint8Array(64), utf8('0'), plainCall(), STOP),
};

const reaching = (
  technique: string,
  rule: FindingRule,
  files: Record<string, [gadget: string, make: () => Uint8Array]>,
): EvilFile[] =>
  Object.entries(files).map(([name, [gadget, make]]) => ({ name, technique, gadget, rule, make }));

export const REACHING_FORMATS: readonly EvilFile[] = [
  ...reaching('a model of Core ML that reaches for files', 'external-data', CORE_ML),
  ...reaching('an HDF5 file that reads from others', 'hdf5-external', H5),
  ...Object.entries(BEGINNINGS).map(
    ([name, make]): EvilFile => ({
      name,
      technique: 'a pickle that begins as another format',
      gadget: 'os.system',
      rule: 'pickle-import',
      make,
    }),
  ),
];
