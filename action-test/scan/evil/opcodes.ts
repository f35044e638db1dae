/** Every opcode that imports or calls, in every protocol. */
import { join } from '../bytes.ts';
import * as p from '../pickle-writer.ts';
import { COMMAND, type EvilFile, importing, plainCall, plainEvil } from './evil-file.ts';

const SYSTEM = p.global('os', 'system');
const COMMAND_TEXT = p.binunicode(COMMAND);
const popen = p.global('subprocess', 'Popen');

/** Without PROTO, of lines of text only. */
const textual = (...parts: readonly Uint8Array[]): Uint8Array => join(...parts, p.STOP);

const calls: EvilFile[] = importing('an opcode that calls', {
  'reduce-protocol-0.pkl': () => textual(SYSTEM, p.MARK, p.line(COMMAND), p.TUPLE, p.REDUCE),
  'reduce-quoted-text.pkl': () => textual(SYSTEM, p.MARK, p.quoted(COMMAND), p.TUPLE, p.REDUCE),
  'reduce-protocol-1.pkl': () => textual(SYSTEM, p.MARK, COMMAND_TEXT, p.TUPLE, p.REDUCE),
  'reduce-protocol-2.pkl': () => plainEvil(2),
  'reduce-protocol-3.pkl': () => plainEvil(3),
  'reduce-protocol-4.pkl': () =>
    p.pickle(4, p.frame(join(p.stackGlobal('os', 'system'), COMMAND_TEXT, p.TUPLE1, p.REDUCE))),
  'reduce-protocol-5.pkl': () =>
    p.pickle(5, p.frame(join(p.stackGlobal('os', 'system'), COMMAND_TEXT, p.TUPLE1, p.REDUCE))),
  'inst.pkl': () => textual(p.MARK, p.line(COMMAND), p.inst('os', 'system')),
  'obj.pkl': () => textual(p.MARK, SYSTEM, COMMAND_TEXT, p.OBJ),
  'no-protocol-and-stack-global.pkl': () =>
    textual(p.stackGlobal('os', 'system'), COMMAND_TEXT, p.TUPLE1, p.REDUCE),
  'not-called.pkl': () => p.pickle(2, SYSTEM),
  'called-in-a-dict.pkl': () => p.pickle(2, p.EMPTY_DICT, p.binunicode('weight'), plainCall(), p.SETITEM),
  'called-in-a-list.pkl': () => p.pickle(4, p.EMPTY_LIST, p.MARK, p.NONE, plainCall(), p.APPENDS),
  'called-in-a-set.pkl': () => p.pickle(4, p.EMPTY_SET, p.MARK, plainCall(), p.ADDITEMS),
  'called-and-thrown-away.pkl': () => p.pickle(2, plainCall(), p.POP, p.NONE),
  'called-below-a-mark.pkl': () => p.pickle(2, p.MARK, plainCall(), p.POP_MARK, p.NONE),
  'as-a-state.pkl': () =>
    p.pickle(2, p.global('collections', 'OrderedDict'), p.EMPTY_TUPLE, p.REDUCE, plainCall(), p.BUILD),
  'setstate-of-an-instance.pkl': () =>
    p.pickle(
      2,
      p.global('sklearn.linear_model._logistic', 'LogisticRegression'),
      p.EMPTY_TUPLE,
      p.NEWOBJ,
      join(p.EMPTY_DICT, p.binunicode('__setstate__'), SYSTEM, p.SETITEM, p.BUILD),
      join(COMMAND_TEXT, p.BUILD),
    ),
  'as-an-argument.pkl': () =>
    p.pickle(2, p.global('collections', 'defaultdict'), SYSTEM, p.TUPLE1, p.REDUCE, COMMAND_TEXT, p.POP),
  'partial-of-a-call.pkl': () =>
    p.pickle(
      2,
      p.global('functools', 'partial'),
      SYSTEM,
      COMMAND_TEXT,
      p.TUPLE2,
      p.REDUCE,
      p.EMPTY_TUPLE,
      p.REDUCE,
    ),
  'class-of-a-reconstructed-object.pkl': () =>
    p.pickle(
      2,
      p.global('copyreg', '_reconstructor'),
      SYSTEM,
      p.global('builtins', 'object'),
      p.NONE,
      p.TUPLE3,
      p.REDUCE,
    ),
});

const classes: EvilFile[] = importing(
  'an opcode that calls',
  {
    'newobj.pkl': () => p.pickle(2, popen, p.texts('true'), p.NEWOBJ),
    'newobj-ex.pkl': () =>
      p.pickle(4, p.stackGlobal('subprocess', 'Popen'), p.texts('true'), p.EMPTY_DICT, p.NEWOBJ_EX),
    'copyreg-newobj.pkl': () =>
      p.pickle(2, p.global('copyreg', '__newobj__'), popen, p.binunicode('true'), p.TUPLE2, p.REDUCE),
    'python-2-text.pkl': () => textual(popen, p.MARK, p.shortBinstring('true'), p.TUPLE, p.REDUCE),
  },
  'subprocess.Popen',
);

/** No opcode calls anything but `__new__` of two harmless-looking types. */
const lazily = (): Uint8Array =>
  p.pickle(
    2,
    p.global('builtins', 'bytes'),
    join(p.global('builtins', 'map'), SYSTEM, p.EMPTY_LIST, COMMAND_TEXT, p.APPEND, p.TUPLE2, p.NEWOBJ),
    p.TUPLE1,
    p.NEWOBJ,
  );

