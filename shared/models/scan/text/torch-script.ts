import type { Found } from '../finding.ts';

/** How the code of a TorchScript module is written; nobody writes Python so. */
const TORCH_SCRIPT =
  /^class \w[\w.]*\((?:Module|Interface)\):\n\s+(?:__parameters__|def )|^op_version_set = \d/m;
/** Builtins of PyTorch that read or write files. */
const FILES = /\b(?:torch|ops\.aten|aten)\.(from_file|save|load)\s*\(/g;
const OPERATORS = /\bops\.(\w+)\.(\w+)\s*\(/g;
/** The same where operators are called by their namespace, and those of its own libraries. */
export const FILE_OPERATORS: ReadonlySet<string> = new Set([
  'aten.from_file',
  'aten.save',
  'aten.load',
  'torchaudio.sox_io_get_info',
  'torchaudio.sox_io_load_audio_file',
  'torchaudio.sox_io_save_audio_file',
  'torchaudio.sox_effects_apply_effects_file',
  'image.read_file',
  'image.write_file',
  'debugprims.load_tensor',
]);
/** Namespaces of operators that PyTorch and its own libraries have. */
export const KNOWN_NAMESPACES: ReadonlySet<string> = new Set(
  `aten prim prims quantized quantized_decomposed _quantized sparse higher_order inductor inductor_prims
  mkl mkldnn mkldnn_prepacked onednn prepacked xnnpack cuda profiler rngprims debugprims export static_runtime
  c10d c10d_functional _c10d_functional _c10d_functional_autograd _dtensor fsdp symm_mem
  torchvision image torchaudio torchao`.split(/\s+/),
);

/** Judges the code of TorchScript in a text. @param offset of the text. @returns nothing where it is none. */
export function judgeTorchScript(text: string, offset: number): Found[] {
  if (!TORCH_SCRIPT.test(text)) return [];
  const found: Found[] = [];
  for (const match of text.matchAll(FILES)) {
    const what = `The code of the model calls ${match[1]}.`;
    found.push({ rule: 'file-operator', offset: offset + match.index, what });
  }
  for (const match of text.matchAll(OPERATORS)) {
    if (KNOWN_NAMESPACES.has(match[1]!)) continue;
    const what = `The operator ${match[2]} is of the library ${match[1]}.`;
    found.push({ rule: 'unknown-operator', offset: offset + match.index, what });
  }
  return found;
}
