import type { AppliedScan, ScanFinding } from '../records/model-scan.ts';
import { code, type Markdown, table } from './markdown.ts';

/** How each library saves a model without code in it. */
const WAYS = {
  'scikit-learn': 'skops.io.dump(model, "model.skops")',
  PyTorch: 'safetensors.torch.save_file(model.state_dict(), "model.safetensors")',
  transformers: 'model.save_pretrained("model", safe_serialization=True)',
  XGBoost: 'model.save_model("model.ubj")',
  LightGBM: 'model.booster_.save_model("model.txt")',
  CatBoost: 'model.save_model("model.cbm")',
  NumPy: 'numpy.savez("arrays.npz", **arrays)  # no arrays of objects',
  pandas: 'frame.to_parquet("frame.parquet")',
  Keras: 'model.save("model.keras")  # with layers of Keras in place of Lambda',
  TensorFlow: 'tf.saved_model.save(model, "model")  # without py_function',
  ONNX: 'onnx.save(model, "model.onnx", save_as_external_data=True, location="model.onnx.data")',
  MLflow: 'mlflow.sklearn.save_model(model, "model", serialization_format="skops")  # no code_paths',
} as const;
type Library = keyof typeof WAYS;

const OF_TORCH: readonly Library[] = ['PyTorch', 'transformers'];
const OF_PICKLES: readonly Library[] = [
  'scikit-learn',
  ...OF_TORCH,
  'XGBoost',
  'LightGBM',
  'CatBoost',
  'NumPy',
  'pandas',
];

/** By the beginning of the name of a rule. */
const OF_RULES: readonly [rule: string, libraries: readonly Library[]][] = [
  ['keras-', ['Keras']],
  ['hdf5-', ['Keras']],
  ['code-operator', ['TensorFlow', 'ONNX']],
  ['file-operator', ['TensorFlow', 'ONNX']],
  ['array-header', ['NumPy']],
  ['external-data', ['ONNX', 'MLflow']],
  ['named-code', ['MLflow', 'scikit-learn']],
];

function librariesOf({ rule, members }: ScanFinding): readonly Library[] {
  if (rule.startsWith('pickle-')) {
    // Only torch calls the pickle in its archive so.
    return /(?:^|\/)data\.pkl$/.test(members.at(-1) ?? '') ? OF_TORCH : OF_PICKLES;
  }
  return OF_RULES.find(([begin]) => rule.startsWith(begin))?.[1] ?? [];
}

/** The lines of Python that save without code what was refused; undefined where none would help. */
export function safeFormats({ result }: AppliedScan): Markdown | undefined {
  const grave = (result?.findings ?? []).filter(
    ({ level, allowed }) => level === 'error' && allowed === null,
  );
  const wanted = new Set(grave.flatMap(librariesOf));
  const rows = (Object.keys(WAYS) as Library[]).filter((library) => wanted.has(library));
  if (rows.length === 0) return undefined;
  return table(
    ['a model of', 'is saved without code by'],
    rows.map((library) => [library, code(WAYS[library])]),
  );
}
