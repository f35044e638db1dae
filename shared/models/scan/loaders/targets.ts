/** What a configuration may have made by name: classes of the libraries that models are built of. */
import { dangerOf } from '../pickle/dangers.ts';
import { judge, judgeCall } from '../pickle/judge.ts';
import { importOf } from './import-of.ts';

const words = (list: string): Set<string> => new Set(list.trim().split(/\s+/));
/** @param names by their module, with blanks between them. */
const dottedNames = (names: Record<string, string>): Set<string> =>
  new Set(
    Object.entries(names).flatMap(([module, list]) => [...words(list)].map((name) => `${module}.${name}`)),
  );

/** Packages whose classes honest configurations of NeMo, Lightning and MONAI name. */
const PACKAGES = [
  'nemo\\.(?:collections|core|lightning)',
  'nemo_text_processing|megatron\\.core|lhotse',
  'torch\\.(?:nn|optim|utils\\.data|distributions)',
  'torch(?:audio|vision)\\.(?:transforms|models|ops)',
  'torchmetrics|torch_geometric\\.nn|transformers|peft|diffusers|timm|segmentation_models_pytorch',
  'pytorch_lightning|lightning\\.(?:pytorch|fabric)|lightning_fabric',
  'monai\\.(?:networks|transforms|losses|metrics|optimizers|inferers|data|handlers|engines|visualize)',
  'ignite\\.(?:handlers|metrics|engine|contrib)',
  'xgboost|lightgbm|catboost|sklearn|optuna\\.(?:samplers|pruners)|omegaconf',
].join('|');
/** A class, which PEP 8 writes with a capital, in a module: functions of these packages load files and download code. */
const CLASS = new RegExp(`^(?:${PACKAGES})\\.((?:_?[a-z][a-z0-9_]*\\.)*)_?[A-Z]\\w*$`);

/** What modules import from elsewhere can be reached through them: `transformers.utils.subprocess.Popen`. */
const IMPORTED = words(`
  asyncio bdb builtins bz2 cProfile cmd code codeop concurrent ctypes dbm distutils doctest email ensurepip fileinput
  ftplib gzip http imaplib importlib inspect logging lzma mailbox mmap multiprocessing nntplib os pathlib pdb pickle
  pkgutil platform poplib posix profile pty pydoc runpy sched selectors shelve shutil signal site smtplib socket
  socketserver sqlite3 ssl subprocess sys tarfile telnetlib tempfile threading timeit tkinter trace turtle types
  unittest urllib venv webbrowser wsgiref xmlrpc zipapp zipfile zipimport
  agents aiohttp boto3 braceexpand cli cloudpickle cpp_extension dill fire fsspec hydra joblib np numpy pandas pd
  requests sf soundfile tools wandb webdataset yaml`);
/** Classes of the standard library that run or open what they are given, wherever they were imported to. */
const NEVER = words(`
  CDLL FileHandler FileIO LibraryLoader LightningArgumentParser LightningCLI OleDLL Pool Popen Process
  ProcessPoolExecutor PyDLL SpawnProcess ForkProcess TarFile Thread ThreadPool ThreadPoolExecutor Timer WinDLL ZipFile
  SourceFileLoader SourcelessFileLoader ExtensionFileLoader InteractiveConsole InteractiveInterpreter`);

const ACTIVATIONS =
  'relu gelu silu elu selu leaky_relu mish tanh sigmoid softmax log_softmax softplus hardswish';
const LOSSES =
  'cross_entropy mse_loss l1_loss smooth_l1_loss huber_loss nll_loss kl_div binary_cross_entropy';
/** Beside those classes. */
const ALSO = dottedNames({
  builtins: 'dict list tuple set frozenset int float str bool slice',
  collections: 'OrderedDict defaultdict Counter deque',
  datetime: 'timedelta datetime date',
  'hydra._internal.core_plugins.basic_launcher': 'BasicLauncher',
  'hydra._internal.core_plugins.basic_sweeper': 'BasicSweeper',
  pathlib: 'Path PurePath PosixPath',
  torch: 'device tensor Generator Size',
  'torch.nn.functional': `${ACTIVATIONS} ${LOSSES} binary_cross_entropy_with_logits`,
  transformers: [
    'get_scheduler get_constant_schedule get_constant_schedule_with_warmup get_linear_schedule_with_warmup',
    'get_cosine_schedule_with_warmup get_cosine_with_hard_restarts_schedule_with_warmup',
    'get_polynomial_decay_schedule_with_warmup get_inverse_sqrt_schedule',
  ].join(' '),
});

/** @param name what a configuration has imported and called, as `package.module.Class`. */
export function isKnownTarget(name: string): boolean {
  if (ALSO.has(name)) return true;
  const modules = CLASS.exec(name)?.[1];
  if (modules === undefined || NEVER.has(name.slice(name.lastIndexOf('.') + 1))) return false;
  // The loggers of Lightning are in modules of the names of what they log to.
  return modules
    .replace(/^(?:pytorch\.)?loggers\.(?:wandb|mlflow|comet|tensorboard|csv_logs|neptune)\.$/, '')
    .split('.')
    .every((module) => !IMPORTED.has(module));
}

/** What the tags of a documentation name, and is never called; but one, which mkdocs calls with texts. */
const OF_DOCUMENTATION = /^(?:material|materialx|pymdownx)\.[\w.]+$/;
const CALLED_BY_DOCUMENTATION = 'pymdownx.slugs.slugify';

/** What PyYAML writes of plain values, and which only makes a value of what it is given, whatever that is. */
const VALUES = dottedNames({
  builtins: 'bool bytearray bytes complex dict float frozenset int list range set slice str tuple',
  collections: 'ChainMap Counter OrderedDict defaultdict deque',
  datetime: 'date datetime time timedelta timezone',
  decimal: 'Decimal',
  fractions: 'Fraction',
  uuid: 'UUID',
  pathlib: 'Path PosixPath PurePath PurePosixPath',
  argparse: 'Namespace',
  numpy: 'dtype float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64',
  'numpy.core.multiarray': '_reconstruct scalar',
  'numpy._core.multiarray': '_reconstruct scalar',
});

/** @param name what a tag of PyYAML imports. @param kind of the tag: `name` only imports it, `object/apply` calls it. */
export function isKnownTag(name: string, kind: string): boolean {
  if (isKnownTarget(name) || VALUES.has(name)) return true;
  if (kind !== 'name') return name === CALLED_BY_DOCUMENTATION;
  const imported = importOf(name);
  return (
    OF_DOCUMENTATION.test(name) ||
    (judge(imported) === undefined && judgeCall(imported, 'kept') === undefined)
  );
}

/** Whether a name is known to do harm: of what may name anything, such as a column. */
export const isDanger = (name: string): boolean => dangerOf(importOf(name)) !== undefined;
