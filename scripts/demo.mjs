/** `npm run demo [-- FOLDER]`: starts the demo of workflows-examples/flight-delays on Node 24, fetched when needed. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findNode24 } from './node24.mjs';

const started = Date.now();
const onTerminal = process.stderr.isTTY;
let last = 0;

/** On a terminal one line that changes, elsewhere a line every two seconds. */
function progress(message) {
  if (!onTerminal && Date.now() - last < 2_000) return;
  last = Date.now();
  process.stderr.write(onTerminal ? `\r\u001b[K${message}` : `${message}\n`);
}

try {
  const node = await findNode24(progress);
  if (onTerminal && last) process.stderr.write('\r\u001b[K');
  const demo = fileURLToPath(new URL('../workflows-examples/flight-delays/demo.ts', import.meta.url));
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', demo, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, MLOPS_DEMO_STARTED: String(started) },
  });
  // Ctrl-C reaches the demo too: it ends what it has started, and this process waits for it.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('error', fail);
  child.on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
} catch (error) {
  fail(error);
}

function fail(error) {
  process.stderr.write(`\n${error.message}\n`);
  process.exitCode = 1;
}
