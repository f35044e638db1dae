/** A server with the interfaces of AWS, for tests: objects and metrics are really kept. */
import { spawn } from 'node:child_process';
import { vi } from 'vitest';
import { freePort } from '../workflow/container-registry.ts';

const START_MILLISECONDS = 60_000;

export interface MinistackServer {
  /** What the actions and clients need to reach it. */
  env: Record<'AWS_ENDPOINT_URL' | 'AWS_REGION' | 'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY', string>;
  end(): Promise<void>;
}

/** @param python an interpreter with ministack. @param folder what it keeps lies there. */
export async function startMinistack(python: string, folder: string): Promise<MinistackServer> {
  const port = await freePort();
  const child = spawn(python, ['-m', 'ministack'], {
    cwd: folder,
    detached: true,
    stdio: 'ignore',
    env: { PATH: process.env.PATH, HOME: folder, GATEWAY_PORT: String(port), BIND_HOST: '127.0.0.1' },
  });
  const end = async () => {
    if (child.pid === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    process.kill(-child.pid, 'SIGKILL');
    await ended;
  };
  try {
    await vi.waitFor(() => fetch(`http://127.0.0.1:${port}/`), { timeout: START_MILLISECONDS, interval: 50 });
  } catch (error) {
    await end();
    throw error;
  }
  const env = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  return { env, end };
}
