import { relative, sep } from 'node:path';
import { answerOf, wordsOf } from './answer.ts';

/** The checkout in which a command runs. */
export interface Repository {
  root: string;
  /** Of the folder asked about, from the root, with forward slashes: `.` for the root itself. */
  workingDirectory: string;
  commit: string;
  /** Where others find it, without account and password; undefined for one that is only here. */
  address: string | undefined;
  /** Asks git in its root; undefined where git fails. */
  git(
    words: readonly string[],
    more?: { input?: string; index?: string; bytes?: number },
  ): Promise<Buffer | undefined>;
}

const OPTIONS = [
  // A checkout of another user, as in a container job, is still the one whose command is run.
  ...['-c', 'safe.directory=*'],
  // A person's settings must not change what is written.
  ...['-c', 'core.fsmonitor=false', '-c', 'core.quotePath=false'],
  ...['-c', 'diff.noprefix=false', '-c', 'diff.mnemonicPrefix=false'],
];

/** Undefined where there is no git, no checkout or no commit. */
export async function findRepository(
  env: NodeJS.ProcessEnv,
  folder: string,
): Promise<Repository | undefined> {
  const question = { env: { ...env, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' }, cwd: folder };
  const ask = (...words: string[]) => wordsOf('git', [...OPTIONS, ...words], question);
  const [root, prefix, commit, remote] = await Promise.all([
    ask('rev-parse', '--show-toplevel'),
    ask('rev-parse', '--show-prefix'),
    ask('rev-parse', '--verify', 'HEAD^{commit}'),
    ask('remote', 'get-url', 'origin'),
  ]);
  if (root === undefined || commit === undefined) return undefined;
  return {
    root,
    workingDirectory: prefix?.replace(/\/$/, '') || '.',
    commit,
    address: remote && withoutAccount(remote),
    git: (words, { input, index, bytes } = {}) =>
      answerOf('git', [...OPTIONS, ...words], {
        cwd: root,
        env: { ...question.env, ...(index && { GIT_INDEX_FILE: index }) },
        ...(input !== undefined && { input }),
        ...(bytes !== undefined && { bytes }),
      }),
  };
}

/** `https://token@github.com/a/b` → `https://github.com/a/b`; the user of an ssh address belongs to it. */
export function withoutAccount(address: string): string {
  return address.replace(/^(https?:\/\/)[^/]*@/i, '$1').replace(/^(ssh:\/\/[^/:@]*):[^/@]*@/i, '$1@');
}

/** Whether a path lies in a folder or is it. */
export function liesIn(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !/^([a-z]:)?[\\/]/i.test(way));
}
