/**
 * The router as a process of its own: it outlives the action that starts it, and serves until it is told to stop.
 * Usage: router --folder DIR --port N [--upstream-timeout-ms N]
 */
import { parseArgs } from 'node:util';
import { LONGEST_REQUEST_MS } from './router/route.ts';
import { startRouter } from './router/start-router.ts';

const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    port: { type: 'string' },
    'upstream-timeout-ms': { type: 'string', default: String(LONGEST_REQUEST_MS) },
  },
});

try {
  const router = await startRouter({
    folder: values.folder ?? '.',
    port: Number(values.port),
    upstreamTimeoutMs: Number(values['upstream-timeout-ms']),
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void router.stop());
  await router.stopped;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
