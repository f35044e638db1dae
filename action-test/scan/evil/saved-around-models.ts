/** The evil twins of what people save beside models: checkpoints of many archives, schedulers, datasets, texts in arrays. */
import { bytes, join, u32, utf8 } from '../bytes.ts';
import * as p from '../pickle-writer.ts';
import { zip } from '../zip-writer.ts';
import { COMMAND, type EvilFile, importing, plainCall, plainEvil } from './evil-file.ts';

const END_BYTES = 22;
const LOCAL_BYTES = 30;

/** An archive as `torch.save` writes it of one tensor. */
const archive = (content: Uint8Array, data: Uint8Array = new Uint8Array(64)): Uint8Array =>
  zip([
    { name: 'archive/data.pkl', content },
    { name: 'archive/data/0', content: data },
    { name: 'archive/version', content: utf8('3\n') },
  ]);
const harmless = (data?: Uint8Array): Uint8Array => archive(p.pickle(2, p.NONE), data);

const CHAINED: Record<string, () => Uint8Array> = {
  '__0_0.distcp': () => join(archive(plainEvil()), harmless(), harmless()),
  '__0_1.distcp': () => join(harmless(), archive(plainEvil(4)), harmless()),
  '__0_2.distcp': () => join(harmless(), harmless(), archive(plainEvil())),
  '__0_3.distcp': () => join(harmless(), plainEvil(), harmless()),
  '__0_4.distcp': () => join(plainEvil(), harmless(), harmless()),
  '__0_5.distcp': () => join(harmless(), harmless(), plainEvil()),
  '__0_6.distcp': () =>
    join(harmless(), harmless(), zip([{ name: 'archive/data.pkl', content: plainEvil() }])),
};

/** Where the directory of an archive begins, as its record of the end says. */
const directoryOf = (made: Uint8Array): number =>
  new DataView(made.buffer, made.byteOffset).getUint32(made.length - END_BYTES + 16, true);

/**
 * Whoever finds the last record of the end, and counts from the start of the file, comes into the numbers of the first tensor,
 * where a directory and a pickle lie.
 */
function directoryAmongNumbers(): Uint8Array {
  const last = harmless(new Uint8Array(2_000));
  const at = LOCAL_BYTES + 'archive/data.pkl'.length + 4 + LOCAL_BYTES + 'archive/data/0'.length;
  const hidden = zip([{ name: 'archive/data.pkl', content: plainEvil() }]);
  const begin = directoryOf(hidden);
  const entry = hidden.slice(begin, hidden.length - END_BYTES);
  entry.set(u32(at), 42);
  const numbers = new Uint8Array(4_000);
  numbers.set(hidden.subarray(0, begin));
  numbers.set(entry, directoryOf(last) - at);
  return join(harmless(numbers), last);
}

/** Classes of which a pickle only makes empty objects: their constructors call what they are given. */
const ONLY_MADE: readonly (readonly [module: string, name: string])[] = [
  ['torch.optim.lr_scheduler', 'StepLR'],
  ['torch.optim.lr_scheduler', 'CyclicLR._triangular_scale_fn'],
  ['torch.optim.swa_utils', 'SWALR'],
  ['torch.utils.data.dataset', 'TensorDataset'],
  ['torch.utils.data.sampler', 'BatchSampler'],
  ['torch.utils.data.distributed', 'DistributedSampler'],
  ['torch.amp.grad_scaler', 'GradScaler'],
  ['torch.nn.utils.spectral_norm', 'SpectralNorm'],
  ['torch.nn.utils.prune', 'PruningContainer'],
];
/** Functions that pickles only name: they call methods of what they are given. */
const ONLY_NAMED: readonly (readonly [module: string, name: string])[] = [
  ['numpy', 'matmul'],
  ['numpy', 'sort'],
  ['numpy', 'where'],
  ['numpy.linalg', 'norm'],
  ['sklearn.metrics._scorer', 'positive_likelihood_ratio'],
];
/** What lies beside a harmless name. */
const BESIDE: readonly (readonly [module: string, name: string])[] = [
  ['pathlib', 'Path'],
  ['pathlib', 'PosixPath.unlink'],
  ['pathlib', 'PosixPath.write_text'],
  ['pathlib._local', 'PosixPath.rmdir'],
  ['builtins', 'str.format'],
  ['builtins', 'str.__class__'],
  ['numpy', 'vectorize'],
  ['numpy', 'apply_along_axis'],
  ['numpy.linalg', 'os.system'],
  ['pyarrow.lib', 'memory_map'],
  ['torch.return_types', 'os.system'],
  ['torch.torch_version', 'TorchVersion._cmp_wrapper'],
  ['torch.utils.data.dataloader', 'DataLoader'],
  ['torch.distributed.checkpoint.state_dict_loader', 'load'],
  ['sklearn.impute._iterative', 'clone'],
];

const called = (technique: string, names: typeof BESIDE): EvilFile[] =>
  names.map(([module, name]) => ({
    name: `${module}-${name}.pkl`,
    technique,
    gadget: `${module}.${name}`,
    rule: 'pickle-import',
    make: () => p.pickle(4, p.stackGlobal(module, name), p.texts(COMMAND), p.REDUCE),
  }));

/** What joblib puts in place of an array of NumPy's texts of any length: a pickle follows, not their bytes. */
const textsOfAnyLength = join(
  join(p.global('joblib.numpy_pickle', 'NumpyArrayWrapper'), p.EMPTY_TUPLE, p.NEWOBJ, p.EMPTY_DICT, p.MARK),
  join(p.binunicode('subclass'), p.global('numpy', 'ndarray')),
  join(p.binunicode('shape'), p.binint1(1), p.TUPLE1, p.binunicode('order'), p.binunicode('C')),
  join(
    p.binunicode('dtype'),
    p.global('numpy._core._internal', '_convert_to_stringdtype_kwargs'),
    join(p.binint1(1), p.TUPLE1, p.REDUCE),
  ),
  join(p.binunicode('allow_mmap'), p.NEWFALSE, utf8('u'), p.BUILD),
);

const TEXTS: Record<string, () => Uint8Array> = {
  'array-of-texts.joblib': () => p.pickle(4, textsOfAnyLength, plainEvil()),
  'after-an-array-of-texts.joblib': () => p.pickle(4, textsOfAnyLength, p.pickle(2, p.NONE), plainCall()),
  'array-of-texts-that-has-bytes.joblib': () =>
    p.pickle(4, textsOfAnyLength, bytes(0x80, 2), plainCall(), p.STOP, p.NONE),
};

export const SAVED_AROUND_MODELS: readonly EvilFile[] = [
  ...importing('an archive among others in one file', CHAINED),
  {
    name: 'directory-among-numbers.distcp',
    technique: 'an archive among others in one file',
    gadget: 'a directory that only some loaders find',
    rule: 'archive-disagreement',
    make: directoryAmongNumbers,
  },
  ...called('an object made otherwise than by its pickler', ONLY_MADE),
  ...called('a function that is called, not named', ONLY_NAMED),
  ...called('a name beside a harmless one', BESIDE),
  ...importing('among the texts of an array', TEXTS),
];
