/** The thread that keeps an oracle running, and answers the one that waits for it. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';

export interface OracleOptions {
  python: string;
  /** The path of the oracle. */
  script: string;
}

export interface Asked {
  line: string;
  /** Woken once there is an answer. */
  answered: Int32Array<SharedArrayBuffer>;
  /** Gets the answer's line. */
  port: MessagePort;
}

const { python, script } = workerData as OracleOptions;
const server = fileURLToPath(new URL('oracle_server.py', import.meta.url));
// Threads of linear algebra wait for each other by spinning, which other tests pay for.
const threads = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
const child = spawn(python, [server, script], {
  stdio: ['pipe', 'pipe', 'inherit'],
  env: { ...process.env, ...threads, PYTHONWARNINGS: 'ignore', PYTHONDONTWRITEBYTECODE: '1' },
});
let asked: Asked | undefined;

function answer(line: string): void {
  asked?.port.postMessage(line);
  if (asked) Atomics.store(asked.answered, 0, 1);
  if (asked) Atomics.notify(asked.answered, 0);
  asked = undefined;
}

const end = (why: unknown) => answer(JSON.stringify({ problem: `${script} has ended: ${why}` }));
child.on('error', end).on('exit', end);
child.stdin.on('error', end);
createInterface({ input: child.stdout }).on('line', answer);
parentPort!.on('message', (next: Asked) => {
  asked = next;
  if (child.exitCode === null) child.stdin.write(`${next.line}\n`);
  else end(child.exitCode);
});
