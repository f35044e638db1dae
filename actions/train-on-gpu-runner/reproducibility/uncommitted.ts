/** Changes that are in no commit, as one patch that `git apply` takes: tracked files and new ones that git does not ignore. */
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, lstat, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { liesIn, type Repository } from './repository.ts';

export interface Uncommitted {
  files: number;
  /** Of the patch; where it is not kept, of what the changes are made of. */
  digest: string;
  /** Undefined where it is too large to keep, and for the reason in `note`. */
  patch: Buffer | undefined;
  /** Secrets in it were replaced, so that it may not apply. */
  isMasked: boolean;
  /** What a person should know, each one sentence. */
  notes: string[];
}

export interface UncommittedOptions {
  /** Files and folders that are no part of the code: data, records, models, checkpoints. */
  keepOut: readonly string[];
  mask: (text: string) => string;
  /** Of the patch. */
  mostBytes?: number;
}

const MOST_BYTES = 10_000_000;
const MOST_FILES = 5_000;
/** Of a file that is not kept, more than this is known by its size alone. */
const MOST_HASHED_BYTES = 256_000_000;

/** What tools leave in a checkout that lets in whoever has it, by name: the values are in no variable that could be masked. */
const SECRET_FILES =
  /^(gha-creds-.*\.json|\.env(\..+)?|.*\.(pem|key|p12|pfx|jks|keystore|kubeconfig)|id_(rsa|dsa|ecdsa|ed25519).*|\.netrc|\.npmrc|\.pypirc|\.git-credentials|credentials(\.json)?|client_secrets?.*\.json|service[-_]account.*\.json|kubeconfig)$/i;
/** What this action itself puts beside a folder that it is given: workspaces, output, earlier checkpoints. */
const BESIDE = /^\.(training-[0-9a-f]{12}|output|previous)[\\/]/;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** Undefined where everything is committed, or git cannot say. */
export async function findUncommitted(
  repository: Repository,
  options: UncommittedOptions,
): Promise<Uncommitted | undefined> {
  const names = async (...words: string[]) =>
    (await repository.git([...words, '-z']))?.toString('utf8').split('\0').filter(Boolean);
  const [changed, untracked, index] = await Promise.all([
    names('diff', '--name-only', '--ignore-submodules=dirty', 'HEAD'),
    names('ls-files', '--others', '--exclude-standard', '--full-name'),
    repository.git(['rev-parse', '--git-path', 'index']),
  ]);
  if (!changed || !untracked || !index) return undefined;
  const mostBytes = options.mostBytes ?? MOST_BYTES;
  const { kept, notes } = await sortOut(repository, untracked, options.keepOut);
  if (changed.length + kept.length === 0) return notes.length > 0 ? nothingKept(notes) : undefined;
  const files = changed.length + kept.length;
  const sizes = await Promise.all(kept.map(async (path) => (await lstat(join(repository.root, path))).size));
  const newBytes = sizes.reduce((sum, size) => sum + size, 0);
  const patch =
    newBytes <= mostBytes && kept.length <= MOST_FILES
      ? await makePatch(repository, resolve(repository.root, index.toString('utf8').trim()), kept, mostBytes)
      : undefined;
  if (patch) {
    const masked = maskBytes(patch, options.mask);
    return { files, digest: digestOf(masked), patch: masked, isMasked: !masked.equals(patch), notes };
  }
  const tracked = await repository.git(['diff', '--raw', '--no-abbrev', '--ignore-submodules=dirty', 'HEAD']);
  const why = `The uncommitted changes (${files} files) are larger than ${mostBytes / 1e6} MB or unreadable to git: the record holds their digest, not the changes.`;
  return {
    files,
    digest: await digestOfFiles(repository.root, tracked, [...changed, ...kept]),
    patch: undefined,
    isMasked: false,
    notes: [...notes, why],
  };
}

/** Only what was left out differs from the commit. */
const nothingKept = (notes: string[]): Uncommitted => ({
  files: 0,
  digest: digestOf(Buffer.alloc(0)),
  patch: undefined,
  isMasked: false,
  notes,
});

