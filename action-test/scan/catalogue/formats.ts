/** What people call the formats that the scan tells, and by what it tells them. */
import type { Looked } from '../told-scan.ts';

interface FormatWords {
  title: string;
  /** What tells it: the end of "told by …". */
  toldBy: string;
}

export const FORMATS: Readonly<Record<Looked, FormatWords>> = {
  pickle: {
    title: 'Pickle',
    toldBy:
      'running its first opcodes, without calling anything; also in arrays, archives and bytes of others',
  },
  npy: { title: 'NumPy array', toldBy: 'its signature' },
  zip: {
    title: 'Zip (`.pt`, `.npz`, `.keras`, …)',
    toldBy: 'its signature, and its list of members at the end of any file',
  },
  tar: { title: 'Tar', toldBy: 'the checksum of its first header' },
  gzip: { title: 'gzip', toldBy: 'its signature' },
  zlib: { title: 'zlib', toldBy: 'its two first bytes, and that what follows unpacks' },
  'old-joblib': { title: 'joblib before 0.10', toldBy: 'its signature' },
  zstd: { title: 'Zstandard', toldBy: 'its signature' },
  bzip2: { title: 'bzip2', toldBy: 'its signature' },
  xz: { title: 'xz', toldBy: 'its signature' },
  lzma: { title: 'LZMA', toldBy: 'its header of 13 bytes' },
  lz4: { title: 'LZ4', toldBy: 'its signature' },
  json: {
    title: 'JSON (Keras 3, transformers, notebooks, XGBoost, …)',
    toldBy: 'its first sign',
  },
  hdf5: { title: 'HDF5 (Keras 2, weights of Keras 3)', toldBy: 'its signature' },
  'saved-model': { title: 'TensorFlow SavedModel', toldBy: 'the fields of its outermost message' },
  'keras-metadata': {
    title: 'Keras 2 in a SavedModel (`keras_metadata.pb`)',
    toldBy: 'the fields of its outermost message',
  },
  onnx: { title: 'ONNX', toldBy: 'the fields of its outermost message' },
  coreml: { title: 'Core ML', toldBy: 'the fields of its outermost message' },
  safetensors: { title: 'safetensors', toldBy: 'a length, and the JSON that follows' },
  gguf: { title: 'GGUF', toldBy: 'its signature' },
  xml: { title: 'XML (PMML)', toldBy: 'its first signs' },
  text: { title: 'Text (LightGBM, code of TorchScript, …)', toldBy: 'having no control characters' },
  'wide-text': {
    title: 'Text in UTF-16 or UTF-32',
    toldBy: 'its mark, or the zeros between its letters; it is read as what it says',
  },
  blanks: { title: 'Blanks', toldBy: 'thousands of them at the beginning' },
  'by-name': {
    title: 'Files that a loader opens by their name (MLflow, skops, MLServer, PEFT, pip, …)',
    toldBy:
      'their name, and looked into by their content as well: `MLmodel`, `schema.json`, `requirements.txt`, …',
  },
  'machine-code': {
    title: 'Programs and libraries',
    toldBy: 'the signatures of Linux, macOS and Windows',
  },
  catboost: { title: 'CatBoost', toldBy: 'its signature' },
  unknown: { title: 'Anything else', toldBy: 'being none of these' },
};
