import { gzipSync } from 'node:zlib';
import { join, utf8 } from '../bytes.ts';
import * as p from '../pickle-writer.ts';
import { zip } from '../zip-writer.ts';
import { type CatalogueEntry, cutOff, evil, example } from './entry.ts';

/** `{'weight': 1}` */
export const weights = (): Uint8Array =>
  p.pickle(2, p.EMPTY_DICT, p.binunicode('weight'), p.binint1(1), p.SETITEM);
const orderedDict = p.global('collections', 'OrderedDict');
const called = example('ordered-dict.pkl', () =>
  p.pickle(2, orderedDict, p.EMPTY_TUPLE, p.REDUCE, p.EMPTY_DICT, p.BUILD),
);
const storage = join(p.binunicode('0'), p.BINPERSID);
const packed = (): Uint8Array => new Uint8Array(gzipSync(weights(), { level: 0 }));

export const PICKLE: readonly CatalogueEntry[] = [
  {
    format: 'pickle',
    rule: 'pickle-import',
    says: 'It imports `os.system` and calls it, where an ordinary one calls `collections.OrderedDict`.',
    passing: called,
    failing: evil('an-opcode-that-calls/reduce-protocol-2.pkl'),
  },
  {
    format: 'pickle',
    rule: 'pickle-import-unresolved',
    says: 'It names what it calls by a number, which only the loading program can resolve.',
    passing: called,
    failing: evil('a-code-or-id-that-the-loader-resolves/extension-1.pkl'),
  },
  {
    format: 'pickle',
    rule: 'pickle-patches-import',
    says: 'It gives a class of Python a new attribute, where an ordinary one gives it to an object of that class.',
    passing: called,
    failing: example('class-with-a-state.pkl', () =>
      p.pickle(2, orderedDict, p.EMPTY_DICT, p.binunicode('clear'), p.binint1(1), p.SETITEM, p.BUILD),
    ),
  },
  {
    format: 'pickle',
    rule: 'pickle-broken',
    says: 'It ends without the opcode that ends every pickle.',
    passing: called,
    failing: example('without-stop.pkl', () => cutOff(called.make())),
  },
  {
    format: 'pickle',
    rule: 'pickle-bytes-after-stop',
    says: 'A text follows its last opcode; a second pickle may follow, and is looked into.',
    passing: example('two-dicts.pkl', () => join(weights(), weights())),
    failing: example('text-behind.pkl', () => join(weights(), utf8('\nand more'))),
  },
  {
    format: 'pickle',
    rule: 'pickle-outside-data',
    says: 'It asks for data outside of it, and lies in no archive of PyTorch.',
    passing: example('persistent-id.pt', () =>
      zip([
        { name: 'archive/data.pkl', content: p.pickle(2, storage) },
        { name: 'archive/data/0', content: new Uint8Array(16) },
        { name: 'archive/version', content: utf8('3\n') },
      ]),
    ),
    failing: example('persistent-id.pkl', () => p.pickle(2, storage)),
  },
  {
    format: 'pickle',
    rule: 'unreadable',
    says: 'It is compressed, and the compressed stream ends too early.',
    passing: example('dict.pkl.gz', packed),
    failing: example('cut-off.pkl.gz', () => cutOff(packed(), 4)),
  },
];
