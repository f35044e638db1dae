/** A second stand-in for AWS, which others wrote: what is made is kept, and made at once. */
import { spawn } from 'node:child_process';
import { vi } from 'vitest';
import { freePort } from '../workflow/container-registry.ts';

const START_MILLISECONDS = 60_000;

/** @param python an interpreter with moto. @param folder where it runs. */
export async function startMoto(
  python: string,
  folder: string,
): Promise<{ url: string; end: () => Promise<void> }> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
    ...{ cwd: folder, detached: true, stdio: 'ignore' },
    env: { PATH: process.env.PATH, HOME: folder, PYTHONDONTWRITEBYTECODE: '1' },
  });
  const end = async () => {
    if (child.pid === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    process.kill(-child.pid, 'SIGKILL');
    await ended;
  };
  try {
    const ready = () => fetch(`${url}/moto-api/data.json`);
    await vi.waitFor(ready, { timeout: START_MILLISECONDS, interval: 50 });
  } catch (error) {
    await end();
    throw error;
  }
  return { url, end };
}
