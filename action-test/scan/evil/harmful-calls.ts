/**
 * What is harmless to name and harmful to call: classes that take memory by its address, that read any file, or that call
 * whatever lies in the place of a class; and objects made so that loaders believe or call what lies in them.
 */
import { join, utf8 } from '../bytes.ts';
import * as p from '../pickle-writer.ts';
import { type EvilFile, importing } from './evil-file.ts';

const SETITEMS = utf8('u');
/** A file that is not there. */
const NOWHERE = '/nowhere/scanned';
const { binunicode: text, binint1: int, stackGlobal } = p;

const tuple = (...items: readonly Uint8Array[]): Uint8Array => join(p.MARK, ...items, p.TUPLE);
const list = (...items: readonly Uint8Array[]): Uint8Array => join(p.EMPTY_LIST, p.MARK, ...items, p.APPENDS);
const dictionary = (entries: Readonly<Record<string, Uint8Array>>): Uint8Array =>
  join(
    p.EMPTY_DICT,
    p.MARK,
    ...Object.entries(entries).flatMap(([key, value]) => [text(key), value]),
    SETITEMS,
  );
const call = (module: string, name: string, ...args: readonly Uint8Array[]): Uint8Array =>
  join(stackGlobal(module, name), tuple(...args), p.REDUCE);
const empty = (module: string, name: string): Uint8Array =>
  join(stackGlobal(module, name), p.EMPTY_TUPLE, p.NEWOBJ);
const given = (object: Uint8Array, state: Uint8Array): Uint8Array => join(object, state, p.BUILD);
const namespace = (entries: Readonly<Record<string, Uint8Array>>): Uint8Array =>
  given(empty('types', 'SimpleNamespace'), dictionary(entries));
const file = (...parts: readonly Uint8Array[]): Uint8Array => p.pickle(4, ...parts);
const refused = (technique: string, gadget: string, files: Record<string, () => Uint8Array>): EvilFile[] =>
  importing(technique, files, gadget);

/** Where nothing is read, for it has no bytes. */
const memory = (): Uint8Array =>
  dictionary({
    data: tuple(int(0), p.NEWFALSE),
    shape: tuple(int(0)),
    typestr: text('|u1'),
    version: int(3),
  });
const believed = (): Uint8Array => namespace({ __array_interface__: memory() });
const nothing = (): Uint8Array => p.binbytes(new Uint8Array(0));

const BY_ADDRESS = [
  ...refused('a class that takes memory by its address', 'numpy.ndarray', {
    'array-of-bytes.pkl': () => file(call('numpy', 'ndarray', tuple(int(0)), text('O'), nothing())),
    'array-made-without-its-constructor.pkl': () =>
      file(stackGlobal('numpy', 'ndarray'), tuple(tuple(int(0)), text('O'), nothing()), p.NEWOBJ),
    'array-by-name.pkl': () =>
      file(
        join(stackGlobal('numpy', 'ndarray'), p.EMPTY_TUPLE),
        join(dictionary({ shape: tuple(int(0)), dtype: text('O'), buffer: nothing() }), p.NEWOBJ_EX),
      ),
    'array-as-in-python-2.pkl': () =>
      p.pickle(2, p.MARK, int(0), text('O'), nothing(), p.inst('numpy', 'ndarray')),
  }),
  ...['asarray', 'float64', 'matrix', 'poly1d'].flatMap((name) =>
    refused('a class that takes memory by its address', `numpy.${name}`, {
      [`${name}.pkl`]: () => file(call('numpy', name, believed())),
    }),
  ),
  ...refused('a class that takes memory by its address', 'scipy.sparse._csr.csr_matrix', {
    'sparse.pkl': () => file(call('scipy.sparse._csr', 'csr_matrix', believed())),
  }),
  ...refused('an object that NumPy takes memory from', 'builtins.object', {
    'in-an-index.pkl': () =>
      file(
        call(
          'pandas.core.indexes.base',
          '_new_Index',
          stackGlobal('pandas', 'Index'),
          dictionary({ data: believed() }),
        ),
      ),
    'key-of-the-memo.pkl': () =>
      file(
        join(text('__array_interface__'), p.binput(0), p.POP, empty('types', 'SimpleNamespace')),
        join(p.EMPTY_DICT, p.binget(0), memory(), p.SETITEM, p.BUILD),
      ),
    'of-pairs.pkl': () =>
      file(
        join(empty('types', 'SimpleNamespace'), p.MARK, text('__array_interface__'), memory()),
        join(utf8('d'), p.BUILD),
      ),
    'state-set-by-its-state.pkl': () =>
      file(given(namespace({ __setstate__: stackGlobal('numpy', 'asarray') }), p.EMPTY_DICT)),
  }),
];

