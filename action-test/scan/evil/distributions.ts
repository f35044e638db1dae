/** Distributions of SciPy, which run a text of their state as Python when they are loaded. */
import { join, utf8 } from '../bytes.ts';
import * as p from '../pickle-writer.ts';
import { type EvilFile, importing, SCRIPT } from './evil-file.ts';

const TECHNIQUE = 'a distribution that runs a text of its state';
const MODULE = 'scipy.stats._continuous_distns';
const NORM = `${MODULE}.norm_gen`;

/** What SciPy itself makes, for a distribution with these parameters. */
const parser = (shapes = '', location = 'loc=0, scale=1', behind = ''): string => `
def _parse_args(self, ${shapes} ${location}):
    return (${shapes}), loc, scale

def _parse_args_rvs(self, ${shapes} ${location}, size=None):
    return self._argcheck_rvs(${shapes} loc, scale, size=size)

def _parse_args_stats(self, ${shapes} ${location}, moments='mv'):
    return (${shapes}), loc, scale, moments
${behind}`;
const EVIL_PARSER = parser('', 'loc=0, scale=1', SCRIPT);

const KEY = '_parse_arg_template';
const { binunicode: text } = p;
const SETITEMS = utf8('u');
const counted = join(text('numargs'), p.binint1(0), text('moment_type'), p.binint1(1));
const dictionary = (...items: readonly Uint8Array[]): Uint8Array =>
  join(p.EMPTY_DICT, p.MARK, counted, ...items, SETITEMS);
const parsing = (value: string): Uint8Array => dictionary(text(KEY), text(value));
const evil = (): Uint8Array => parsing(EVIL_PARSER);
const good = (): Uint8Array => parsing(parser());

const empty = (name = 'norm_gen'): Uint8Array => join(p.stackGlobal(MODULE, name), p.EMPTY_TUPLE, p.NEWOBJ);
/** The same with its state, kept in the memo under 0. */
const kept = (): Uint8Array => join(empty(), p.binput(0), good(), p.BUILD);
const call = (module: string, name: string, ...args: readonly Uint8Array[]): Uint8Array =>
  join(p.stackGlobal(module, name), p.MARK, ...args, p.TUPLE, p.REDUCE);
const objects = (): Uint8Array => call('numpy', 'dtype', text('O'));
const file = (...parts: readonly Uint8Array[]): Uint8Array => p.pickle(4, ...parts);
const withState = (...state: readonly Uint8Array[]): Uint8Array => file(empty(), ...state, p.BUILD);

const TEXTS: Record<string, () => Uint8Array> = {
  'another-text.pkl': () => withState(parsing(SCRIPT)),
  'text-behind.pkl': () => withState(evil()),
  'text-before.pkl': () => withState(parsing(`${SCRIPT}\n${parser()}`)),
  'parameter-that-calls.pkl': () => withState(parsing(parser(`a=${SCRIPT}, `))),
  'default-that-calls.pkl': () => withState(parsing(parser('', `loc=${SCRIPT}, scale=1`))),
  'location-that-calls.pkl': () => withState(parsing(parser('', `loc=0, scale=1, other=${SCRIPT}`))),
  'decorated.pkl': () => withState(parsing(`\n@print${parser()}`)),
  'long-text.pkl': () => withState(parsing(`${EVIL_PARSER}#${'-'.repeat(10_000)}`)),
  'in-a-search.pkl': () =>
    file(
      join(p.stackGlobal('sklearn.model_selection._search', 'RandomizedSearchCV'), p.EMPTY_TUPLE, p.NEWOBJ),
      join(p.EMPTY_DICT, text('param_distributions'), p.EMPTY_DICT, text('C')),
      join(
        p.stackGlobal('scipy.stats._distn_infrastructure', 'rv_continuous_frozen'),
        p.EMPTY_TUPLE,
        p.NEWOBJ,
      ),
      join(p.EMPTY_DICT, text('dist'), empty(), evil(), p.BUILD, p.SETITEM, p.BUILD),
      join(p.SETITEM, p.SETITEM, p.BUILD),
    ),
  'of-protocol-1.pkl': () =>
    p.pickle(
      2,
      join(p.global('copy_reg', '_reconstructor'), p.global(MODULE, 'norm_gen')),
      join(p.global('__builtin__', 'object'), p.NONE, p.TUPLE3, p.REDUCE, evil(), p.BUILD),
    ),
  'of-protocol-0.pkl': () =>
    withState(dictionary(text(KEY), p.line(EVIL_PARSER.replaceAll('\n', '\\u000a')))),
  'text-of-bytes.pkl': () =>
    withState(dictionary(text(KEY), call('builtins', 'str', p.binbytes(utf8(EVIL_PARSER)), text('utf8')))),
  'text-in-an-array.joblib': () => withState(evil()),
};

