import { join, utf8 } from '../bytes.ts';
import { npy } from '../evil/numpy.ts';
import { type CatalogueEntry, cutOff, evil, example } from './entry.ts';
import { weights } from './pickle.ts';

const numbers = (): Uint8Array => npy("'<f8'", new Uint8Array(8));
const array = example('numbers.npy', numbers);

export const NUMPY: readonly CatalogueEntry[] = [
  {
    format: 'pickle',
    rule: 'pickle-import',
    says: 'It is an array of Python objects, which NumPy saves as a pickle; this one imports `os.system`.',
    passing: example('objects.npy', () => npy("'|O'", weights())),
    failing: evil('objects-in-an-array-of-numpy/objects.npy'),
  },
  {
    format: 'npy',
    rule: 'array-header',
    says: 'Its header calls a function, where an ordinary one is a dictionary of plain values.',
    passing: array,
    failing: example('called-header.npy', () => npy("'<f8'", new Uint8Array(8), 1, 'tuple([1])')),
  },
  {
    format: 'npy',
    rule: 'cut-off',
    says: 'It has fewer bytes than its shape needs.',
    passing: array,
    failing: example('cut-off.npy', () => cutOff(numbers())),
  },
  {
    format: 'npy',
    rule: 'bytes-after-end',
    says: 'A text follows the numbers; a second array may follow, and is looked into.',
    passing: example('two-arrays.npy', () => join(numbers(), numbers())),
    failing: example('text-behind.npy', () => join(numbers(), utf8('and more'))),
  },
];
