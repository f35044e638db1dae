import type { Format } from './identify.ts';
import type { Scanner } from './scan-input.ts';

/** Who looks into what; each is loaded where it is needed first. */
const SCANNERS: Partial<Record<Format, () => Promise<Scanner>>> = {
  pickle: async () => (await import('./pickle/scan-pickle.ts')).scanPickle,
  zip: async () => (await import('./containers/zip.ts')).scanZip,
  tar: async () => (await import('./containers/tar.ts')).scanTar,
  gzip: async () => (await import('./containers/compressed.ts')).scanGzip,
  zlib: async () => (await import('./containers/compressed.ts')).scanZlib,
  'old-joblib': async () => (await import('./containers/compressed.ts')).scanOldJoblib,
  zstd: async () => (await import('./containers/compressed.ts')).scanZstd,
  bzip2: async () => (await import('./containers/bzip2.ts')).scanBzip2,
  xz: async () => (await import('./containers/lzma.ts')).scanLzma,
  lzma: async () => (await import('./containers/lzma.ts')).scanLzma,
  lz4: async () => (await import('./containers/lz4.ts')).scanLz4,
  npy: async () => (await import('./formats/npy.ts')).scanNpy,
  safetensors: async () => (await import('./formats/safetensors.ts')).scanSafetensors,
  hdf5: async () => (await import('./formats/hdf5.ts')).scanHdf5,
  gguf: async () => (await import('./formats/gguf.ts')).scanGguf,
  onnx: async () => (await import('./formats/onnx.ts')).scanOnnx,
  'saved-model': async () => (await import('./formats/saved-model.ts')).scanSavedModel,
  'keras-metadata': async () => (await import('./formats/saved-model.ts')).scanKerasMetadata,
  coreml: async () => (await import('./formats/coreml.ts')).scanCoreMl,
  catboost: async () => (await import('./formats/catboost.ts')).scanCatBoost,
  'machine-code': async () => (await import('./formats/machine-code.ts')).scanMachineCode,
  xml: async () => (await import('./text/xml.ts')).scanXml,
  json: async () => (await import('./text/json.ts')).scanJson,
  text: async () => (await import('./text/plain-text.ts')).scanText,
  'wide-text': async () => (await import('./text/wide-text.ts')).scanWideText,
  blanks: async () => (await import('./text/plain-text.ts')).refuseBlanks,
};

/** @returns undefined where nothing in such a stream can run code. */
export async function scannerOf(format: Format): Promise<Scanner | undefined> {
  return SCANNERS[format]?.();
}