const STATES: Record<string, () => Uint8Array> = {
  'key-twice.pkl': () => withState(dictionary(text(KEY), text(parser()), text(KEY), text(EVIL_PARSER))),
  'key-of-a-call.pkl': () =>
    withState(
      dictionary(
        ...[text(KEY), text(parser())],
        ...[call('builtins', 'str.lower', text(KEY.toUpperCase())), text(EVIL_PARSER)],
      ),
    ),
  'changed-before-it-is-given.pkl': () =>
    withState(good(), p.binput(1), p.binget(1), text(KEY), text(EVIL_PARSER), p.SETITEM, p.POP),
  'changed-by-another-that-holds-it.pkl': () =>
    file(
      join(empty(), good(), p.binput(1)),
      join(p.stackGlobal('collections', 'ChainMap'), p.binget(1), p.TUPLE1, p.REDUCE),
      join(text(KEY), text(EVIL_PARSER), p.SETITEM, p.POP, p.BUILD),
    ),
  'changed-in-a-list.pkl': () =>
    file(
      join(p.EMPTY_LIST, p.binput(2), empty(), good(), p.binput(1)),
      // The unpickler in Python takes a list for arguments too.
      join(p.stackGlobal('collections', 'ChainMap'), p.binget(2), p.binget(1), p.APPEND, p.REDUCE),
      join(text(KEY), text(EVIL_PARSER), p.SETITEM, p.POP, p.BUILD),
    ),
  'ordered-dictionary.pkl': () =>
    withState(
      call('collections', 'OrderedDict'),
      join(p.MARK, counted, text(KEY), text(EVIL_PARSER), SETITEMS),
    ),
  'pairs.pkl': () =>
    withState(
      join(p.MARK, text(KEY), text(EVIL_PARSER), p.TUPLE2, text('numargs'), p.binint1(0), p.TUPLE2),
      join(text('moment_type'), p.binint1(1), p.TUPLE2, p.TUPLE),
    ),
  'list-of-pairs.pkl': () =>
    withState(
      join(p.EMPTY_LIST, p.MARK, text(KEY), text(EVIL_PARSER), p.TUPLE2),
      join(text('numargs'), p.binint1(0), p.TUPLE2, text('moment_type'), p.binint1(1), p.TUPLE2, p.APPENDS),
    ),
  'pair-as-before-1.6.pkl': () =>
    withState(
      join(p.EMPTY_DICT, p.MARK, text(KEY), p.NONE, text(EVIL_PARSER), p.NONE, SETITEMS),
      join(text('ab'), p.TUPLE2),
    ),
  'with-slots.pkl': () => withState(p.NONE, evil(), p.TUPLE2),
  'method-replaced.pkl': () =>
    withState(
      dictionary(text(KEY), text(parser()), text('_attach_methods'), p.stackGlobal('builtins', 'dict')),
    ),
  'number-that-adds.pkl': () =>
    withState(
      join(p.EMPTY_DICT, p.MARK, text('numargs'), call('collections', 'Counter')),
      join(text(KEY), text(parser()), SETITEMS),
    ),
  'of-one-by-one.pkl': () => file(empty(), p.EMPTY_DICT, text(KEY), text(EVIL_PARSER), p.SETITEM, p.BUILD),
  'given-again.pkl': () => file(kept(), evil(), p.BUILD),
  'given-again-from-the-memo.pkl': () => file(kept(), p.POP, p.binget(0), evil(), p.BUILD),
  'given-again-in-another-order.pkl': () =>
    file(
      empty(),
      p.longBinput(2 ** 24 + 1),
      good(),
      p.BUILD,
      p.POP,
      p.longBinget(2 ** 24 + 1),
      evil(),
      p.BUILD,
    ),
};

