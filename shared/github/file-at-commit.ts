/**
 * One file as it was at a commit, such as a policy on the base branch: from the checkout around us where its history
 * reaches that far, else by GitHub's API.
 */
import { execFile } from 'node:child_process';
import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { createClient, describeFailure, httpStatus } from './client.ts';

export interface FileAtCommit {
  owner: string;
  repo: string;
  commit: string;
  /** As a person wrote it: relative to the working directory, or absolute. */
  file: string;
  /** As a person wrote it; it has been entered already. */
  workingDirectory: string;
}

export interface ReadingOptions {
  env: NodeJS.ProcessEnv;
  token: string | undefined;
  signal: AbortSignal;
  progress?: (message: string) => void;
}

/** `absent`: the commit is known and has no such file. `unknown`: neither git nor GitHub could tell, with the reason. */
export type FoundFile =
  | { status: 'found'; text: string }
  | { status: 'absent' }
  | { status: 'unknown'; why: string };

/** Reads a file at a commit. Throws only when the run is cancelled: what cannot be read is an answer. */
export async function readFileAtCommit(wanted: FileAtCommit, options: ReadingOptions): Promise<FoundFile> {
  const place = (await placeAsWritten(wanted, options.env)) ?? (await placeOnDisk(wanted.file, options.env));
  if (place === undefined) return { status: 'absent' };
  const local = await readFromCheckout(place.root, wanted.commit, place.path);
  return local ?? readFromGitHub({ ...wanted, path: place.path }, options);
}

interface Place {
  /** Folder of the checkout. */
  root: string;
  /** From there, with forward slashes. */
  path: string;
}

/**
 * Where the file stands by the names in the workflow, not by where they lead: a pull request may make a folder a link
 * to another one, or a repository inside this one, and would choose the file of the base that judges it.
 * @returns undefined outside an action's run, and for a place outside the workspace.
 */
async function placeAsWritten(
  { file, workingDirectory }: FileAtCommit,
  { GITHUB_WORKSPACE: workspace }: NodeJS.ProcessEnv,
): Promise<Place | undefined> {
  if (!workspace) return undefined;
  const folder = resolve(workspace, workingDirectory);
  // The command line may be started in any folder.
  if ((await realpath(folder).catch(() => undefined)) !== (await realpath('.'))) return undefined;
  const written = resolve(folder, file);
  if (pathFrom(workspace, written) === undefined) return undefined;
  const names = relative(workspace, dirname(written)).split(sep);
  let root = resolve(workspace);
  for (let end = 0; end <= names.length; end += 1) {
    const candidate = resolve(workspace, ...names.slice(0, end));
    if (!(await lstat(join(candidate, '.git')).catch(() => undefined))) continue;
    root = candidate;
    break;
  }
  const path = pathFrom(root, written);
  return path === undefined ? undefined : { root, path };
}

async function placeOnDisk(file: string, env: NodeJS.ProcessEnv): Promise<Place | undefined> {
  const here = await realpath('.');
  const checkout = await git(['rev-parse', '--show-toplevel'], here);
  const root = await realpath(checkout?.trim() || env.GITHUB_WORKSPACE || here);
  const given = resolve(here, file);
  // The file itself may be deleted, or be a link that the commit has too.
  const folder = await realpath(dirname(given)).catch(() => dirname(given));
  const path = pathFrom(root, join(folder, basename(given)));
  return path === undefined ? undefined : { root, path };
}

/** With forward slashes; undefined when the file lies outside. */
function pathFrom(root: string, file: string): string | undefined {
  const path = relative(root, file);
  const parts = path.split(sep);
  return parts[0] === '..' || isAbsolute(path) ? undefined : parts.join('/');
}

/** Undefined when this checkout does not know the commit, or not all of it. */
async function readFromCheckout(root: string, commit: string, path: string): Promise<FoundFile | undefined> {
  const known = await git(['cat-file', '-e', `${commit}^{commit}`], root);
  if (known === undefined || path.includes('\n')) return undefined;
  // Unlike `git show` this follows links, runs no filter of the checkout, and says plainly when there is no file.
  const answer = await git(['cat-file', '--batch', '--follow-symlinks'], root, `${commit}:${path}\n`);
  if (answer === undefined) return undefined;
  const end = answer.indexOf('\n');
  if (!/^[0-9a-f]+ blob \d+$/.test(answer.slice(0, end))) return { status: 'absent' };
  return { status: 'found', text: answer.slice(end + 1, -1) };
}

const MOST_BYTES = 20_000_000;

/** The output of git, or undefined when it failed or is not installed. */
function git(words: string[], cwd: string, input = ''): Promise<string | undefined> {
  // A replaced object or a question for a password would answer something else than what was committed.
  const env = { ...process.env, GIT_NO_REPLACE_OBJECTS: '1', GIT_TERMINAL_PROMPT: '0' };
  return new Promise((answer) => {
    const child = execFile('git', words, { cwd, env, maxBuffer: MOST_BYTES }, (error, stdout) =>
      answer(error ? undefined : stdout),
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

async function readFromGitHub(
  { owner, repo, commit, path }: FileAtCommit & { path: string },
  options: ReadingOptions,
): Promise<FoundFile> {
  if (!options.token) {
    return { status: 'unknown', why: 'the checkout does not have that commit, and github-token is empty' };
  }
  const client = await createClient({ ...options, token: options.token });
  try {
    const { data } = await client.rest.repos.getContent({ owner, repo, path, ref: commit });
    // Of a folder GitHub lists what is in it.
    if (Array.isArray(data) || data.type !== 'file') return { status: 'absent' };
    if (data.encoding !== 'base64')
      return { status: 'unknown', why: 'GitHub does not send files of its size' };
    return { status: 'found', text: Buffer.from(data.content, 'base64').toString('utf8') };
  } catch (error) {
    options.signal.throwIfAborted();
    const unknown = (failure: unknown): FoundFile => ({
      status: 'unknown',
      why: `the checkout does not have that commit, and GitHub answered ${describeFailure(failure)}`,
    });
    if (httpStatus(error) !== 404) return unknown(error);
    // GitHub hides what a token may not see behind the same answer, so the commit itself is asked for.
    return client.rest.git.getCommit({ owner, repo, commit_sha: commit }).then(
      () => ({ status: 'absent' }),
      (denied: unknown) => {
        options.signal.throwIfAborted();
        return unknown(denied);
      },
    );
  }
}
