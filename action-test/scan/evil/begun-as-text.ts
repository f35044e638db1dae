/** Pickles whose first thousands of bytes are text, or the header of another format: nothing but opcodes all the same. */
import { deflateSync, gzipSync } from 'node:zlib';
import { join, utf8 } from '../bytes.ts';
import * as p from '../pickle-writer.ts';
import { tar } from '../tar-writer.ts';
import { zip } from '../zip-writer.ts';
import { type EvilFile, importing, PLAIN_GADGET } from './evil-file.ts';

/** `os.system('echo scanned')` in lines of text, and no STOP yet. */
const CALL = utf8("cos\nsystem\n(S'echo scanned'\ntR");
const BYTES = 24_000;
const many = (opcodes: string): Uint8Array => utf8(opcodes.repeat(BYTES / opcodes.length));

/** What an unpickler reads and forgets, for as long as anybody likes. */
const PREFIXES: Record<string, () => Uint8Array> = {
  'texts-below-marks': () => many("(S'weight 0'\n0"),
  'nothing-and-pop': () => many('N0'),
  'marks-and-pop': () => many('(1'),
  'lists-and-pop': () => many(']0'),
  numbers: () => many('I1\n0'),
  'one-long-text': () => utf8(`V${'x'.repeat(BYTES)}\n0`),
  'one-text-beyond-the-head': () => utf8(`V${'x'.repeat(4_500)}\n0`),
};
const prefixed = (prefix: Uint8Array, end = p.STOP): Uint8Array => join(prefix, CALL, end);

const WRAPPINGS: Record<string, (bytes: Uint8Array) => Uint8Array> = {
  pkl: (bytes) => bytes,
  'pkl.gz': (bytes) => gzipSync(bytes),
  'joblib.z': (bytes) => deflateSync(bytes),
  zip: (bytes) => zip([{ name: 'weights', content: bytes }]),
  'zip.gz': (bytes) => gzipSync(zip([{ name: 'weights', content: bytes }])),
  'tar.gz': (bytes) => gzipSync(tar([{ name: 'weights', content: bytes }])),
};

const LONG: Record<string, () => Uint8Array> = Object.fromEntries(
  Object.entries(PREFIXES).flatMap(([prefix, make]) =>
    Object.entries(WRAPPINGS).map(([ending, wrap]) => [`${prefix}.${ending}`, () => wrap(prefixed(make()))]),
  ),
);

/** The call has run before the last byte, which is no opcode. */
const BROKEN: Record<string, () => Uint8Array> = {
  'broken-behind-a-long-text.pkl.gz': () => gzipSync(prefixed(PREFIXES['one-long-text']!(), utf8('?'))),
  'place-minus-zero.pkl': () => join(utf8('Np-0\n0'), CALL, utf8('?')),
  'text-across-the-end-of-a-frame.pkl': () => join(p.frame(utf8('V')), utf8('ab\n0'), CALL, utf8('?')),
};

/** A name with more dots than are kept, and names from places of the memo that are not: which, only a loader tells. */
const DOTS = `os.${'path.os.'.repeat(40)}system`;
const called = utf8("(S'echo scanned'\ntR?");
const UNTOLD: Record<string, () => Uint8Array> = {
  'far-away-in-the-memo.pkl': () =>
    join(utf8('Vos\np16777216\n0Vsystem\np16777217\n0g16777216\ng16777217\n'), join(p.STACK_GLOBAL, called)),
  'many-dots-behind-global.pkl': () => join(utf8('N0'), p.proto(4), p.global('shutil', DOTS), called),
  'many-dots-in-a-text.pkl': () =>
    join(utf8('N0'), p.proto(4), p.line('shutil'), p.binunicode(DOTS), p.STACK_GLOBAL, called),
  'many-dots-from-the-memo.pkl': () =>
    join(
      join(utf8('N0'), p.proto(4), p.line(DOTS), p.put(0), p.POP),
      join(p.line('shutil'), p.get(0), p.STACK_GLOBAL, called),
    ),
};

/** The name of the first member is a whole pickle. */
const archive = (): Uint8Array =>
  tar([{ name: "cos\nsystem\n(S'echo scanned'\ntR.", content: utf8('weights') }]);

export const BEGUN_AS_TEXT: readonly EvilFile[] = [
  ...importing('a pickle that begins as a text', { ...LONG, ...BROKEN }),
  ...Object.entries(UNTOLD).map(([name, make]) => ({
    name,
    technique: 'a pickle that begins as a text',
    gadget: PLAIN_GADGET,
    rule: 'pickle-import-unresolved' as const,
    make,
  })),
  ...importing('a pickle that is another format as well', {
    'pickle-in-the-name.tar': archive,
    'pickle-in-the-name.tar.gz': () => gzipSync(archive()),
  }),
];