const GIVEN_BACK: Record<string, () => Uint8Array> = {
  'by-an-array.pkl': () =>
    file(kept(), call('numpy._core.multiarray', 'scalar', objects(), p.binget(0)), evil(), p.BUILD),
  'by-an-array-and-the-memo.pkl': () =>
    file(
      join(kept(), call('numpy._core.multiarray', 'scalar', objects(), p.binget(0))),
      join(p.binput(1), p.POP, p.binget(1), evil(), p.BUILD),
    ),
  'by-an-array-and-a-far-memo.pkl': () =>
    file(
      join(kept(), call('numpy.core.multiarray', 'scalar', objects(), p.binget(0))),
      join(p.longBinput(2 ** 24 + 1), p.POP, p.longBinget(2 ** 24 + 1), evil(), p.BUILD),
    ),
  'by-a-tensor.pkl': () =>
    file(
      kept(),
      call(
        ...([
          'torch._tensor',
          '_rebuild_from_type_v2',
          p.stackGlobal('numpy._core.multiarray', 'scalar'),
        ] as const),
        ...[p.NONE, join(objects(), p.binget(0), p.TUPLE2), evil()],
      ),
    ),
  'by-its-loader.pkl': () =>
    file(
      join(kept(), p.MARK, text('module'), p.binget(0), text(''), text(''), p.TUPLE, p.BINPERSID),
      join(evil(), p.BUILD),
    ),
  'by-what-it-has-for-new.pkl': () =>
    file(
      join(kept(), call('types', 'SimpleNamespace'), p.EMPTY_DICT, text('__new__')),
      join(
        call('functools', 'partial', p.stackGlobal('numpy._core.multiarray', 'scalar')),
        p.SETITEM,
        p.BUILD,
      ),
      join(p.binput(1), call('sklearn.neighbors._kd_tree', 'newObj', p.binget(1)), evil(), p.BUILD),
    ),
  'made-by-an-index.pkl': () =>
    file(
      call('pandas.core.indexes.base', '_new_Index', p.stackGlobal(MODULE, 'norm_gen'), p.EMPTY_DICT),
      join(evil(), p.BUILD),
    ),
  'made-by-a-tree.pkl': () =>
    file(
      call('sklearn.neighbors._kd_tree', 'newObj', p.stackGlobal(MODULE, 'norm_gen')),
      join(evil(), p.BUILD),
    ),
  'made-by-a-bit-generator.pkl': () =>
    file(
      call('numpy.random._pickle', '__bit_generator_ctor', p.stackGlobal(MODULE, 'norm_gen')),
      join(evil(), p.BUILD),
    ),
  'made-by-a-default.pkl': () =>
    file(call('collections', 'defaultdict', p.stackGlobal(MODULE, 'norm_gen')), p.POP, kept()),
  'class-in-a-repeated-tuple.pkl': () =>
    file(
      join(p.stackGlobal('copyreg', '_reconstructor'), p.stackGlobal(MODULE, 'norm_gen')),
      join(p.stackGlobal('builtins', 'object'), p.NONE, p.TUPLE3, p.DUP, p.binput(1), p.POP, p.REDUCE, p.POP),
      call('pandas.core.indexes.base', '_new_Index', p.stackGlobal(MODULE, 'norm_gen'), p.EMPTY_DICT),
      join(evil(), p.BUILD),
    ),
  'class-in-two-tuples.pkl': () =>
    file(
      join(p.stackGlobal('copyreg', '_reconstructor'), p.binput(1), p.stackGlobal(MODULE, 'norm_gen')),
      join(p.stackGlobal('builtins', 'object'), p.NONE, p.TUPLE3, p.DUP, p.binput(2), p.POP, p.REDUCE, p.POP),
      join(p.stackGlobal(MODULE, 'norm_gen'), p.POP, kept()),
    ),
};

const CALLED: Record<string, () => Uint8Array> = {
  'called.pkl': () => file(call(MODULE, 'norm_gen', p.binint1(1))),
  'called-without-anything.pkl': () => file(call(MODULE, 'norm_gen')),
  'called-as-in-python-2.pkl': () => p.pickle(2, p.MARK, p.binint1(1), p.inst(MODULE, 'norm_gen')),
  'called-by-name.pkl': () =>
    file(
      join(p.stackGlobal(MODULE, 'norm_gen'), p.EMPTY_TUPLE, p.EMPTY_DICT, text('shapes'), text('a')),
      join(p.SETITEM, p.NEWOBJ_EX),
    ),
};
const FROZEN = 'scipy.stats._distn_infrastructure.rv_frozen';

export const DISTRIBUTIONS: readonly EvilFile[] = [
  ...importing(TECHNIQUE, TEXTS, NORM),
  ...importing('a distribution with a state that only its loader sees', STATES, NORM),
  ...importing('a distribution that is got at again', GIVEN_BACK, NORM),
  ...importing('a distribution that is called', CALLED, NORM),
  ...importing(
    'a distribution that is called',
    {
      'frozen-by-a-call.pkl': () =>
        file(kept(), call('scipy.stats._distn_infrastructure', 'rv_frozen', p.binget(0))),
    },
    FROZEN,
  ),
  ...importing(
    'a distribution that is got at again',
    {
      'by-a-method.pkl': () =>
        file(
          join(kept(), call('builtins', 'getattr', p.binget(0), text('__setstate__'))),
          join(evil(), p.TUPLE1, p.REDUCE),
        ),
      'by-its-attributes.pkl': () =>
        file(
          join(kept(), call('builtins', 'getattr', p.binget(0), text('__dict__'))),
          join(text(KEY), text(EVIL_PARSER), p.SETITEM),
        ),
    },
    'builtins.getattr',
  ),
];
