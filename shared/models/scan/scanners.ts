import type { Format } from './identify.ts';
import type { Scanner } from './scan-input.ts';

const refuse = async (compression: string): Promise<Scanner> =>
  (await import('./containers/compressed.ts')).refuseCompression(compression);

/** Who looks into what; each is loaded where it is needed first. */
const SCANNERS: Partial<Record<Format, () => Promise<Scanner>>> = {
  pickle: async () => (await import('./pickle/scan-pickle.ts')).scanPickle,
  zip: async () => (await import('./containers/zip.ts')).scanZip,
  tar: async () => (await import('./containers/tar.ts')).scanTar,
  gzip: async () => (await import('./containers/compressed.ts')).scanGzip,
  zlib: async () => (await import('./containers/compressed.ts')).scanZlib,
  'old-joblib': async () => (await import('./containers/compressed.ts')).scanOldJoblib,
  zstd: async () => (await import('./containers/compressed.ts')).scanZstd,
  bzip2: () => refuse('bzip2'),
  xz: () => refuse('xz'),
  lzma: () => refuse('LZMA'),
  lz4: () => refuse('LZ4'),
  npy: async () => (await import('./formats/npy.ts')).scanNpy,
  safetensors: async () => (await import('./formats/safetensors.ts')).scanSafetensors,
  hdf5: async () => (await import('./formats/hdf5.ts')).scanHdf5,
  gguf: async () => (await import('./formats/gguf.ts')).scanGguf,
  onnx: async () => (await import('./formats/onnx.ts')).scanOnnx,
  'saved-model': async () => (await import('./formats/saved-model.ts')).scanSavedModel,
  'keras-metadata': async () => (await import('./formats/saved-model.ts')).scanKerasMetadata,
  coreml: async () => (await import('./formats/coreml.ts')).scanCoreMl,
  xml: async () => (await import('./text/xml.ts')).scanXml,
  json: async () => (await import('./text/json.ts')).scanJson,
  text: async () => (await import('./text/plain-text.ts')).scanText,
};

/** @returns undefined where nothing in such a stream can run code. */
export async function scannerOf(format: Format): Promise<Scanner | undefined> {
  return SCANNERS[format]?.();
}
