/** The packages that a command will find, in the words of the tool that can install them again. */
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Reproduction } from '../../../shared/records/training-run.ts';
import { answerOf, type Question } from './answer.ts';

export interface PackageList {
  manager: Reproduction['packages'][number]['manager'];
  /** How many packages it names. */
  count: number;
  text: string;
  /** Of the file beside the record: what follows its digest. */
  extension: string;
}

const PIP_MILLISECONDS = 30_000;
const CONDA_MILLISECONDS = 60_000;

/**
 * Asks pip (or uv, where there is no pip), conda, and the lock files of uv and poetry where the command runs in theirs.
 * What is not there is left out.
 */
export async function findPackages(
  command: string,
  env: NodeJS.ProcessEnv,
  folder: string,
): Promise<PackageList[]> {
  const question: Question = { env: { ...env, PIP_DISABLE_PIP_VERSION_CHECK: '1' }, cwd: folder };
  const locks = [
    /\buv\s+run\b/.test(command) && findLock('uv', folder),
    /\bpoetry\s+run\b/.test(command) && findLock('poetry', folder),
  ];
  const [conda, ...locked] = await Promise.all([env.CONDA_PREFIX ? askConda(question) : undefined, ...locks]);
  const found = [conda, ...locked].filter((list) => list !== undefined && list !== false);
  // Such a command leaves the interpreter of the PATH, and its packages, aside.
  const isLocked = locked.some(Boolean);
  const pip = isLocked ? undefined : await askPython(command, question);
  return pip ? [pip, ...found] : found;
}

/** The interpreters that a command may mean: the one that it names by a path, or those of the PATH. */
export function interpretersOf(command: string): string[] {
  const [, named] = /(?:^|[\s;&|(=])((?:[\w.~@+-]*\/)+python[\d.]*)(?=\s|$)/m.exec(command) ?? [];
  return [...(named ? [named] : []), 'python', 'python3'];
}

async function askPython(command: string, question: Question): Promise<PackageList | undefined> {
  const asked = { ...question, milliseconds: PIP_MILLISECONDS };
  for (const name of interpretersOf(command)) {
    const program = name.includes('/') ? resolve(question.cwd, name) : name;
    const pip = await answerOf(program, ['-m', 'pip', 'freeze'], asked);
    if (pip) return frozen('pip', pip.toString('utf8'));
    if (!(await answerOf(program, ['-c', ''], asked))) continue;
    // Environments of uv have no pip.
    const uv = await answerOf('uv', ['pip', 'freeze', '--python', program], asked);
    return uv && frozen('uv', uv.toString('utf8'));
  }
  return undefined;
}

const frozen = (manager: 'pip' | 'uv', text: string): PackageList => ({
  ...{ manager, text, extension: 'requirements.txt' },
  count: text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#')).length,
});

async function askConda(question: Question): Promise<PackageList | undefined> {
  const program = question.env.CONDA_EXE || 'conda';
  const words = ['env', 'export', '--prefix', question.env.CONDA_PREFIX ?? ''];
  const answer = await answerOf(program, words, { ...question, milliseconds: CONDA_MILLISECONDS });
  if (!answer) return undefined;
  const text = answer.toString('utf8').replace(/^prefix:.*\n?/m, '');
  // Below `dependencies:`; the list of pip stands one level deeper and its own word, `pip:`, is no package.
  const names = text.split('\n').filter((line) => /^\s*- [^:]+(::[^:]+)?$/.test(line));
  const channels = /^channels:\n((?:\s*- .*\n)*)/m.exec(text)?.[1]?.split('\n').filter(Boolean).length ?? 0;
  return { manager: 'conda', text, count: names.length - channels, extension: 'conda.yaml' };
}

/** The nearest lock file, of the folder itself or one above it. */
async function findLock(manager: 'uv' | 'poetry', folder: string): Promise<PackageList | undefined> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const text = await readFile(join(at, `${manager}.lock`), 'utf8').catch(() => undefined);
    const count = text?.match(/^\[\[package\]\]$/gm)?.length ?? 0;
    if (text !== undefined) return { manager, text, count, extension: `${manager}.lock` };
    if (dirname(at) === at) return undefined;
  }
}
