import { execFile } from 'node:child_process';

export interface Question {
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Given to its standard input. */
  input?: string;
  milliseconds?: number;
  /** A longer answer counts as none. */
  bytes?: number;
}

const MILLISECONDS = 20_000;
const BYTES = 16 * 1024 * 1024;

/**
 * What a program writes to its standard output; undefined where it is not installed, fails, or says nothing in time. For
 * facts that are good to have and that no training may wait for.
 */
export function answerOf(
  program: string,
  words: readonly string[],
  { env, cwd, input, milliseconds = MILLISECONDS, bytes = BYTES }: Question,
): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const options = { env, cwd, timeout: milliseconds, killSignal: 'SIGKILL', maxBuffer: bytes } as const;
    const child = execFile(program, words, { ...options, encoding: 'buffer' }, (error, stdout) =>
      resolve(error ? undefined : stdout),
    );
    // A program that ends before it has read everything says so by its exit status.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input ?? '');
  });
}

/** As {@link answerOf}, as text without white space around it; undefined also for an empty answer. */
export async function wordsOf(
  program: string,
  words: readonly string[],
  question: Question,
): Promise<string | undefined> {
  const answer = await answerOf(program, words, question);
  return answer?.toString('utf8').trim() || undefined;
}