const registered = (): EvilFile[] =>
  Object.entries({ 1: p.ext1(7), 2: p.ext2(700), 4: p.ext4(70_000) }).map(([size, code]) => ({
    name: `extension-${size}.pkl`,
    technique: 'a code or id that the loader resolves',
    gadget: 'an extension of copyreg',
    rule: 'pickle-import-unresolved',
    make: () => p.pickle(2, code, p.texts(COMMAND), p.REDUCE),
  }));

const layer = (name: string): Uint8Array => p.global('torch.nn.modules.container', name);
/** An object that calls what it holds, one after the other. */
const chain = (): Uint8Array =>
  join(
    layer('Sequential'),
    p.EMPTY_TUPLE,
    p.NEWOBJ,
    p.EMPTY_DICT,
    p.binunicode('_modules'),
    p.EMPTY_DICT,
    p.SETITEM,
    p.BUILD,
  );

const madeBefore: EvilFile[] = Object.entries({
  'made-and-called.pkl': () => p.pickle(2, chain(), COMMAND_TEXT, p.TUPLE1, p.REDUCE),
  'made-and-called-by-obj.pkl': () => p.pickle(2, p.MARK, chain(), COMMAND_TEXT, p.OBJ),
  'made-and-called-from-the-memo.pkl': () =>
    p.pickle(2, chain(), p.binput(0), p.POP, p.binget(0), COMMAND_TEXT, p.TUPLE1, p.REDUCE),
}).map(([name, make]) => ({
  name,
  technique: 'a call of what another call made',
  gadget: 'an object that calls',
  rule: 'pickle-import-unresolved',
  make,
}));

/** The same, called by what is harmless otherwise. */
const madeAndGiven: EvilFile[] = [
  ...importing(
    'a call of what another call made',
    {
      'made-and-called-by-torch.pkl': () =>
        p.pickle(
          2,
          join(
            p.global('torch._tensor', '_rebuild_from_type_v2'),
            p.MARK,
            chain(),
            p.global('torch', 'Tensor'),
          ),
          join(COMMAND_TEXT, p.TUPLE1, p.NONE, p.TUPLE, p.REDUCE),
        ),
    },
    'torch._tensor._rebuild_from_type_v2',
  ),
  ...importing(
    'a call of what another call made',
    {
      'made-and-called-by-partial.pkl': () =>
        p.pickle(2, p.global('functools', 'partial'), chain(), COMMAND_TEXT, p.TUPLE2, p.REDUCE),
    },
    'functools.partial',
  ),
  ...importing(
    'a call of what another call made',
    {
      'made-and-called-for-a-generator.pkl': () =>
        p.pickle(
          2,
          p.global('numpy.random._pickle', '__generator_ctor'),
          COMMAND_TEXT,
          chain(),
          p.TUPLE2,
          p.REDUCE,
        ),
    },
    'numpy.random._pickle.__generator_ctor',
  ),
  ...importing(
    'a call of what another call made',
    {
      'made-and-called-for-a-random-state.pkl': () =>
        p.pickle(
          2,
          join(
            p.global('numpy.random._pickle', '__randomstate_ctor'),
            COMMAND_TEXT,
            chain(),
            p.TUPLE2,
            p.REDUCE,
          ),
        ),
    },
    'numpy.random._pickle.__randomstate_ctor',
  ),
];

/** The function calls a method of what it is given, which is whatever the pickle put there. */
const methods: EvilFile[] = ['clip', 'reshape', 'mean', 'argsort'].flatMap((name) =>
  importing(
    'a call of a function that picklers only name',
    {
      [`numpy-${name}.pkl`]: () =>
        p.pickle(
          2,
          join(p.global('numpy', name), p.MARK, p.global('argparse', 'Namespace'), p.EMPTY_TUPLE, p.NEWOBJ),
          join(
            p.EMPTY_DICT,
            p.binunicode(name),
            chain(),
            p.SETITEM,
            p.BUILD,
            COMMAND_TEXT,
            p.TUPLE,
            p.REDUCE,
          ),
        ),
    },
    `numpy.${name}`,
  ),
);

/** The constructor copies what it is given, which runs a method of it. */
const constructed: EvilFile[] = importing(
  'a call of a class that picklers never call',
  {
    'layer-by-reduce.pkl': () =>
      p.pickle(
        2,
        p.global('torch.nn.modules.transformer', 'TransformerEncoder'),
        chain(),
        p.NONE,
        p.TUPLE2,
        p.REDUCE,
      ),
    'layer-by-obj.pkl': () =>
      p.pickle(2, p.MARK, p.global('torch.nn.modules.transformer', 'TransformerEncoder'), chain(), p.OBJ),
    'layer-by-newobj-ex.pkl': () =>
      p.pickle(
        4,
        p.global('torch.nn.modules.transformer', 'TransformerEncoder'),
        p.EMPTY_TUPLE,
        p.EMPTY_DICT,
        p.NEWOBJ_EX,
      ),
    'layer-by-partial.pkl': () =>
      p.pickle(
        2,
        p.global('functools', 'partial'),
        p.global('torch.nn.modules.transformer', 'TransformerEncoder'),
        p.TUPLE1,
        p.REDUCE,
      ),
  },
  'torch.nn.modules.transformer.TransformerEncoder',
);

export const OPCODES: readonly EvilFile[] = [
  ...calls,
  ...classes,
  ...importing('an opcode that calls', { 'lazily-through-map.pkl': lazily }),
  ...registered(),
  ...madeBefore,
  ...madeAndGiven,
  ...constructed,
  ...methods,
  ...importing('a code or id that the loader resolves', {
    'called-as-a-persistent-id.pkl': () => p.pickle(2, plainCall(), p.BINPERSID),
    'after-a-persistent-id.pkl': () => join(p.persid('storage'), p.POP, plainEvil(0).subarray(2)),
  }),
];
