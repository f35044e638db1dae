/** A server written in Python, for tests, as a process group of its own. */
import { type SpawnOptions, spawn } from 'node:child_process';
import { vi } from 'vitest';

const START_MILLISECONDS = 60_000;

/**
 * Starts it and waits until it answers at an address.
 * @param words the arguments of the interpreter.
 * @returns what ends it.
 */
export async function startPythonServer(
  python: string,
  words: readonly string[],
  { answersAt, ...options }: SpawnOptions & { answersAt: string },
): Promise<() => Promise<void>> {
  const child = spawn(python, words, { ...options, detached: true, stdio: 'ignore' });
  const end = async () => {
    if (child.pid === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    process.kill(-child.pid, 'SIGKILL');
    await ended;
  };
  try {
    await vi.waitFor(() => fetch(answersAt), { timeout: START_MILLISECONDS, interval: 50 });
    return end;
  } catch (error) {
    await end();
    throw error;
  }
}