const LOADS = stackGlobal('torch.storage', '_load_from_bytes');
/** Bytes that nobody can look into: here, none. */
const made = (): Uint8Array => call('_codecs', 'encode', text(''), text('latin1'));

const BY_TORCH: EvilFile[] = [
  ...refused('bytes that torch loads, made while it loads', 'torch._tensor._rebuild_from_type_v2', {
    'from-type.pkl': () =>
      file(
        call(
          'torch._tensor',
          '_rebuild_from_type_v2',
          LOADS,
          stackGlobal('builtins', 'int'),
          tuple(made()),
          p.NONE,
        ),
      ),
    'of-a-scalar.pkl': () =>
      file(
        call(
          ...([
            'torch._tensor',
            '_rebuild_from_type_v2',
            stackGlobal('numpy._core.multiarray', 'scalar'),
          ] as const),
          ...[stackGlobal('builtins', 'int'), p.EMPTY_TUPLE, p.NONE],
        ),
      ),
  }),
  ...refused('bytes that torch loads, made while it loads', 'torch.storage._load_from_bytes', {
    'by-a-partial.pkl': () => file(call('functools', 'partial', LOADS, made())),
    'by-the-state-of-a-partial.pkl': () =>
      file(
        given(
          call('functools', 'partial', stackGlobal('builtins', 'list')),
          tuple(LOADS, tuple(made()), p.EMPTY_DICT, p.NONE),
        ),
      ),
  }),
  {
    name: 'by-what-adds-items.pkl',
    technique: 'bytes that torch loads, made while it loads',
    gadget: 'torch.storage._load_from_bytes',
    rule: 'pickle-import-unresolved',
    make: () => file(namespace({ append: LOADS }), made(), p.APPEND),
  },
];

const scorer = (method: string): Uint8Array =>
  given(
    empty('sklearn.metrics._scorer', '_Scorer'),
    dictionary({ _response_method: text(method), _kwargs: p.EMPTY_DICT, _sign: int(1) }),
  );
const partialOf = (state: Uint8Array): Uint8Array =>
  given(
    call('functools', 'partial', stackGlobal('builtins', 'list')),
    tuple(state, p.EMPTY_TUPLE, p.EMPTY_DICT, p.NONE),
  );
const partialWith = (args: Uint8Array, named: Uint8Array): Uint8Array =>
  given(
    call('functools', 'partial', stackGlobal('builtins', 'list')),
    tuple(stackGlobal('builtins', 'list'), args, named, p.NONE),
  );
/** What could be called later. */
const later = (): Uint8Array => partialWith(p.EMPTY_TUPLE, p.EMPTY_DICT);
const bunch = (key: string): Uint8Array =>
  join(empty('sklearn.utils._bunch', 'Bunch'), text(key), later(), p.SETITEM);
const scorerOf = (methods: Uint8Array): Uint8Array =>
  given(
    empty('sklearn.metrics._scorer', '_Scorer'),
    join(p.EMPTY_DICT, text('_response_method'), methods, p.SETITEM),
  );
