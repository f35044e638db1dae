/** Programs and libraries of the machine, and archives of programs. */
import { utf8 } from '../bytes.ts';
import { zip } from '../zip-writer.ts';
import { type CatalogueEntry, evil, example } from './entry.ts';

export const MACHINE_CODE: readonly CatalogueEntry[] = [
  {
    format: 'machine-code',
    rule: 'machine-code',
    says: 'A library of Linux lies in the model.',
    passing: example('library.txt', () => utf8('ELF is only written about.\n')),
    failing: evil('a-library-of-the-machine/model.so'),
  },
  {
    format: 'zip',
    rule: 'pickle-import',
    says: 'An archive of `torch.package`, whose loader runs the Python files in it.',
    passing: example('package.zip', () => zip([{ name: 'package/notes.txt', content: utf8('none') }])),
    failing: evil('an-archive-of-Python-files/package.pt'),
  },
];
