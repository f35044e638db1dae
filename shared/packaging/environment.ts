/**
 * `packaging/` makes what a version needs beside its files, so that others can use it: the environment it was made
 * in, the card that people read, the container image that serves it.
 */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '../errors.ts';
import { sha256 } from '../records/canonical-json.ts';
import type { VersionEnvironment } from '../records/model-version.ts';
import type { TrainingRun } from '../records/training-run.ts';
import { ENVIRONMENT_ROLE } from '../registries/packaged-model.ts';
import type { AttachedFile, Attachment } from '../registries/registry-interface.ts';

/** Files that pin an environment, by the names that their tools give them. */
const LOCK_FILES =
  /^(uv\.lock|poetry\.lock|pdm\.lock|pylock(\.[^.]+)?\.toml|Pipfile\.lock|pixi\.lock|conda-lock\.ya?ml|environment\.ya?ml|requirements[\w.-]*\.txt|\.python-version)$/;
const LARGEST_LOCK_FILE = 20 * 1024 * 1024;
/** What pins CUDA: NVIDIA's own wheel or conda package, or the local version of a framework's wheel. */
const CUDA_PINS: RegExp[] = [
  /nvidia-cuda-runtime(?:-cu\d+)?"?\s*(?:==|@|\n?\s*version\s*=)\s*"?(\d+\.\d+)/,
  /\b(?:cuda-version|cudatoolkit|cuda-runtime)\s*(?:=+|:)\s*"?(\d+\.\d+)/,
  /\b(?:torch|jaxlib|tensorflow)[^\n]{0,80}\+cu(\d{2,3})\b/,
];

interface LockFile {
  name: string;
  bytes: Buffer;
}

/**
 * What the model was made in: from its TrainingRun, and from lock files, which are kept with the version.
 * @param known.files lock files that were named; otherwise those found directly in `folder`.
 * @returns null where nothing is known. @throws UserError for a named file that cannot be read, or two of one name.
 */
export async function captureEnvironment(known: {
  files: string[] | undefined;
  folder: string;
  requirements: string | undefined;
  trainingRun: TrainingRun | undefined;
}): Promise<{ environment: VersionEnvironment | null; attachment?: Attachment }> {
  const paths = known.files ?? (await findLockFiles(known.folder, known.requirements));
  const locks = await Promise.all(paths.map(readLockFile));
  refuseTwins(locks, paths);
  const run = known.trainingRun?.environment;
  if (locks.length === 0 && !run) return { environment: null };
  const environment: VersionEnvironment = {
    python: run?.python ?? pinnedPython(locks),
    cuda: pinnedCuda(locks),
    platform: run ? `${run.platform}-${run.architecture}` : null,
    gpus: (run?.gpus ?? []).map((gpu) => `${gpu.name}, driver ${gpu.driverVersion}`),
    files: locks.map(({ name, bytes }) => ({ name, digest: sha256(bytes) })),
  };
  if (locks.length === 0) return { environment };
  const files: AttachedFile[] = locks.map(({ name, bytes }) => ({ name, bytes }));
  return { environment, attachment: { role: ENVIRONMENT_ROLE, files } };
}

async function findLockFiles(folder: string, requirements: string | undefined): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = entries.filter((entry) => entry.isFile() && LOCK_FILES.test(entry.name));
  const paths = found.map((entry) => join(folder, entry.name)).sort();
  const isNew =
    requirements !== undefined && !paths.some((path) => basename(path) === basename(requirements));
  return isNew ? [...paths, requirements] : paths;
}

async function readLockFile(path: string): Promise<LockFile> {
  const bytes = await readFile(path).catch((cause) => {
    throw new UserError(`The lock file ${path} cannot be read.`, {
      where: { file: path, key: 'environment' },
      fix: 'Check the path; it is relative to the working directory.',
      cause,
    });
  });
  if (bytes.length > LARGEST_LOCK_FILE) {
    throw new UserError(`The lock file ${path} has more than 20 MiB.`, {
      where: { file: path, key: 'environment' },
      fix: 'Name the lock file itself, not the environment that was made from it.',
    });
  }
  refuseCredentials(bytes.toString('utf8'), path, 'environment');
  return { name: basename(path), bytes };
}

/** A password, a token in a user's place (the names that keyrings are asked for are short), conda's token. */
const CREDENTIALS = [
  /\w:\/\/[^\s/@:]*:[^\s/@${}]+@/,
  /\w:\/\/(?=[^\s/@:]*\d)[\w.%~+-]{20,}@/,
  /\w:\/\/[^\s/]+\/t\/[A-Za-z0-9-]{20,}\//,
];

/** What is kept in a registry is read by many. @throws UserError for an address with a password or token in it. */
export function refuseCredentials(text: string, file: string, key: string): void {
  const line = text.split('\n').findIndex((one) => CREDENTIALS.some((pattern) => pattern.test(one)));
  if (line < 0) return;
  throw new UserError(`${file} holds credentials in an address; it would be stored with the version.`, {
    where: { file, line: line + 1, key },
    fix: 'Give credentials by a variable (${NAME}), PIP_INDEX_URL or a .netrc file instead.',
  });
}

function refuseTwins(locks: readonly LockFile[], paths: readonly string[]): void {
  for (const [index, { name }] of locks.entries()) {
    const first = locks.findIndex((other) => other.name === name);
    if (first === index) continue;
    throw new UserError(`Two lock files are called ${name}: ${paths[first]} and ${paths[index]}.`, {
      where: { key: 'environment' },
      fix: 'Name one of them; they are kept side by side.',
    });
  }
}

function pinnedPython(locks: readonly LockFile[]): string | null {
  const text = locks.find(({ name }) => name === '.python-version')?.bytes.toString('utf8');
  return /^\s*(\d+(\.\d+){0,2})\s*$/m.exec(text ?? '')?.[1] ?? null;
}

function pinnedCuda(locks: readonly LockFile[]): string | null {
  const text = locks.map(({ bytes }) => bytes.toString('utf8')).join('\n');
  for (const pattern of CUDA_PINS) {
    const version = pattern.exec(text)?.[1];
    // A wheel writes 12.4 as cu124.
    if (version) return version.includes('.') ? version : `${version.slice(0, -1)}.${version.slice(-1)}`;
  }
  return null;
}