async function sortOut(
  { root }: Repository,
  untracked: readonly string[],
  keepOut: readonly string[],
): Promise<{ kept: string[]; notes: string[] }> {
  const out = keepOut.map((path) => resolve(path));
  const environments = new Map<string, Promise<boolean>>();
  const isEnvironment = (folder: string): Promise<boolean> => {
    const known = environments.get(folder) ?? stat(join(folder, 'pyvenv.cfg')).then(Boolean, () => false);
    environments.set(folder, known);
    return known;
  };
  const kept: string[] = [];
  const secrets: string[] = [];
  for (const path of untracked) {
    const whole = join(root, path);
    if (out.some((folder) => liesIn(whole, folder) || BESIDE.test(wayFrom(whole, folder)))) continue;
    // The packages of a Python environment are recorded by name.
    if (await anyFolder(dirname(whole), root, isEnvironment)) continue;
    if (SECRET_FILES.test(basename(path)) || (await holdsPrivateKey(whole))) secrets.push(path);
    else kept.push(path);
  }
  const notes =
    secrets.length === 0
      ? []
      : [
          `Left out of the uncommitted changes, since they look like secrets: ${secrets.slice(0, 5).join(', ')}${secrets.length > 5 ? ', …' : ''}.`,
        ];
  return { kept, notes };
}

/** What follows the folder's name; empty for what does not begin with it. */
const wayFrom = (path: string, folder: string): string =>
  path.startsWith(folder) ? path.slice(folder.length) : '';

async function anyFolder(
  folder: string,
  root: string,
  test: (folder: string) => Promise<boolean>,
): Promise<boolean> {
  for (let at = folder; liesIn(at, root) && at !== root; at = dirname(at)) if (await test(at)) return true;
  return false;
}

async function holdsPrivateKey(path: string): Promise<boolean> {
  const entry = await lstat(path).catch(() => undefined);
  if (!entry?.isFile() || entry.size > 100_000) return false;
  return PRIVATE_KEY.test(await readFile(path, 'latin1').catch(() => ''));
}

/** Made through a copy of the index, so that the user's own stays as it is. Undefined when it is too long or git fails. */
async function makePatch(
  repository: Repository,
  index: string,
  untracked: readonly string[],
  mostBytes: number,
): Promise<Buffer | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'mlops-index-'));
  try {
    const copy = join(folder, 'index');
    await copyFile(index, copy);
    const add = ['--literal-pathspecs', 'add', '--intent-to-add'];
    const given = ['--pathspec-from-file=-', '--pathspec-file-nul'];
    if (untracked.length > 0) {
      const added = await repository.git([...add, ...given], { input: untracked.join('\0'), index: copy });
      if (!added) return undefined;
    }
    const exact = [
      '--binary',
      '--full-index',
      '--no-color',
      '--no-ext-diff',
      '--no-textconv',
      '--no-renames',
    ];
    const words = ['diff', ...exact, '--ignore-submodules=dirty', 'HEAD'];
    return await repository.git(words, { index: copy, bytes: mostBytes });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Files may be of any encoding, and not every byte is a letter of UTF-8. */
function maskBytes(bytes: Buffer, mask: (text: string) => string): Buffer {
  const encoding = isUtf8(bytes) ? 'utf8' : 'latin1';
  return Buffer.from(mask(bytes.toString(encoding)), encoding);
}

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

async function digestOfFiles(
  root: string,
  tracked: Buffer | undefined,
  paths: readonly string[],
): Promise<string> {
  const hash = createHash('sha256').update(tracked ?? '');
  let hashed = 0;
  for (const path of [...paths].sort()) {
    const entry = await lstat(join(root, path)).catch(() => undefined);
    hash.update(`\0${path}\0${entry?.size ?? 'removed'}\0`);
    if (!entry?.isFile() || hashed + entry.size > MOST_HASHED_BYTES) continue;
    hashed += entry.size;
    for await (const part of createReadStream(join(root, path))) hash.update(part as Uint8Array);
  }
  return `sha256:${hash.digest('hex')}`;
}
