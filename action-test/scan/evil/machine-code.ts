/** Libraries that loaders of compiled models open, and archives of Python that loading imports; each has only a header. */
import { join, u32, utf8 } from '../bytes.ts';
import { zip } from '../zip-writer.ts';
import type { EvilFile } from './evil-file.ts';
import { SCRIPT } from './evil-file.ts';

const ELF = join(Uint8Array.of(0x7f), utf8('ELF'), Uint8Array.of(2, 1, 1), new Uint8Array(57));
const PE = join(utf8('MZ'), new Uint8Array(58), u32(0x40), utf8('PE\0\0'), new Uint8Array(20));
const MACH_O = join(u32(0xfeedfacf), new Uint8Array(28));

const library = (name: string, make: () => Uint8Array): EvilFile => ({
  name,
  technique: 'a library of the machine',
  gadget: 'machine.code',
  rule: 'machine-code',
  make,
});

export const MACHINE_CODE: readonly EvilFile[] = [
  library('model.so', () => ELF),
  library('model.dll', () => PE),
  library('model.dylib', () => MACH_O),
  library('weights.bin', () => ELF),
  library('model.pt2', () =>
    zip([
      { name: 'model/archive_format', content: utf8('pt2') },
      { name: 'model/data/aotinductor/model/model.wrapper.so', content: ELF },
    ]),
  ),
  {
    name: 'package.pt',
    technique: 'an archive of Python files',
    gadget: 'torch.package',
    rule: 'pickle-import',
    make: () =>
      zip([
        { name: 'package/evil.py', content: utf8(SCRIPT) },
        { name: 'package/.data/extern_modules', content: utf8('') },
        { name: 'package/.data/version', content: utf8('3\n') },
      ]),
  },
];
