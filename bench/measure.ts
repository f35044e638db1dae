/** Times whole processes, interleaved so that a busy moment of the machine falls on all of them. */
import { spawnSync } from 'node:child_process';

export interface Benchmark {
  title: string;
  /** Markdown. */
  table: string;
  withinLimit: boolean;
}

export interface Command {
  name: string;
  words: string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
}

/** @returns for each command its median wall time in milliseconds over `rounds` interleaved runs. */
export function medianTimes(commands: readonly Command[], rounds: number): Map<string, number> {
  const times = new Map<string, number[]>(commands.map((command) => [command.name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, words, env, cwd } of commands) {
      const begin = performance.now();
      spawnSync(process.execPath, words, { env: env ?? process.env, cwd, stdio: 'ignore' });
      times.get(name)!.push(performance.now() - begin);
    }
  }
  return new Map([...times].map(([name, values]) => [name, median(values)]));
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
