import { spawn } from 'node:child_process';

/** SIGKILL, since whoever could have asked nicely is gone. */
const WATCH = 'IFS= read -r _ || kill -s KILL -- "-$0"';

/**
 * Binds a process group to the life of this process: a shell waits on a pipe whose other end only this process holds,
 * and kills the group when the pipe closes without a word, as it does when this process is killed (by a runner that
 * has lost its patience, or for memory). Does nothing on Windows, which knows no groups.
 * @returns ends the watch. Call it once the group has ended, since its number may become that of another.
 */
export function bindToThisProcess(group: number): () => void {
  if (process.platform === 'win32') return () => undefined;
  // In a session of its own, so that what ends this process does not end the watch before.
  const watcher = spawn('/bin/sh', ['-c', WATCH, String(group)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a watch the program runs as it would anyway.
  watcher.on('error', () => undefined);
  watcher.stdin.on('error', () => undefined);
  watcher.unref();
  // A pipe is a socket here, which would keep this process waiting.
  if ('unref' in watcher.stdin && typeof watcher.stdin.unref === 'function') watcher.stdin.unref();
  return () => watcher.stdin.end('\n');
}