/** As NumPy has it in its memory: four bytes for each character. */
const utf8Text = (word: string, more = 0): string => wideOf(word, more, (code) => String.fromCharCode(code));
const wide = (word: string, more = 0): Uint8Array => utf8(utf8Text(word, more));
const wideOf = (word: string, more: number, write: (code: number) => string): string =>
  [...word.padEnd(word.length + more, '\0')]
    .map((one) => write(one.charCodeAt(0)) + write(0).repeat(3))
    .join('');
const escaped = (word: string, more = 0, as: 'u' | 'x' = 'u'): string =>
  wideOf(word, more, (code) => `\\${as}${code.toString(16).padStart(as === 'u' ? 4 : 2, '0')}`);
const latin1 = (value: Uint8Array): Uint8Array => call('_codecs', 'encode', value, text('latin1'));
const scalarText = (value: Uint8Array): Uint8Array =>
  call(
    ...(['numpy._core.multiarray', 'scalar'] as const),
    type('U12', int(3), text('<'), p.NONE, p.NONE, p.NONE, int(48), int(4), int(8)),
    value,
  );
const object = (): Uint8Array => namespace({ from_arrays: stackGlobal('builtins', 'list') });

const BY_OBJECTS: EvilFile[] = [
  ...refused('a scorer that calls any method', 'sklearn.metrics._scorer._Scorer', {
    'eval.pkl': () => file(scorer('eval')),
    'one-of-several.pkl': () =>
      file(
        given(
          empty('sklearn.metrics._scorer', '_Scorer'),
          dictionary({ _response_method: tuple(text('predict'), text('to_csv')) }),
        ),
      ),
  }),
  ...Object.entries({
    'pandas.core.indexes.interval._new_IntervalIndex': [object, () => p.EMPTY_DICT],
    'pandas.core.indexes.base._new_Index': [() => stackGlobal('numpy', 'ndarray'), () => p.EMPTY_DICT],
    'sklearn.neighbors._kd_tree.newObj': [object],
    'numpy.ma.core._mareconstruct': [object, object, () => tuple(int(0)), () => text('b')],
    'numpy._core.multiarray._reconstruct': [object, () => tuple(int(0)), () => text('b')],
    'copyreg._reconstructor': [object, object, () => int(3)],
    'builtins.frozenset': [object],
    'collections.deque': [object],
    'collections.Counter': [() => call('collections', 'OrderedDict')],
    'types.SimpleNamespace': [() => p.EMPTY_DICT],
  }).flatMap(([gadget, args]) => {
    const [module, name] = [
      gadget.slice(0, gadget.lastIndexOf('.')),
      gadget.slice(gadget.lastIndexOf('.') + 1),
    ];
    return refused('an object passed off as a class', gadget, {
      [`${name}.pkl`]: () => file(call(module, name, ...args.map((make) => make()))),
    });
  }),
  ...refused('an object passed off as a class', 'copyreg._reconstructor', {
    'made-by-another-class.pkl': () =>
      file(
        call(
          ...(['copyreg', '_reconstructor', stackGlobal('pandas', 'DataFrame')] as const),
          ...[stackGlobal('numpy', 'ndarray'), tuple(int(0))],
        ),
      ),
  }),
  ...refused('a class that calls what it is given', 'collections.ChainMap', {
    'chain.pkl': () => file(call('collections', 'ChainMap', p.EMPTY_DICT)),
  }),
  ...refused('a class that calls what it is given', 'scipy.interpolate._interpolate.interp1d._call_spline', {
    'spline.pkl': () =>
      file(call('scipy.interpolate._interpolate', 'interp1d._call_spline', object(), list(int(0)))),
    'spline-for-later.pkl': () =>
      file(partialOf(stackGlobal('scipy.interpolate._interpolate', 'interp1d._call_spline'))),
  }),
  ...refused('an object with a method that adds items', 'types.SimpleNamespace', {
    'append.pkl': () => file(namespace({ append: stackGlobal('builtins', 'list') }), text('a'), p.APPEND),
    'append-from-the-memo.pkl': () =>
      file(
        join(namespace({ append: stackGlobal('builtins', 'list') }), p.binput(0), p.POP),
        join(p.binget(0), text('a'), p.APPEND),
      ),
    'add.pkl': () => file(namespace({ add: stackGlobal('builtins', 'list') }), p.MARK, text('a'), p.ADDITEMS),
  }),
  ...refused('an object with a method that adds items', 'sklearn.utils._bunch.Bunch', {
    'append-by-its-key.pkl': () => file(bunch('append'), text('a'), p.APPEND),
    'add-by-its-key.pkl': () => file(bunch('add'), p.MARK, text('a'), p.ADDITEMS),
  }),
  ...refused('an object with a method that adds items', 'collections.OrderedDict', {
    'append-to-a-dictionary.pkl': () =>
      file(given(call('collections', 'OrderedDict'), dictionary({ append: later() })), text('a'), p.APPEND),
  }),
  ...refused('an object in place of a state', 'sklearn.svm._classes.SVC', {
    'state-with-a-method.pkl': () =>
      file(given(empty('sklearn.svm._classes', 'SVC'), namespace({ pop: later() }))),
    'state-of-pairs.pkl': () =>
      file(
        given(
          empty('sklearn.svm._classes', 'SVC'),
          call('collections', 'OrderedDict', list(list(text('__sklearn_tags__'), later()))),
        ),
      ),
    'pair-with-a-method.pkl': () =>
      file(
        given(empty('sklearn.svm._classes', 'SVC'), join(namespace({ items: later() }), p.NONE, p.TUPLE2)),
      ),
    'pair-from-the-memo.pkl': () =>
      file(
        join(namespace({ items: later() }), p.NONE, p.TUPLE2, p.binput(0), p.POP),
        given(empty('sklearn.svm._classes', 'SVC'), p.binget(0)),
      ),
  }),
  ...refused('an object given to a function', 'functools.partial', {
    'positional.pkl': () => file(partialWith(tuple(object()), p.EMPTY_DICT)),
    'positional-from-the-memo.pkl': () =>
      file(tuple(object()), p.binput(0), p.POP, partialWith(p.binget(0), p.EMPTY_DICT)),
    'by-name.pkl': () => file(partialWith(p.EMPTY_TUPLE, dictionary({ a: object() }))),
    'by-name-from-the-memo.pkl': () =>
      file(dictionary({ a: object() }), p.binput(0), p.POP, partialWith(p.EMPTY_TUPLE, p.binget(0))),
  }),
  ...refused('the name of an attribute that NumPy makes', 'numpy._core.multiarray.scalar', {
    'of-bytes.pkl': () => file(scalarText(p.binbytes(wide('__setstate__')))),
    'of-many-bytes.pkl': () => file(scalarText(p.binbytes(wide('__setstate__', 70_000)))),
    'of-an-object.pkl': () => file(call('numpy._core.multiarray', 'scalar', ofObjects(), object())),
    'of-bytes-that-are-made.pkl': () => file(scalarText(call('builtins', 'bytes', list(int(95))))),
  }),
  ...refused('the name of an attribute that NumPy makes', '_codecs.encode', {
    'of-a-text.pkl': () => file(scalarText(latin1(text(utf8Text('__setstate__'))))),
    'of-a-long-text.pkl': () => file(scalarText(latin1(text(utf8Text('__setstate__', 70_000))))),
    'of-a-line.pkl': () => file(scalarText(latin1(p.line(escaped('__setstate__'))))),
    'of-a-long-line.pkl': () => file(scalarText(latin1(p.line(escaped('__setstate__', 30_000))))),
    'of-a-quoted-text.pkl': () => file(scalarText(latin1(p.quoted(escaped('__setstate__', 0, 'x'))))),
    'turned.pkl': () => file(call('_codecs', 'encode', text('__frgfgngr__'), text('rot13'))),
  }),
  ...refused('a scorer that calls any method', 'sklearn.metrics._scorer._Scorer', {
    'of-a-list.pkl': () => file(scorerOf(list(text('eval')))),
    'of-a-list-that-grows.pkl': () =>
      file(
        join(p.EMPTY_LIST, p.binput(0), text('predict'), p.APPEND, p.binput(1), p.POP),
        join(scorerOf(p.binget(1)), p.POP, p.binget(0), text('eval'), p.APPEND),
      ),
    'of-a-list-that-has-grown.pkl': () =>
      file(
        join(p.EMPTY_LIST, text('predict'), p.APPEND, p.binput(1), text('eval'), p.APPEND, p.POP),
        scorerOf(p.binget(1)),
      ),
  }),
  ...refused('an object passed off as a tensor', 'torch._utils._rebuild_parameter', {
    'parameter.pkl': () =>
      file(call('torch._utils', '_rebuild_parameter', object(), p.NEWFALSE, p.EMPTY_DICT)),
  }),
  ...refused('an object passed off as a tensor', 'torch._utils._rebuild_parameter_with_state', {
    'state-of-a-parameter.pkl': () =>
      file(
        call(
          ...(['torch._utils', '_rebuild_parameter_with_state', p.NONE, p.NEWFALSE, p.EMPTY_DICT] as const),
          tuple(object(), p.NONE),
        ),
      ),
  }),
  ...refused('an object passed off as a tensor', 'torch._tensor._rebuild_from_type_v2', {
    'parameter-of-a-type.pkl': () =>
      file(
        call(
          ...([
            'torch._tensor',
            '_rebuild_from_type_v2',
            stackGlobal('torch._utils', '_rebuild_parameter'),
          ] as const),
          ...[stackGlobal('torch', 'Tensor'), tuple(object(), p.NEWFALSE, p.EMPTY_DICT), p.NONE],
        ),
      ),
  }),
  ...refused('an object passed off as a dictionary', 'pandas.core.indexes.base._new_Index', {
    'index-of-pairs.pkl': () =>
      file(
        call(
          ...(['pandas.core.indexes.base', '_new_Index', stackGlobal('pandas', 'Index')] as const),
          call('collections', 'OrderedDict', list(list(text('data'), object()))),
        ),
      ),
  }),
  ...refused('what a checkpoint of Lightning has called', 'pytorch_lightning.core.saving._load_state', {
    'instantiator.ckpt': () =>
      file(dictionary({ hyper_parameters: dictionary({ _instantiator: text('typing.get_type_hints') }) })),
  }),
  {
    name: 'partial-of-an-object.pkl',
    technique: 'an object passed off as a function',
    gadget: 'sklearn.metrics._scorer._Scorer',
    rule: 'pickle-import-unresolved',
    make: () => file(partialOf(scorer('predict'))),
  },
  ...refused('an object passed off as a function', 'collections.defaultdict', {
    'default-of-an-object.pkl': () => file(call('collections', 'defaultdict', object())),
  }),
  ...refused('an object passed off as a function', 'numpy.random._pickle.__generator_ctor', {
    'generator-of-a-function.pkl': () =>
      file(call('numpy.random._pickle', '__generator_ctor', text('a'), stackGlobal('builtins', 'frozenset'))),
  }),
];

