/** A thread beside the one that scans, which ends the process where a case takes too long or too much memory. */
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import type { Told } from './protocol.ts';

export interface Watched {
  /** Another number for each case. */
  turn: Int32Array;
  /** Of processor time, for one case. */
  seconds: number;
  /** Of memory in all. */
  megabytes: number;
}

const { turn, seconds, megabytes } = workerData as Watched;
const INTERVAL = 100;

const processorSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const end = (told: Told) => {
  writeSync(1, `${JSON.stringify(told)}\n`);
  process.kill(process.pid, 'SIGKILL');
};

let last = 0;
let since = processorSeconds();
setInterval(() => {
  const now = Atomics.load(turn, 0);
  if (now !== last) [last, since] = [now, processorSeconds()];
  const took = processorSeconds() - since;
  if (took > seconds) end({ fault: { kind: 'hang', what: `One case took ${took.toFixed(0)} seconds.` } });
  const held = process.memoryUsage.rss() / 2 ** 20;
  if (held > megabytes) end({ fault: { kind: 'growth', what: `The process holds ${held.toFixed(0)} MiB.` } });
}, INTERVAL);
