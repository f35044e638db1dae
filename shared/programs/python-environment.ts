import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { access, link, mkdir, readdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { programEnvironment } from './environment.ts';

/**
 * Python environments made from a requirements file and kept for the next time. The demo imports this file
 * directly, so it needs nothing but Node itself, the project's errors and the environment beside it.
 *
 * An environment cannot be moved once it is made (its scripts name their own place), so each is built where it
 * stays, in a folder with a random end, and then published: a small file named by the key says which folder it
 * is. Creating that file is one atomic step: builders at work at the same time do not meet, the first to publish
 * wins, and one that was killed leaves only a folder that nobody names, removed after a day.
 */

export interface PythonEnvironmentOptions {
  /** Path of the requirements file. */
  requirements: string;
  cacheFolder: string;
  progress?: (message: string) => void;
  signal?: AbortSignal;
  /** Where python3 is looked up; pip's own settings (index, proxies, find-links) are read from it by pip. */
  env?: NodeJS.ProcessEnv;
}

const ABANDONED_AFTER_MS = 24 * 3600 * 1000;
const WINDOWS = process.platform === 'win32';

/**
 * Gives the folder of executables (`python`, `python3`, console scripts) of an environment that has exactly
 * these requirements, made now or earlier.
 * @throws UserError when there is no Python, no such file, or pip cannot install.
 */
export async function preparePythonEnvironment(options: PythonEnvironmentOptions): Promise<{ bin: string }> {
  // Packages run code of their own while they are installed: it must not see the action's token.
  const env = programEnvironment(options.env ?? process.env, {});
  const text = await requirementsText(options.requirements);
  const python = await findPython(env, options.signal);
  const key = createHash('sha256')
    .update(JSON.stringify([1, text, python.identity, process.platform, process.arch]))
    .digest('hex')
    .slice(0, 24);
  const home = join(options.cacheFolder, 'python');
  const pointer = join(home, `${key}.txt`);
  const ready = await published(home, pointer);
  if (ready) return { bin: ready };

  await mkdir(home, { recursive: true });
  await removeAbandoned(home);
  const folder = join(home, `${key}-${randomBytes(6).toString('hex')}`);
  try {
    await build(folder, text, python.command, { ...options, env });
    const winner = await publish(home, pointer, folder);
    if (winner !== folder) await rm(folder, { recursive: true, force: true });
    return { bin: binOf(winner) };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function build(
  folder: string,
  text: string,
  python: string,
  options: PythonEnvironmentOptions & { env: NodeJS.ProcessEnv },
): Promise<void> {
  const { env, signal, progress } = options;
  const empty = !text
    .split('\n')
    .some((line) => line.trim() && !/^\s*(#|(-r|-c|--requirement|--constraint)\b)/.test(line));
  progress?.(
    empty ? 'making a Python environment' : `making a Python environment for ${options.requirements}`,
  );
  // Installing pip takes seconds and an environment without packages never calls it.
  const made = await execute(python, ['-m', 'venv', ...(empty ? ['--without-pip'] : []), folder], {
    env,
    signal,
  });
  if (made.code !== 0) {
    throw new UserError(`Python could not make a virtual environment: ${lastLines(made.output)}`, {
      fix: 'Install the venv module (on Debian and Ubuntu: apt-get install python3-venv).',
    });
  }
  if (empty) return;
  // Compiling every module of every package takes longer than installing; Python compiles what it imports.
  const pip = ['-m', 'pip', 'install', '--no-input', '--no-compile', '--progress-bar', 'off'];
  const installed = await execute(
    join(binOf(folder), 'python'),
    [...pip, '--requirement', options.requirements],
    {
      env,
      signal,
      onLine: (line) => {
        if (/^\s*(Collecting|Downloading|Building|Installing collected)/.test(line)) progress?.(line.trim());
      },
    },
  );
  if (installed.code === 0) return;
  throw new UserError(`pip could not install ${options.requirements}: ${lastLines(installed.output)}`, {
    where: { file: options.requirements },
    fix: 'Check the names and versions in the file, and that the package index can be reached from here.',
  });
}

async function findPython(
  env: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<{ command: string; identity: string }> {
  // Two interpreters of the same version may be built differently, hence their place.
  const script = 'import sys, sysconfig; print(sys.version, sysconfig.get_platform(), sys.base_prefix)';
  for (const command of WINDOWS ? ['python', 'py'] : ['python3', 'python']) {
    const found = await execute(command, ['-c', script], { env, signal }).catch((error: unknown) => {
      if (isErrno(error, 'ENOENT')) return undefined;
      throw error;
    });
    if (found?.code === 0) return { command, identity: found.output.trim() };
  }
  throw new UserError('there is no Python on the PATH', {
    fix: 'Install Python 3.9 or newer, or run actions/setup-python before this step.',
  });
}

/** The file's text with the text of the files that it includes, since they decide what is installed too. */
async function requirementsText(path: string, seen = new Set<string>()): Promise<string> {
  const absolute = resolve(path);
  if (seen.has(absolute)) return '';
  seen.add(absolute);
  const text = await readFile(absolute, 'utf8').catch((error: unknown) => {
    if (!isErrno(error, 'ENOENT')) throw error;
    throw new UserError(`there is no requirements file ${path}`, { where: { file: path } });
  });
  const included = [...text.matchAll(/^\s*(?:-r|-c|--requirement|--constraint)[\s=]*(\S+)/gm)];
  const parts = [text];
  for (const [, name] of included) {
    if (name && !name.includes('://'))
      parts.push(await requirementsText(resolve(dirname(absolute), name), seen));
  }
  return parts.join('\n');
}

async function published(home: string, pointer: string): Promise<string | undefined> {
  const name = await readFile(pointer, 'utf8').catch(() => undefined);
  if (name === undefined) return undefined;
  const bin = binOf(join(home, name));
  const python = join(bin, WINDOWS ? 'python.exe' : 'python');
  // The interpreter is a link: it dangles when the Python that made the environment was removed.
  const usable = await access(python).then(
    () => true,
    () => false,
  );
  if (usable) return bin;
  await rm(pointer, { force: true });
  return undefined;
}

/** Names the folder as the environment of this key, unless another was named before; gives the one that counts. */
async function publish(home: string, pointer: string, folder: string): Promise<string> {
  const draft = `${folder}.draft`;
  await writeFile(draft, folder.slice(home.length + 1));
  try {
    await link(draft, pointer);
    return folder;
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
    const bin = await published(home, pointer);
    return bin ? dirname(bin) : await publish(home, pointer, folder);
  } finally {
    await unlink(draft).catch(() => undefined);
  }
}

async function removeAbandoned(home: string): Promise<void> {
  const entries = await readdir(home);
  const pointers = entries.filter((entry) => entry.endsWith('.txt'));
  const named = new Set(
    await Promise.all(pointers.map((entry) => readFile(join(home, entry), 'utf8').catch(() => ''))),
  );
  for (const entry of entries) {
    if (entry.endsWith('.txt') || named.has(entry)) continue;
    const path = join(home, entry);
    const changed = await stat(path).then(
      (found) => found.mtimeMs,
      () => Date.now(),
    );
    if (Date.now() - changed > ABANDONED_AFTER_MS) await rm(path, { recursive: true, force: true });
  }
}

function binOf(folder: string): string {
  return join(folder, WINDOWS ? 'Scripts' : 'bin');
}

function execute(
  file: string,
  args: string[],
  options: { env: NodeJS.ProcessEnv; signal?: AbortSignal; onLine?: (line: string) => void },
): Promise<{ code: number; output: string }> {
  options.signal?.throwIfAborted();
  return new Promise((resolvePromise, reject) => {
    const child = spawn(file, args, {
      env: options.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: !WINDOWS,
    });
    let output = '';
    let rest = '';
    const read = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-20_000);
      const lines = (rest + chunk.toString('utf8')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) options.onLine?.(line);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    const cancel = () => {
      try {
        if (child.pid) process.kill(WINDOWS ? child.pid : -child.pid, 'SIGKILL');
      } catch {
        // It has just ended by itself.
      }
    };
    options.signal?.addEventListener('abort', cancel, { once: true });
    child.once('error', reject);
    child.once('close', (code) => {
      options.signal?.removeEventListener('abort', cancel);
      if (options.signal?.aborted) reject(options.signal.reason);
      else resolvePromise({ code: code ?? 1, output });
    });
  });
}

function lastLines(output: string): string {
  const lines = output.trim().split('\n');
  const errors = lines.filter((line) => line.startsWith('ERROR'));
  return (errors.length > 0 ? errors : lines).slice(-3).join(' · ') || 'it said nothing';
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
