/** What is mutated: evil files, plain ones, and those that libraries have saved. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Format, HEAD_BYTES, identify } from '../../shared/models/scan/identify.ts';
import { EVIL } from '../scan/evil.ts';
import { PLAIN_SEEDS } from './plain-seeds.ts';

/** Each parser that is fuzzed: a format, or what tells formats. */
export type Parser = Exclude<Format, 'unknown'> | 'identify';

export const PARSERS: readonly Parser[] = [
  ...([
    'identify',
    'pickle',
    'zip',
    'tar',
    'gzip',
    'zlib',
    'old-joblib',
    'zstd',
    'bzip2',
    'xz',
    'lzma',
    'lz4',
  ] as const),
  ...([
    'npy',
    'hdf5',
    'safetensors',
    'gguf',
    'onnx',
    'saved-model',
    'keras-metadata',
    'coreml',
    'catboost',
  ] as const),
  ...(['xml', 'json', 'text'] as const),
];

/** In bytes: larger ones are slow to mutate, and say no more. */
const LONGEST_SEED = 24_000;

/** Each case made of a bomb takes a second, until it is too much. */
const LIGHT = EVIL.filter(({ rule }) => rule !== 'too-much');

const formatOf = (bytes: Uint8Array): Format =>
  identify(bytes.subarray(0, HEAD_BYTES), { size: bytes.length }).find(
    (format) => format !== 'any-protobuf',
  )!;

/** @param folder of further files; their names tell nothing. */
export function allSeeds(folder: string | undefined): Map<Parser, Uint8Array[]> {
  const saved = folder === undefined ? [] : filesIn(folder);
  const files = [...PLAIN_SEEDS.map(([, bytes]) => bytes), ...LIGHT.map((evil) => evil.make()), ...saved];
  const seeds = new Map<Parser, Uint8Array[]>(PARSERS.map((parser) => [parser, []]));
  for (const bytes of files) {
    if (bytes.length === 0 || bytes.length > LONGEST_SEED) continue;
    const format = formatOf(bytes);
    if (format !== 'unknown') seeds.get(format)?.push(bytes);
    seeds.get('identify')!.push(bytes.subarray(0, HEAD_BYTES));
  }
  return seeds;
}

const filesIn = (folder: string): Uint8Array[] =>
  readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => new Uint8Array(readFileSync(path)));
