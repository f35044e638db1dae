/** Every name that is known to run code, write files or open a connection when an unpickler calls it. */
import { join } from '../bytes.ts';
import { global, pickle, REDUCE, stackGlobal, texts } from '../pickle-writer.ts';
import { COMMAND, type EvilFile, SCRIPT } from './evil-file.ts';

/** Names by module; each would be given a harmless text. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  os: ['system', 'popen', 'execv', 'spawnv', 'posix_spawn', 'remove', 'startfile'],
  posix: ['system'],
  nt: ['system'],
  subprocess: ['Popen', 'run', 'call', 'check_output', 'getoutput'],
  builtins: ['eval', 'exec', 'compile', 'getattr', 'setattr', '__import__', 'open', 'breakpoint', 'globals'],
  operator: ['attrgetter', 'methodcaller'],
  _operator: ['attrgetter'],
  functools: ['reduce'],
  importlib: ['import_module'],
  'importlib.util': ['spec_from_file_location'],
  pkgutil: ['resolve_name'],
  pydoc: ['locate', 'pipepager'],
  runpy: ['_run_code', 'run_path', 'run_module'],
  'pip._internal.cli.main': ['main'],
  pip: ['main'],
  ensurepip: ['_run_pip'],
  venv: ['create'],
  timeit: ['timeit'],
  cProfile: ['run', 'runctx'],
  profile: ['run'],
  pdb: ['run'],
  trace: ['Trace'],
  doctest: ['debug_script'],
  code: ['interact', 'InteractiveInterpreter'],
  ctypes: ['CDLL'],
  'ctypes.util': ['_findSoname_ldconfig'],
  webbrowser: ['open'],
  socket: ['socket', 'create_connection'],
  shutil: ['rmtree', 'move', 'copyfile'],
  asyncio: ['create_subprocess_shell'],
  multiprocessing: ['Process'],
  'multiprocessing.util': ['spawnv_passfds'],
  pty: ['spawn'],
  types: ['CodeType', 'FunctionType'],
  marshal: ['loads'],
  pickle: ['loads', 'load'],
  _pickle: ['loads', 'Unpickler'],
  dill: ['loads'],
  'dill._dill': ['_create_function'],
  cloudpickle: ['loads'],
  'cloudpickle.cloudpickle': ['_make_function', 'subimport'],
  joblib: ['load'],
  shelve: ['open'],
  'idlelib.pyshell': ['ModifiedInterpreter'],
  'idlelib.autocomplete': ['AutoComplete'],
  'lib2to3.pgen2.grammar': ['Grammar'],
  'lib2to3.pgen2.pgen': ['ParserGenerator'],
  'logging.config': ['listen', 'dictConfig'],
  'distutils.spawn': ['spawn'],
  'distutils.file_util': ['write_file'],
  uuid: ['_get_command_stdout'],
  _osx_support: ['_read_output'],
  _aix_support: ['_read_cmd_output'],
  imaplib: ['IMAP4_stream'],
  site: ['addsitedir'],
  zipimport: ['zipimporter'],
  io: ['open', 'FileIO'],
  _io: ['open'],
  'urllib.request': ['urlopen', 'urlretrieve'],
  'http.client': ['HTTPSConnection'],
  requests: ['get'],
  'requests.api': ['get'],
  smtplib: ['SMTP'],
  sqlite3: ['connect'],
  threading: ['Thread'],
  numpy: ['load', 'fromfile', 'memmap'],
  'numpy.testing._private.utils': ['runstring'],
  'numpy.f2py.crackfortran': ['myeval', 'getlincoef'],
  'numpy.ctypeslib': ['load_library'],
  pandas: ['eval', 'read_pickle'],
  'pandas.core.computation.eval': ['eval'],
  torch: ['load'],
  'torch.hub': ['load'],
  'torch.jit': ['load'],
  'torch.utils.collect_env': ['run'],
  'torch.utils.bottleneck.__main__': ['run_cprofile'],
  'torch.utils._config_module': ['load_config'],
  'torch.jit.unsupported_tensor_ops': ['execWrapper'],
  'torch._inductor.codecache': ['compile_file'],
  'keras.models': ['load_model'],
  'tensorflow.python.ops.io_ops': ['read_file'],
  'sklearn.utils._testing': ['check_skip_network'],
  'scipy.io': ['loadmat'],
  __main__: ['run'],
};

const OF_SCRIPTS = /eval|exec|run|timeit|compile|interact|code/i;

/** As Python 2 called them; Python 3 looks for another module up to protocol 2. */
const OLD_NAMES: readonly (readonly [old: string, module: string, name: string])[] = [
  ['__builtin__', 'builtins', 'eval'],
  ['__builtin__', 'builtins', 'compile'],
  ['commands', 'subprocess', 'getoutput'],
  ['thread', '_thread', 'start_new_thread'],
  ['SocketServer', 'socketserver', 'TCPServer'],
  ['urllib2', 'urllib.request', 'urlopen'],
];

const old: EvilFile[] = OLD_NAMES.map(([called, module, name]) => ({
  name: `${called}-${name}.pkl`,
  technique: 'a name of Python 2',
  gadget: `${module}.${name}`,
  rule: 'pickle-import',
  make: () => pickle(2, global(called, name), texts(COMMAND), REDUCE),
}));

/** Half of them by GLOBAL, half by STACK_GLOBAL. */
const named: EvilFile[] = Object.entries(NAMES)
  .flatMap(([module, names]) => names.map((name) => ({ module, name })))
  .map(({ module, name }, index) => ({
    name: `${module}-${name}.pkl`,
    technique: 'a dangerous name',
    gadget: `${module}.${name}`,
    rule: 'pickle-import',
    make: () => {
      const isNew = index % 2 === 1;
      const called = isNew ? stackGlobal(module, name) : global(module, name);
      return pickle(isNew ? 4 : 2, join(called, texts(OF_SCRIPTS.test(name) ? SCRIPT : COMMAND), REDUCE));
    },
  }));

export const GADGETS: readonly EvilFile[] = [...named, ...old];
