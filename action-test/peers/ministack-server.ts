/** A server with the interfaces of AWS, for tests: objects and metrics are really kept. */
import { freePort } from '../workflow/container-registry.ts';
import { startPythonServer } from './python-server.ts';

export interface MinistackServer {
  /** What the actions and clients need to reach it. */
  env: Record<'AWS_ENDPOINT_URL' | 'AWS_REGION' | 'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY', string>;
  end(): Promise<void>;
}

/** @param python an interpreter with ministack. @param folder what it keeps lies there. */
export async function startMinistack(python: string, folder: string): Promise<MinistackServer> {
  const port = await freePort();
  const end = await startPythonServer(python, ['-m', 'ministack'], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, GATEWAY_PORT: String(port), BIND_HOST: '127.0.0.1' },
    answersAt: `http://127.0.0.1:${port}/`,
  });
  const env = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  return { env, end };
}