const type = (code: string, ...state: readonly Uint8Array[]): Uint8Array =>
  given(call('numpy', 'dtype', text(code), p.NEWFALSE, p.NEWTRUE), tuple(...state));
const ofNumbers = (): Uint8Array =>
  type('i8', int(3), text('<'), p.NONE, p.NONE, p.NONE, p.binint(-1), p.binint(-1), int(0));
const ofObjects = (flags = 63): Uint8Array =>
  type('O8', int(3), text('|'), p.NONE, p.NONE, p.NONE, p.binint(-1), p.binint(-1), int(flags));
const record = (fields: Uint8Array, flags: number, sub = p.NONE, size = 8): Uint8Array =>
  type('V8', int(3), text('|'), sub, tuple(text('a')), fields, int(size), int(1), int(flags));
const field = (of: Uint8Array, offset = 0): Uint8Array =>
  join(p.EMPTY_DICT, text('a'), of, int(offset), p.TUPLE2, p.SETITEM);

const FORGED = refused('a type whose flags hide that it holds objects', 'numpy.dtype', {
  'objects-without-flags.pkl': () => file(ofObjects(0)),
  'numbers-with-flags.pkl': () =>
    file(type('i8', int(3), text('<'), p.NONE, p.NONE, p.NONE, p.binint(-1), p.binint(-1), int(63))),
  'field.pkl': () => file(record(field(ofObjects()), 0)),
  'field-and-another-flag.pkl': () => file(record(field(ofObjects()), 16)),
  'field-of-a-scalar.pkl': () =>
    file(call('numpy._core.multiarray', 'scalar', record(field(ofObjects()), 0), nothing())),
  'field-without-objects.pkl': () => file(record(field(ofNumbers()), 27)),
  'field-of-a-field.pkl': () => file(record(field(record(field(ofObjects()), 27)), 0)),
  'field-behind-the-end.pkl': () => file(record(field(ofObjects(), 8), 27)),
  'fields-of-the-memo.pkl': () => file(field(ofObjects()), p.binput(0), p.POP, record(p.binget(0), 0)),
  'field-of-the-memo.pkl': () =>
    file(
      join(ofObjects(), int(0), p.TUPLE2, p.binput(0), p.POP),
      record(join(p.EMPTY_DICT, text('a'), p.binget(0), p.SETITEM), 0),
    ),
  'field-that-is-changed.pkl': () =>
    file(
      record(join(field(ofNumbers()), p.binput(0)), 0),
      join(p.binget(0), text('a'), ofObjects(), int(0), p.TUPLE2, p.SETITEM),
    ),
  'state-of-the-memo.pkl': () =>
    file(
      tuple(int(3), text('|'), p.NONE, tuple(text('a')), field(ofObjects()), int(8), int(1), int(0)),
      join(
        p.binput(0),
        p.POP,
        call('numpy', 'dtype', text('V8'), p.NEWFALSE, p.NEWTRUE),
        p.binget(0),
        p.BUILD,
      ),
    ),
  'part-of-objects.pkl': () => file(record(p.NONE, 0, join(ofObjects(), tuple(int(1)), p.TUPLE2))),
  'type-of-all.pkl': () =>
    file(
      given(
        call('numpy', 'dtype', text('i8')),
        tuple(int(3), text('>'), p.NONE, p.NONE, p.NONE, p.binint(-1), p.binint(-1), int(0)),
      ),
    ),
});

const ADDRESSES = refused('the addresses of objects as numbers', 'numpy._core.numeric._frombuffer', {
  'objects-as-bytes.pkl': () =>
    file(
      call(
        ...(['numpy._core.numeric', '_frombuffer', call('numpy._core.multiarray', '_reconstruct')] as const),
        ...[call('numpy', 'dtype', text('<u8')), tuple(int(0)), text('C')],
      ),
    ),
});

const BOOSTERS = [
  ...refused('a booster that reads any file', 'xgboost.core.Booster', {
    'xgboost.pkl': () => file(call('xgboost.core', 'Booster', p.NONE, p.EMPTY_TUPLE, text(NOWHERE))),
  }),
  ...refused('a booster that reads any file', 'lightgbm.basic.Booster', {
    'lightgbm.pkl': () => file(call('lightgbm.basic', 'Booster', p.NONE, p.NONE, text(NOWHERE))),
  }),
];

export const HARMFUL_CALLS: readonly EvilFile[] = [
  ...BY_ADDRESS,
  ...BY_TORCH,
  ...BY_OBJECTS,
  ...FORGED,
  ...ADDRESSES,
  ...BOOSTERS,
];
